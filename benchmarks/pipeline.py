"""Times the whole pipeline as a user meets it: whole processes, a fresh store and history.

    python benchmarks/pipeline.py            all figures, a few minutes
    python benchmarks/pipeline.py --only load

Figures: loading the definitions with 10 and with 10,000 entries; the graph of one game asset
without its generation, and Dagster's share of it; the whole sample catalog; a refresh with nothing
to do.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
ASSET = "oak_barrel"


def main() -> None:
    """Runs what the command line asks for."""
    figures: dict[str, Callable[[Path], dict[str, object]]] = {
        "load": loading_the_definitions,
        "asset": the_graph_of_one_asset,
        "catalog": the_sample_catalog,
    }
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", choices=sorted(figures), help="one group of figures")
    only = parser.parse_args().only
    for name, measure in figures.items():
        if only in (None, name):
            with tempfile.TemporaryDirectory() as folder:
                print(json.dumps({name: measure(Path(folder))}, indent=1))


def loading_the_definitions(folder: Path) -> dict[str, object]:
    """Seconds of a process that loads the code location, median of five."""
    code = "from trellis_assets.definitions import defs; defs.resolve_asset_graph()"
    result: dict[str, object] = {}
    for entries in (10, 10_000):
        catalog = folder / str(entries)
        shutil.copytree(ROOT / "catalog", catalog, ignore=shutil.ignore_patterns("drawing"))
        entry = (catalog / "assets" / f"{ASSET}.yaml").read_text()
        for number in range(entries):
            name = f"copy_{number}"
            (catalog / "assets" / f"{name}.yaml").write_text(
                entry.replace(f"id: {ASSET}", f"id: {name}")
            )
        seconds = [
            _timed([sys.executable, "-c", code], {"TRELLIS_ASSETS_CATALOG": str(catalog)})
            for _ in range(5)
        ]
        result[f"seconds with {entries} entries"] = round(statistics.median(seconds), 2)
    return result


def the_graph_of_one_asset(folder: Path) -> dict[str, object]:
    """Everything after the generation, in one run."""
    environment = _environment(folder)
    refresh = [sys.executable, "-m", "trellis_assets.cli", "refresh", "--json", "--only", ASSET]
    _timed(refresh, environment)
    steps = folder / "store" / "assets" / ASSET / "steps"
    for file in steps.glob("*.json"):
        if file.stem not in ("concept_image", "generated_model"):
            file.unlink()
    whole = _timed(refresh, environment)
    work = {file.stem: json.loads(file.read_text())["seconds"] for file in steps.glob("*.json")}
    made = sum(
        seconds
        for node, seconds in work.items()
        if node not in ("concept_image", "generated_model")
    )
    return {
        "seconds of the whole command": round(whole, 1),
        "seconds in steps": round(made, 1),
        "steps": {node: round(seconds, 2) for node, seconds in sorted(work.items())},
    }


def the_sample_catalog(folder: Path) -> dict[str, object]:
    """What `make demo` does after the installation, and the same again."""
    environment = _environment(folder)
    refresh = [sys.executable, "-m", "trellis_assets.cli", "refresh", "--quiet"]
    return {
        "seconds": round(_timed(refresh, environment), 1),
        "seconds with nothing to do": round(_timed(refresh, environment), 2),
        "megabytes in the store": round(
            sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
        ),
    }


def _environment(folder: Path) -> dict[str, str]:
    return {
        "TRELLIS_ASSETS_CATALOG": str(ROOT / "catalog"),
        "TRELLIS_ASSETS_STORE": str(folder / "store"),
        "DAGSTER_HOME": str(folder / "dagster"),
    }


def _timed(command: list[str], environment: dict[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run(  # noqa: S603
        command, env={**os.environ, **environment}, check=True, stdout=subprocess.DEVNULL
    )
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
