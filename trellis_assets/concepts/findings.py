"""What a careful artist would say about a concept image before a model is made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from trellis_assets.concepts.matte import Matte

MAX_PIECES = 64
MANY_PIECES = 12
SHADOW_SHARE = 0.03
FRAME_TOUCH_SHARE = 0.05


@dataclass(frozen=True)
class ConceptFinding:
    """A stable ``code``, what was measured, and what the artist can do about it."""

    code: str
    severity: Literal["info", "warning"]
    message: str
    fix: str


def alpha_findings(alpha: NDArray[np.float32]) -> list[ConceptFinding]:
    """Findings on a picture that brought its own alpha channel (H, W) in 0..1."""
    findings: list[ConceptFinding] = []
    seen = alpha > 0.02
    area = int(seen.sum())
    if area == 0:
        return findings
    if float(np.percentile(alpha[seen], 95)) < 0.6:
        findings.append(
            ConceptFinding(
                "translucent_object",
                "warning",
                "the object is translucent everywhere; it is treated as solid",
                "export the cut-out with an opaque object",
            )
        )
        return findings
    haze = seen & (alpha < 0.6)
    # An edge is thin: what survives an opening is a soft region, typically a drop shadow.
    kernel = np.ones((7, 7), np.uint8)
    soft = cv2.morphologyEx(haze.astype(np.uint8), cv2.MORPH_OPEN, kernel) > 0
    share = float(soft.sum()) / area
    if share > SHADOW_SHARE and _in_lower_half(soft, seen):
        findings.append(_shadow(share))
    return findings


def border_findings(matte: Matte) -> list[ConceptFinding]:
    """Findings on a picture whose background had to be guessed."""
    findings: list[ConceptFinding] = []
    if matte.method == "frame":
        return findings
    inside = matte.alpha > 0.5
    area = max(1, int(inside.sum()))
    # A shadow is the background, darker: same hue, no edges of its own.
    darker = matte.background[:, :, 0] - matte.lab[:, :, 0]
    chroma = np.linalg.norm(matte.lab[:, :, 1:] - matte.background[:, :, 1:], axis=2)
    detail = cv2.morphologyEx(matte.lab[:, :, 0], cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    shadow = inside & (darker > 2.0) & (darker < 45.0) & (chroma < 5.0) & (detail < 3.0)
    shadow_open = cv2.morphologyEx(
        shadow.astype(np.uint8), cv2.MORPH_OPEN, np.ones((7, 7), np.uint8)
    ).astype(bool)
    share = float(shadow_open.sum()) / area
    if share > SHADOW_SHARE and _in_lower_half(shadow_open, inside):
        findings.append(_shadow(share))
    ring = inside & (cv2.erode(inside.astype(np.uint8), np.ones((7, 7), np.uint8)) == 0)
    if ring.any():
        weak = float(np.mean(matte.distance[ring] < 1.6 * matte.threshold))
        if weak > 0.35:
            findings.append(
                ConceptFinding(
                    "low_contrast_border",
                    "warning",
                    f"{weak:.0%} of the outline hardly differs from the background",
                    "export a cut-out with a transparent background",
                )
            )
    return findings


def method_findings(
    method: str, alpha: NDArray[np.float32], pieces: int, dropped: int
) -> list[ConceptFinding]:
    """Findings on the cut-out itself, however it was found."""
    findings: list[ConceptFinding] = []
    if method == "grabcut":
        findings.append(
            ConceptFinding(
                "background_guessed",
                "warning",
                "the background is busy; the object was cut out by guessing",
                "check the outline, or export a cut-out with a transparent background",
            )
        )
    if method == "frame":
        findings.append(
            ConceptFinding(
                "whole_frame_used",
                "warning",
                "no object could be told from the background; the whole picture became a panel",
                "export a cut-out with a transparent background",
            )
        )
    if pieces > MANY_PIECES:
        kept = f"; only the {MAX_PIECES} largest become geometry" if pieces > MAX_PIECES else ""
        findings.append(
            ConceptFinding(
                "many_pieces",
                "warning",
                f"the object falls into {pieces} separate pieces{kept}",
                "show one connected object, or check the alpha channel for holes and noise",
            )
        )
    if dropped:
        findings.append(
            ConceptFinding(
                "specks_dropped",
                "info",
                f"{dropped} specks smaller than 0.06 % of the object were dropped",
                "clean the alpha channel if they were meant",
            )
        )
    if method != "frame":
        findings += _frame_touch(alpha > 0.5)
    return findings


def _frame_touch(inside: NDArray[np.bool_]) -> list[ConceptFinding]:
    sides = {
        "top": inside[0],
        "bottom": inside[-1],
        "left": inside[:, 0],
        "right": inside[:, -1],
    }
    touched = [name for name, line in sides.items() if float(line.mean()) > FRAME_TOUCH_SHARE]
    if not touched:
        return []
    return [
        ConceptFinding(
            "touches_frame",
            "warning",
            f"the object is cut off at the {' and '.join(touched)} of the picture",
            "leave some air around the whole object",
        )
    ]


def _in_lower_half(part: NDArray[np.bool_], whole: NDArray[np.bool_]) -> bool:
    rows = np.flatnonzero(whole.any(axis=1))
    centre = float(np.nonzero(part)[0].mean())
    return centre > 0.5 * float(rows[0] + rows[-1])


def _shadow(share: float) -> ConceptFinding:
    return ConceptFinding(
        "shadow_suspected",
        "warning",
        f"a soft dark area ({share:.0%} of the object) looks like a shadow and becomes geometry",
        "export the object without its drop shadow",
    )
