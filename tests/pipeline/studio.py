"""A pipeline of toy nodes over a real store: fast, and with the same rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from trellis_assets.catalog import Entry, Profiles, load_profiles
from trellis_assets.pipeline.node import Brief, Evidence, Json, Made, Node, Workplace
from trellis_assets.store import FolderStore

CATALOG = FolderStore(Path(__file__).parents[2] / "catalog")
PROFILES: Profiles = load_profiles(CATALOG)


def brief(**fields: Json) -> Brief:
    """A brief whose entry differs from the usual one in ``fields``."""
    content = {
        "id": "oak_barrel",
        "concept": "oak_barrel.png",
        "class": "prop",
        "height_m": 1.0,
        "profiles": ["mobile.prop"],
        "owner": "me",
        "license": "CC0-1.0",
        **fields,
    }
    return Brief(Entry.model_validate(content), PROFILES, CATALOG, "embedded")


class Toys:
    """Three nodes in a row; remembers which were really made."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.refuse: dict[str, Exception] = {}

    def graph(self, *, code: str = "1", with_last: bool = True) -> dict[str, Node]:
        """first (height) -> second (rounded, so small changes are cut off) -> third."""
        last = {"with": "third"} if with_last else None
        nodes = (
            self._node("first", (), code, lambda b: {"height_m": b.entry.height_m}),
            self._node("second", ("first",), "1", lambda _: {}),
            self._node("third", ("second",), "1", lambda _: last),
        )
        return {node.name: node for node in nodes}

    def _node(self, name: str, inputs: tuple[str, ...], code: str, settings: object) -> Node:
        def make(work: Workplace) -> Made:
            if name in self.refuse:
                raise self.refuse[name]
            self.made.append(name)
            content: Mapping[str, Json] = work.settings
            if name == "first":
                data = str(content["height_m"]).encode()
            else:
                before = work.read(f"{inputs[0]}.txt").decode()
                data = str(round(float(before))).encode()
            return Made(files={f"{name}.txt": data}, facts={"bytes_made": len(data)})

        return Node(name, inputs, code, ("numpy",), settings, make)  # type: ignore[arg-type]


def with_finding(
    node: Node, severity: str, rule: str = "toy.rule", *, evidence: Evidence | None = None
) -> Node:
    """A node that objects to what it makes, and shows where."""

    def make(work: Workplace) -> Made:
        finding = {
            "rule": rule, "severity": severity, "where": "here",
            "message": "too | big", "why": "so", "fix": "smaller",
        }  # fmt: skip
        if evidence is None:
            return replace(node.make(work), findings=(finding,))
        shown = {**finding, "picture": rule}
        return replace(node.make(work), findings=(finding, shown), evidence={rule: evidence})

    return replace(node, make=make)
