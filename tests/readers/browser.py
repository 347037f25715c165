"""three.js in Chromium: loads a GLB with its decoders and draws it from several sides."""

from __future__ import annotations

import base64
import io
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from trellis_assets.node_tools import tools_folder

from .tools import CHROMIUM

if TYPE_CHECKING:
    from playwright.sync_api import Page

AZIMUTHS = (30, 210)
_FINE = 1024
"""Pictures are drawn with at most so many pixels a side, unless they are larger themselves."""
_SOFTWARE = ("--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader")
_QUIET = ("--enable-unsafe-swiftshader", "--disable-background-networking")


@dataclass(frozen=True)
class Shots:
    """What three.js drew, and how many triangles."""

    pictures: list[NDArray[np.uint8]]  # (side, side, 4)
    triangles: int


class Reader:
    """A page that reads files of ``folder``."""

    def __init__(self, page: Page, address: str) -> None:
        self._page = page
        self._address = address

    def shots(self, name: str, *, sphere: tuple[Sequence[float], float], pixels: int) -> Shots:
        """The GLB ``name`` with its bounding ``sphere`` filling a square of ``pixels``.

        Drawn larger and averaged where it is small: a game's anti-aliasing over time does as much,
        and glints of single pixels say nothing about a rung.
        """
        finer = max(1, _FINE // pixels)
        view = {
            "center": list(sphere[0]),
            "diameter": sphere[1],
            "pixels": pixels * finer,
            "azimuths": AZIMUTHS,
        }
        read: dict[str, Any] = self._page.evaluate(
            "([url, view]) => readGlb(url, view)", [f"{self._address}/files/{name}", view]
        )
        pictures = [_averaged(_decoded(url), finer) for url in read["images"]]
        return Shots(pictures, read["triangles"])

    def levels(self, name: str, sizes: Sequence[float]) -> list[int]:
        """Which level the module ``name`` shows at each size on screen."""
        found: list[int] = self._page.evaluate(
            "([url, sizes]) => readModule(url, sizes)",
            [f"{self._address}/files/{name}", list(sizes)],
        )
        return found

    def posed(self, name: str, clip: str, time: float) -> NDArray[np.float64]:
        """(V, 3) where the vertices of the GLB ``name`` are, ``time`` seconds into an animation."""
        points = self._page.evaluate(
            "([url, clip, time]) => readPose(url, clip, time)",
            [f"{self._address}/files/{name}", clip, time],
        )
        return np.array(points)


@contextmanager
def open_reader(folder: Path) -> Iterator[Reader]:
    """Serves ``folder`` and opens the page; skips where there is no Chromium."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: install the package `chromium` to run this")
    from playwright.sync_api import sync_playwright

    places = {
        "/npm/": tools_folder() / "node_modules",
        "/files/": folder,
        "/": Path(__file__).parent,
    }
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, places))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=CHROMIUM, args=[*_SOFTWARE, *_QUIET]
            )
            page = browser.new_page()
            page.set_default_timeout(60_000)
            page.goto(f"{address}/page.html")
            page.wait_for_function("window.ready === true")
            yield Reader(page, address)
            browser.close()
    finally:
        server.shutdown()
        server.server_close()


class _Files(SimpleHTTPRequestHandler):
    extensions_map = {  # noqa: RUF012  # as the base class has it
        **SimpleHTTPRequestHandler.extensions_map,
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    def __init__(self, places: dict[str, Path], *arguments: Any) -> None:
        self._places = places
        super().__init__(*arguments)

    def translate_path(self, path: str) -> str:
        for prefix, folder in self._places.items():
            if path.startswith(prefix):
                return str(folder / path.removeprefix(prefix).split("?")[0])
        return str(Path(__file__).parent / "nothing")

    def log_message(self, *_: Any) -> None:
        pass


def _averaged(picture: NDArray[np.uint8], by: int) -> NDArray[np.uint8]:
    """Blocks of ``by`` times ``by`` pixels as one; colour counts by its alpha."""
    side = len(picture) // by
    blocks = picture.reshape(side, by, side, by, 4).astype(np.float64)
    alpha = blocks[..., 3:]
    weight = alpha.sum(axis=(1, 3))
    colour = (blocks[..., :3] * alpha).sum(axis=(1, 3)) / np.maximum(weight, 1e-9)
    whole = np.concatenate([colour, weight / by**2], axis=2)
    return np.asarray(whole.round(), np.uint8)


def _decoded(url: str) -> NDArray[np.uint8]:
    data = base64.b64decode(url.split(",", 1)[1])
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))
