"""How far apart the charts of an atlas are, at each mip level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .coverage import Coverage

_NARROW = 1.0  # percent of the places where two charts face one another: the narrowest that count


@dataclass(frozen=True)
class MipGutter:
    """One mip level of an atlas.

    ``texels`` is the gutter between charts, in texels of this level, at the narrowest hundredth of
    the places where two charts face one another; infinite with one chart. Below 2, bilinear
    filtering at the rim of a chart reads the next one. ``mixed`` is the share of the used texels
    whose colour is already a mean of several charts.
    """

    size: int
    texels: float
    mixed: float

    def as_dict(self) -> dict[str, Any]:
        finite = np.isfinite(self.texels)
        return {
            "size": self.size,
            "gutter_texels": round(self.texels, 2) if finite else None,
            "mixed_share": round(self.mixed, 4),
        }


def gutter_per_mip(coverage: Coverage) -> list[MipGutter]:
    """Gutters of every mip level down to 4 texels, finest first.

    Args:
        coverage: (H, W) with power-of-two sides, see :func:`~.coverage.uv_coverage`. Charts are
            its connected areas; charts that touch count as one.
    """
    used = np.asarray(coverage > 0, np.uint8)
    _, charts = cv2.connectedComponents(used, connectivity=8)
    gutter = _gutter(used)
    lowest = np.where(charts > 0, charts, np.iinfo(np.int32).max).astype(np.int32)
    highest = charts.astype(np.int32)
    levels = []
    for level in range(max(min(coverage.shape).bit_length() - 2, 1)):
        if level:
            lowest, highest = _pooled(lowest, np.minimum), _pooled(highest, np.maximum)
        shown = highest > 0
        mixed = float((lowest < highest)[shown].mean()) if shown.any() else 0.0
        levels.append(MipGutter(max(coverage.shape) >> level, gutter / 2**level, mixed))
    return levels


def _gutter(used: NDArray[np.uint8]) -> float:
    """Texels between charts: twice the distance to them where two are equally near."""
    if not used.any() or used.all():
        return float("inf")
    distance, nearest = cv2.distanceTransformWithLabels(
        1 - used, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_CCOMP
    )
    both = []
    for here, there in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        meet = nearest[here] != nearest[there]
        both.append((distance[here] + distance[there])[meet])
    faced = np.concatenate(both)
    return float(np.percentile(faced, _NARROW)) if len(faced) else float("inf")


def _pooled(labels: NDArray[np.int32], pick: np.ufunc) -> NDArray[np.int32]:
    """Each block of 2 x 2 by its lowest or highest label."""
    rows = pick(labels[0::2], labels[1::2])
    return np.asarray(pick(rows[:, 0::2], rows[:, 1::2]), np.int32)
