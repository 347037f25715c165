"""What a game asset is made from: the concept image or the model that its entry names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trellis_assets.catalog import Entry, source_key
from trellis_assets.errors import TrellisAssetsError
from trellis_assets.store import content_hash

from .node import Brief

if TYPE_CHECKING:
    from trellis_assets.gltf import Model


class SourceChanged(TrellisAssetsError):
    """The source was replaced while a run was under way; what the run made is of the old one."""

    def __init__(self, entry: Entry) -> None:
        what = "model" if entry.model else "concept image"
        super().__init__(
            f"the {what} of {entry.id} was replaced while this run was under way",
            fix="run it again; after an upload that happens by itself",
        )


def source_bytes(brief: Brief) -> bytes:
    """The concept image or the model, as uploaded."""
    return brief.catalog.read(source_key(brief.entry))


def source_hash(brief: Brief) -> str:
    """SHA-256 of the concept image or the model, as uploaded."""
    return brief.source_sha256 or content_hash(source_bytes(brief))


def unchanged_source(brief: Brief, sha256: str) -> bytes:
    """The source, if it still is the one that the step was planned for.

    Raises:
        SourceChanged: it is another one.
    """
    data = source_bytes(brief)
    if content_hash(data) != sha256:
        raise SourceChanged(brief.entry)
    return data


def read_source(data: bytes, *, is_model: bool) -> None:
    """Make sure that a game asset can be made of an image or a model.

    Raises:
        ConceptError: the image cannot become a model.
        TooLarge, GltfError: see :func:`read_given_model`.
    """
    if is_model:
        read_given_model(data)
    else:
        from trellis_assets.concepts import prepare

        prepare(data)


def read_given_model(data: bytes) -> Model:
    """A model that somebody made, which may be hostile.

    Raises:
        TooLarge: more bytes, objects or triangles than this pipeline takes.
        GltfError: it is no GLB, or it has what a model cannot hold: instances, points, lines.
    """
    from trellis_assets.validation import Subject

    return Subject(data).model
