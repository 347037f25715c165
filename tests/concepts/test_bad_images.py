"""Hostile and unlucky pictures, each in a process of its own with limited memory and time."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from .test_decode import png_header

LARGEST_MB = 1000
# Prints what became of a picture, and the most memory (MB) the process ever had.
PROBE = """
import json, resource, sys
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
from trellis_assets.concepts import ConceptError
from trellis_assets.embedded import generate
small = {"resolution": 256, "decimationTarget": 20000, "textureSize": 512}
settings = small if sys.argv[2] == "small" else {}
try:
    result = generate(open(sys.argv[1], "rb").read(), settings=settings, seed=0)
    said = sorted(finding["code"] for finding in result.report["findings"])
except ConceptError as error:
    said = [error.code]
# Not ru_maxrss: a new process inherits that from the one that started it.
peak = int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) / 1000
print(json.dumps({"said": said, "peak_mb": peak * 1024 / 1000}))
"""


def probe(path: Path, settings: str = "small") -> list[str]:
    """What is said about the picture; fails when it took too much memory or said more."""
    command = [sys.executable, "-c", PROBE, str(path), settings]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    found = json.loads(done.stdout)
    assert found["peak_mb"] < LARGEST_MB, found
    said: list[str] = found["said"]
    return said


def black_png(width: int, height: int, depth: int) -> bytes:
    """A complete, valid grey PNG of any size in a few kilobytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)

    packer = zlib.compressobj(9)
    line = b"\0" * (1 + width * depth // 8)
    lines = b"".join(packer.compress(line) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def test_a_hundred_megapixels_are_refused(tmp_path: Path) -> None:
    picture = tmp_path / "large.png"
    picture.write_bytes(black_png(10_000, 10_000, 8))
    assert probe(picture) == ["image_too_large"]


def test_a_decompression_bomb_is_refused(tmp_path: Path) -> None:
    picture = tmp_path / "bomb.png"
    picture.write_bytes(black_png(30_000, 30_000, 1))
    assert picture.stat().st_size < 2_000_000
    assert probe(picture) == ["image_too_large"]


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("pixel.png", black_png(8, 8, 8)[:10], "image_undecodable"),
        ("one.png", png_header(1, 1), "image_too_small"),
        ("text.png", b"not a picture", "image_undecodable"),
        ("half.png", black_png(640, 480, 8)[:-40], "image_undecodable"),
        ("flat.png", black_png(640, 480, 8), "no_foreground"),
    ],
)
def test_other_bad_files_are_typed(tmp_path: Path, name: str, data: bytes, code: str) -> None:
    (tmp_path / name).write_bytes(data)
    assert probe(tmp_path / name) == [code]


def test_noise_becomes_a_panel_with_a_warning(tmp_path: Path) -> None:
    noise = np.random.default_rng(4).integers(0, 255, (700, 900, 3)).astype(np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.png")
    assert "whole_frame_used" in probe(tmp_path / "noise.png")


@pytest.mark.slow
def test_noise_at_the_default_settings_stays_within_memory(tmp_path: Path) -> None:
    noise = np.random.default_rng(4).integers(0, 255, (2048, 2048, 3)).astype(np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.png")
    assert "whole_frame_used" in probe(tmp_path / "noise.png", "default")


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["F", "I", "I;16", "RGBA", "CMYK"])
def test_the_largest_allowed_pictures_stay_within_memory(tmp_path: Path, mode: str) -> None:
    side = 7050
    base = np.zeros((side, side), np.uint8)
    base[1000:6000, 1000:6000] = np.arange(5000) % 251
    if mode in ("F", "I", "I;16"):
        kind = {"F": np.float32, "I": np.int32, "I;16": np.uint16}[mode]
        picture = Image.fromarray(base.astype(kind))
    elif mode == "RGBA":
        picture = Image.merge("RGBA", [Image.fromarray(base)] * 4)
    else:
        picture = Image.merge("CMYK", [Image.fromarray(base)] * 4)
    path = tmp_path / "large.tif"
    picture.save(path, compression="tiff_deflate")
    probe(path)
