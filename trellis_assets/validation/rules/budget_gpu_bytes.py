"""Too much texture memory against the target profile."""

from __future__ import annotations

from collections.abc import Iterator

from ..rule import CHECK_ONLY, Objection, Rule, Values, over
from ..subject import Subject


def _look(subject: Subject, _values: Values) -> Iterator[Objection]:
    if subject.profile is not None:
        yield from over(
            subject.measured.gpu_bytes, subject.profile.gpu_bytes, "bytes of texture memory"
        )


RULE = Rule(
    id="budget.gpu-bytes",
    severity="error",
    title="Too much texture memory",
    why="the platform ranks or refuses the asset by texture memory",
    fix="use smaller textures",
    source="the target profile",
    look=_look,
    stages=CHECK_ONLY,
)
