"""A case, and the register of how each is built."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from trellis_assets.catalog import Profile
from trellis_assets.gltf import Model, model_to_glb
from trellis_assets.validation import Expectation


@dataclass(frozen=True)
class Case:
    """A file, what is known about it, and the one rule that objects; none for a clean twin."""

    name: str
    glb: bytes
    rule: str | None
    profile: Profile | None = None
    expectation: Expectation | None = None


BUILDERS: dict[str, tuple[str | None, Callable[[], Case]]] = {}


def registered(rule: str | None) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Register a function that returns bytes, a Model, or either with facts about it."""

    def register(build: Callable[[], Any]) -> Callable[[], Any]:
        name = build.__name__.strip("_")

        def case() -> Case:
            made = build()
            content, facts = made if isinstance(made, tuple) else (made, {})
            glb = model_to_glb(content) if isinstance(content, Model) else content
            return Case(name, glb, rule, **facts)

        BUILDERS[name] = (rule, case)
        return build

    return register
