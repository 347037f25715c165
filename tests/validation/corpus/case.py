"""A case, and the register of how each is built."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
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


RULE_OF: dict[str, str | None] = {}
"""The rule that objects, by the name of the case; none to a clean twin."""
_BUILDERS: dict[str, Callable[[], Any]] = {}


@cache
def named(name: str) -> Case:
    """The case of that name, made when it is first asked for."""
    made = _BUILDERS[name]()
    content, facts = made if isinstance(made, tuple) else (made, {})
    glb = model_to_glb(content) if isinstance(content, Model) else content
    return Case(name, glb, RULE_OF[name], **facts)


def registered(rule: str | None) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Register a function that returns bytes, a Model, or either with facts about it."""

    def register(build: Callable[[], Any]) -> Callable[[], Any]:
        name = build.__name__.strip("_")
        RULE_OF[name], _BUILDERS[name] = rule, build
        return build

    return register
