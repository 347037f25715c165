"""Sheets: several pictures side by side, with small labels, for people to judge at a glance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from trellis_assets.gltf import Image, Model

from ._camera import Framing
from ._canvas import Picture
from ._layout import FAINT, GAP, blank, checkerboard, label, panel, paste, reduced
from ._textures import has_alpha, texture_of
from .render import Scene

VIEWS = (("Front", 0.0), ("Three-quarter", 35.0), ("Side", 90.0), ("Back", 180.0))
SLOT_TITLES = {
    "base_color": "Base color",
    "orm": "Occlusion · roughness · metallic",
    "occlusion": "Occlusion",
    "normal": "Normal",
    "emissive": "Emissive",
}


def turnaround(model: Model | Scene, *, size: int = 320, elevation: float = 12.0) -> Picture:
    """Front, three-quarter, side and back at one scale: (size + label, 4 * size, 4).

    Give a Scene that exists already, and its acceleration structure serves again.
    """
    scene = model if isinstance(model, Scene) else Scene(model)
    framing = scene.framing
    pictures = [
        (
            title,
            scene.render(size=size, azimuth=azimuth, elevation=elevation, bounds=framing),
        )
        for title, azimuth in VIEWS
    ]
    return contact_sheet([pictures], size=size)


def lod_sheet(
    models: Sequence[tuple[str, Model]],
    *,
    size: int = 300,
    screen_sizes: Sequence[int] | None = None,
    azimuth: float = 35.0,
    elevation: float = 14.0,
) -> Picture:
    """One column per rung: shaded, wireframe, and the size at which the rung is shown.

    Args:
        models: (label, model), the most detailed first; all are framed as the first one. A single
            rung has no row of sizes.
        screen_sizes: pixels that each rung fills when the engine shows it; by default each rung
            half of the one before, from `size`.
    """
    if not models:
        raise ValueError("a sheet of LODs needs at least one model")
    shown = screen_sizes or [max(16, size >> step) for step in range(len(models))]
    if len(shown) != len(models):
        raise ValueError(f"{len(models)} models, but {len(shown)} screen sizes")
    framing = Framing.of_model(models[0][1])
    text, small = max(12, size // 18), max(11, size // 22)
    header, tallest = 2 * text + GAP + 4, min(size, max(shown))
    strip = tallest + small + 2 * GAP if len(models) > 1 else 0
    sheet = blank(len(models) * (size + GAP) + GAP, GAP + header + 2 * (size + GAP) + strip)
    for column, ((name, model), pixels) in enumerate(zip(models, shown, strict=True)):
        left = GAP + column * (size + GAP)
        detail = f"{model.triangle_count:,} triangles"
        if column:
            detail += f" · {_percent(model.triangle_count, models[0][1].triangle_count)}"
        label(sheet, (left + 2, GAP + text), name, size=text, width=size)
        label(sheet, (left + 2, GAP + 2 * text + 4), detail, size=small, width=size, color=FAINT)
        top = GAP + header
        pictures = Scene(model).render_modes(
            ("shaded", "wire"), size=size, bounds=framing, azimuth=azimuth, elevation=elevation
        )
        for picture in pictures:
            box = (left, top, left + size, top + size)
            panel(sheet, box)
            paste(sheet, picture, box)
            top += size + GAP
        if strip:
            own = reduced(pictures[0], min(pixels, size))
            paste(sheet, own, (left, top, left + size, top + tallest))
            middle = (left + size / 2, top + tallest + small + 2)
            caption = f"as shown at {pixels} px"
            label(sheet, middle, caption, size=small, width=size, color=FAINT, anchor="ms")
    return np.asarray(sheet)


def _percent(part: int, whole: int) -> str:
    share = 100 * part / max(whole, 1)
    return f"{share:.0f} %" if share >= 10 else f"{share:.1f} %"


def texture_sheet(images: Mapping[str, Image], *, size: int = 300) -> Picture:
    """The textures of a material by slot, in the order of the shading model, with their channels.

    Raises UndecodableTexture for corrupt pictures.
    """
    known = [slot for slot in SLOT_TITLES if slot in images]
    order = known + [slot for slot in images if slot not in SLOT_TITLES]
    text, small = max(12, size // 18), max(11, size // 22)
    header = text + small + GAP + 4
    sheet = blank(max(len(order), 1) * (size + GAP) + GAP, GAP + header + size + GAP)
    if not order:
        label(sheet, (GAP + 2, GAP + text), "No textures: plain colours", size=text, width=size)
    for column, slot in enumerate(order):
        image = images[slot]
        pixels, (width, height) = _thumbnail(image, size)
        left, top = GAP + column * (size + GAP), GAP + header
        title = SLOT_TITLES.get(slot, slot)
        kind = image.mime.removeprefix("image/").upper().replace("JPEG", "JPG")
        detail = f"{width} x {height} · {kind} · {_bytes(len(image.data))}"
        label(sheet, (left + 2, GAP + text), title, size=text, width=size)
        label(
            sheet, (left + 2, GAP + text + small + 4), detail, size=small, width=size, color=FAINT
        )
        box = (left, top, left + size, top + size)
        checkerboard(sheet, box)
        paste(sheet, pixels, box, enlarge=True)
    return np.asarray(sheet)


def _thumbnail(image: Image, size: int) -> tuple[Picture, tuple[int, int]]:
    """A level of the texture that is at least `size` high or wide, and its full width and height.

    A coarser one than the finest saves no quality: it is made by exact area.
    """
    texture = texture_of(image, alpha=has_alpha(image))
    height, width = texture.levels[0].shape[:2]
    fitting = [level for level in texture.levels if max(level.shape[:2]) >= size]
    return (fitting or texture.levels)[-1 if fitting else 0], (width, height)


def _bytes(count: int) -> str:
    if count < 1024:
        return f"{count} B"
    return f"{count / 1024:.0f} KiB" if count < 1024**2 else f"{count / 1024**2:.1f} MiB"


def contact_sheet(
    rows: Sequence[Sequence[tuple[str, NDArray[np.uint8]]]], *, size: int = 256
) -> Picture:
    """A grid of labelled pictures; every picture fits a square of `size` pixels."""
    columns = max((len(row) for row in rows), default=0)
    if not columns:
        raise ValueError("a contact sheet needs at least one picture")
    text = max(11, size // 20)
    step = size + text + GAP + GAP // 2
    sheet = blank(columns * (size + GAP) + GAP, len(rows) * step + GAP)
    for number, row in enumerate(rows):
        for column, (title, picture) in enumerate(row):
            left, top = GAP + column * (size + GAP), GAP + number * step
            box = (left, top, left + size, top + size)
            panel(sheet, box)
            paste(sheet, picture, box)
            baseline = (left + size / 2, top + size + text + 2)
            label(sheet, baseline, title, size=text, width=size, color=FAINT, anchor="ms")
    return np.asarray(sheet)
