"""Times the check of a GLB as a user meets it: a whole process, the Khronos validator included.

    python benchmarks/check.py FILE.glb …        medians of three runs each

Wall and CPU seconds of the command and all its children, peak memory of the command itself and of
the largest child (the validator), and what was found.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

_CHILD = """
import json, resource, sys
from trellis_assets.validation import check_glb
with open(sys.argv[1], "rb") as file:
    found = check_glb(file.read())
own = resource.getrusage(resource.RUSAGE_SELF)
children = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({
    "cpu_s": own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime,
    "peak_mb": own.ru_maxrss / 1024,
    "validator_peak_mb": children.ru_maxrss / 1024,
    "findings": [finding.severity for finding in found],
}))
"""


def main() -> None:
    """Prints one JSON object per file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    for file in arguments.files:
        runs = [measure(file) for _ in range(arguments.runs)]
        print(json.dumps({"file": file.name, **median(runs)}))


def measure(file: Path) -> dict[str, object]:
    """One run in a fresh process."""
    start = time.perf_counter()
    command = [sys.executable, "-c", _CHILD, str(file)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 -- ours
    figures: dict[str, object] = json.loads(done.stdout)
    return {"wall_s": time.perf_counter() - start, **figures}


def median(runs: list[dict[str, object]]) -> dict[str, object]:
    """The median of every number, and the findings by severity."""
    numbers = [name for name, value in runs[0].items() if isinstance(value, float)]
    middle = {
        name: round(statistics.median(float(str(run[name])) for run in runs), 2) for name in numbers
    }
    findings = runs[0]["findings"]
    return {**middle, "findings": dict(Counter(findings if isinstance(findings, list) else []))}


if __name__ == "__main__":
    main()
