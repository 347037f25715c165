"""Writes all cases into a folder."""

from __future__ import annotations

import sys
from pathlib import Path

from . import RULE_OF, named


def main(folder: str) -> None:
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name in RULE_OF:
        Path(folder, f"{name}.glb").write_bytes(named(name).glb)


main(sys.argv[1])
