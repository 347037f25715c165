"""Small models that move: a tube with two bones, a bulge and a wave, and a lid on its own node."""

from __future__ import annotations

import cv2
import numpy as np

from trellis_assets.gltf import (
    Channel,
    Clip,
    Image,
    Material,
    Mesh,
    Model,
    MorphTarget,
    Part,
    Rig,
    RigNode,
    Skin,
)

HEIGHT = 2.0


def tube(around: int = 24, along: int = 48, *, lid: bool = True) -> Model:
    """A tube from y 0 to 2 that bends at y 1, bulges in its upper half, and a lid that turns."""
    material = Material("hide", base_color=_checks(), metallic_factor=0.0)
    mesh = _tube(around, along)
    parts = [Part(mesh, material, "tube", skin=0, shape=0, shape_names=("bulge", "twist"))]
    if lid:
        parts.append(Part(_lid(), material, "lid", node=3))
    return Model(tuple(parts), name="tube", rig=_rig())


def _tube(around: int, along: int) -> Mesh:
    angle = np.linspace(0.0, 2.0 * np.pi, around + 1)  # the seam of the UVs has two columns
    height = np.linspace(0.0, HEIGHT, along + 1)
    turn, y = (axis.ravel() for axis in np.meshgrid(angle, height))
    out = np.stack([np.sin(turn), np.zeros_like(turn), np.cos(turn)], axis=1)
    points = 0.25 * out + np.stack([np.zeros_like(y), y, np.zeros_like(y)], axis=1)
    points[turn == angle[-1]] = points[turn == 0.0]
    upper = np.clip((y - 0.7) / 0.6, 0.0, 1.0)
    grown = np.exp(-(((y - 1.5) / 0.2) ** 2))[:, None]
    across = np.stack([out[:, 2], np.zeros_like(y), -out[:, 0]], axis=1)
    joints = np.zeros((len(y), 4), np.uint16)
    joints[:, 1] = upper > 0.0  # glTF wants joint 0 where nothing is weighed
    weights = np.zeros((len(y), 4), np.float32)
    weights[:, 0], weights[:, 1] = 1.0 - upper, upper
    number = np.arange(len(y)).reshape(along + 1, around + 1)
    a, b = number[:-1, :-1].ravel(), number[:-1, 1:].ravel()
    c, d = number[1:, 1:].ravel(), number[1:, :-1].ravel()
    faces = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])
    return Mesh(
        points.astype(np.float32),
        faces.astype(np.uint32),
        normals=out.astype(np.float32),
        uvs=np.stack([turn / (2.0 * np.pi), 1.0 - y / HEIGHT], axis=1).astype(np.float32),
        joints=joints,
        weights=weights,
        targets=(
            MorphTarget((0.2 * grown * out).astype(np.float32), np.zeros_like(out, np.float32)),
            MorphTarget((0.1 * grown * across).astype(np.float32)),
        ),
    )


def _lid() -> Mesh:
    corners = np.array([[-1, 0, 1], [1, 0, 1], [1, 0, -1], [-1, 0, -1]], np.float32)
    return Mesh(
        corners * np.float32(0.3) + np.array([0, 2.1, 0], np.float32),
        np.array([[0, 1, 2], [0, 2, 3]], np.uint32),
        normals=np.tile(np.array([[0, 1, 0]], np.float32), (4, 1)),
        uvs=((corners[:, [0, 2]] + 1) / 2).astype(np.float32),
    )


def _rig() -> Rig:
    def node(name: str, parent: int, *at: float) -> RigNode:
        local = np.eye(4)
        local[:3, 3] = at
        return RigNode(name, parent, local, {"translation": list(at)})

    nodes = (
        node("armature", -1, 0.0, 0.0, 0.0),
        node("lower", 0, 0.0, 0.0, 0.0),
        node("upper", 1, 0.0, 1.0, 0.0),
        node("hinge", 0, 0.0, 2.1, -0.3),
    )
    binds = np.stack([np.eye(4), np.eye(4)])
    binds[1, 1, 3] = -1.0
    times = np.array([0.0, 0.5, 1.0], np.float32)
    half = np.sqrt(0.5)
    straight, bent = (0.0, 0.0, 0.0, 1.0), (half, 0.0, 0.0, half)
    turned = np.array([straight, bent, straight], np.float32)
    wave = Clip(
        "wave",
        (
            Channel(2, "rotation", times, turned),
            Channel(3, "rotation", times, -turned),
            Channel(0, "weights", times, np.array([[0, 0], [1, 0], [0, 1]], np.float32)),
        ),
    )
    slide = Clip(
        "slide",
        (Channel(0, "translation", times[:2], np.array([[0, 0, 0], [0, 0, 1]], np.float32)),),
    )
    return Rig(nodes, (Skin((1, 2), binds, name="bones"),), (wave, slide))


def _checks() -> Image:
    y, x = np.mgrid[:64, :64] // 8
    pixels = np.where(((x + y) % 2 == 0)[..., None], (40, 90, 160), (200, 190, 180))
    done, data = cv2.imencode(".png", pixels.astype(np.uint8))
    assert done
    return Image(data.tobytes(), "image/png", "checks")
