"""Which mesh becomes which level of detail of a variant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from trellis_assets.errors import TrellisAssetsError
from trellis_assets.finding import Finding
from trellis_assets.gltf import Model

from ._errors import DeliveryError
from .target import VariantTarget

Reduce = Callable[[int], Model]
"""Given a number of triangles, a model with at most that many, or as few as it can."""

_FULL_ENOUGH = 0.75
"""A ladder rung is reused when it spends at least this share of the budget."""
_FEWER = 0.9
"""A rung must have at most this share of the triangles of the rung before it to be worth a file."""
IMPOSTOR = "impostor"
"""The origin of a level of crossed pictures."""


@dataclass(frozen=True)
class Rung:
    """A model of the asset's LOD ladder."""

    label: str
    model: Model


@dataclass(frozen=True)
class ChosenRung:
    """A level of the variant; ``origin``: the ladder rung's label, ``reduced`` or ``impostor``."""

    level: int
    model: Model
    asked: int
    origin: str


def choose_rungs(
    target: VariantTarget, ladder: Sequence[Rung], reduce: Reduce | None = None
) -> tuple[list[ChosenRung], list[Finding]]:
    """The levels for ``target``, finest first.

    Level k has a budget of ``triangles * ratio ** k``, where ``triangles`` is the target's budget
    or, if the asset has fewer, what the finest rung has. A ladder rung that spends 75 to 100 % of
    it is reused; otherwise ``reduce`` makes one. The chain ends at the target's floor, or when a
    level would save less than a tenth of its triangles. An impostor follows where the target asks.

    Raises:
        DeliveryError: the ladder is empty, or none of its models has a triangle.
        TrellisAssetsError: ``reduce`` failed for LOD0, without which there is no variant.
    """
    if not ladder:
        raise DeliveryError(f"{target.name}: the LOD ladder is empty", fix="build LOD0 first")
    finest = max(ladder, key=lambda rung: rung.model.triangle_count)
    if finest.model.triangle_count == 0:
        raise DeliveryError(f"{target.name}: LOD0 has no triangles", fix="build LOD0 again")
    start = min(target.triangles.limit, finest.model.triangle_count)
    chosen: list[ChosenRung] = []
    findings: list[Finding] = []
    for level in range(target.rungs):
        asked = int(start * target.lod_ratio**level)
        if level and asked < target.min_triangles:
            break
        try:
            rung = _rung_for(level, asked, ladder, reduce)
        except TrellisAssetsError as error:
            if level == 0:
                raise
            findings.append(_no_rung(target, level, asked, str(error)))
            break
        if level and rung.model.triangle_count > _FEWER * chosen[-1].model.triangle_count:
            before = chosen[-1].model.triangle_count
            reason = f"reached {rung.model.triangle_count:,}, the rung before has {before:,}"
            findings.append(
                _no_rung(target, level, asked, reason, measured=rung.model.triangle_count)
            )
            break
        chosen.append(rung)
    if target.impostor:
        chosen.append(_impostor_of(chosen[0], len(chosen)))
    return chosen, findings


def _impostor_of(lod0: ChosenRung, level: int) -> ChosenRung:
    from trellis_assets.geometry import impostor

    model = impostor(lod0.model).model
    return ChosenRung(level, model, model.triangle_count, IMPOSTOR)


def _rung_for(level: int, asked: int, ladder: Sequence[Rung], reduce: Reduce | None) -> ChosenRung:
    by_size = sorted(ladder, key=lambda rung: rung.model.triangle_count, reverse=True)
    for rung in by_size:
        if _FULL_ENOUGH * asked <= rung.model.triangle_count <= asked:
            return ChosenRung(level, rung.model, asked, rung.label)
    if reduce is not None:
        return ChosenRung(level, reduce(asked), asked, "reduced")
    below = [rung for rung in by_size if rung.model.triangle_count <= asked]
    nearest = below[0] if below else by_size[-1]
    return ChosenRung(level, nearest.model, asked, nearest.label)


def _no_rung(
    target: VariantTarget, level: int, asked: int, reason: str, measured: int | None = None
) -> Finding:
    return Finding(
        rule="delivery.rung",
        severity="warning",
        where=f"LOD{level}",
        message=f"left out: {asked:,} triangles asked; {reason}",
        why="a level that saves nothing costs a file and a draw call switch for no frame time",
        fix="rebuild this rung with a new unwrap and bake, or ask the profile for fewer rungs",
        measured=measured,
        limit=asked,
        source=target.triangles.source,
    )
