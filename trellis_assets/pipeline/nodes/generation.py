"""generated_model: the one step that may cost money, behind the ledger; or the given model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ..candidates import candidates_sheet, choose, measure_candidates
from ..generator import GenerationResult, generation_request, generator_version, run_generation
from ..node import Brief, Json, Made, Node, Workplace
from ..source import read_given_model, source_hash, unchanged_source
from .judged import judged

if TYPE_CHECKING:
    from trellis_assets.gltf import LeftOut, Model


def _settings(brief: Brief) -> Mapping[str, Json]:
    entry = brief.entry
    if entry.model:
        return {"model_sha256": source_hash(brief)}
    request = generation_request(entry)
    settings = {
        "generator": brief.generator,
        "generator_version": generator_version(brief.generator),
        "seed": entry.generation.seed,
        "settings": request.settings.wire(),
        # Of the upload, not of the cut-out: a better matte must not buy every model again.
        "image_sha256": source_hash(brief),
    }
    if entry.generation.number_results > 1:
        settings["number_results"] = entry.generation.number_results
        settings["candidate"] = entry.candidate
    return settings


def _make(work: Workplace) -> Made:
    if "model_sha256" in work.settings:
        return _given(work)
    generation = run_generation(work)
    work.progress("rendering", 0.9)
    if work.entry.generation.number_results > 1:
        return _chosen(work, generation)
    return _only(generation)


def _only(generation: GenerationResult) -> Made:
    from trellis_assets.gltf import load_model

    glb = generation.glbs[0]
    return _shown(glb, load_model(glb), generation.facts)


def _given(work: Workplace) -> Made:
    """The file as it was given: nothing is generated, nothing is bought."""
    from trellis_assets.gltf import left_out, read_glb

    work.progress("reading the model", 0.0)
    glb = unchanged_source(work.brief, work.settings["model_sha256"])
    made = _shown(glb, read_given_model(glb), {"generator": "none: a given model"})
    lost = [_left_out(each) for each in left_out(read_glb(glb))]
    return replace(made, findings=(*lost, *made.findings))


def _shown(glb: bytes, model: Model, facts: Mapping[str, Json]) -> Made:
    from trellis_assets.geometry import mesh_statistics
    from trellis_assets.previews import PORTRAIT, Scene, turnaround

    files = {"generated.glb": glb}
    scene = Scene(model)
    verdict = judged(files, "generated")
    return Made(
        files=files,
        picture=turnaround(scene),
        portrait=scene.render(size=PORTRAIT),
        facts={**facts, **mesh_statistics(model)},
        findings=verdict.findings,
        evidence=verdict.evidence,
    )


def _left_out(found: LeftOut) -> Mapping[str, Json]:
    from trellis_assets.validation import Finding

    return Finding(
        rule="scene.left-out",
        severity="info" if found.is_note else "warning",
        where="generated.glb",
        message=f"not delivered: {found.what}",
        why="a variant holds meshes with one set of UVs and what moves them, and nothing beside",
        fix="export without it, or add it in the engine",
    ).as_json()


def _chosen(work: Workplace, generation: GenerationResult) -> Made:
    """One of several; the others stay in the store beside the ledger record."""
    candidates = measure_candidates(generation.glbs, work.read("concept.png"))
    chosen = choose(candidates, work.entry.candidate)
    index = chosen.number - 1
    files = {"generated.glb": generation.glbs[index]}
    verdict = judged(files, "generated")
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
        findings=verdict.findings,
        evidence=verdict.evidence,
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
