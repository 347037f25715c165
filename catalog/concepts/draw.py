"""Draws the concept images: the sample catalog's as PNG cut-outs beside this file, and the
studies for the embedded generator as WebP in docs/concepts.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from drawing.picture import draw
from drawing.props import IDS, STUDIES, prop_of
from PIL import Image

_EXAMPLE = """example:
  python catalog/concepts/draw.py                           the catalog's, as committed
  python catalog/concepts/draw.py --studies                 those of docs/concepts, as committed
  python catalog/concepts/draw.py oak_barrel --size 256 --out /tmp
"""
_HERE = Path(__file__).parent
_STUDIES_AT = _HERE.parents[1] / "docs" / "concepts"
# Beside the text a study may weigh little; a catalog's picture is what an artist would upload.
_WEBP_QUALITY = 88


def main() -> int:
    """Draws what the command line asks for, and prints each file written."""
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=_EXAMPLE, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("ids", nargs="*", metavar="ID", help=f"of: {', '.join((*IDS, *STUDIES))}")
    parser.add_argument("--studies", action="store_true", help="all studies")
    parser.add_argument("--size", type=int, default=1024, help="pixels per side (default 1024)")
    parser.add_argument("--out", type=Path, help="folder (default: where each is committed)")
    asked = parser.parse_args()
    unknown = [name for name in asked.ids if name not in (*IDS, *STUDIES)]
    if unknown:
        known = ", ".join((*IDS, *STUDIES))
        parser.error(f"no such prop: {', '.join(unknown)}; there are {known}")
    if not 16 <= asked.size <= 4096:
        parser.error(f"--size {asked.size} is outside 16 to 4096")
    for name in asked.ids or (STUDIES if asked.studies else IDS):
        print(_drawn(name, asked.size, asked.out))
    return 0


def _drawn(name: str, size: int, out: Path | None) -> Path:
    """The file written."""
    study = name in STUDIES
    folder = out or (_STUDIES_AT if study else _HERE)
    folder.mkdir(parents=True, exist_ok=True)
    picture = Image.fromarray(draw(prop_of(name), size))
    if not study:
        path = folder / f"{name}.png"
        picture.save(path, optimize=True)
        return path
    path = folder / f"{name}.webp"
    picture.save(path, quality=_WEBP_QUALITY, method=6)
    return path


if __name__ == "__main__":
    sys.exit(main())
