"""Texture sizes against the target profile."""

from __future__ import annotations

from collections.abc import Iterator

from ..rule import CHECK_ONLY, Objection, Rule, Values, over
from ..subject import Subject


def _look(subject: Subject, _values: Values) -> Iterator[Objection]:
    profile = subject.profile
    if profile is None:
        return
    for slot, size in subject.measured.textures.items():
        detail = profile.detail_texture_size if slot != "base_color" else None
        limit = detail or profile.texture_size
        yield from over(max(size), limit, f"pixels ({slot})", fix=f"resize {slot} to {limit.limit}")


RULE = Rule(
    id="budget.texture-size",
    severity="error",
    title="Texture too large",
    why="texture memory grows with the square of the size",
    fix="resize the texture",
    source="the target profile",
    look=_look,
    stages=CHECK_ONLY,
)
