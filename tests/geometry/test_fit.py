"""Fitted vertices bring a simplified mesh nearer to its master and fold nothing."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from trellis_assets.geometry import deviation
from trellis_assets.geometry.fit import fit, samples
from trellis_assets.geometry.simplify import to_budget
from trellis_assets.geometry.topology import edges, face_vectors, unit

from . import shapes


def simplified(points: shapes.Array, faces: shapes.Array, count: int) -> tuple[shapes.Array, ...]:
    found = to_budget(points, faces, triangles=count)
    used, compact = np.unique(found.faces, return_inverse=True)
    return points[used], compact.reshape(-1, 3)


def fitted_to(
    points: shapes.Array, faces: shapes.Array, coarse: shapes.Array, triangles: shapes.Array
) -> shapes.Array:
    master = samples(points, faces, triangles=len(triangles))
    return fit(coarse, triangles, master).positions


def test_a_coarse_sphere_regains_its_size() -> None:
    """Corners on the sphere make a ball too small; the fit puts half of it outside."""
    points, faces = shapes.icosphere(5)
    coarse, triangles = simplified(points, faces, 200)
    fitted = fitted_to(points, faces, coarse, triangles)
    master = shapes.plain(points, faces)
    before = deviation(master, shapes.plain(coarse, triangles)).rms
    after = deviation(master, shapes.plain(fitted, triangles)).rms
    assert after < 0.6 * before
    whole = shapes.volume(points, faces)
    assert abs(shapes.volume(fitted, triangles) / whole - 1) < 0.01
    assert shapes.volume(coarse, triangles) / whole < 0.97
    np.testing.assert_array_equal(fitted, fitted_to(points, faces, coarse, triangles))


def test_a_flat_sheet_keeps_its_rim() -> None:
    points, faces = shapes.grid(24)
    coarse, triangles = simplified(points, faces, 20)
    fitted = fitted_to(points, faces, coarse, triangles)
    np.testing.assert_allclose(fitted.min(axis=0), points.min(axis=0), atol=0.02)
    np.testing.assert_allclose(fitted.max(axis=0), points.max(axis=0), atol=0.02)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 1000), share=st.floats(0.05, 0.6))
def test_random_closed_surfaces_stay_sound(seed: int, share: float) -> None:
    points, faces = shapes.bumpy(3, seed=seed, height=0.4)
    coarse, triangles = simplified(points, faces, max(int(len(faces) * share), 12))
    fitted = fitted_to(points, faces, coarse, triangles)
    assert np.isfinite(fitted).all()
    assert np.all(edges(triangles).balance == 0)
    turned = unit(face_vectors(fitted, triangles)) * unit(face_vectors(coarse, triangles))
    assert turned.sum(axis=1).min() > 0.49
    # A triangle over a round side stands out where its corners are.
    assert np.abs(fitted).max() <= np.abs(points).max() * 1.25
