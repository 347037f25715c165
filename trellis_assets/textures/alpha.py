"""OPAQUE, MASK or BLEND: decided from the alpha that the surface really shows.

TRELLIS.2 keeps alpha in the texture and declares every material OPAQUE; tools that guess BLEND from
the mere presence of alpha punch holes into solid objects. Here the histogram decides, over the
texels that triangles cover, and the evidence goes along.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from trellis_assets.gltf import AlphaMode

from ._slots import Pixels
from .coverage import Coverage

AlphaPolicy = Literal["auto", "OPAQUE", "MASK", "BLEND"]

CLEAR, SOLID = 32, 224
"""Alpha below CLEAR counts as cut away, from SOLID on as solid, in between as translucent."""
RIM_NOISE = 0.02
"""Up to this share of covered texels below SOLID is noise at chart rims, not intent."""
GLASS_SHARE = 0.05
"""Translucent texels must cover this much, and outnumber a third of the cut ones, for BLEND."""


@dataclass(frozen=True)
class AlphaDecision:
    """The mode, why, and the numbers behind it (shares of covered texels, 16 bins of alpha)."""

    mode: AlphaMode
    cutoff: float
    reason: str
    declared: str
    policy: str
    covered_texels: int
    clear_share: float
    translucent_share: float
    histogram: tuple[int, ...]

    def as_dict(self) -> dict[str, Any]:
        """For metadata and manifests; shares rounded to six digits."""
        return {
            "mode": self.mode,
            "cutoff": self.cutoff,
            "reason": self.reason,
            "declared": self.declared,
            "policy": self.policy,
            "covered_texels": self.covered_texels,
            "clear_share": round(self.clear_share, 6),
            "translucent_share": round(self.translucent_share, 6),
            "histogram": list(self.histogram),
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> AlphaDecision:
        """The inverse of :meth:`as_dict`."""
        return cls(**{**values, "histogram": tuple(values["histogram"])})


def decide_alpha(
    pixels: Pixels | None,
    *,
    declared: AlphaMode,
    cutoff: float = 0.5,
    policy: AlphaPolicy = "auto",
    coverage: Coverage | None = None,
) -> AlphaDecision:
    """The alpha mode for a material.

    Args:
        pixels: base color, (H, W, 3 or 4); None without a texture.
        declared: what the file says.
        cutoff: the file's alpha cutoff, kept for MASK.
        policy: ``auto``, or the mode that the catalog entry demands.
        coverage: (H, W), texels the surface uses; all of them without it.
    """
    alpha = np.empty(0, np.uint8)
    if pixels is not None and pixels.shape[2] == 4:
        alpha = pixels[..., 3].ravel() if coverage is None else pixels[..., 3][coverage == 2]
    histogram = np.bincount(alpha >> 4, minlength=16)
    total = max(int(alpha.size), 1)
    clear = float((alpha < CLEAR).sum()) / total
    translucent = float((alpha < SOLID).sum()) / total - clear
    mode: AlphaMode
    if policy != "auto":
        mode, reason = policy, f"the catalog entry asks for {policy}"
    else:
        mode, reason = _judge(int(alpha.size), clear, translucent)
    return AlphaDecision(
        mode=mode,
        cutoff=cutoff,
        reason=reason,
        declared=declared,
        policy=policy,
        covered_texels=int(alpha.size),
        clear_share=clear,
        translucent_share=translucent,
        histogram=tuple(int(count) for count in histogram),
    )


def _judge(texels: int, clear: float, translucent: float) -> tuple[AlphaMode, str]:
    if texels == 0:
        return "OPAQUE", "no covered texel has alpha below 255"
    numbers = f"{clear:.1%} of the covered texels are cut away, {translucent:.1%} translucent"
    if clear + translucent <= RIM_NOISE:
        return "OPAQUE", f"{numbers}: noise at chart rims"
    if translucent >= GLASS_SHARE and translucent * 3 > clear:
        return "BLEND", f"{numbers}: translucent areas"
    return "MASK", f"{numbers}: cut-outs with hard edges"
