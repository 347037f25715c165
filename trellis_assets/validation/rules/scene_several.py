"""More scenes than one."""

from __future__ import annotations

from collections.abc import Iterator

from ..document import items
from ..rule import FINISHED, Objection, Rule, Values
from ..subject import Subject


def _look(subject: Subject, _values: Values) -> Iterator[Objection]:
    count = len(items(subject.document, "scenes"))
    if count > 1:
        yield Objection(
            message=f"the file has {count} scenes", measured=count, limit=1, count=count
        )


RULE = Rule(
    id="scene.several",
    severity="warning",
    title="Several scenes",
    why="engines import the first, the default one, or all of them",
    fix="keep one scene per file",
    source="glTF 2.0, section 3.5.1",
    look=_look,
    stages=FINISHED,
    needs="document",
)
