"""How much a rung looks like its master, at the size where the game shows it.

Both are rendered from twelve directions under one light and compared by silhouette, SSIM, PSNR and
FLIP; the worst direction is what counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, fields
from typing import Any

from trellis_assets.gltf import load_model
from trellis_assets.previews import Likeness, Picture, Reference, Scene
from trellis_assets.previews.views import ALL_AROUND, View

LARGEST = 384
"""Pixels on a side of the largest pictures compared; a finer rung is judged at this size."""
SMALLEST = 48
"""Below, a model is a few pixels and every measure is noise."""
SCREEN_HEIGHT = 1080
_SUPERSAMPLED = 256  # pixels; a larger picture has enough samples with one for each pixel
_THREADS = 2


@dataclass(frozen=True)
class ViewLook:
    """One direction."""

    view: View
    likeness: Likeness

    def as_json(self) -> dict[str, float]:
        """To four digits."""
        values = asdict(self.view) | asdict(self.likeness)
        return {name: round(value, 4) for name, value in values.items()}

    @classmethod
    def from_json(cls, values: Mapping[str, float]) -> ViewLook:
        """The inverse of :meth:`as_json`."""
        of_view = {field.name for field in fields(View)}
        return cls(
            View(**{name: value for name, value in values.items() if name in of_view}),
            Likeness(**{name: value for name, value in values.items() if name not in of_view}),
        )


@dataclass(frozen=True)
class RungLook:
    """A rung beside its master."""

    name: str
    pixels: int
    """On a side of the pictures."""
    views: tuple[ViewLook, ...]

    @property
    def worst(self) -> ViewLook:
        """The direction with the largest mean FLIP, which is what a person would object to."""
        return max(self.views, key=lambda look: look.likeness.flip)

    def lowest(self, measure: str) -> ViewLook:
        """The direction with the lowest ``silhouette_iou``, ``ssim`` or ``psnr_db``."""
        return min(self.views, key=lambda look: float(getattr(look.likeness, measure)))

    def summary(self) -> dict[str, Any]:
        """Worst direction, and the extreme of each measure over all directions."""
        return {
            "pixels": self.pixels,
            "silhouette_iou": round(self.lowest("silhouette_iou").likeness.silhouette_iou, 4),
            "ssim": round(self.lowest("ssim").likeness.ssim, 4),
            "psnr_db": round(self.lowest("psnr_db").likeness.psnr_db, 2),
            "flip": round(self.worst.likeness.flip, 4),
            "worst_view": asdict(self.worst.view),
        }


def shown_pixels(screen_share: float) -> int:
    """Side of the picture in which a rung is judged.

    Args:
        screen_share: of the screen's height up to which the rung is shown, 0 to 1.
    """
    return int(min(max(round(screen_share * SCREEN_HEIGHT), SMALLEST), LARGEST))


def read_scenes(glbs: Iterable[bytes]) -> list[Scene]:
    """Models ready to be looked at, read side by side; textures that they share are decoded once.

    Raises:
        GltfError, UnrenderableModel, UndecodableTexture: as for one model.
    """

    def read(glb: bytes) -> Scene:
        return Scene(load_model(glb))

    with ThreadPoolExecutor(_THREADS) as executor:
        return list(executor.map(read, glbs))


class Studio:
    """The master in front of the camera; its pictures serve all rungs that are shown as large."""

    def __init__(self, master: Scene) -> None:
        self.master = master
        self._references: dict[tuple[int, View], Reference] = {}

    def compare(self, name: str, rung: Scene, *, pixels: int) -> RungLook:
        """Judge ``rung`` from all directions in pictures of ``pixels`` on a side."""

        def look(view: View) -> ViewLook:
            master = self._reference(view, pixels)
            return ViewLook(view, master.likeness(self.picture_of(rung, view, pixels)))

        with ThreadPoolExecutor(_THREADS) as executor:
            return RungLook(name, pixels, tuple(executor.map(look, ALL_AROUND)))

    def picture(self, view: View, pixels: int) -> Picture:
        """The master, (pixels, pixels, 4)."""
        return self._reference(view, pixels).picture

    def _reference(self, view: View, pixels: int) -> Reference:
        key = (pixels, view)
        if key not in self._references:
            self._references[key] = Reference(self.picture_of(self.master, view, pixels))
        return self._references[key]

    def picture_of(self, scene: Scene, view: View, pixels: int) -> Picture:
        """Any model at the master's place and scale.

        Nothing shadows anything: a bump that is missing counts where it was, not again where its
        shadow fell.
        """
        return scene.render(
            size=pixels,
            azimuth=view.azimuth,
            elevation=view.elevation,
            bounds=self.master.framing,
            supersample=2 if pixels <= _SUPERSAMPLED else 1,
            shadow=False,
            occlusion=False,
        )
