"""Pictures named on a command line: files as they are, folders as the pictures in them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

SUFFIXES = (".png", ".webp", ".jpg", ".jpeg")


def pictures_in(given: Sequence[Path]) -> list[Path]:
    """The files, by name within each folder; SystemExit where a path is missing or holds none."""
    found: list[Path] = []
    for path in given:
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        if path.is_dir():
            files = [file for file in files if file.suffix.lower() in SUFFIXES]
        if not files or not all(file.is_file() for file in files):
            raise SystemExit(f"{path}: no picture there ({', '.join(SUFFIXES)})")
        found += files
    return found
