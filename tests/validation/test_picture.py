"""Pictures of findings: red where the defect is, nowhere else, and the same every time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.validation.corpus import named
from trellis_assets.finding import Finding
from trellis_assets.previews import Picture, UnrenderableModel
from trellis_assets.previews._spots import FAULT, OPEN
from trellis_assets.validation import Subject, judge
from trellis_assets.validation.picture import SIDE, Illustrator, worth_drawing


def finding(name: str) -> Finding:
    """What is said of a file of the corpus that has one defect."""
    known = named(name)
    (found,) = judge(Subject(known.glb, profile=known.profile, expectation=known.expectation))
    return found


def panels(found: Finding) -> tuple[Picture, Picture]:
    """The two pictures of the sheet, (SIDE, SIDE, 4)."""
    sheet = Illustrator().picture(found).sheet
    gap = (sheet.shape[1] - 2 * SIDE) // 3
    top = sheet.shape[0] - SIDE - 2 * gap - max(11, SIDE // 30)
    left, right = (sheet[top : top + SIDE, x : x + SIDE] for x in (gap, 2 * gap + SIDE))
    return left, right


def alike(picture: Picture, color: tuple[int, int, int]) -> NDArray[np.bool_]:
    """(SIDE, SIDE) pixels of about that colour."""
    away = np.abs(picture[..., :3].astype(int) - color).max(axis=2)
    return np.asarray(away < 60)


def middle(mask: NDArray[np.bool_]) -> tuple[float, float]:
    """Centre of what is marked, 0 to 1 from the left and from the top."""
    rows, columns = np.nonzero(mask)
    return float(columns.mean() / SIDE), float(rows.mean() / SIDE)


@pytest.mark.parametrize("name", ["missing_triangle", "speck_in_the_air"])
def test_only_the_fault_is_red(name: str) -> None:
    """Its triangles belong to the defect, the rest of the model is grey."""
    found = finding(name)
    assert found.shows is not None
    faces = found.shows.faces
    unmarked = replace(found, shows=replace(found.shows, faces=faces[:0], edges=None))
    for with_it, without in zip(panels(found), panels(unmarked), strict=True):
        red = alike(with_it, FAULT) | alike(with_it, OPEN)
        assert red.any()
        assert not (alike(without, FAULT) | alike(without, OPEN)).any()


def test_an_inner_hull_is_seen_through_the_surface() -> None:
    """A small box in the middle of a large one."""
    for picture in panels(finding("box_in_a_box")):
        red = (picture[..., 0] > 170) & (picture[..., 1] < 130)
        x, y = middle(red)
        assert 0.4 < x < 0.6
        assert 0.4 < y < 0.6
        assert 0.005 < red.mean() < 0.1


def test_the_edges_of_a_hole_are_drawn_around_it() -> None:
    """The hole is the left half of the side -x: a triangle of three edges, with darkness inside."""
    overview, _ = panels(finding("missing_triangle"))
    rows, columns = np.nonzero(alike(overview, OPEN))
    assert np.ptp(rows) > 0.8 * SIDE, "from top to bottom"
    assert 0.1 * SIDE < np.ptp(columns) < 0.4 * SIDE, "on one of the two sides that are seen"
    assert alike(overview, FAULT).mean() > 0.05, "the triangles beside it"


def test_a_small_fault_gets_a_ring_and_a_close_look() -> None:
    """A speck of a few pixels beside the box."""
    overview, near = panels(finding("speck_in_the_air"))
    ring = alike(overview, FAULT)
    assert middle(ring)[0] > 0.6, "right of the box"
    rows, columns = np.nonzero(ring)
    assert 20 < np.ptp(rows) < 60
    assert 20 < np.ptp(columns) < 60
    near_it = near[SIDE // 2 - 4 : SIDE // 2 + 4, SIDE // 2 - 4 : SIDE // 2 + 4]
    assert alike(near_it, FAULT).mean() > 0.7, "it fills the middle"


def test_texels_that_overlap_are_red_in_the_atlas_and_on_the_model() -> None:
    """Two sides lie on the first chart, in the upper left of the layout."""
    found = finding("sides_on_top_of_each_other")
    layout, model = panels(found)
    assert found.shows is not None
    assert found.shows.texels is not None
    cells = found.shows.texels
    rows, columns = np.nonzero(cells)
    wanted = ((columns.mean() + 0.5) / len(cells), (rows.mean() + 0.5) / len(cells))
    assert np.allclose(middle(alike(layout, FAULT)), wanted, atol=0.01)
    assert np.isclose(alike(layout, FAULT).mean(), cells.mean(), rtol=0.1)
    assert 0.05 < alike(model, FAULT).mean() < 0.3, "one of the two is seen, the front is grey"


def test_uvs_beyond_the_first_tile_are_shown_where_they_are() -> None:
    layout, _ = panels(finding("uvs_in_the_next_tile"))
    x, y = middle(alike(layout, FAULT))
    assert x > 0.5
    assert y > 0.5
    tile = (layout[..., :3].min(axis=2) > 200) & (np.ptp(layout[..., :3].astype(int), axis=2) < 20)
    rows, columns = np.nonzero(tile)
    assert rows.max() < 0.6 * SIDE, "the first tile is outlined in the upper left"
    assert columns.max() < 0.6 * SIDE


def test_it_is_the_same_every_time_and_the_worst_come_first() -> None:
    found = finding("boxes_that_share_an_edge")
    first, again = (Illustrator().picture(found) for _ in range(2))
    assert np.array_equal(first.sheet, again.sheet)
    assert first.portrait.shape == (SIDE, SIDE, 4)
    note, error = replace(found, severity="info"), replace(found, severity="error")
    plain = replace(error, shows=None)
    assert worth_drawing([note, plain, found, error], most=2) == [error, found]


def test_what_cannot_be_drawn_says_so() -> None:
    found = finding("missing_triangle")
    assert found.shows is not None
    found.shows.subject.surface.points[0] = np.nan
    with pytest.raises(UnrenderableModel, match="not finite"):
        Illustrator().picture(found)


def test_a_picture_is_no_part_of_the_finding() -> None:
    found = finding("missing_triangle")
    bare = replace(found, shows=None)
    assert found == bare
    assert hash(found) == hash(bare)
    assert "shows" not in found.as_json()
