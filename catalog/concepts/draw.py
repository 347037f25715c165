"""Draws the sample catalog's concept images: PNG cut-outs beside this file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from drawing.picture import draw
from drawing.props import IDS, prop_of
from PIL import Image

_EXAMPLE = """example:
  python catalog/concepts/draw.py                           all of them, as committed
  python catalog/concepts/draw.py oak_barrel --size 256 --out /tmp
"""


def main() -> int:
    """Draws what the command line asks for, and prints each file written."""
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=_EXAMPLE, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("ids", nargs="*", metavar="ID", help=f"of: {', '.join(IDS)}")
    parser.add_argument("--size", type=int, default=1024, help="pixels per side (default 1024)")
    parser.add_argument(
        "--out", type=Path, default=Path(__file__).parent, help="folder (default: this one)"
    )
    asked = parser.parse_args()
    unknown = [name for name in asked.ids if name not in IDS]
    if unknown:
        parser.error(f"no such prop: {', '.join(unknown)}; there are {', '.join(IDS)}")
    if not 16 <= asked.size <= 4096:
        parser.error(f"--size {asked.size} is outside 16 to 4096")
    asked.out.mkdir(parents=True, exist_ok=True)
    for name in asked.ids or IDS:
        path = asked.out / f"{name}.png"
        Image.fromarray(draw(prop_of(name), asked.size)).save(path, optimize=True)
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
