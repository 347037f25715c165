"""All variants of one game asset, ours and glTF-Transform's command line, side by side.

Four rungs, three texture sizes, three targets (PNG; WebP and meshopt; KTX2 and meshopt) are 36
files, written from the same four GLBs. Peers come from npm, into a folder of their own:

    npm install --prefix PEER @gltf-transform/cli@4.5.1 ktx2-encoder@0.6.0
    python benchmarks/delivery.py .trellis/store/assets/oak_barrel --peer PEER

glTF-Transform's KTX2 needs a binary that npm does not have: ``delivery_peer.mjs`` puts the npm
encoder in its place, with the block format per slot that ours chose. Both take turns, size by size,
so that what else the machine does slows both.

Bytes are compared at equal SSIM, on LOD0 (``delivery_likeness.py`` says how it is measured). PNG
and KTX2 have no quality to tune: ours must be as like and no larger. For WebP the peer's quality is
searched that gives our SSIM, once under the rule that ours keeps (normals and metal-roughness never
through lossy 4:2:0) and once without it; and our floors are lowered until ours has the SSIM of the
peer's default. The verdict is that of the maps: in rendered pictures, printed beside it, all of
this is small.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from delivery_likeness import Source
from delivery_peer import SAME, Found, Peer, images_of

from trellis_assets.delivery import Budget, Rung, VariantTarget, build_variant, same_size_for_all
from trellis_assets.gltf import GEOMETRY_EXTENSIONS, Image, load_model
from trellis_assets.textures import decode, encode, floor_of, make_texture_set

SIZES = (2048, 1024, 512)
TARGETS = {
    "png": frozenset[str](),
    "webp": frozenset({"EXT_texture_webp", *GEOMETRY_EXTENSIONS["meshopt"]}),
    "ktx2": frozenset({"KHR_texture_basisu", *GEOMETRY_EXTENSIONS["meshopt"]}),
}
MOST_DB = 20
"""What our floors are lowered by, at most."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("asset", type=Path, help="folder with lod0.glb .. lod3.glb")
    parser.add_argument("--peer", type=Path, required=True, help="folder with the npm packages")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="of the textures")
    options = parser.parse_args()
    files = [options.asset / f"lod{level}.glb" for level in range(4)]
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(files, Path(folder, "ours"), Path(folder, "theirs"), Peer(options.peer))
        bench.time(options.sizes)
        bench.weigh(options.sizes)


@dataclass(frozen=True)
class Bench:
    """The same files written twice."""

    files: list[Path]
    ours: Path
    theirs: Path
    peer: Peer

    def time(self, sizes: Sequence[int]) -> None:
        """Writes everything and prints how long it took."""
        rungs = [Rung(file.stem, load_model(file.read_bytes())) for file in self.files]
        spent, peer_spent = np.zeros(2), np.zeros(2)
        for size in sizes:
            seconds, etc1s = timed(self._write_ours, rungs, size)
            peer_seconds, _ = timed(self._write_theirs, size, etc1s)
            spent, peer_spent = spent + seconds, peer_spent + peer_seconds
        print(f"{len(rungs) * len(sizes) * len(TARGETS)} files")
        print(f"ours            {spent[0]:7.1f} s wall {spent[1]:7.1f} s CPU")
        print(f"gltf-transform  {peer_spent[0]:7.1f} s wall {peer_spent[1]:7.1f} s CPU")
        wall, work = spent / peer_spent
        print(f"ratio           {wall:7.2f}        {work:7.2f}   ", end="")
        print("(to reach: 0.80 of the wall time)", flush=True)

    def weigh(self, sizes: Sequence[int]) -> None:
        """Prints bytes and SSIM of LOD0 in each target and size, and the verdict."""
        source = Source(load_model(self.files[0].read_bytes()))
        print("\nas delivered   ours KiB   SSIM   peer KiB   SSIM   in pictures: ours   peer")
        found: dict[tuple[str, int], tuple[Found, Found]] = {}
        for name in TARGETS:
            for size in sizes:
                pair = [
                    folder / name / str(size) / "lod0.glb" for folder in (self.ours, self.theirs)
                ]
                mine, other = (weighed(source, file) for file in pair)
                found[name, size] = mine, other
                looks = [source.look(load_model(file.read_bytes())) for file in pair]
                row = f"{name:8} {size:5} {mine.kib:9.0f} {mine.ssim:.4f} {other.kib:10.0f} "
                print(row + f"{other.ssim:.4f} {looks[0]:19.4f} {looks[1]:.4f}", flush=True)
        print("\nat equal SSIM              ours KiB   SSIM   peer KiB   SSIM         ours/peer")
        ratios = []
        for (name, size), (mine, other) in found.items():
            equal = other
            if name == "webp":
                search = partial(self.peer.webp_like, source, self.files[0], size, mine.ssim)
                print(line("without the rule", name, size, mine, search(rule=False)), flush=True)
                lowered = self._lowered(source, size, mine, other)
                print(line("at its defaults", name, size, lowered, other), flush=True)
                equal = search(rule=True)
            print(line("same rule", name, size, mine, equal), flush=True)
            ratios.append(mine.kib / equal.kib if mine.ssim > equal.ssim - SAME else float("nan"))
        print(
            f"same rule: no larger in {sum(one <= 1 for one in ratios)} of {len(ratios)}, ", end=""
        )
        print(f"{np.exp(np.mean(np.log(ratios))):.2f} of the peer's bytes (geometric mean)")

    def _lowered(self, source: Source, size: int, mine: Found, wanted: Found) -> Found:
        """Our WebP file with all floors lowered alike, down to the SSIM that is wanted."""
        textures = make_texture_set(source.model, size=size)
        pixels = {slot: decode(image, slot=slot) for slot, image in textures.images.items()}

        def encoded(floor_shift: int) -> dict[str, Image]:
            return {
                slot: encode(
                    array,
                    slot=slot,
                    format="webp",
                    floor_db=floor_of(slot, "webp") + floor_shift,
                    covered=textures.covered,
                )
                for slot, array in pixels.items()
            }

        shift = -MOST_DB + bisect_left(
            range(-MOST_DB, 0),
            True,
            key=lambda shift: source.likeness(encoded(shift)) >= wanted.ssim - SAME,
        )
        images, delivered = encoded(shift), images_of(self.ours / "webp" / str(size) / "lod0.glb")
        saved = sum(len(delivered[slot].data) - len(images[slot].data) for slot in images)
        return Found(mine.kib - saved / 1024, source.likeness(images), f"{shift} dB")

    def _write_ours(self, rungs: list[Rung], size: int) -> bool:
        """Returns whether base color became ETC1S."""
        textures = make_texture_set(rungs[0].model, size=size)
        etc1s = False
        for name, extensions in TARGETS.items():
            variant = build_variant(
                asset_id="asset",
                profile=target(name, size, rungs, extensions),
                rungs=rungs,
                textures=textures,
                authorship={"generator": "embedded"},
            )
            for level in range(len(rungs)):
                place = self.ours / name / str(size) / f"lod{level}.glb"
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(variant.files[f"asset_LOD{level}.glb"])
            if name == "ktx2":
                maps = variant.manifest["files"][0]["textures"]
                etc1s = any(one["chroma"] == "ETC1S" for one in maps)
        return etc1s

    def _write_theirs(self, size: int, etc1s: bool) -> None:
        for name in TARGETS:
            for file in self.files:
                place = self.theirs / name / str(size) / file.name
                place.parent.mkdir(parents=True, exist_ok=True)
                if name == "ktx2":
                    self.peer.ktx2(file, place, size, etc1s=etc1s)
                else:
                    self.peer.optimize(file, place, size, name)


def weighed(source: Source, file: Path) -> Found:
    return Found(file.stat().st_size / 1024, source.likeness(images_of(file)))


def line(what: str, name: str, size: int, mine: Found, other: Found) -> str:
    row = f"{name} {size} {what}"
    sides = [f"{one.kib:10.0f} {one.ssim:.4f} {one.how:>6}" for one in (mine, other)]
    apart = mine.ssim - other.ssim
    more = "" if abs(apart) <= SAME else f"  ({'ours' if apart > 0 else 'peer'} more alike)"
    return f"{row:27}{sides[0]}{sides[1]} {mine.kib / other.kib:9.2f}{more}"


def timed(work: Callable[..., Any], *arguments: object) -> tuple[tuple[float, float], Any]:
    """Wall and CPU seconds, children included."""
    before, start = cpu(), time.perf_counter()
    result = work(*arguments)
    return (time.perf_counter() - start, cpu() - before), result


def cpu() -> float:
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in usage)


def target(name: str, size: int, rungs: list[Rung], extensions: frozenset[str]) -> VariantTarget:
    most = max(rung.model.triangle_count for rung in rungs)
    return VariantTarget(
        name=f"bench.{name}",
        triangles=Budget(most, "bench"),
        texture_size=same_size_for_all(size, "bench"),
        max_materials=Budget(8, "bench"),
        texture_format=name,  # type: ignore[arg-type] -- the keys of TARGETS are formats
        geometry="none" if name == "png" else "meshopt",
        extensions=extensions,
    )


if __name__ == "__main__":
    main()
