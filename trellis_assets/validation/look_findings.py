"""Objections to how a ladder looks, against the limits of its class or of a profile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from trellis_assets.catalog.look_limits import HOUSE, KHRONOS, ROBLOX, LookLimits
from trellis_assets.finding import Finding

from .appearance import RungLook
from .concept_likeness import ConceptLikeness
from .looks import Looks
from .six_sides import SixSides

TELLING = 96
"""Pixels of a picture from which the floors are errors: below, one pixel of edge, which nobody
sees, is a large part of the model."""
_BETTER = 0.1  # overlap by which another side must beat the front
_DOCS = "appearance.md"
_LOOK_AT_IT = "look at the heat map: bright patches are baking errors, bright edges want triangles"


@dataclass(frozen=True)
class _Measure:
    """A likeness for which more is better."""

    name: Literal["silhouette_iou", "ssim", "psnr_db"]
    rule: str
    words: str
    why: str
    fix: str


_MEASURES = (
    _Measure(
        "silhouette_iou", "look.silhouette", "overlap of the silhouettes",
        "a changed outline is what players notice when a level of detail switches",
        "give this rung more triangles (lods.ratio), or show it smaller",
    ),
    _Measure(
        "ssim", "look.ssim", "SSIM",
        "lines and patterns of the surface move or blur when the rung is switched to",
        "give this rung more triangles or a texture of its own (lods.mode: rebuild)",
    ),
    _Measure(
        "psnr_db", "look.psnr", "dB PSNR",
        "colours or shading jump when the rung is switched to",
        _LOOK_AT_IT,
    ),
)  # fmt: skip


def look_findings(looks: Looks, limits: LookLimits) -> list[Finding]:
    """What is to be said of a ladder and its master; a limit that nothing misses says nothing."""
    return [
        *rung_findings(looks.rungs, limits),
        *side_findings(looks.sides, limits, double_sided=looks.double_sided),
        *(concept_findings(looks.concept, limits) if looks.concept and limits.concept else []),
    ]


def rung_findings(looks: Sequence[RungLook], limits: LookLimits) -> list[Finding]:
    """What is to be said of each rung; at most one finding of each measure."""
    return [finding for look in looks for finding in _of_rung(look, limits)]


def _of_rung(look: RungLook, limits: LookLimits) -> Iterator[Finding]:
    floors = {
        "silhouette_iou": (limits.silhouette_floor, HOUSE),
        "ssim": (limits.ssim_floor, KHRONOS),
        "psnr_db": (limits.psnr_floor_db, KHRONOS),
    }
    wanted = {
        "silhouette_iou": limits.silhouette,
        "ssim": limits.ssim,
        "psnr_db": limits.psnr_db,
    }
    for measure in _MEASURES:
        found = look.lowest(measure.name)
        value = float(getattr(found.likeness, measure.name))
        floor, source = floors[measure.name]
        if value >= max(floor, wanted[measure.name]):
            continue
        fails = value < floor and look.pixels >= TELLING
        limit = floor if fails else wanted[measure.name]
        yield Finding(
            rule=measure.rule,
            severity="error" if fails else "warning",
            where=f"{look.name} from {found.view}, {look.pixels} px",
            message=f"{value:.3g} {measure.words}, at least {limit:g} is wanted",
            why=measure.why,
            fix=measure.fix,
            measured=round(value, 4),
            limit=limit,
            source=source if fails else HOUSE,
            docs=_DOCS,
        )
    worst = look.worst
    if worst.likeness.flip > limits.flip:
        yield Finding(
            rule="look.flip",
            severity="warning",
            where=f"{look.name} from {worst.view}, {look.pixels} px",
            message=f"mean FLIP {worst.likeness.flip:.3f}, at most {limits.flip:g} is wanted",
            why="somebody who sees both in turn sees them change",
            fix=_LOOK_AT_IT,
            measured=round(worst.likeness.flip, 4),
            limit=limits.flip,
            source=HOUSE,
            docs=_DOCS,
        )


def side_findings(sides: SixSides, limits: LookLimits, *, double_sided: bool) -> list[Finding]:
    """What is to be said of the master seen from six sides.

    Args:
        double_sided: its materials show their back; without that, one sees through.
    """
    findings = []
    side, share = sides.most_open, sides.inside[sides.most_open]
    if share > limits.inside:
        sight = "the back of its surface" if double_sided else "through its surface"
        findings.append(
            Finding(
                rule="look.hole",
                severity="info" if double_sided else "warning",
                where=f"master_model from the {side}",
                message=f"{share:.1%} of its pixels show {sight}, at most {limits.inside:.1%} do "
                "not matter",
                why="engines draw front faces only: a hole or a turned face is a gap in the model",
                fix="close the hole in the concept image, try another seed, or let the material be "
                "double-sided",
                measured=share,
                limit=limits.inside,
                source=HOUSE,
                docs=_DOCS,
            )
        )
    side, share = sides.emptiest, sides.coverage[sides.emptiest]
    if share < limits.coverage:
        findings.append(
            Finding(
                rule="look.coverage",
                severity="warning",
                where=f"master_model from the {side}",
                message=f"it covers {share:.1%} of the rectangle around it, at least "
                f"{limits.coverage:.0%} is wanted",
                why="loose pieces far from the model stretch its box: culling, scale and pivot "
                "are wrong then",
                fix="remove floating pieces, or generate again with another seed",
                measured=share,
                limit=limits.coverage,
                source=ROBLOX,
                docs=_DOCS,
            )
        )
    return findings


def concept_findings(found: ConceptLikeness, limits: LookLimits) -> list[Finding]:
    """What is to be said of the outline beside the concept image."""
    if found.best >= found.front + _BETTER:
        return [
            Finding(
                rule="look.orientation",
                severity="info",
                where=f"master_model from azimuth {found.best_azimuth:.0f}",
                message=f"the concept image fits its outline there by {found.best:.0%}, in front "
                f"by {found.front:.0%}",
                why="the model may not face forward",
                fix="set placement.forward of the entry",
                measured=found.front,
                limit=found.best,
                source=HOUSE,
                docs=_DOCS,
            )
        ]
    if found.front < limits.concept:
        return [
            Finding(
                rule="look.concept",
                severity="warning",
                where="master_model from the front",
                message=f"its outline fits the concept image by {found.front:.0%}, at least "
                f"{limits.concept:.0%} is wanted",
                why="the generator made something else than was drawn",
                fix="try another seed, or a clearer concept image",
                measured=found.front,
                limit=limits.concept,
                source=HOUSE,
                docs=_DOCS,
            )
        ]
    return []
