"""One picture per model for an art lead: master and LODs, close up, as wire, and as they are shown.

    python benchmarks/lod_sheet.py store/assets/oak_barrel model.glb ... --out sheets

A folder of the store is shown as it is; a GLB is repaired and cut into a ladder first. One row for
the master and one for each rung:

| column | what it is |
|---|---|
| shaded | large, from three quarters, whatever the size at which the rung is shown |
| wire | the same with edges |
| master | at the largest size at which the game shows the rung, from the rung's worst direction |
| rung | the same picture of the rung |
| difference | FLIP of the two: black is the same, yellow 0.5 and more |
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from trellis_assets.geometry import build_lod, repair
from trellis_assets.gltf import Model, load_model
from trellis_assets.pipeline.record import read_record
from trellis_assets.previews import Picture, Scene, contact_sheet, encode_webp, heat_map
from trellis_assets.store import open_store
from trellis_assets.validation.appearance import Studio, shown_pixels

RUNGS = tuple(f"lod{rung}" for rung in range(4))
_CLOSE_UP = {"azimuth": 35.0, "elevation": 14.0}


@dataclass(frozen=True)
class Rung:
    """A level of detail and up to which share of the screen's height it is shown."""

    name: str
    model: Model
    screen_share: float


def stored_ladder(folder: Path) -> tuple[Model, list[Rung]]:
    """Master and rungs of ``<store>/assets/<asset_id>``."""
    store = open_store(str(folder.parent.parent))
    master = load_model((folder / "master.glb").read_bytes())
    rungs = []
    for name in RUNGS:
        record = read_record(store, folder.name, name)
        share = 1.0 if record is None else float(record.facts["screen_share"])
        rungs.append(Rung(name, load_model((folder / f"{name}.glb").read_bytes()), share))
    return master, rungs


def built_ladder(file: Path, triangles: int, texture_size: int) -> tuple[Model, list[Rung]]:
    """Master and rungs of a model, each rung half of the one before."""
    master = repair(load_model(file.read_bytes())).model
    rungs: list[Rung] = []
    for number, name in enumerate(RUNGS):
        lod0 = rungs[0].model if rungs else None
        asked = triangles >> number
        built = build_lod(master, lod0, triangles=asked, texture_size=texture_size)
        rungs.append(Rung(name, built.model, built.screen_share()))
    return master, rungs


def ladder_sheet(master: Model, rungs: Sequence[Rung], *, size: int) -> Picture:
    """The sheet of one model: a row for the master and one for each rung."""
    studio = Studio(Scene(master))
    rows = [_close_up(studio, "master", studio.master, master, size)]
    for rung in rungs:
        scene = Scene(rung.model)
        look = studio.compare(rung.name, scene, pixels=shown_pixels(rung.screen_share))
        view, likeness = look.worst.view, look.worst.likeness
        whole = studio.picture(view, look.pixels)
        found = studio.picture_of(scene, view, look.pixels)
        shown = [
            (f"master at {look.pixels} px, {view}", whole),
            (f"{rung.name} there", found),
            (f"FLIP {likeness.flip:.3f}, SSIM {likeness.ssim:.3f}", heat_map(whole, found)),
        ]
        enlarged = [(title, _enlarged(picture, size)) for title, picture in shown]
        rows.append(_close_up(studio, rung.name, scene, rung.model, size) + enlarged)
    return contact_sheet(rows, size=size)


def _close_up(
    studio: Studio, name: str, scene: Scene, model: Model, size: int
) -> list[tuple[str, Picture]]:
    shaded, wire = scene.render_modes(
        ("shaded", "wire"), size=size, bounds=studio.master.framing, **_CLOSE_UP
    )
    return [
        (f"{name}: {model.triangle_count:,} triangles", shaded),
        (f"{model.vertex_count:,} vertices", wire),
    ]


def _enlarged(picture: Picture, size: int) -> Picture:
    """Small pictures by whole pixels, because they are what the player sees."""
    times = max(1, size // picture.shape[0])
    return picture.repeat(times, axis=0).repeat(times, axis=1)


def main() -> None:
    """Write one WebP for each model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    parser.add_argument("--size", type=int, default=384, help="pixels of each picture")
    parser.add_argument("--triangles", type=int, default=10_000, help="of LOD0, for a GLB")
    parser.add_argument("--texture-size", type=int, default=2048, help="of LOD0, for a GLB")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for path in arguments.models:
        built = (path, arguments.triangles, arguments.texture_size)
        master, rungs = stored_ladder(path.resolve()) if path.is_dir() else built_ladder(*built)
        goal = arguments.out / f"{path.stem}.webp"
        goal.write_bytes(encode_webp(ladder_sheet(master, rungs, size=arguments.size)))
        print(goal, flush=True)


if __name__ == "__main__":
    main()
