"""Two nodes of one name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..document import items, label
from ..rule import FINISHED, Objection, Rule, Values
from ..subject import Subject


def _look(subject: Subject, _values: Values) -> Iterator[Objection]:
    count = Counter(filter(None, (label(node) for node in items(subject.document, "nodes"))))
    for name, times in count.items():
        if times > 1:
            yield Objection(
                message=f"{times} nodes are called {name[:40]!r}",
                measured=times,
                limit=1,
                node=name,
                count=times,
            )


RULE = Rule(
    id="name.duplicate",
    severity="warning",
    title="Name used twice",
    why="engines number the second one, and links by name break",
    fix="give every node its own name; `trellis-assets check --fix` numbers them",
    source="glTF-Transform issue 966: names that vanish",
    look=_look,
    stages=FINISHED,
    needs="document",
    fixable=True,
)
