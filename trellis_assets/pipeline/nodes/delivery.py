"""variants/<profile>: what a target engine gets."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from trellis_assets.catalog import Limit, Profile
from trellis_assets.node_tools import BASIS

from ..authorship import authorship_of
from ..fingerprint import tool_version
from ..node import Brief, Json, Made, Node, Workplace
from ..waivers import in_force
from .appearance import APPEARANCE
from .concept import CONCEPT_IMAGE
from .generation import GENERATED_MODEL
from .geometry import RUNGS
from .judged import judging
from .ladder_findings import own_look, short_ladder, unused_budget
from .textures import set_size, texture_folder

if TYPE_CHECKING:
    from trellis_assets.delivery import Budget, Variant, VariantTarget
    from trellis_assets.delivery.rungs import Reduce
    from trellis_assets.gltf import Model
    from trellis_assets.validation import Expectation

_TOOLS = ("embreex", "meshoptimizer", "numpy", "opencv-python-headless", "pillow")
_SMALLEST_RUNG = 64  # triangles; below, a rung saves nothing that a frame would notice


def variant_node(name: str, profile: Profile) -> Node:
    """The node of one target profile."""
    inputs = ("master_model", *RUNGS, APPEARANCE.name, f"texture_set_{set_size(profile)}")
    lineage = (CONCEPT_IMAGE.name, GENERATED_MODEL.name, *inputs, f"variants/{name}")

    def settings(brief: Brief) -> Mapping[str, Json] | None:
        if name not in brief.entry.profiles:
            return None
        steps = [(brief.entry.id, node) for node in lineage]
        accepted = in_force(brief.waivers, steps, brief.today)
        return {
            "profile": profile.model_dump(mode="json", exclude={"look"})
            | {"look": profile.look.model_dump(mode="json", exclude_unset=True)},
            "sources": {
                limit.source: brief.profiles.sources[limit.source]
                for limit in profile.limits().values()
            },
            "license": brief.entry.license,
            "owner": brief.entry.owner,
            **({"ai_model": brief.entry.ai_model} if brief.entry.ai_model else {}),
            **short_ladder(brief, profile),
            # They change no model, but the manifest lists them.
            "waivers": [waiver.model_dump(mode="json") for waiver in accepted],
            **_node_tools(profile),
        }

    def make(work: Workplace) -> Made:
        return _make_variant(work, name, profile)

    return Node(
        name=f"variants/{name}",
        inputs=inputs,
        code_version="6",
        tools=_tools(profile),
        settings=settings,
        make=make,
        is_delivery=True,
    )


def _make_variant(work: Workplace, name: str, profile: Profile) -> Made:
    from trellis_assets.delivery import Rung, build_variant
    from trellis_assets.gltf import load_model
    from trellis_assets.previews import PORTRAIT, lod_sheet, render
    from trellis_assets.textures import TextureSet

    work.progress("packing", 0.0)
    folder = texture_folder(set_size(profile))
    index = json.loads(work.read(f"{folder}/textures.json"))
    names = ["textures.json", *(f"{slot}.png" for slot in index["slots"])]
    master = load_model(work.read("master.glb"))
    rungs = [Rung(rung, load_model(work.read(f"{rung}.glb"))) for rung in RUNGS]
    variant = build_variant(
        asset_id=work.entry.id,
        profile=_target(name, profile, work.settings["sources"]),
        rungs=rungs,
        textures=TextureSet.from_files({file: work.read(f"{folder}/{file}") for file in names}),
        authorship=authorship_of(work.brief, work.store),
        master=master,
        reduce=_reducer(work, master, rungs[0].model),
        tools={tool: tool_version(tool) for tool in _tools(profile)} | _node_tools(profile),
        waivers=work.settings["waivers"],
    )
    files = {f"variants/{name}/{file}": data for file, data in variant.files.items()}
    work.progress("rendering", 0.7)
    shown = [(f"LOD{level}", model) for level, model in enumerate(variant.models)]
    paths = [f"variants/{name}/{file['path']}" for file in variant.manifest["files"]]
    expected = _expected(list(zip(paths, variant.models, strict=True)))
    rungs_alone = {path: files[path] for path in paths}
    # Hulls have no textures and the file with all rungs no budget: valid is all they must be.
    beside = {path: data for path, data in files.items() if path not in rungs_alone}
    with (
        judging(rungs_alone, "variant", profile=profile, expected=expected) as verdict,
        judging(beside, None) as verdict_beside,
    ):
        picture, portrait = lod_sheet(shown), render(shown[0][1], size=PORTRAIT)
        facts = {
            "rungs": _rungs(variant),
            "budgets": variant.manifest["budgets"],
            "shown_below": [level["shown_below"] for level in variant.manifest["levels"]],
            "decided_by": [level["decided_by"] for level in variant.manifest["levels"]],
            "with_them": [sidecar["path"] for sidecar in variant.manifest["sidecars"]],
        }
        missed = (
            *variant.findings,
            *unused_budget(work, profile, master, rungs[0].model),
            *own_look(work, name, profile),
        )
        said, beside_it = verdict(), verdict_beside()
        findings = (*(one.as_json() for one in missed), *said.findings, *beside_it.findings)
        return Made(files, picture, portrait, facts, findings, said.evidence)


def _expected(rungs: Sequence[tuple[str, Model]]) -> dict[str, Expectation]:
    """What each rung, LOD0 first, is measured against: the one before it and LOD0."""
    from trellis_assets.validation import Expectation, Sibling

    siblings: list[Sibling] = []
    expected = {}
    for level, (file, model) in enumerate(rungs):
        expected[file] = Expectation(level=level, siblings=tuple(siblings))
        siblings.append(Sibling.of(level, model))
    return expected


def _tools(profile: Profile) -> tuple[str, ...]:
    """Python distributions whose version decides the bytes."""
    used = {
        "dracopy": profile.geometry == "draco",
        "usd-core": profile.usdz,
        "vhacdx": profile.collision is not None,
    }
    return (*_TOOLS, *(name for name, wanted in used.items() if wanted))


def _node_tools(profile: Profile) -> dict[str, str]:
    """Packages from npm whose version decides the bytes."""
    return {BASIS.package: BASIS.version} if profile.texture_format == "ktx2" else {}


def _rungs(variant: Variant) -> list[Json]:
    shown = ("path", "triangles", "vertices", "bytes")
    return [{key: file[key] for key in shown} for file in variant.manifest["files"]]


def _reducer(work: Workplace, master: Model, lod0: Model) -> Reduce:
    """Makes the rungs that the shared ladder does not have, in the same way as the ladder."""
    from trellis_assets.geometry import build_lod

    def reduce(triangles: int) -> Model:
        lods = work.entry.lods
        built = build_lod(
            master, lod0, triangles=triangles, texture_size=lods.texture_size, mode=lods.mode
        )
        return built.model

    return reduce


def _target(name: str, profile: Profile, sources: Mapping[str, str]) -> VariantTarget:
    from trellis_assets.delivery import ENGINES, Budget, CollisionBudget, VariantTarget

    def budget(limit: Limit) -> Budget:
        return Budget(limit.limit, sources[limit.source])

    hulls = profile.collision
    detail = profile.detail_texture_size or profile.texture_size
    return VariantTarget(
        name=name,
        triangles=budget(profile.lod0_limit),
        vertices=budget(profile.vertices) if profile.vertices else None,
        texture_size={
            "base_color": budget(profile.texture_size),
            **{slot: budget(detail) for slot in ("orm", "normal", "emissive")},
        },
        max_materials=budget(profile.materials),
        texture_format=profile.texture_format,
        geometry=profile.geometry,
        extensions=frozenset(profile.extensions),
        rungs=profile.rungs,
        lod_ratio=profile.ratio,
        min_triangles=_SMALLEST_RUNG,
        file_bytes=budget(profile.file_bytes) if profile.file_bytes else None,
        gpu_bytes=budget(profile.gpu_bytes) if profile.gpu_bytes else None,
        collision=CollisionBudget(budget(hulls.hulls), budget(hulls.vertices)) if hulls else None,
        lod_file=profile.lod_file,
        usdz=profile.usdz,
        impostor=profile.impostor,
        naming=ENGINES[profile.engine],
    )
