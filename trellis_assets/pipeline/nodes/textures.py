"""texture_set_2048, texture_set_1024, texture_set_512."""

from __future__ import annotations

from collections.abc import Mapping

from trellis_assets.catalog import Profile

from ..node import Brief, Json, Made, Node, Workplace

SIZES = (2048, 1024, 512)


def set_size(profile: Profile) -> int:
    """The texture set a profile is made from: the largest that is not over its limit."""
    return next((size for size in SIZES if size <= profile.texture_size.limit), SIZES[-1])


def texture_folder(size: int) -> str:
    """Where a set lies below the folder of the game asset."""
    return f"textures/{size}"


def _texture_node(size: int) -> Node:
    # Every size, whether a profile wants it today or not: a profile that comes to want another one
    # then finds it, and its variant alone is made.
    def settings(brief: Brief) -> Mapping[str, Json]:
        return {"size": size, **brief.entry.material.model_dump()}

    def make(work: Workplace) -> Made:
        from trellis_assets.gltf import load_model
        from trellis_assets.previews import texture_sheet
        from trellis_assets.textures import (
            gutter_per_mip,
            image_size,
            make_texture_set,
            uv_coverage,
        )

        work.progress("resizing", 0.0)
        lod0 = load_model(work.read("lod0.glb"))
        textures = make_texture_set(lod0, **work.settings)
        covered = uv_coverage([part.mesh for part in lod0.parts], width=size, height=size)
        files = {
            f"{texture_folder(size)}/{name}": data for name, data in textures.to_files().items()
        }
        work.progress("drawing the sheet", 0.8)
        return Made(
            files=files,
            picture=texture_sheet(textures.images),
            facts={
                "gpu_bytes": textures.gpu_bytes,
                "disk_bytes": textures.disk_bytes,
                "alpha": textures.alpha.as_dict(),
                "sides": textures.sides.as_dict(),
                "mips": [level.as_dict() for level in gutter_per_mip(covered)],
                **{
                    f"{slot}_px": list(image_size(image)) for slot, image in textures.images.items()
                },
            },
        )

    return Node(
        name=f"texture_set_{size}",
        inputs=("lod0",),
        code_version="3",
        tools=("numpy", "opencv-python-headless", "pillow"),
        settings=settings,
        make=make,
    )


TEXTURE_SETS = tuple(_texture_node(size) for size in SIZES)
