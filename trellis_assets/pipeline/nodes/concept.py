"""concept_image: the uploaded picture, cut out and judged."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trellis_assets.catalog import concept_key
from trellis_assets.errors import TrellisAssetsError
from trellis_assets.store import content_hash

from ..node import Brief, Json, Made, Node, Workplace

if TYPE_CHECKING:
    from trellis_assets.concepts import ConceptFinding


class ConceptChanged(TrellisAssetsError):
    """The concept image was replaced while a run was under way; what it made is of the old one."""

    def __init__(self, asset_id: str) -> None:
        super().__init__(
            f"the concept image of {asset_id} was replaced while this run was under way",
            fix="run it again; after an upload that happens by itself",
        )


def concept_bytes(brief: Brief) -> bytes:
    """The concept image as uploaded."""
    return brief.catalog.read(concept_key(brief.entry.concept))


def concept_hash(brief: Brief) -> str:
    """SHA-256 of the concept image as uploaded."""
    return brief.concept_sha256 or content_hash(concept_bytes(brief))


def _settings(brief: Brief) -> Mapping[str, Json]:
    return {"concept": brief.entry.concept, "sha256": concept_hash(brief)}


def _make(work: Workplace) -> Made:
    from trellis_assets.concepts import prepare

    work.progress("cutting out the concept image", 0.0)
    image = concept_bytes(work.brief)
    if content_hash(image) != work.settings["sha256"]:
        raise ConceptChanged(work.entry.id)
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
