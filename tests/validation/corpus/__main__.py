"""Writes all cases into a folder."""

from __future__ import annotations

import sys
from pathlib import Path

from . import cases


def main(folder: str) -> None:
    Path(folder).mkdir(parents=True, exist_ok=True)
    for case in cases():
        Path(folder, f"{case.name}.glb").write_bytes(case.glb)


main(sys.argv[1])
