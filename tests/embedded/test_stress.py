"""The stress mode really has the faults it counts, seeded, within the triangle target."""

from __future__ import annotations

import io

import numpy as np
import pytest
import trimesh
from PIL import Image

from trellis_assets.embedded import EmbeddedResult, generate
from trellis_assets.gltf import load_model

from .conftest import SMALL, figure_pixels, png


@pytest.fixture(scope="module")
def stressed() -> EmbeddedResult:
    return generate(png(figure_pixels()), settings=SMALL, seed=3, as_trellis=True)


def test_atlas_is_shattered_like_a_real_one(stressed: EmbeddedResult) -> None:
    """On real output 11,890 charts were counted at about 500,000 triangles, 66 % of them thinner
    than 8 texels at 4096.
    """
    mesh = load_model(stressed.glb).parts[0].mesh
    assert mesh.uvs is not None
    labels = trimesh.graph.connected_component_labels(  # type: ignore[no-untyped-call]
        np.concatenate([mesh.triangles[:, :2], mesh.triangles[:, 1:]]),
        node_count=len(mesh.positions),
    )
    low = np.full((labels.max() + 1, 2), np.inf)
    high = -low
    np.minimum.at(low, labels, mesh.uvs)
    np.maximum.at(high, labels, mesh.uvs)
    thin = (high - low).min(axis=1) * 4096 < 8
    assert thin.mean() == pytest.approx(0.66, abs=0.05)
    assert 25 < len(mesh.triangles) / len(low) < 60
    assert len(low) == pytest.approx(stressed.report["faults"]["charts"], rel=0.15)
    assert mesh.uvs.min() >= 0.0
    assert mesh.uvs.max() <= 1.0


def test_edges_conflict_as_often_as_in_real_output(stressed: EmbeddedResult) -> None:
    """About 17 % of the edges between two triangles are run along the same way by both."""
    mesh = load_model(stressed.glb).parts[0].mesh
    _, place = np.unique(mesh.positions, axis=0, return_inverse=True)
    start = place.ravel()[mesh.triangles]
    end = np.roll(start, -1, axis=1)
    edge = np.stack([np.minimum(start, end), np.maximum(start, end)], axis=-1).reshape(-1, 2)
    _, which, amount = np.unique(edge, axis=0, return_inverse=True, return_counts=True)
    balance = np.bincount(which.ravel(), weights=np.where((start < end).ravel(), 1, -1))
    shared = amount == 2
    assert (balance[shared] != 0).mean() == pytest.approx(0.17, abs=0.03)


def test_surface_is_no_longer_sound(stressed: EmbeddedResult) -> None:
    mesh = load_model(stressed.glb).parts[0].mesh
    welded = trimesh.Trimesh(mesh.positions, mesh.triangles, process=False)
    welded.merge_vertices(merge_tex=True, merge_norm=True)
    assert not welded.is_winding_consistent
    assert welded.body_count > 10
    faults = stressed.report["faults"]
    assert all(faults[name] > 0 for name in ("flippedTriangles", "innerHullTriangles", "floaters"))
    assert stressed.report["triangles"] <= SMALL["decimationTarget"]
    assert np.abs(mesh.positions).max() <= 0.5


def test_alpha_is_kept_under_opaque(stressed: EmbeddedResult) -> None:
    material = load_model(stressed.glb).parts[0].material
    assert material.alpha_mode == "OPAQUE"
    assert material.base_color is not None
    alpha = np.asarray(Image.open(io.BytesIO(material.base_color.data)))[:, :, 3]
    assert alpha.min() < 128


def test_the_picture_survives_the_new_atlas(stressed: EmbeddedResult) -> None:
    model = load_model(stressed.glb)
    mesh, image = model.parts[0].mesh, model.parts[0].material.base_color
    assert image is not None
    assert mesh.uvs is not None
    texture = np.asarray(Image.open(io.BytesIO(image.data)).convert("RGB")).astype(int)
    front = (np.hypot(mesh.positions[:, 0] + 0.1, mesh.positions[:, 1]) < 0.03) & (
        mesh.positions[:, 2] > 0.05
    )
    at = np.clip((mesh.uvs[front] * len(texture)).astype(int), 0, len(texture) - 1)
    colour = texture[at[:, 1], at[:, 0]]
    assert np.median(colour[:, 0] - colour[:, 2]) > 80


def test_faults_are_seeded(stressed: EmbeddedResult) -> None:
    again = generate(png(figure_pixels()), settings=SMALL, seed=3, as_trellis=True)
    assert again.glb == stressed.glb
