from __future__ import annotations

import numpy as np
import pytest

from trellis_assets.textures import AlphaDecision, decide_alpha

from .pictures import painted


def with_alpha(alpha: np.ndarray) -> np.ndarray:
    return np.dstack([painted(alpha.shape[0]), alpha.astype(np.uint8)])


def solid(side: int = 64) -> np.ndarray:
    return np.full((side, side), 255)


def test_no_alpha_is_opaque_whatever_the_file_declares() -> None:
    assert decide_alpha(painted(16), declared="BLEND").mode == "OPAQUE"
    assert decide_alpha(None, declared="MASK").mode == "OPAQUE"


def test_rim_noise_does_not_punch_holes() -> None:
    alpha = solid()
    alpha[:, 0] = 40  # 1.6 % of the texels, as a generator leaves them at chart rims
    decision = decide_alpha(with_alpha(alpha), declared="OPAQUE")
    assert decision.mode == "OPAQUE"
    assert "noise" in decision.reason


def test_cut_outs_are_masked_even_with_soft_edges() -> None:
    alpha = solid()
    alpha[:, :20], alpha[:, 20:22] = 0, 128
    decision = decide_alpha(with_alpha(alpha), declared="OPAQUE", cutoff=0.4)
    assert (decision.mode, decision.cutoff) == ("MASK", 0.4)
    assert decision.clear_share == pytest.approx(20 / 64)
    assert decision.translucent_share == pytest.approx(2 / 64)


def test_glass_is_blended() -> None:
    alpha = solid()
    alpha[:, :16] = 120
    assert decide_alpha(with_alpha(alpha), declared="OPAQUE").mode == "BLEND"


def test_only_what_the_surface_covers_has_a_say() -> None:
    alpha = np.zeros((64, 64))  # the background of the atlas is transparent
    alpha[:32] = 255
    coverage = np.zeros((64, 64), np.uint8)
    coverage[:32] = 2
    pixels = with_alpha(alpha)
    assert decide_alpha(pixels, declared="OPAQUE").mode == "MASK"
    decision = decide_alpha(pixels, declared="OPAQUE", coverage=coverage)
    assert decision.mode == "OPAQUE"
    assert decision.covered_texels == 32 * 64


def test_the_entry_overrules_and_the_evidence_stays() -> None:
    alpha = solid()
    alpha[:, :32] = 0
    decision = decide_alpha(with_alpha(alpha), declared="OPAQUE", policy="OPAQUE")
    assert decision.mode == "OPAQUE"
    assert decision.histogram[0] == 64 * 32
    assert decision.histogram[15] == 64 * 32
    assert sum(decision.histogram) == decision.covered_texels
    assert AlphaDecision.from_dict(decision.as_dict()) == decision
