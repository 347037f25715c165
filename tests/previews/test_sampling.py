"""Rays where the picture needs them: as good as rays everywhere, and fewer."""

from __future__ import annotations

import numpy as np
import pytest

from trellis_assets.gltf import Image, Material, Model
from trellis_assets.previews import Scene, psnr
from trellis_assets.previews._sampling import sampled
from trellis_assets.previews._textures import KEPT_BYTES, _kept, forget, texture_of

from .scenes import MATT, box, model_of, png, quad, sphere, uniform


def still_life() -> Model:
    wood = Material(base_color=uniform(150, 100, 60), **MATT)
    steel = Material(metallic_factor=1.0, roughness_factor=0.3)
    return model_of((box((-1, -1, -1), (1, 0, 1)), wood), (sphere(0.7, rings=32), steel))


def samples(model: Model, *, supersample: int, everywhere: bool) -> tuple[int, float]:
    scene = Scene(model)
    view = scene._view(160, 30, 15, None, supersample)
    found = sampled(scene.surface, view, everywhere=everywhere)
    return len(found.pixel), float(found.share.sum())


def test_edges_alone_are_divided() -> None:
    few, covered = samples(still_life(), supersample=2, everywhere=False)
    many, true = samples(still_life(), supersample=2, everywhere=True)
    once, _ = samples(still_life(), supersample=1, everywhere=False)
    assert once < few < 0.6 * many
    assert covered == pytest.approx(true, rel=0.002)


def test_every_pixel_of_a_silhouette_is_as_soft_as_with_rays_everywhere() -> None:
    scene = Scene(still_life())
    view = scene._view(160, 30, 15, None, 3)
    alphas = []
    for everywhere in (False, True):
        found = sampled(scene.surface, view, everywhere=everywhere)
        alphas.append(np.bincount(found.pixel, found.share, minlength=int(np.prod(view.shape))))
    assert np.count_nonzero(np.abs(alphas[0] - alphas[1]) > 1e-3) <= 2
    assert np.count_nonzero((alphas[0] > 0.01) & (alphas[0] < 0.99)) > 150


def test_glass_is_divided_where_its_alpha_changes() -> None:
    pixels = np.full((64, 64, 4), 255, np.uint8)
    pixels[:, 32:, 3] = 60
    glass = Material(base_color=png(pixels), alpha_mode="BLEND", **MATT)
    few, covered = samples(model_of((quad(), glass)), supersample=2, everywhere=False)
    many, true = samples(model_of((quad(), glass)), supersample=2, everywhere=True)
    assert few < many
    assert covered == pytest.approx(true, rel=0.01)


def test_several_modes_at_once_are_the_same_pictures() -> None:
    scene = Scene(still_life())
    together = scene.render_modes(("shaded", "wire", "clay"), size=96)
    alone = [scene.render(size=96, mode=mode) for mode in ("shaded", "wire", "clay")]
    assert all(np.array_equal(a, b) for a, b in zip(together, alone, strict=True))
    mixed = scene.render_modes(("shaded", "normals"), size=96)
    assert psnr(mixed[0], alone[0]) > 38
    assert np.array_equal(mixed[1], scene.render(size=96, mode="normals"))


def test_textures_are_kept_by_content_and_not_without_end() -> None:
    forget()
    first = uniform(1, 2, 3, size=64)
    again = Image(bytes(first.data), first.mime, "another name")
    assert texture_of(first, alpha=False) is texture_of(again, alpha=False)
    assert texture_of(first, alpha=True) is not texture_of(first, alpha=False)
    kept = texture_of(first, alpha=False)
    large = [uniform(shade, 0, 0, size=2048) for shade in range(8)]  # 17 MB each with mips
    for image in large:
        texture_of(image, alpha=False)
    assert sum(texture.nbytes for texture in _kept.values()) <= KEPT_BYTES
    assert texture_of(first, alpha=False) is not kept
    assert texture_of(large[-1], alpha=False) is texture_of(large[-1], alpha=False)
    forget()
    assert not _kept
