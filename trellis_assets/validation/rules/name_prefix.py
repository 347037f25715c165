"""The name that the brief asks for."""

from __future__ import annotations

from collections.abc import Iterator

from ..document import items, label
from ..rule import FINISHED, Objection, Rule, Values
from ..subject import Subject


def _look(subject: Subject, _values: Values) -> Iterator[Objection]:
    prefix = subject.expectation.name_prefix
    if prefix is None:
        return
    nodes = [node for node in items(subject.document, "nodes") if "mesh" in node]
    wrong = [label(node) for node in nodes if not label(node).startswith(prefix)]
    if wrong:
        yield Objection(
            message=f"{len(wrong):,} of {len(nodes):,} nodes with a mesh do not start with "
            f"{prefix!r}: {', '.join(repr(name[:40]) for name in wrong[:3])}",
            measured=len(wrong),
            limit=0,
            node=wrong[0],
            count=len(wrong),
        )


RULE = Rule(
    id="name.prefix",
    severity="warning",
    title="Not the expected name",
    why="importers and level designers find the asset by its name",
    fix="rename the nodes",
    source="the brief",
    look=_look,
    stages=FINISHED,
    needs="document",
)
