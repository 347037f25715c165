"""Things that nothing refers to."""

from __future__ import annotations

from collections.abc import Iterator

from ..references import knows_all_references, unused
from ..rule import FINISHED, Objection, Rule, Values
from ..subject import Subject


def _look(subject: Subject, _values: Values) -> Iterator[Objection]:
    document = subject.document
    if not knows_all_references(document):
        return
    found = {name: len(gone) for name, gone in unused(document).items() if gone}
    if found:
        listed = ", ".join(f"{count:,} {name}" for name, count in found.items())
        yield Objection(
            message=f"nothing uses {listed}",
            measured=sum(found.values()),
            limit=0,
            count=sum(found.values()),
        )


RULE = Rule(
    id="scene.unused",
    severity="warning",
    title="Unused objects",
    why="they are downloaded and parsed, and show nothing",
    fix="remove them, as `trellis-assets check --fix` does",
    source="Khronos glTF validator: UNUSED_OBJECT; glTF-Transform, prune",
    look=_look,
    stages=FINISHED,
    needs="document",
    khronos=("UNUSED_OBJECT",),
    fixable=True,
)
