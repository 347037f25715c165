"""concept_image: the uploaded picture, cut out and judged."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trellis_assets.catalog.load import CONCEPTS_FOLDER
from trellis_assets.store import content_hash

from ..node import Brief, Json, Made, Node, Workplace

if TYPE_CHECKING:
    from trellis_assets.concepts import ConceptFinding


def concept_bytes(brief: Brief) -> bytes:
    """The concept image as uploaded."""
    return (brief.catalog / CONCEPTS_FOLDER / brief.entry.concept).read_bytes()


def _settings(brief: Brief) -> Mapping[str, Json]:
    return {"concept": brief.entry.concept, "sha256": content_hash(concept_bytes(brief))}


def _make(work: Workplace) -> Made:
    from trellis_assets.concepts import prepare

    work.progress("cutting out the concept image", 0.0)
    prepared = prepare(concept_bytes(work.brief))
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
        findings=tuple(_finding(work.entry.concept, found) for found in prepared.findings),
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
