"""The staleness matrix: each kind of edit, the steps that it makes due, and the docs' table."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.end_to_end.conftest import Studio
from trellis_assets.catalog import Profiles
from trellis_assets.pipeline import fingerprint
from trellis_assets.pipeline.graph import build_graph
from trellis_assets.pipeline.node import Node

from .made import concept_of, entry_fields

DOCS = Path(__file__).parents[2] / "docs/automation.md"
CONCEPT, GENERATED, MASTER = "concept_image", "generated_model", "master_model"
RUNGS = ("lod0", "lod1", "lod2", "lod3")
SETS = ("texture_set_2048", "texture_set_1024", "texture_set_512")
MOBILE, PC = "variants/mobile.prop", "variants/pc.prop"
VARIANTS = (MOBILE, PC)
APPEARANCE = "appearance"
FROM_RUNGS = (*RUNGS, APPEARANCE, *SETS, *VARIANTS)
FROM_MASTER = (MASTER, *FROM_RUNGS)
FROM_GENERATED = (GENERATED, *FROM_MASTER)
ALL = (CONCEPT, *FROM_GENERATED)

Patch = pytest.MonkeyPatch


@dataclass(frozen=True)
class Edit:
    """One kind of edit to the game asset ``oak`` (mobile.prop and pc.prop) or to what all share."""

    what: str
    do: Callable[[Studio, Patch], None]
    due: tuple[str, ...]
    """Of ``oak``."""
    others: tuple[str, ...] = ()
    """Of ``axe`` (pc.prop and quest.prop)."""
    buys: str = "no"
    generator: str = "embedded"
    before: Callable[[Studio], None] | None = None
    """What was made differently at first: the edit comes after all of that was made."""


def _entry(**fields: object) -> Callable[[Studio, Patch], None]:
    def do(studio: Studio, _: Patch) -> None:
        studio.add_entry("oak", **{**entry_fields(), **fields})

    return do


def _replace(file: str, old: str, new: str) -> Callable[[Studio, Patch], None]:
    def do(studio: Studio, _: Patch) -> None:
        path = studio.catalog / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, old
        path.write_text(text.replace(old, new), encoding="utf-8")

    return do


def _write(file: str, content: object) -> Callable[[Studio, Patch], None]:
    def do(studio: Studio, _: Patch) -> None:
        (studio.catalog / file).write_text(json.dumps(content), encoding="utf-8")

    return do


def _by_class(studio: Studio) -> None:
    """``oak`` says nothing of its triangles: its class decides."""
    studio.add_entry("oak", **{**entry_fields(), "lods": {}})


def _hero(studio: Studio, _: Patch) -> None:
    studio.add_entry("oak", **{**entry_fields(), "lods": {}, "class": "hero"})


def _new_picture(studio: Studio, _: Patch) -> None:
    concept_of(studio, "oak").write_bytes(b"another oak!  "[: len(b"picture of oak")])


def _from_model(studio: Studio) -> None:
    """``oak`` has a model instead of a concept image."""
    (studio.catalog / "models").mkdir()
    (studio.catalog / "models" / "oak.glb").write_bytes(b"a model of oak")
    studio.add_entry("oak", **_OF_A_MODEL)


def _new_model(studio: Studio, _: Patch) -> None:
    (studio.catalog / "models" / "oak.glb").write_bytes(b"another model!")


def _lose(file: str) -> Callable[[Studio, Patch], None]:
    return lambda studio, _: (studio.store / "assets" / "oak" / file).unlink()


def _cut(studio: Studio, _: Patch) -> None:
    file = studio.store / "assets/oak/lod2.glb"
    with file.open("r+b") as opened:
        opened.truncate(10)


def _code(name: str) -> Callable[[Studio, Patch], None]:
    def do(_: Studio, patch: Patch) -> None:

        def newer(profiles: Profiles) -> Mapping[str, Node]:
            graph = build_graph(profiles)
            return {**graph, name: replace(graph[name], code_version="next")}

        patch.setattr("trellis_assets.pipeline.catalog_plan.build_graph", newer)

    return do


def _tool(name: str) -> Callable[[Studio, Patch], None]:
    def do(_: Studio, patch: Patch) -> None:
        version = fingerprint.tool_version
        patch.setattr(
            fingerprint, "tool_version", lambda each: "99.0" if each == name else version(each)
        )

    return do


def _there_and_back(studio: Studio, _: Patch) -> None:
    studio.add_entry("oak", **{**entry_fields(), "height_m": 9.0})
    studio.add_entry("oak", **entry_fields())


_WAIVER = {
    "rule": "toy.rule", "asset": "oak", "step": "lod0", "owner": "jane", "reason": "on purpose",
    "expires": "2999-12-31",
}  # fmt: skip
_OTHER = (APPEARANCE, "variants/pc.prop", "variants/quest.prop")

_OF_A_MODEL = {
    "model": "oak.glb", "profiles": ["mobile.prop", "pc.prop"],
    "lods": {"triangles": 9000},
}  # fmt: skip


def _made_by_ai(studio: Studio, _: Patch) -> None:
    studio.add_entry("oak", **_OF_A_MODEL, ai_model="Sculptor 3")


EDITS = (
    Edit("nothing", lambda *_: None, ()),
    Edit("concept image replaced", _new_picture, ALL, buys="a new picture"),
    Edit("given model replaced", _new_model, ALL, before=_from_model),
    Edit("given model instead of the concept image", lambda studio, _: _from_model(studio), ALL),
    Edit("title or tags", _entry(title="Old oak", tags=["tree"]), ()),
    Edit("owner", _entry(owner="you"), VARIANTS),
    Edit("licence", _entry(license="CC-BY-4.0"), VARIANTS),
    Edit(
        "AI model that made a given model",
        _made_by_ai,
        VARIANTS,
        before=_from_model,
    ),
    Edit("height", _entry(height_m=2.0), FROM_MASTER),
    Edit("placement", _entry(placement={"pivot": "center"}), FROM_MASTER),
    Edit(
        "generation setting or seed",
        _entry(generation={"seed": 8, "number_results": 2}),
        FROM_GENERATED,
        buys="another model",
    ),
    Edit("choice of candidate", _entry(candidate=2), FROM_GENERATED),
    Edit("lods.triangles", _entry(lods={"triangles": 8000}), FROM_RUNGS),
    Edit("lods.mode", _entry(lods={"triangles": 9000, "mode": "rebuild"}), FROM_RUNGS),
    Edit("another class for the entry", _hero, FROM_RUNGS, before=_by_class),
    Edit(
        "triangles of the class",
        _replace(
            "profiles.yaml",
            "triangles: {limit: 2000, source: poly-sheet-2017}\n  setpiece",
            "triangles: {limit: 3000, source: poly-sheet-2017}\n  setpiece",
        ),
        FROM_RUNGS,
        before=_by_class,
    ),
    Edit(
        "look of the class",
        _replace("profiles.yaml", "  setpiece:\n", "    look: {ssim: 0.9}\n  setpiece:\n"),
        (APPEARANCE, *VARIANTS),
        _OTHER,
    ),
    Edit(
        "triangles of profile mobile.prop",
        _replace("profiles.yaml", "triangles: {limit: 1500,", "triangles: {limit: 1400,"),
        (MOBILE,),
        before=_by_class,
    ),
    Edit(
        "triangles of profile pc.prop, the largest of the entry",
        _replace(
            "profiles.yaml",
            "PC prop\n    triangles: {limit: 10000,",
            "PC prop\n    triangles: {limit: 60000,",
        ),
        (PC,),
        (PC,),
        before=_by_class,
    ),
    Edit(
        "materials of profile pc.prop",
        _replace(
            "profiles.yaml",
            "materials: {limit: 2, source: house}\n    texture_format: png\n  pc.hero:",
            "materials: {limit: 1, source: house}\n    texture_format: png\n  pc.hero:",
        ),
        (PC,),
        (PC,),
    ),
    Edit(
        "texture size of profile mobile.prop halved, to a set of its own",
        _replace(
            "profiles.yaml",
            "triangles: {limit: 1500, source: unity-polygons}\n    texture_size: {limit: 1024,",
            "triangles: {limit: 1500, source: unity-polygons}\n    texture_size: {limit: 512,",
        ),
        (MOBILE,),
    ),
    Edit(
        "look of profile pc.prop",
        _replace("profiles.yaml", "  pc.hero:\n", "    look: {ssim: 0.9}\n  pc.hero:\n"),
        (PC,),
        (PC,),
    ),
    Edit(
        "profile added to the entry",
        _entry(profiles=["mobile.prop", "pc.prop", "quest.small"]),
        ("variants/quest.small",),
    ),
    Edit("profile removed from the entry", _entry(profiles=["pc.prop"]), ()),
    Edit("spending caps", _write("caps.yaml", {"run_usd": 1}), ()),
    Edit("automation", _write("automation.yaml", {"refresh": {"batch": 9}}), ()),
    Edit(
        "waiver of a finding of lod0",
        _write("waivers.yaml", {"waivers": [_WAIVER]}),
        ("lod0", *VARIANTS),
    ),
    Edit(
        "waiver that has expired",
        _write("waivers.yaml", {"waivers": [{**_WAIVER, "expires": "2020-01-01"}]}),
        ("lod0",),
    ),
    Edit(
        "code version of master_model",
        _code(MASTER),
        FROM_MASTER,
        (MASTER, *RUNGS, *SETS, *_OTHER),
    ),
    Edit(
        "code version of variants/mobile.prop",
        _code(MOBILE),
        (MOBILE,),
    ),
    Edit(
        "version of a tool of the geometry",
        _tool("xatlas"),
        FROM_MASTER,
        (MASTER, *RUNGS, *SETS, *_OTHER),
    ),
    Edit(
        "version of a tool of the concept image",
        _tool("pillow"),
        ALL,
        (CONCEPT, GENERATED, MASTER, *RUNGS, *SETS, *_OTHER),
    ),
    Edit(
        "another generator",
        lambda *_: None,
        FROM_GENERATED,
        (GENERATED, MASTER, *RUNGS, *SETS, *_OTHER),
        buys="models of its own",
        generator="runware",
    ),
    Edit(
        "another generator, for a given model",
        lambda *_: None,
        (),
        (GENERATED, MASTER, *RUNGS, *SETS, *_OTHER),
        generator="runware",
        before=_from_model,
    ),
    Edit("file of lod1 lost", _lose("lod1.glb"), ("lod1", APPEARANCE, *VARIANTS)),
    Edit("file of lod2 cut short", _cut, ("lod2", APPEARANCE, *VARIANTS)),
    Edit("file of a variant lost", _lose("variants/pc.prop.glb"), (PC,)),
    Edit("record of master_model lost", _lose("steps/master_model.json"), FROM_MASTER),
    Edit("an edit and back again", _there_and_back, ()),
)

_GROUPS: Mapping[str, tuple[str, ...]] = {
    "concept image": (CONCEPT,),
    "generated model": (GENERATED,),
    "master model": (MASTER,),
    "LODs": RUNGS,
    "appearance": (APPEARANCE,),
    "texture sets": SETS,
    "variants": (*VARIANTS, "variants/quest.small"),
}


def table() -> str:
    """The matrix as the docs show it."""
    lines = [
        f"| edit | {' | '.join(_GROUPS)} | buys |",
        f"|---|{'---|' * len(_GROUPS)}---|",
    ]
    for edit in EDITS:
        cells = " | ".join(_cell(edit.due, nodes) for nodes in _GROUPS.values())
        lines.append(f"| {edit.what} | {cells} | {edit.buys} |")
    return "\n".join(lines)


def _cell(due: tuple[str, ...], nodes: tuple[str, ...]) -> str:
    found = [node for node in nodes if node in due]
    if not found:
        return "·"
    everything = {VARIANTS, RUNGS, SETS, (CONCEPT,), (GENERATED,), (MASTER,), (APPEARANCE,)}
    if tuple(found) in everything:
        return "**made**"
    return ", ".join(f"`{node.removeprefix('variants/')}`" for node in found)
