"""Other simplifiers behind one signature: a master and a triangle budget in, a model out.

npm tools are found on PATH or in the folder that LOD_PEERS_BIN names; Python packages where they
are installed. A tool that is not there is left out and said so.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from trellis_assets.geometry.topology import concatenated, weld
from trellis_assets.gltf import Material, Mesh, Model, Part, load_model, model_to_glb

ERROR_LIMIT = "0.05"  # where the command line tools still keep a model's parts


@dataclass(frozen=True)
class Peer:
    """A simplifier; ``textured`` if what it makes can be compared by colour."""

    make: Callable[[Model, int], Model]
    textured: bool = True


def installed_peers() -> Mapping[str, Peer]:
    """The peers that can be run here, by name."""
    peers: dict[str, Peer] = {}
    if gltfpack := _command("gltfpack"):
        peers["gltfpack"] = Peer(partial(_gltfpack, gltfpack, ["-se", ERROR_LIMIT]))
        # The only way in which it goes below the chart floor.
        peers["gltfpack -sa"] = Peer(partial(_gltfpack, gltfpack, ["-sa"]))
    if transform := _command("gltf-transform"):
        peers["gltf-transform"] = Peer(partial(_gltf_transform, transform))
    if importlib.util.find_spec("pymeshlab"):
        peers["pymeshlab"] = Peer(_pymeshlab)
    if importlib.util.find_spec("fast_simplification"):
        peers["fast-simplification"] = Peer(_fast_simplification, textured=False)
    return peers


def _command(name: str) -> str | None:
    folders = os.pathsep.join([os.environ.get("LOD_PEERS_BIN", ""), os.environ.get("PATH", "")])
    return shutil.which(name, path=folders)


def _gltfpack(command: str, how: list[str], master: Model, triangles: int) -> Model:
    """Seam-locked simplification without quantisation."""
    ratio = f"{triangles / master.triangle_count:.6f}"
    return _through_files(
        master,
        lambda source, target: [command, "-i", source, "-o", target, "-noq", "-si", ratio, *how],
    )


def gltfpack_file(source: Path, ratio: float) -> bytes:
    """What one call makes of a file, as delivered by default but without quantisation.

    Raises:
        FileNotFoundError: gltfpack is not installed.
    """
    command = _command("gltfpack")
    if command is None:
        raise FileNotFoundError("gltfpack is neither on PATH nor in LOD_PEERS_BIN")
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "out.glb")
        run = [command, "-i", str(source), "-o", str(target), "-noq", "-si", f"{ratio:.6f}"]
        subprocess.run(run, check=True, capture_output=True)  # noqa: S603
        return target.read_bytes()


def _gltf_transform(command: str, master: Model, triangles: int) -> Model:
    ratio = f"{triangles / master.triangle_count:.6f}"
    return _through_files(
        master,
        lambda source, target: [
            command, "simplify", source, target, "--ratio", ratio, "--error", ERROR_LIMIT
        ],
    )  # fmt: skip


def _through_files(master: Model, arguments: Callable[[str, str], list[str]]) -> Model:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "in.glb"), Path(folder, "out.glb")
        source.write_bytes(model_to_glb(master))
        subprocess.run(arguments(str(source), str(target)), check=True, capture_output=True)  # noqa: S603
        return load_model(target.read_bytes())


def _fast_simplification(master: Model, triangles: int) -> Model:
    """Positions only: UVs are lost."""
    import fast_simplification as peer

    positions, faces = concatenated([part.mesh for part in master.parts])
    place, first = weld(positions)
    points, cells = peer.simplify(
        positions[first], place[faces].astype(np.int32), target_count=triangles
    )
    mesh = Mesh(np.asarray(points, np.float32), np.asarray(cells, np.uint32))
    return Model((Part(mesh, replace(master.parts[0].material, base_color=None)),))


def _pymeshlab(master: Model, triangles: int) -> Model:
    """Quadric edge collapse with texture, the parts' first material on all of them."""
    import pymeshlab

    positions, faces = concatenated([part.mesh for part in master.parts])
    uvs = np.concatenate([part.mesh.uvs for part in master.parts if part.mesh.uvs is not None])
    material: Material = master.parts[0].material
    meshes = pymeshlab.MeshSet(verbose=False)
    meshes.add_mesh(
        pymeshlab.Mesh(
            vertex_matrix=positions.astype(np.float64),
            face_matrix=faces.astype(np.int32),
            v_tex_coords_matrix=uvs.astype(np.float64),
        )
    )
    meshes.compute_texcoord_transfer_vertex_to_wedge()
    if material.base_color is not None:
        with tempfile.TemporaryDirectory() as folder:
            texture = Path(folder, "texture.png")
            _write_png(material.base_color.data, texture)
            meshes.set_texture_per_mesh(textname=str(texture))
    meshes.meshing_remove_duplicate_vertices()
    meshes.meshing_decimation_quadric_edge_collapse_with_texture(targetfacenum=triangles)
    found = meshes.current_mesh()
    cells = found.face_matrix().astype(np.int64)
    # UVs are per corner: every corner becomes a vertex of its own.
    mesh = Mesh(
        found.vertex_matrix()[cells.reshape(-1)].astype(np.float32),
        np.arange(cells.size, dtype=np.uint32).reshape(-1, 3),
        uvs=np.ascontiguousarray(found.wedge_tex_coord_matrix(), np.float32),
    )
    return Model((Part(_with_smooth_normals(mesh, found.vertex_normal_matrix()[cells]), material),))


def _with_smooth_normals(mesh: Mesh, normals: np.ndarray) -> Mesh:
    return replace(mesh, normals=np.ascontiguousarray(normals.reshape(-1, 3), np.float32))


def _write_png(data: bytes, target: Path) -> None:
    from io import BytesIO

    from PIL import Image

    with Image.open(BytesIO(data)) as picture:
        picture.convert("RGB").save(target)
