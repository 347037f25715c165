"""File too large against the target profile."""

from __future__ import annotations

from collections.abc import Iterator

from ..rule import CHECK_ONLY, Objection, Rule, Values, over
from ..subject import Subject


def _look(subject: Subject, _values: Values) -> Iterator[Objection]:
    if subject.profile is not None:
        yield from over(subject.measured.file_bytes, subject.profile.file_bytes, "bytes")


RULE = Rule(
    id="budget.file-bytes",
    severity="error",
    title="File too large",
    why="the download takes too long",
    fix="use smaller or better compressed textures",
    source="the target profile",
    look=_look,
    stages=CHECK_ONLY,
)
