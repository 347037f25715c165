"""master_model and the LOD ladder."""

from __future__ import annotations

from collections.abc import Mapping

from trellis_assets.catalog.profile import MAX_RUNGS

from ..node import Brief, Json, Made, Node, Workplace
from .judged import judging, placed_as, rung_of

_TOOLS = ("embreex", "meshoptimizer", "numpy", "opencv-python-headless", "scipy", "xatlas")
RUNGS = tuple(f"lod{index}" for index in range(MAX_RUNGS))


def rung_triangles(brief: Brief, rung: int) -> int:
    """The triangles a rung is cut to: those of LOD0, halved (or so) each time.

    They belong to the entry or its class, never to a profile: the ladder serves all profiles, and
    an edit of one must leave the variants of the others alone.
    """
    entry = brief.entry
    top = entry.lods.triangles or brief.profiles.ladder_triangles(entry.asset_class)
    return max(int(top * entry.lods.ratio**rung), 12)


def _master_settings(brief: Brief) -> Mapping[str, Json]:
    entry = brief.entry
    return {
        "height_m": entry.height_m,
        **entry.placement.model_dump(mode="json"),
        "repair": entry.repair.model_dump(mode="json"),
    }


def _make_master(work: Workplace) -> Made:
    from dataclasses import replace

    from trellis_assets.geometry import RepairSettings, mesh_statistics, place, repair
    from trellis_assets.gltf import load_model, model_to_glb
    from trellis_assets.previews import PORTRAIT, Scene, turnaround

    work.progress("repairing", 0.0)
    generated = load_model(work.read("generated.glb"))
    placement = dict(work.settings)
    repaired = repair(generated, RepairSettings(**placement.pop("repair")))
    work.progress("placing", 0.6)
    master = place(repaired.model, **placement)
    glb = model_to_glb(replace(master, name=work.entry.id))
    work.progress("rendering", 0.7)
    files = {"master.glb": glb}
    with judging(files, "master", expected={"master.glb": placed_as(work.entry)}) as verdict:
        scene = Scene(master)
        picture, portrait = turnaround(scene), scene.render(size=PORTRAIT)
        facts = {**mesh_statistics(master), "repair": repaired.report}
        said = verdict()
        return Made(files, picture, portrait, facts, said.findings, said.evidence)


MASTER_MODEL = Node(
    name="master_model",
    inputs=("generated_model",),
    code_version="1",
    tools=_TOOLS,
    settings=_master_settings,
    make=_make_master,
)


def _rung_node(rung: int) -> Node:
    name = RUNGS[rung]

    def settings(brief: Brief) -> Mapping[str, Json]:
        lods = brief.entry.lods
        return {
            "triangles": rung_triangles(brief, rung),
            "texture_size": lods.texture_size,
            "mode": lods.mode,
        }

    def make(work: Workplace) -> Made:
        from trellis_assets.geometry import build_lod, mesh_statistics
        from trellis_assets.gltf import load_model, model_to_glb
        from trellis_assets.previews import PORTRAIT, lod_sheet, render

        work.progress("building the rung", 0.0)
        master = load_model(work.read("master.glb"))
        lod0 = load_model(work.read("lod0.glb")) if rung else None
        built = build_lod(master, lod0, **work.settings)
        files = {f"{name}.glb": model_to_glb(built.model)}
        work.progress("rendering", 0.8)
        expected = {f"{name}.glb": rung_of(rung, lod0, built.error_relative)}
        with judging(files, "rung", expected=expected) as verdict:
            picture = lod_sheet([(name, built.model)])
            portrait = render(built.model, size=PORTRAIT)
            facts = {
                "triangles_asked": built.requested,
                "route": built.route,
                "why": built.why,
                "error_mm": round(1000 * built.error, 3),
                "error_of_diagonal": round(built.error_relative, 6),
                "screen_share": round(built.screen_share(), 4),
                "error_px": round(built.pixels(built.screen_share()), 3),
                **mesh_statistics(built.model),
                "report": built.report,
            }
            said = verdict()
            return Made(files, picture, portrait, facts, said.findings, said.evidence)

    # Every rung is cut from LOD0, not from the one before: the error then refers to LOD0 and the
    # quality is the same (measured), and one failing rung does not take the others with it.
    inputs = ("master_model", "lod0") if rung else ("master_model",)
    return Node(name, inputs, "6", _TOOLS, settings, make)


LADDER = tuple(_rung_node(rung) for rung in range(MAX_RUNGS))
