"""A model against the budgets of a target profile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from trellis_assets.catalog import Limit, Profile
from trellis_assets.finding import Finding
from trellis_assets.gltf import Image, Model

_MIP_CHAIN = 4 / 3  # a full mip pyramid adds a third
_GPU_BYTES_PER_TEXEL = 4  # RGBA8, what an engine uploads when nothing is block-compressed


@dataclass(frozen=True)
class Measured:
    """The numbers that budgets limit."""

    triangles: int
    vertices: int
    materials: int
    file_bytes: int
    gpu_bytes: int
    """Texture memory with mip levels, uncompressed RGBA8."""
    textures: dict[str, tuple[int, int]]
    """Slot to (width, height) in pixels; the largest if several materials use the slot."""


def measure_model(model: Model, *, file_bytes: int) -> Measured:
    """Count what budgets limit; pictures are opened for their size only."""
    seen: dict[int, tuple[int, int]] = {}
    textures: dict[str, tuple[int, int]] = {}
    for part in model.parts:
        for slot, image in part.material.images().items():
            size = seen.setdefault(id(image), _size(image))
            textures[slot] = max(textures.get(slot, (0, 0)), size)
    texels = sum(width * height for width, height in seen.values())
    return Measured(
        triangles=model.triangle_count,
        vertices=model.vertex_count,
        materials=len({id(part.material) for part in model.parts}),
        file_bytes=file_bytes,
        gpu_bytes=round(texels * _GPU_BYTES_PER_TEXEL * _MIP_CHAIN),
        textures=textures,
    )


def check_budgets(measured: Measured, profile: Profile, *, where: str) -> list[Finding]:
    """Everything in ``measured`` that is over a limit of ``profile``."""
    rows = [
        ("triangles", "triangles", measured.triangles, profile.triangles,
         "the GPU spends more than its share of the frame on one object",
         "reduce the model: lower lods.triangles or the first rung"),
        ("vertices", "vertices", measured.vertices, profile.vertices,
         "the platform refuses or warns on upload", "reduce the model or its UV seams"),
        ("materials", "materials", measured.materials, profile.materials,
         "every material is a draw call", "merge materials into one atlas"),
        ("file-bytes", "bytes", measured.file_bytes, profile.file_bytes,
         "the download takes too long", "use smaller or better compressed textures"),
        ("gpu-bytes", "bytes of texture memory", measured.gpu_bytes, profile.gpu_bytes,
         "the platform ranks or refuses the asset by texture memory", "use smaller textures"),
    ]  # fmt: skip
    findings = [
        _over(rule, unit, value, limit, where, why, fix)
        for rule, unit, value, limit, why, fix in rows
        if limit is not None and value > limit.limit
    ]
    return findings + list(_texture_findings(measured, profile, where))


def _texture_findings(measured: Measured, profile: Profile, where: str) -> Iterator[Finding]:
    for slot, (width, height) in measured.textures.items():
        detail = profile.detail_texture_size if slot != "base_color" else None
        limit = detail or profile.texture_size
        if max(width, height) > limit.limit:
            yield _over(
                "texture-size", f"pixels ({slot})", max(width, height), limit, where,
                "texture memory grows with the square of the size",
                f"resize {slot} to {limit.limit}",
            )  # fmt: skip
        for side in (width, height):
            if side & (side - 1):
                yield Finding(
                    rule="texture.power-of-two", severity="warning", where=where,
                    message=f"{slot} is {width} x {height}",
                    why="many engines cannot build mip levels or compress such textures",
                    fix="resize to a power of two", measured=side,
                    source="Khronos 3D Commerce Asset Creation Guidelines",
                )  # fmt: skip
                break


def _over(
    rule: str, unit: str, value: int, limit: Limit, where: str, why: str, fix: str
) -> Finding:
    return Finding(
        rule=f"budget.{rule}",
        severity="error",
        where=where,
        message=f"{value:,} {unit}, the limit is {limit.limit:,}",
        why=why,
        fix=fix,
        measured=value,
        limit=limit.limit,
        source=limit.source,
    )


def _size(image: Image) -> tuple[int, int]:
    if image.mime == "image/ktx2":
        return int.from_bytes(image.data[20:24], "little"), int.from_bytes(
            image.data[24:28], "little"
        )
    from PIL import Image as Picture

    with Picture.open(BytesIO(image.data)) as picture:
        return picture.size
