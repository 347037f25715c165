"""What Dagster loads: the graph as documented, and nothing heavy to load it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import dagster as dg

from trellis_assets.definitions import build_definitions, defs
from trellis_assets.pipeline.settings import PipelineSettings

SNAPSHOT = Path(__file__).parent / "data" / "definitions.json"
ROOT = Path(__file__).parents[2]


def picture_of_the_definitions() -> dict[str, object]:
    """All that a user sees of the definitions, as plain values."""
    graph = defs.resolve_asset_graph()
    assets = {}
    for key in sorted(graph.get_all_asset_keys(), key=str):
        node = graph.get(key)
        assets[key.to_user_string()] = {
            "deps": sorted(parent.to_user_string() for parent in node.parent_keys),
            "group": node.group_name,
            "kinds": sorted(
                tag.removeprefix("dagster/kind/")
                for tag in node.tags
                if tag.startswith("dagster/kind/")
            ),
            "owners": sorted(node.owners),
            "partitioned": node.partitions_def is not None,
            "code_version": node.code_version,
            "described": bool(node.description),
            "checks": sorted(check.name for check in node.check_keys),
        }
    jobs = sorted(job.name for job in defs.resolve_all_job_defs() if not job.name.startswith("__"))
    return {"assets": assets, "jobs": jobs}


def test_the_definitions_are_the_documented_ones() -> None:
    """After a wanted change: python -m tests.defs.test_definitions."""
    assert picture_of_the_definitions() == json.loads(SNAPSHOT.read_text())


def test_the_definitions_load_in_dagster() -> None:
    dg.Definitions.validate_loadable(defs)


def test_every_asset_tells_what_it_is() -> None:
    assets = picture_of_the_definitions()["assets"]
    assert isinstance(assets, dict)
    for name, asset in assets.items():
        assert asset["described"], name
        assert asset["group"] != "default", name
        assert asset["owners"], name
        assert asset["kinds"], name


def test_loading_imports_no_heavy_library() -> None:
    """Each run, sensor tick and code server pays for what is imported here."""
    code = (
        "import sys, trellis_assets.definitions; "
        "print([m for m in ('cv2', 'scipy', 'trimesh', 'embreex', 'xatlas', 'PIL') "
        "if m in sys.modules])"
    )
    found = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert found.stdout.strip() == "[]"


def test_no_entry_is_read_to_load_the_definitions(tmp_path: Path) -> None:
    """So that ten thousand entries load as fast as ten."""
    (tmp_path / "profiles.yaml").write_bytes((ROOT / "catalog" / "profiles.yaml").read_bytes())
    settings = PipelineSettings.from_environment({"TRELLIS_ASSETS_CATALOG": str(tmp_path)})
    dg.Definitions.validate_loadable(build_definitions(settings))


if __name__ == "__main__":
    SNAPSHOT.parent.mkdir(exist_ok=True)
    SNAPSHOT.write_text(json.dumps(picture_of_the_definitions(), indent=1, sort_keys=True) + "\n")
