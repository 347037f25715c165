"""The same picture twice in the file."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from ..document import items
from ..rule import FINISHED, Objection, Rule, Values
from ..subject import Subject


def _look(subject: Subject, _values: Values) -> Iterator[Objection]:
    seen: dict[bytes, int] = {}
    for index, _ in enumerate(items(subject.document, "images")):
        data = subject.picture(index)
        if data is None:
            continue
        first = seen.setdefault(sha256(data).digest(), index)
        if first != index:
            yield Objection(
                message=f"images {first} and {index} hold the same {len(data):,} bytes",
                measured=len(data),
            )


RULE = Rule(
    id="texture.duplicate",
    severity="warning",
    title="Picture stored twice",
    why="it is downloaded and uploaded twice",
    fix="let both textures use one image",
    source="glTF-Transform, dedup",
    look=_look,
    stages=FINISHED,
    needs="document",
)
