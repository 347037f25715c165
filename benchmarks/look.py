"""Times the comparison by eye of a master with its ladder, in a whole process.

    python benchmarks/look.py FOLDER …       folders with master.glb and lod0.glb … lod3.glb

Every rung is compared from twelve directions in pictures of 512 pixels, more than the pipeline
takes. Wall seconds of the whole process, of the part after the imports, and of the comparison
alone once all models are read; CPU seconds and peak memory of the process; the best of the runs.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

_CHILD = """
import json, resource, sys, time
from pathlib import Path
from trellis_assets.validation.appearance import Studio, read_scenes
folder, pixels = Path(sys.argv[1]), int(sys.argv[2])
start = time.perf_counter()
files = [folder / "master.glb", *sorted(folder.glob("lod[0-9].glb"))]
master, *scenes = read_scenes(file.read_bytes() for file in files)
studio = Studio(master)
rungs = {file.stem: scene for file, scene in zip(files[1:], scenes)}
ready = time.perf_counter()
looks = [studio.compare(name, scene, pixels=pixels) for name, scene in rungs.items()]
end = time.perf_counter()
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({
    "after_imports_s": end - start,
    "compare_s": end - ready,
    "cpu_s": used.ru_utime + used.ru_stime,
    "peak_mb": used.ru_maxrss / 1024,
    "looks": {look.name: look.as_json() for look in looks},
}))
"""


def main() -> None:
    """Prints one JSON object per folder."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--pixels", type=int, default=512)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    for folder in arguments.folders:
        runs = [measure(folder, arguments.pixels) for _ in range(arguments.runs)]
        print(json.dumps({"folder": folder.name, **best(runs)}))


def measure(folder: Path, pixels: int) -> dict[str, object]:
    """One run in a fresh process."""
    start = time.perf_counter()
    command = [sys.executable, "-c", _CHILD, str(folder), str(pixels)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 -- ours
    figures: dict[str, object] = json.loads(done.stdout)
    return {"wall_s": time.perf_counter() - start, **figures}


def best(runs: list[dict[str, object]]) -> dict[str, object]:
    """The least of every number, and what was found, which no run may change."""
    if any(run["looks"] != runs[0]["looks"] for run in runs):
        raise SystemExit("two runs found different things")
    numbers = [name for name, value in runs[0].items() if isinstance(value, float)]
    least = {name: round(min(float(str(run[name])) for run in runs), 2) for name in numbers}
    return {**least, "looks": runs[0]["looks"]}


if __name__ == "__main__":
    main()
