from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from trellis_assets.gltf import Image, Model, load_model, model_to_glb
from trellis_assets.textures import (
    CorruptTexture,
    SeveralMaterials,
    TextureSet,
    decode,
    gpu_bytes,
    image_size,
    make_texture_set,
)

from .pictures import bumps, card, full_card, metal_mask, noise, opened, painted, saved


def textured() -> Model:
    return full_card(
        base_color=saved(painted(64), "WEBP"),
        orm=saved(metal_mask(64)),
        normal=saved(bumps(32)),
        emissive=saved(painted(64, seed=2), "JPEG"),
        emissive_factor=(1.0, 1.0, 1.0),
    )


def test_every_slot_is_a_png_of_the_size_and_none_is_scaled_up() -> None:
    textures = make_texture_set(textured(), size=32)
    assert list(textures.images) == ["base_color", "orm", "normal", "emissive"]
    assert {image.mime for image in textures.images.values()} == {"image/png"}
    assert {image_size(image) for image in textures.images.values()} == {(32, 32)}
    large = make_texture_set(textured(), size=2048)
    assert image_size(large.images["base_color"]) == (64, 64)
    assert image_size(large.images["normal"]) == (32, 32)


def test_bytes_are_counted_with_mips() -> None:
    assert gpu_bytes(4, 4) == (16 + 4 + 1) * 4
    assert gpu_bytes(8, 2) == (16 + 4 + 2 + 1) * 4
    textures = make_texture_set(textured(), size=32)
    assert textures.gpu_bytes == 4 * gpu_bytes(32, 32)
    assert textures.disk_bytes == sum(len(image.data) for image in textures.images.values())


def test_files_hold_the_whole_set() -> None:
    textures = make_texture_set(textured(), size=32)
    again = TextureSet.from_files(textures.to_files())
    assert again.to_files() == textures.to_files()
    assert (again.size, again.occlusion, again.alpha) == (32, False, textures.alpha)
    assert again.made_from(textured().parts[0].material)


def test_two_builds_are_equal() -> None:
    first, second = (make_texture_set(textured(), size=16).to_files() for _ in range(2))
    assert first == second


def test_it_knows_its_source_through_a_glb() -> None:
    model = textured()
    textures = make_texture_set(model, size=16)
    assert textures.made_from(load_model(model_to_glb(model)).parts[0].material)
    other = replace(model.parts[0].material, normal=saved(bumps(64)))
    assert not textures.made_from(other)


def test_red_is_white_unless_it_is_occlusion() -> None:
    orm = noise(16, 16)
    plain = make_texture_set(full_card(orm=saved(orm)), size=16)
    assert (opened(plain.images["orm"])[..., 0] == 255).all()
    assert np.array_equal(opened(plain.images["orm"])[..., 1:], orm[..., 1:])
    packed = make_texture_set(full_card(orm=saved(orm), occlusion=True), size=16)
    assert packed.occlusion
    assert np.array_equal(opened(packed.images["orm"]), orm)


def test_occlusion_of_its_own_is_packed_into_red() -> None:
    orm, occlusion = noise(16, 16), noise(16, 16, seed=1)
    model = full_card(orm=saved(orm), occlusion_texture=saved(occlusion))
    textures = make_texture_set(model, size=16)
    assert list(textures.images) == ["orm"]
    assert textures.occlusion
    pixels = opened(textures.images["orm"])
    assert np.array_equal(pixels[..., 0], occlusion[..., 0])
    assert np.array_equal(pixels[..., 1:], orm[..., 1:])


@pytest.mark.parametrize("shape", [(32, 32), (16, 64)])
def test_occlusion_of_another_size_or_aspect_is_packed_too(shape: tuple[int, int]) -> None:
    occlusion = np.full((*shape, 3), 77, np.uint8)
    model = full_card(orm=saved(metal_mask(64)), occlusion_texture=saved(occlusion))
    pixels = opened(make_texture_set(model, size=64).images["orm"])
    assert (pixels[..., 0] == 77).all()


def test_occlusion_alone_leaves_roughness_and_metalness_to_the_factors() -> None:
    model = full_card(occlusion_texture=saved(noise(8, 8)), roughness_factor=0.3)
    pixels = opened(make_texture_set(model, size=8).images["orm"])
    assert (pixels[..., 1:] == 255).all()


def test_rgba_under_opaque_loses_alpha_and_keeps_the_colour_that_is_shown() -> None:
    rgba = np.dstack([painted(32), np.full((32, 32), 254, np.uint8)])
    rgba[:, 0, 3] = 0
    source = saved(rgba, "WEBP", lossless=True, exact=True)
    textures = make_texture_set(full_card(base_color=source), size=32)
    assert textures.alpha.mode == "MASK"  # one column of 32 is more than noise
    opaque = make_texture_set(full_card(base_color=source), size=32, alpha="OPAQUE")
    assert np.array_equal(opened(opaque.images["base_color"]), rgba[..., :3])


def test_the_background_of_an_atlas_does_not_reach_the_chart() -> None:
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[16:48, 16:48] = (200, 180, 20)
    model = card([[0.25, 0.75], [0.75, 0.75], [0.75, 0.25], [0.25, 0.25]], base_color=saved(pixels))
    textures = make_texture_set(model, size=4)
    assert textures.covered == pytest.approx(0.25, abs=0.05)
    assert (decode(textures.images["base_color"], slot="base_color") == (200, 180, 20)).all()


def test_no_textures_is_an_empty_set() -> None:
    textures = make_texture_set(full_card(), size=512)
    assert (dict(textures.images), textures.gpu_bytes) == ({}, 0)


def test_several_materials_are_refused() -> None:
    first, second = full_card(base_color=saved(painted(8))), full_card()
    with pytest.raises(SeveralMaterials, match="2 materials"):
        make_texture_set(Model(parts=first.parts + second.parts), size=8)
    with pytest.raises(SeveralMaterials, match="no parts"):
        make_texture_set(Model(parts=()), size=8)


def test_mixed_alpha_modes_are_refused_until_the_entry_says_which() -> None:
    image = saved(painted(8))
    body, glass = full_card(base_color=image), full_card(base_color=image, alpha_mode="BLEND")
    mixed = Model(parts=body.parts + glass.parts)
    with pytest.raises(SeveralMaterials, match=r"differ in alpha mode.* BLEND.* OPAQUE") as refusal:
        make_texture_set(mixed, size=8)
    assert "material: {alpha: BLEND}" in refusal.value.fix
    assert make_texture_set(mixed, size=8, alpha="BLEND").alpha.mode == "BLEND"


def test_a_broken_image_names_material_and_slot() -> None:
    broken = Image(saved(painted(32)).data[:200], "image/png")
    with pytest.raises(CorruptTexture, match="material 'paint', normal texture"):
        make_texture_set(full_card(normal=broken), size=32)
