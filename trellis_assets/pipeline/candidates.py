"""Candidates: several models generated for one concept image, measured alike, one of them chosen.

The score of ``candidate: auto`` is a weighted mean of four marks between 0 and 1:

| mark | weight | what it says |
|---|---:|---|
| silhouette | 0.40 | agreement with the outline of the concept image, from the best view |
| closed | 0.25 | 1 for a closed surface, less the more of its edges are open |
| pieces | 0.15 | 1 for one piece, 1/2 for ten, 1/3 for a hundred |
| sharpness | 0.20 | detail of the painted surface, relative to the sharpest candidate |

A candidate that cannot be read scores nothing. Equal scores go to the first.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from trellis_assets.errors import TrellisAssetsError

from .node import Json

if TYPE_CHECKING:
    from trellis_assets.previews import Picture, Scene

WEIGHTS: Mapping[str, float] = {
    "silhouette": 0.40,
    "closed": 0.25,
    "pieces": 0.15,
    "sharpness": 0.20,
}
_OUTLINE = 96  # pixels on a side of the outlines that are compared
_AZIMUTHS = range(0, 360, 30)  # a concept image does not say from where it looks
_ELEVATIONS = (0.0, 20.0)
_PAINT_VIEWS = ((0.0, 0.0), (180.0, 0.0))
_OPEN_SHARE = 0.01  # of the edges, at which the mark for a closed surface has halved


class NoSuchCandidate(TrellisAssetsError):
    """The entry chooses a candidate that did not come."""


@dataclass(frozen=True)
class Candidate:
    """One generated model with its marks; ``score`` is 0 where it cannot be used."""

    number: int
    """From 1, as ``candidate:`` in the entry counts."""
    score: float
    marks: Mapping[str, float]
    measured: Mapping[str, Json]
    picture: Picture | None
    problem: str = ""

    def facts(self) -> dict[str, Json]:
        """What the metadata shows of it."""
        told = {"candidate": self.number, "score": self.score, **self.marks, **self.measured}
        return {**told, "problem": self.problem} if self.problem else told


def measure_candidates(glbs: Sequence[bytes], concept: bytes) -> list[Candidate]:
    """Every candidate with its marks and score, in their order.

    Args:
        glbs: the models as generated.
        concept: the cut-out concept image, RGBA.
    """
    outline = _concept_outline(concept)
    found = [_measured(number, glb, outline) for number, glb in enumerate(glbs, start=1)]
    sharpest = max((each.marks.get("sharpness", 0.0) for each in found), default=0.0)
    return [_scored(each, sharpest) for each in found]


def choose(candidates: Sequence[Candidate], wanted: Literal["auto"] | int) -> Candidate:
    """The candidate that the entry asks for.

    Raises:
        NoSuchCandidate: it did not come, or ``auto`` finds none that can be used.
    """
    if wanted == "auto":
        best = max(candidates, key=lambda each: each.score)
        if best.problem:
            raise NoSuchCandidate(
                f"none of {len(candidates)} candidates can be used: {best.problem}",
                fix="change the seed or the settings of the entry to generate others",
            )
        return best
    for each in candidates:
        if each.number == wanted:
            return each
    raise NoSuchCandidate(
        f"the entry chooses candidate {wanted}, but {len(candidates)} came",
        fix=f"choose auto, or 1 to {len(candidates)}",
    )


def candidates_sheet(candidates: Sequence[Candidate], chosen: Candidate) -> Picture:
    """A row of four views for each candidate, the chosen one named."""
    from trellis_assets.previews import contact_sheet

    rows = []
    for each in candidates:
        title = f"candidate {each.number}: score {each.score:.2f}"
        title += ", chosen" if each is chosen else ""
        blank = np.zeros((16, 64, 4), np.uint8)
        rows.append([(title, each.picture if each.picture is not None else blank)])
    return contact_sheet(rows, size=640)


def _measured(number: int, glb: bytes, outline: NDArray[np.bool_]) -> Candidate:
    from trellis_assets.geometry import mesh_statistics
    from trellis_assets.gltf import load_model
    from trellis_assets.previews import Scene, turnaround

    try:
        model = load_model(glb)
        scene = Scene(model)
        measured = mesh_statistics(model)
    except TrellisAssetsError as error:
        return Candidate(number, 0.0, {}, {}, None, error.message)
    marks = {
        "silhouette": _silhouette(scene, outline),
        "closed": _closed(measured),
        "pieces": 1.0 / (1.0 + math.log10(max(1, measured["components"]))),
        "sharpness": _sharpness(scene),
    }
    return Candidate(number, 0.0, marks, measured, turnaround(scene, size=160))


def _scored(found: Candidate, sharpest: float) -> Candidate:
    if found.problem:
        return found
    relative = found.marks["sharpness"] / sharpest if sharpest > 0.0 else 1.0
    marks = {**found.marks, "sharpness": relative}
    score = sum(weight * marks[name] for name, weight in WEIGHTS.items())
    rounded = {name: round(mark, 4) for name, mark in marks.items()}
    return Candidate(found.number, round(score, 4), rounded, found.measured, found.picture)


def _closed(measured: Mapping[str, Json]) -> float:
    if measured["watertight"]:
        return 1.0
    # A closed mesh of triangles has three edges for every two of them.
    share = float(measured["border_edges"]) / max(1.0, 1.5 * float(measured["triangles"]))
    return 1.0 / (1.0 + max(share, 1e-3) / _OPEN_SHARE)


def _silhouette(scene: Scene, outline: NDArray[np.bool_]) -> float:
    """Intersection over union of the outlines, both filling the same square, at its best view."""
    best = 0.0
    for elevation in _ELEVATIONS:
        for azimuth in _AZIMUTHS:
            view = scene.render(
                size=_OUTLINE, azimuth=azimuth, elevation=elevation, mode="base_color",
                supersample=1,
            )  # fmt: skip
            seen = _filling(view[..., 3] >= 128)
            union = np.count_nonzero(seen | outline)
            best = max(best, np.count_nonzero(seen & outline) / union if union else 0.0)
    return float(best)


def _sharpness(scene: Scene) -> float:
    """Variance of the Laplacian of the unlit surface (Pech-Pacheco and others, ICPR 2000)."""
    import cv2

    values = []
    for azimuth, elevation in _PAINT_VIEWS:
        view = scene.render(size=256, azimuth=azimuth, elevation=elevation, mode="base_color")
        luma = cv2.cvtColor(np.ascontiguousarray(view[..., :3]), cv2.COLOR_RGB2GRAY)
        # The rim of the model is no detail of its paint.
        inside = cv2.erode((view[..., 3] == 255).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        values.append(cv2.Laplacian(luma, cv2.CV_32F)[inside])
    joined = np.concatenate(values)
    return float(joined.var()) if joined.size else 0.0


def _concept_outline(png: bytes) -> NDArray[np.bool_]:
    from PIL import Image

    with Image.open(BytesIO(png)) as picture:
        alpha = np.asarray(picture.convert("RGBA"))[..., 3]
    return _filling(alpha >= 128)


def _filling(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The mask cut to what it covers, its proportions kept, centred in a square of one size."""
    import cv2

    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    square = np.zeros((_OUTLINE, _OUTLINE), np.bool_)
    if not rows.size:
        return square
    cut = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float32)
    scale = _OUTLINE / max(cut.shape)
    height, width = (max(1, round(side * scale)) for side in cut.shape)
    small = cv2.resize(cut, (width, height), interpolation=cv2.INTER_AREA) >= 0.5
    top, left = (_OUTLINE - height) // 2, (_OUTLINE - width) // 2
    square[top : top + height, left : left + width] = small
    return square
