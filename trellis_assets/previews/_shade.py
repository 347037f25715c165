"""Colour of fragments, one function per look. All return linear light before the tone map is done,
or display colours where a look is a diagram rather than a photograph.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from . import _studio_tables
from ._fragments import Appearance, Fragments
from ._studio import KEY, tone_map
from ._textures import to_linear

Float32 = NDArray[np.float32]

CLAY = np.array([0.40, 0.385, 0.37], np.float32)
CLAY_ROUGHNESS = 0.62
INK = np.array([0.010, 0.020, 0.032], np.float32)
LINE_REACH = 1.15  # pixels to either side of an edge
KEY_RADIANCE = np.array(KEY.radiance, np.float32)
BRIGHTEST = np.float32(16)  # base color; glTF ends at 1, a hostile factor anywhere


def lit(
    appearance: Appearance,
    view: Float32,
    to_studio: Float32,
    reaching: tuple[Float32, Float32] | None,
) -> Float32:
    """Metallic-roughness shading, tone-mapped, (N, 3) display-linear.

    Split-sum reflection with the analytic fit of B. Karis ("Physically Based Shading on Mobile",
    2014) and the specular occlusion of S. Lagarde ("Moving Frostbite to PBR", 2014).

    Args:
        view: (N, 3) towards the eye; to_studio: (3, 3) world to studio; reaching: (N,) visibility
            of the dome and (N,) of the key light. None if nothing is in the way of either, baked
            occlusion included.
    """
    normal, toward = appearance.normal, np.ascontiguousarray(view.T)
    base = np.clip(appearance.base, 0, BRIGHTEST)
    facing = (normal * toward).sum(axis=0)
    mirrored = 2 * facing * normal - toward
    facing = np.clip(facing, np.float32(1e-3), 1)
    rough, metallic = np.clip(appearance.roughness, 0, 1), np.clip(appearance.metallic, 0, 1)

    dielectric = np.float32(0.04)
    at_front = dielectric + (base - dielectric) * metallic
    scale, offset = _split_sum(rough, facing)
    mirror, key_mirrored = _studio_tables.mirrored(_turned(mirrored, to_studio), rough * rough)
    open_light, key_light = _studio_tables.diffuse(_turned(normal, to_studio))
    diffuse = base * ((1 - metallic) * np.float32(0.96))
    # What a rough surface scatters more than once comes back (E. Turquin, 2019): rough metals.
    again = 1 + at_front * (1 / (scale + offset) - 1)
    reflected = (at_front * scale + offset) * again
    if reaching is not None:
        ambient, key = np.minimum(reaching[0], appearance.occlusion), reaching[1]
        key_mirrored, key_light = key_mirrored * key, key_light * key
        # Light that bounces between neighbouring surfaces takes on their colour (Jimenez, 2016).
        open_light *= _interreflected(ambient, diffuse)
        reflected *= np.clip((facing + ambient) ** np.exp2(-16 * rough - 1) - 1 + ambient, 0, 1)
    mirror += key_mirrored * KEY_RADIANCE[:, None]
    open_light += key_light * KEY.power[:, None]
    color = diffuse * open_light
    mirror *= reflected
    color += mirror
    if appearance.emissive.any():
        color += appearance.emissive
    if appearance.unlit.any():
        color[:, appearance.unlit] = base[:, appearance.unlit]
    return tone_map(color).T


def _turned(vectors: Float32, turn: Float32) -> Float32:
    """Vectors (3, N) turned by (3, 3)."""
    x, y, z = vectors
    return np.stack([row[0] * x + row[1] * y + row[2] * z for row in turn])


def _split_sum(rough: Float32, facing: Float32) -> tuple[Float32, Float32]:
    x = 1 - rough
    y = np.float32(-0.0275) * rough + np.float32(0.0425)
    bent = np.minimum(x * x, np.exp2(np.float32(-9.28) * facing)) * x + y
    z = np.float32(-0.572) * rough + np.float32(1.04)
    w = np.float32(0.022) * rough - np.float32(0.04)
    return np.float32(-1.04) * bent + z, np.maximum(np.float32(1.04) * bent + w, 0)


def _interreflected(ambient: Float32, albedo: Float32) -> Float32:
    a, b, c = 2.0404 * albedo - 0.3324, -4.7951 * albedo + 0.6417, 2.7552 * albedo + 0.6903
    return np.asarray(np.maximum(ambient, ((ambient * a + b) * ambient + c) * ambient), np.float32)


def clay_of(fragments: Fragments) -> Appearance:
    """Geometry alone: one matt material, no textures."""
    count = len(fragments.hits)
    return Appearance(
        np.broadcast_to(CLAY[:, None], (3, count)).astype(np.float32),
        np.zeros(count, np.float32),
        np.full(count, CLAY_ROUGHNESS, np.float32),
        np.ones(count, np.float32),
        np.zeros((3, count), np.float32),
        np.ascontiguousarray(fragments.normal.T),
        np.zeros(count, np.bool_),
    )


def normal_colors(normal: Float32) -> Float32:
    """World-space normals as colours: +X red, +Y green, +Z blue; (N, 3) display-linear."""
    return to_linear(np.clip(normal * np.float32(0.5) + np.float32(0.5), 0, 1))


def uv_checks(fragments: Fragments) -> Float32:
    """A checkerboard of 32 x 32 over the UV square, red along u and green along v.

    Even squares mean even texel density; a jump of colour is a seam. Parts without UVs are grey.
    """
    u, v = (fragments.uvs - np.floor(fragments.uvs)).T
    squares = np.floor(fragments.uvs * 32).astype(np.int64).sum(axis=1) % 2
    shade = np.where(squares == 1, np.float32(1.0), np.float32(0.62))
    color = np.stack([0.25 + 0.7 * u, 0.25 + 0.7 * v, 0.85 - 0.45 * (u + v) / 2], axis=1)
    color[fragments.footprint == 0] = 0.5
    light = 0.6 + 0.4 * np.clip(np.einsum("ij,ij->i", fragments.normal, fragments.view), 0, 1)
    return to_linear((color * (shade * light)[:, None]).astype(np.float32))


def edge_lines(fragments: Fragments, corners: Float32) -> Float32:
    """How much of the line along a triangle's edges each fragment shows, (N,) 0..1.

    Args:
        corners: (N, 3, 2) pixel coordinates of each fragment's triangle.
    """
    x, y = np.ascontiguousarray(corners.transpose(2, 1, 0))
    across, along = x[[2, 0, 1]] - x[[1, 2, 0]], y[[2, 0, 1]] - y[[1, 2, 0]]
    doubled = np.abs(across[2] * along[1] - along[2] * across[1])
    heights = doubled / np.maximum(np.sqrt(across * across + along * along), np.float32(1e-6))
    nearest = (fragments.hits.barycentric.T * heights).min(axis=0)
    line: Float32 = np.clip(np.float32(LINE_REACH) - nearest, 0, 1)
    # Where triangles are smaller than a few pixels their lines would merge: fade to a tint.
    line *= np.clip(heights.min(axis=0) / 6, np.float32(0.34), 1)
    return line


def inked(color: Float32, line: Float32) -> Float32:
    """Colours (N, 3) with lines (N,) drawn over them."""
    drawn: Float32 = color + (INK - color) * line[:, None]
    return drawn
