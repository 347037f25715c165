"""Cameras and lights of the modelling session."""

from __future__ import annotations

from collections.abc import Iterator

from ..document import items, object_of
from ..rule import FINISHED, Objection, Rule, Values
from ..subject import Subject


def _look(subject: Subject, _values: Values) -> Iterator[Objection]:
    cameras = len(items(subject.document, "cameras"))
    extensions = object_of(subject.document, "extensions")
    lights = len(items(object_of(extensions, "KHR_lights_punctual"), "lights"))
    if cameras or lights:
        yield Objection(
            message=f"{cameras} cameras and {lights} lights",
            measured=cameras + lights,
            limit=0,
            count=cameras + lights,
        )


RULE = Rule(
    id="scene.leftovers",
    severity="warning",
    title="Cameras or lights left in",
    why="they appear in the level, and lights cost every frame",
    fix="delete them before export",
    source="CGTrader standard: no lights or cameras",
    look=_look,
    stages=FINISHED,
    needs="document",
)
