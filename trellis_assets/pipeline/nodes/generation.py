"""generated_model: the one step that may cost money, behind the ledger."""

from __future__ import annotations

from collections.abc import Mapping

from trellis_assets.store import content_hash

from ..candidates import candidates_sheet, choose, measure_candidates
from ..generator import GenerationResult, generation_request, generator_version, run_generation
from ..node import Brief, Json, Made, Node, Workplace
from .concept import concept_bytes
from .judged import judged


def _settings(brief: Brief) -> Mapping[str, Json]:
    entry = brief.entry
    request = generation_request(entry)
    settings = {
        "generator": brief.generator,
        "generator_version": generator_version(brief.generator),
        "seed": entry.generation.seed,
        "settings": request.settings.wire(),
        # Of the upload, not of the cut-out: a better matte must not buy every model again.
        "image_sha256": content_hash(concept_bytes(brief)),
    }
    if entry.generation.number_results > 1:
        settings["number_results"] = entry.generation.number_results
        settings["candidate"] = entry.candidate
    return settings


def _make(work: Workplace) -> Made:
    generation = run_generation(work)
    work.progress("rendering", 0.9)
    if work.entry.generation.number_results > 1:
        return _chosen(work, generation)
    return _only(generation)


def _only(generation: GenerationResult) -> Made:
    from trellis_assets.geometry import mesh_statistics
    from trellis_assets.gltf import load_model
    from trellis_assets.previews import PORTRAIT, Scene, turnaround

    files = {"generated.glb": generation.glbs[0]}
    model = load_model(generation.glbs[0])
    scene = Scene(model)
    return Made(
        files=files,
        picture=turnaround(scene),
        portrait=scene.render(size=PORTRAIT),
        facts={**generation.facts, **mesh_statistics(model)},
        findings=judged(files, "generated"),
    )


def _chosen(work: Workplace, generation: GenerationResult) -> Made:
    """One of several; the others stay in the store beside the ledger record."""
    candidates = measure_candidates(generation.glbs, work.read("concept.png"))
    chosen = choose(candidates, work.entry.candidate)
    index = chosen.number - 1
    files = {"generated.glb": generation.glbs[index]}
    table = [
        {**each.facts(), "seed": seed, "kept_as": work.store.location(key)}
        for each, seed, key in zip(candidates, generation.seeds, generation.keys, strict=True)
    ]
    return Made(
        files=files,
        picture=candidates_sheet(candidates, chosen),
        facts={
            **generation.facts,
            **chosen.measured,
            "seed": generation.seeds[index],
            "candidate": chosen.number,
            "candidates": table,
        },
        findings=judged(files, "generated"),
    )


GENERATED_MODEL = Node(
    name="generated_model",
    inputs=("concept_image",),
    code_version="1",
    tools=(),  # a newer library must never buy a model again
    settings=_settings,
    make=_make,
    # What was paid for is kept, whatever its faults: the next step repairs them.
    blocking=False,
)
