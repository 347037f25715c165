"""concept_image: the uploaded picture, cut out and judged; of a given model, a picture of it."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..node import Brief, Json, Made, Node, Workplace
from ..source import read_given_model, source_hash, unchanged_source

if TYPE_CHECKING:
    from trellis_assets.concepts import ConceptFinding


_FRONT = 768  # pixels on a side of the picture of a given model


def _settings(brief: Brief) -> Mapping[str, Json]:
    entry = brief.entry
    named = {"model": entry.model} if entry.model else {"concept": entry.concept}
    return {**named, "sha256": source_hash(brief)}


def _make(work: Workplace) -> Made:
    data = unchanged_source(work.brief, work.settings["sha256"])
    return _pictured(work, data) if "model" in work.settings else _cut_out(work, data)


def _pictured(work: Workplace, glb: bytes) -> Made:
    """Nobody drew a concept of a given model: its own front stands for it."""
    from trellis_assets.previews import PORTRAIT, Scene, encode_png, turnaround

    work.progress("taking a picture of the model", 0.0)
    scene = Scene(read_given_model(glb))
    front = scene.render(size=_FRONT, azimuth=0.0, elevation=12.0, shadow=False)
    return Made(
        files={"concept.png": encode_png(front)},
        picture=turnaround(scene),
        portrait=scene.render(size=PORTRAIT),
        facts={"source": f"{work.settings['model']}, a model that is there: this is its front"},
    )


def _cut_out(work: Workplace, image: bytes) -> Made:
    from trellis_assets.concepts import prepare

    work.progress("cutting out the concept image", 0.0)
    prepared = prepare(image)
    width, height = prepared.source_size
    return Made(
        files={"concept.png": prepared.png},
        picture=_pixels(prepared.png),
        facts={
            "source_format": prepared.source_format,
            "source_width_px": width,
            "source_height_px": height,
            "width_px": prepared.width,
            "height_px": prepared.height,
            "matte": prepared.matte,
        },
        findings=tuple(_finding(work.settings["concept"], found) for found in prepared.findings),
    )


def _pixels(png: bytes) -> NDArray[np.uint8]:
    from PIL import Image

    with Image.open(BytesIO(png)) as picture:
        return np.asarray(picture.convert("RGBA"))


def _finding(file: str, found: ConceptFinding) -> Mapping[str, Json]:
    from trellis_assets.validation import Finding

    return Finding(
        rule=f"concept.{found.code}",
        severity=found.severity,
        where=file,
        message=found.message,
        why="the generator sees only this picture",
        fix=found.fix,
    ).as_json()


CONCEPT_IMAGE = Node(
    name="concept_image",
    inputs=(),
    code_version="2",
    tools=("opencv-python-headless", "pillow"),
    settings=_settings,
    make=_make,
)
