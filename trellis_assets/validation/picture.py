"""Findings drawn: where on the model, and where in its texture, a rule objects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trellis_assets.finding import Finding, worst
from trellis_assets.previews import Picture
from trellis_assets.previews.finding_sheet import finding_sheet
from trellis_assets.previews.marked_atlas import Window, atlas_panel
from trellis_assets.previews.marked_model import MarkedModel, Panel

from .atlas import Atlas
from .cover import Cover
from .region import Int64, Region
from .subject import Subject

SIDE = 420
"""Pixels on a side of each of the two pictures of a sheet."""
_CELLS = 1024  # on which the triangles at fault are found in the atlas


@dataclass(frozen=True, eq=False)
class FindingPicture:
    """The sheet of a finding, and its first picture alone for small tiles."""

    sheet: Picture
    portrait: Picture


def worth_drawing(findings: Iterable[Finding], *, most: int) -> list[Finding]:
    """Those that a picture says more about, the worst first, at most so many."""
    return [finding for finding in worst(findings) if finding.shows is not None][:most]


class Illustrator:
    """Draws the findings on one or several models, and keeps what their pictures share."""

    def __init__(self) -> None:
        self._models: dict[int, MarkedModel] = {}

    def picture(self, finding: Finding) -> FindingPicture:
        """The sheet of a finding that shows something.

        Raises:
            PreviewError: the model has no triangles, or vertices that are not finite.
        """
        region = finding.shows
        if region is None:
            raise ValueError(f"{finding.rule} shows nothing")
        with np.errstate(all="ignore"):  # a file may hold numbers of any kind
            panels = self._panels(region)
        sheet = finding_sheet(finding.rule, finding.severity, finding.message, panels, size=SIDE)
        return FindingPicture(sheet, panels[0].picture)

    def _panels(self, region: Region) -> list[Panel]:
        surface = region.subject.surface
        if region.atlas is None:
            ends = None if region.edges is None else surface.points[region.edges]
            return self._model(region.subject).panels(region.faces, ends, size=SIDE)
        faces = region.faces
        if region.texels is not None:
            faces = region.atlas.cover.faces_on(region.texels)
        marked = region.subject.triangles_on(region.atlas)[faces]
        layout = _layout(region, region.atlas, faces)
        return [layout, *self._model(region.subject).panels(marked, size=SIDE, most=1)]

    def _model(self, subject: Subject) -> MarkedModel:
        surface = subject.surface
        if id(surface) not in self._models:
            self._models[id(surface)] = MarkedModel(surface.points, surface.welded)
        return self._models[id(surface)]


def _layout(region: Region, atlas: Atlas, faces: Int64) -> Panel:
    uvs = atlas.uvs if region.repeats else atlas.tiled
    window = Window.around(uvs) if region.repeats else Window()
    shapes = uvs[atlas.faces[faces]]
    sides = np.stack([shapes, np.roll(shapes, -1, axis=1)], axis=2).reshape(-1, 2, 2)
    if region.texels is None:
        marked, slivers = _cells(window.placed(uvs), atlas.faces[faces]), sides
    else:
        marked, slivers = region.texels, sides[:0]
    size = "" if atlas.size is None else f", {atlas.size[0]} x {atlas.size[1]} texels"
    return atlas_panel(
        f"UV layout of {atlas.material.name or 'a material without a name'}{size}",
        texture=region.subject.pixels(atlas.material, "base_color"),
        outlines=uvs[atlas.borders],
        marked=marked,
        slivers=slivers,
        window=window,
        size=SIDE,
    )


def _cells(uvs: NDArray[np.float64], faces: Int64) -> NDArray[np.bool_]:
    """(G, G) cells of the unit square that the triangles use."""
    cover = Cover(uvs, faces, np.zeros(len(faces), np.int64), texels=_CELLS)
    return np.asarray(cover.count > 0).reshape(cover.grid, cover.grid)
