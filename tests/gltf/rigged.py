"""Files that move, put together by hand: nothing of the writer under test is used here."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from trellis_assets.gltf import Glb

Rows = NDArray[Any]
_COMPONENTS = {"i1": 5120, "u1": 5121, "i2": 5122, "u2": 5123, "u4": 5125, "f4": 5126}
_KINDS = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4", 16: "MAT4"}
HALF = 0.7071067811865476


class Draft:
    """A document in the making."""

    def __init__(self) -> None:
        self.json: dict[str, Any] = {
            "asset": {"version": "2.0"},
            "scene": 0,
            "scenes": [{"nodes": []}],
            "nodes": [],
            "meshes": [],
            "materials": [{"name": "paint"}],
            "accessors": [],
            "bufferViews": [],
            "buffers": [{"byteLength": 0}],
        }
        self.body = bytearray()

    def view(self, rows: Rows) -> int:
        self.body.extend(b"\0" * (-len(self.body) % 4))
        data = rows.tobytes()
        self.json["bufferViews"].append(
            {"buffer": 0, "byteOffset": len(self.body), "byteLength": len(data)}
        )
        self.body.extend(data)
        return len(self.json["bufferViews"]) - 1

    def accessor(self, rows: Any, kind: str = "f4", *, normalized: bool = False) -> int:
        values = np.ascontiguousarray(np.asarray(rows), f"<{kind}")
        width = values.shape[1] if values.ndim > 1 else 1
        accessor: dict[str, Any] = {
            "bufferView": self.view(values),
            "componentType": _COMPONENTS[kind],
            "count": len(values),
            "type": _KINDS[width],
        }
        if width in (1, 3):
            flat = values.reshape(len(values), width)
            accessor |= {"min": flat.min(axis=0).tolist(), "max": flat.max(axis=0).tolist()}
        if normalized:
            accessor["normalized"] = True
        self.json["accessors"].append(accessor)
        return len(self.json["accessors"]) - 1

    def sparse(self, count: int, places: list[int], rows: Any) -> int:
        """VEC3 that are 0 but for a few."""
        accessor = {
            "componentType": 5126, "count": count, "type": "VEC3",
            "min": np.minimum(np.min(rows, axis=0), 0).tolist(),
            "max": np.maximum(np.max(rows, axis=0), 0).tolist(),
            "sparse": {
                "count": len(places),
                "indices": {"bufferView": self.view(np.array(places, "<u2")),
                            "componentType": 5123},
                "values": {"bufferView": self.view(np.array(rows, "<f4"))},
            },
        }  # fmt: skip
        self.json["accessors"].append(accessor)
        return len(self.json["accessors"]) - 1

    def node(self, name: str, *, under: int | None = None, **properties: Any) -> int:
        self.json["nodes"].append({"name": name, **properties})
        index = len(self.json["nodes"]) - 1
        if under is None:
            self.json["scenes"][0]["nodes"].append(index)
        else:
            self.json["nodes"][under].setdefault("children", []).append(index)
        return index

    def mesh(self, *primitives: dict[str, Any], **properties: Any) -> int:
        self.json["meshes"].append({"primitives": list(primitives), **properties})
        return len(self.json["meshes"]) - 1

    def clip(self, name: str) -> dict[str, Any]:
        clip: dict[str, Any] = {"name": name, "channels": [], "samplers": []}
        self.json.setdefault("animations", []).append(clip)
        return clip

    def keys(
        self,
        clip: dict[str, Any],
        node: int,
        path: str,
        times: Any,
        values: Any,
        how: str = "LINEAR",
    ) -> None:
        output = values if isinstance(values, int) else self.accessor(values)
        clip["samplers"].append(
            {"input": self.accessor(times), "output": output, "interpolation": how}
        )
        target = {"node": node, "path": path}
        clip["channels"].append({"sampler": len(clip["samplers"]) - 1, "target": target})

    def glb(self) -> Glb:
        self.json["buffers"][0]["byteLength"] = len(self.body)
        return Glb(self.json, bytes(self.body))


def tube(rings: int = 9, sides: int = 8) -> tuple[Rows, Rows, Rows]:
    """A tube of 2 m along y: positions, normals, triangles."""
    height, angle = np.meshgrid(
        np.linspace(0, 2, rings), np.arange(sides) * 2 * np.pi / sides, indexing="ij"
    )
    normals = np.stack([np.cos(angle), 0 * angle, -np.sin(angle)], axis=-1).reshape(-1, 3)
    points = normals * 0.25 + np.stack([0 * height, height, 0 * height], -1).reshape(-1, 3)
    ring, side = np.meshgrid(np.arange(rings - 1), np.arange(sides), indexing="ij")
    a, b = ring * sides + side, ring * sides + (side + 1) % sides
    quads = np.stack([a, b, b + sides, a, b + sides, a + sides], axis=-1)
    return points.astype("f4"), normals.astype("f4"), quads.reshape(-1, 3)


def surface(draft: Draft, points: Rows, normals: Rows, faces: Rows, **more: int) -> dict[str, Any]:
    attributes = {
        "POSITION": draft.accessor(points), "NORMAL": draft.accessor(normals), **more
    }  # fmt: skip
    return {"attributes": attributes, "indices": draft.accessor(faces.reshape(-1), "u2"),
            "material": 0}  # fmt: skip


def arm(draft: Draft, *, kind: str = "u1", joints: int = 3, sets: int = 1) -> int:
    """A tube bent by a chain of joints below an armature as Blender's older FBX path leaves it.

    The armature is turned by 90 degrees about x and 0.01 in size, the joints are in centimetres;
    the bind pose is upright.
    """
    points, normals, faces = tube()
    rows = np.clip(points[:, 1] * (joints - 1) / 2, 0, joints - 1)
    low = np.minimum(np.floor(rows).astype(int), joints - 2)
    share = (rows - low).astype("f4")
    indices = np.zeros((len(points), 4 * sets), int)
    weights = np.zeros((len(points), 4 * sets), "f4")
    last = 4 * sets - 1
    indices[:, 0], indices[:, last] = low, np.where(share > 0, low + 1, 0)
    weights[:, 0], weights[:, last] = 1 - share, share
    bends = {}
    for number in range(sets):
        columns = slice(4 * number, 4 * number + 4)
        bends[f"JOINTS_{number}"] = draft.accessor(indices[:, columns], kind)
        bends[f"WEIGHTS_{number}"] = draft.accessor(weights[:, columns])
    mesh = draft.mesh(surface(draft, points, normals, faces, **bends), name="tube")
    armature = draft.node(
        "Armature", rotation=[-HALF, 0, 0, HALF], scale=[0.01, 0.01, 0.01], translation=[0.5, 0, 0]
    )
    step = 200 / (joints - 1)
    chain = [draft.node("bone 0", under=armature, rotation=[HALF, 0, 0, HALF])]
    for number in range(1, joints):
        chain.append(draft.node(f"bone {number}", under=chain[-1], translation=[0, step, 0]))
    binds = np.tile(np.eye(4), (joints, 1, 1))
    for number in range(joints):  # from metres to centimetres, from the joint's height
        binds[number, :3, :3] *= 100
        binds[number, 1, 3] = -step * number
    skin = {
        "name": "bones", "joints": chain, "skeleton": chain[0],
        "inverseBindMatrices": draft.accessor(binds.transpose(0, 2, 1).reshape(-1, 16)),
    }  # fmt: skip
    draft.json.setdefault("skins", []).append(skin)
    draft.node("Tube", mesh=mesh, skin=len(draft.json["skins"]) - 1)
    clip = draft.clip("wave")
    bent = [[0, 0, 0, 1], [0, 0, np.sin(0.4), np.cos(0.4)], [np.sin(0.3), 0, 0, np.cos(0.3)]]
    draft.keys(clip, chain[1], "rotation", [0, 0.5, 1.25], bent)
    draft.keys(clip, chain[-1], "scale", [0, 1], [[1, 1, 1], [1.5, 1, 1.2]], "STEP")
    draft.keys(clip, armature, "translation", [0, 1], [[0.5, 0, 0], [0, 1, 0]])
    return armature


def face(draft: Draft) -> int:
    """Two primitives that are morphed as one, in a turned and mirrored node."""
    primitives = []
    for number in range(2):
        points, normals, faces = tube(3, 6)
        puff = draft.accessor(normals * 0.5)
        nod = draft.sparse(len(points), [0, 4, 7], [[1, 0, 0], [0, 2, 0], [0.5, 0.5, number]])
        turn = draft.accessor(np.roll(normals, 1, axis=1) * 0.25)
        primitive = surface(draft, points + np.array([number * 2, 0, 0], "f4"), normals, faces)
        primitive["targets"] = [{"POSITION": puff, "NORMAL": turn}, {"POSITION": nod}]
        primitives.append(primitive)
    mesh = draft.mesh(
        *primitives, name="face", weights=[0.25, 0], extras={"targetNames": ["puff", "nod"]}
    )
    return draft.node(
        "Face", mesh=mesh, translation=[-3, 0, 1], rotation=[0, HALF, 0, HALF], scale=[-1, 2, 1]
    )


def windmill(draft: Draft) -> int:
    """A part below an animated node below one that stands askew, and one on the animated node."""
    points, normals, faces = tube(2, 5)
    base = draft.node("Mill", translation=[2, 1, -1], rotation=[0, 0, HALF, HALF], scale=[2, 2, 2])
    hub_mesh = draft.mesh(surface(draft, points, normals, faces), name="hub")
    hub = draft.node("Hub", under=base, mesh=hub_mesh, translation=[0, 1, 0])
    sail_mesh = draft.mesh(surface(draft, points * 0.5, normals, faces), name="sail")
    draft.node("Sail", under=hub, mesh=sail_mesh, translation=[1, 0, 0], scale=[1, 3, 0.5])
    draft.node("socket", under=hub, translation=[0, 0, 2])
    return hub


def everything(kind: str = "u1", sets: int = 1) -> Glb:
    """All of it, with all ways to go from key to key, and a static part."""
    draft = Draft()
    arm(draft, kind=kind, sets=sets)
    shaped, hub = face(draft), windmill(draft)
    points, normals, faces = tube(2, 4)
    draft.node(
        "Plinth", mesh=draft.mesh(surface(draft, points, normals, faces)), translation=[0, -3, 0]
    )
    draft.keys(draft.json["animations"][0], shaped, "weights", [0, 1], [0.25, 0, 1, 0.5], "LINEAR")
    clip = draft.clip("turn")
    half = np.round(np.array([[0, 0, 0, 1], [0, HALF, 0, HALF], [0, 1, 0, 0]]) * 127)
    small = draft.accessor(half, "i1", normalized=True)
    draft.keys(clip, hub, "rotation", [0, 1, 2], small)
    cubic = [[0, 0, 0], [0, 1, 0], [0, 3, 0], [0, -2, 0], [1, 2, 0], [0, 0, 0]]
    draft.keys(clip, hub, "translation", [0.25, 1.5], cubic, "CUBICSPLINE")
    weights = [0, 0, 0.25, 0, 1, 0, 0, 1, 1, 0.5, 0, 0]
    draft.keys(clip, shaped, "weights", [0, 1.5], weights, "CUBICSPLINE")
    return draft.glb()
