"""appearance: the master and its ladder, judged by eye."""

from __future__ import annotations

import json
from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trellis_assets.catalog.look_limits import LookLimits

from ..node import Brief, Json, Made, Node, Workplace
from ..record import read_record
from .concept import CONCEPT_IMAGE
from .geometry import LADDER, MASTER_MODEL, RUNGS

if TYPE_CHECKING:
    from trellis_assets.previews import Scene
    from trellis_assets.previews.likeness_sheet import Pair
    from trellis_assets.validation.appearance import RungLook, Studio

LOOKS_FILE = "appearance.json"
_TOOLS = ("embreex", "numpy", "opencv-python-headless")


def _settings(brief: Brief) -> Mapping[str, Json]:
    # Of the class, not of the profiles: what one of them asks beyond it is judged in its variant.
    limits = brief.profiles.ladder(brief.entry.asset_class).look.model_dump(mode="json")
    # The picture of a given model is of itself: there is nothing to compare it with.
    return {"limits": limits, **({"concept": False} if brief.entry.model else {})}


def _make(work: Workplace) -> Made:
    from trellis_assets.previews.likeness_sheet import heat_portrait, likeness_sheet
    from trellis_assets.validation.appearance import Studio, read_scenes, shown_pixels
    from trellis_assets.validation.concept_likeness import concept_likeness
    from trellis_assets.validation.look_findings import look_findings
    from trellis_assets.validation.looks import Looks
    from trellis_assets.validation.six_sides import six_sides

    work.progress("looking at the master from all sides", 0.0)
    master, *rungs = read_scenes(work.read(f"{name}.glb") for name in ("master", *RUNGS))
    studio = Studio(master)
    sides = six_sides(studio.master)
    concept = None
    if work.settings.get("concept", True):
        concept = concept_likeness(_pixels(work.read("concept.png")), studio.master)
    looks, pairs = [], []
    for number, (name, scene) in enumerate(zip(RUNGS, rungs, strict=True)):
        work.progress(f"comparing {name} with it", (1 + number) / (1 + len(RUNGS)))
        look = studio.compare(name, scene, pixels=shown_pixels(_screen_share(work, name)))
        looks.append(look)
        pairs.append(_pair(studio, scene, look))
    order = sorted(range(len(looks)), key=lambda at: -looks[at].worst.likeness.flip)
    double_sided = all(skin.material.double_sided for skin in master.surface.skins)
    ladder = Looks(tuple(looks), sides, double_sided, concept)
    findings = look_findings(ladder, LookLimits(**work.settings["limits"]))
    return Made(
        files={LOOKS_FILE: (json.dumps(ladder.as_json(), indent=1) + "\n").encode()},
        picture=likeness_sheet([pairs[at] for at in order]),
        portrait=heat_portrait(pairs[order[0]]),
        facts={"worst_rung": looks[order[0]].name, **ladder.summary()},
        findings=tuple(finding.as_json() for finding in findings),
    )


def _screen_share(work: Workplace, rung: str) -> float:
    """Up to which share of the screen's height the rung is shown: its step measured it."""
    record = read_record(work.store, work.entry.id, rung)
    return 1.0 if record is None else float(record.facts["screen_share"])


def _pair(studio: Studio, scene: Scene, look: RungLook) -> Pair:
    from trellis_assets.previews.likeness_sheet import Pair

    view, found = look.worst.view, look.worst.likeness
    return Pair(
        title=f"{look.name} at {look.pixels} px, worst from {view}",
        detail=f"FLIP {found.flip:.3f} · SSIM {found.ssim:.3f} · PSNR {found.psnr_db:.1f} dB · "
        f"silhouette {found.silhouette_iou:.3f}",
        master=studio.picture(view, look.pixels),
        rung=studio.picture_of(scene, view, look.pixels),
    )


def _pixels(png: bytes) -> NDArray[np.uint8]:
    from PIL import Image

    with Image.open(BytesIO(png)) as picture:
        return np.asarray(picture.convert("RGBA"))


APPEARANCE = Node(
    name="appearance",
    inputs=(CONCEPT_IMAGE.name, MASTER_MODEL.name, *(rung.name for rung in LADDER)),
    code_version="2",
    tools=_TOOLS,
    settings=_settings,
    make=_make,
)
