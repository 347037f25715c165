"""How long it takes to say what is due in a large catalog: CPU seconds of the planner.

    python benchmarks/refresh.py --entries 10000 --stale 10

makes a catalog and a store of that size (small files, real records), and plans it: cold, warm, with
some entries edited, and after an edit of a profile that concerns all of them.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from trellis_assets.catalog import load_catalog
from trellis_assets.pipeline.catalog_plan import plan_catalog
from trellis_assets.pipeline.fingerprint import data_version, fingerprint, tool_versions
from trellis_assets.pipeline.graph import build_graph
from trellis_assets.pipeline.node import Brief, Node
from trellis_assets.pipeline.record import FileRecord, Look, StepRecord, record_key, write_record
from trellis_assets.pipeline.settings import PipelineSettings
from trellis_assets.store import FolderStore, Store, content_hash

SAMPLE = Path(__file__).parents[1] / "catalog"
FILES = {
    "concept_image": ["concept.png"],
    "generated_model": ["generated.glb"],
    "master_model": ["master.glb"],
    "texture_set": ["textures.json", "base_color.png", "orm.png", "normal.png"],
    "variants": ["manifest.json", "lod0.glb", "lod1.glb", "lod2.glb", "lod3.glb"],
}
THUMBNAIL = "data:image/webp;base64," + "A" * 8000


@dataclass
class Figure:
    """One measurement of this process."""

    cpu_s: float = 0.0
    wall_s: float = 0.0


@contextmanager
def measured() -> Iterator[Figure]:
    """CPU (user and system) and wall time of the block."""
    figure, wall, cpu = Figure(), time.perf_counter(), _cpu()
    yield figure
    figure.cpu_s, figure.wall_s = _cpu() - cpu, time.perf_counter() - wall


class QuickStore(FolderStore):
    """Writes without waiting for the disk: what is measured is reading."""

    def write(self, key: str, data: bytes) -> None:
        path = self.root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def make_catalog(folder: Path, entries: int) -> None:
    """Entries of three profiles each, and a concept image of its own for every one."""
    (folder / "assets").mkdir(parents=True)
    (folder / "concepts").mkdir()
    shutil.copy(SAMPLE / "profiles.yaml", folder)
    for number in range(entries):
        asset_id = name_of(number)
        (folder / "concepts" / f"{asset_id}.png").write_bytes(b"\x89PNG" + os.urandom(2000))
        write_entry(folder, asset_id, height=1.0)


def write_entry(folder: Path, asset_id: str, *, height: float) -> None:
    """An entry like those of the sample catalog."""
    content = {
        "id": asset_id,
        "title": asset_id.replace("_", " "),
        "concept": f"{asset_id}.png",
        "class": "prop",
        "height_m": height,
        "profiles": ["mobile.prop", "pc.prop", "quest.prop"],
        "generation": {"seed": 7, "texture_size": 2048},
        "tags": ["wood", "storage"],
        "owner": "trellis-assets",
        "license": "CC0-1.0",
    }
    text = yaml.safe_dump(content, sort_keys=False)
    (folder / "assets" / f"{asset_id}.yaml").write_text(text, encoding="utf-8")


def make_store(catalog: Store, store: Store) -> int:
    """The records and (small) files of every step, as a refresh would leave them."""
    loaded = load_catalog(catalog)
    graph, files = build_graph(loaded.profiles), 0
    for entry in loaded.entries.values():
        brief = Brief(entry, loaded.profiles, catalog, "embedded")
        versions: dict[str, str] = {}
        for node in graph.values():
            record = _record(node, brief, versions)
            if record is not None:
                versions[node.name] = record.data_version
                for name in record.files:
                    store.write(f"assets/{entry.id}/{name}", name.encode())
                write_record(store, record)
                files += len(record.files) + 1
    return files


def _record(node: Node, brief: Brief, versions: dict[str, str]) -> StepRecord | None:
    settings = node.settings(brief)
    if settings is None:
        return None
    kind, _, profile = node.name.partition("/")
    kind = "texture_set" if kind.startswith("texture_set") else kind
    folder = f"variants/{profile}/" if profile else f"{node.name}/" if "set" in kind else ""
    names = [folder + name for name in FILES.get(kind, [f"{node.name}.glb"])]
    files = {name: FileRecord(content_hash(name.encode()), len(name)) for name in names}
    inputs = {name: versions[name] for name in node.inputs}
    return StepRecord(
        node=node.name,
        asset_id=brief.entry.id,
        fingerprint=fingerprint(node, settings, inputs),
        data_version=data_version({name: file.sha256 for name, file in files.items()}),
        code_version=node.code_version,
        inputs=inputs,
        settings=dict(settings),
        tools=tool_versions(node),
        files=files,
        made_at="2026-01-01T00:00:00+00:00",
        seconds=1.0,
        look=Look("previews/a.png", "previews/a.png", THUMBNAIL, "![a](x)"),
        facts={"triangles": 1000},
    )


def name_of(number: int) -> str:
    """A name for an asset."""
    return f"asset_{number:05}"


def main() -> None:
    """Print one line for each situation."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--stale", type=int, default=10)
    parser.add_argument("--folder", type=Path, help="where to build; a temporary one by default")
    asked = parser.parse_args()
    root = asked.folder or Path(tempfile.mkdtemp(prefix="benchmark-refresh-"))
    catalog, store = root / "catalog", root / "store"
    if not catalog.exists():
        make_catalog(catalog, asked.entries)
        files = make_store(FolderStore(catalog), QuickStore(store))
        print(f"{asked.entries:,} entries, {files:,} files")
        time.sleep(3)  # what was written this very moment is never taken for known
    settings = PipelineSettings.from_environment(
        {"TRELLIS_ASSETS_CATALOG": str(catalog), "TRELLIS_ASSETS_STORE": str(store)}
    )
    _report("cold: nothing remembered", settings)
    _report("warm: nothing changed", settings)
    for number in range(asked.stale):
        write_entry(catalog, name_of(number), height=2.0)
    (store / record_key(name_of(asked.stale), "lod0")).unlink()
    _report(f"{asked.stale} entries edited, one record lost", settings)
    _report("the same again", settings)
    profiles = catalog / "profiles.yaml"
    text = profiles.read_text(encoding="utf-8")
    profiles.write_text(text.replace("limit: 1024", "limit: 1000"), encoding="utf-8")
    _report("a profile of all entries edited", settings)
    if not asked.folder:
        shutil.rmtree(root)


def _report(title: str, settings: PipelineSettings) -> None:
    with measured() as figure:
        plan = plan_catalog(settings)
    print(
        f"{title:<36} {figure.cpu_s:7.2f} s CPU {figure.wall_s:7.2f} s wall "
        f"{len(plan.due):>6} due, peak {_peak_mb():.0f} MB"
    )


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
