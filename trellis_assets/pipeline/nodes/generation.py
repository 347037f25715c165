"""generated_model: the one step that may cost money, behind the ledger."""

from __future__ import annotations

from collections.abc import Mapping

from trellis_assets.store import content_hash

from ..generator import generation_request, generator_version, run_generation
from ..node import Brief, Json, Made, Node, Workplace
from .concept import concept_bytes
from .judged import judged


def _settings(brief: Brief) -> Mapping[str, Json]:
    request = generation_request(brief.entry)
    return {
        "generator": brief.generator,
        "generator_version": generator_version(brief.generator),
        "seed": brief.entry.generation.seed,
        "settings": request.settings.wire(),
        # Of the upload, not of the cut-out: a better matte must not buy every model again.
        "image_sha256": content_hash(concept_bytes(brief)),
    }


def _make(work: Workplace) -> Made:
    from trellis_assets.geometry import mesh_statistics
    from trellis_assets.gltf import load_model
    from trellis_assets.previews import turnaround

    generation = run_generation(work)
    files = {"generated.glb": generation.glb}
    work.progress("rendering", 0.9)
    model = load_model(generation.glb)
    return Made(
        files=files,
        picture=turnaround(model),
        facts={**generation.facts, **mesh_statistics(model)},
        findings=judged(files),
    )


GENERATED_MODEL = Node(
    name="generated_model",
    inputs=("concept_image",),
    code_version="1",
    tools=(),  # a newer library must never buy a model again
    settings=_settings,
    make=_make,
)
