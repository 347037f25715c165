"""The API's settings as the embedded generator reads them, and what it makes of each.

The names are those of the API (camelCase). Ranges are wider than the API's at the low end, for
previews and tests; whoever speaks the API checks its ranges first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trellis_assets.embedded.errors import InvalidSetting

SAMPLERS: Mapping[str, Mapping[str, float]] = {
    "sparseStructure": {
        "steps": 12,
        "guidanceStrength": 7.5,
        "guidanceRescale": 0.7,
        "rescaleT": 5.0,
    },
    "shapeSlat": {
        "steps": 12,
        "guidanceStrength": 7.5,
        "guidanceRescale": 0.5,
        "rescaleT": 3.0,
    },
    "texSlat": {
        "steps": 12,
        "guidanceStrength": 1.0,
        "guidanceRescale": 0.0,
        "rescaleT": 3.0,
    },
}
_SAMPLER_RANGES: Mapping[str, tuple[float, float]] = {
    "steps": (1, 50),
    "guidanceStrength": (1, 10),
    "guidanceRescale": (0, 1),
    "rescaleT": (1, 6),
}
_WHOLE: Mapping[str, tuple[int, int, int]] = {
    "resolution": (1024, 48, 1536),
    "decimationTarget": (500_000, 400, 1_000_000),
    "textureSize": (2048, 128, 4096),
}
_ANALOGIES: Mapping[str, str] = {
    "sparseStructure.steps": "sweeps of the inflation solver",
    "sparseStructure.guidanceStrength": "thickness of the body",
    "shapeSlat.guidanceStrength": "depth of the surface relief",
    "shapeSlat.guidanceRescale": "limiter on peaks of the relief",
    "shapeSlat.rescaleT": "balance of coarse and fine relief",
    "texSlat.guidanceStrength": "colour saturation",
    "texSlat.guidanceRescale": "cap on colour saturation",
}


@dataclass(frozen=True)
class GenerationSettings:
    """Checked settings; ``samplers`` maps e.g. ``shapeSlat.steps`` to its number."""

    resolution: int
    decimation_target: int
    remesh: bool
    texture_size: int
    samplers: Mapping[str, float]
    unknown: tuple[str, ...]

    @classmethod
    def read(cls, settings: Mapping[str, Any]) -> GenerationSettings:
        """Raises InvalidSetting naming the setting, its value and its range."""
        whole = {name: _whole(name, settings.get(name)) for name in _WHOLE}
        remesh = settings.get("remesh")
        if remesh is not None and not isinstance(remesh, bool):
            raise InvalidSetting(f"remesh is {remesh!r}", fix="use true or false")
        known = {*_WHOLE, "remesh", *SAMPLERS}
        samplers: dict[str, float] = {}
        for block, defaults in SAMPLERS.items():
            given = settings.get(block)
            given = {} if given is None else given
            if not isinstance(given, Mapping):
                raise InvalidSetting(f"{block} is {given!r}", fix="give an object of numbers")
            for key, default in defaults.items():
                samplers[f"{block}.{key}"] = _number(f"{block}.{key}", key, given.get(key), default)
            known |= {f"{block}.{key}" for key in defaults}
        unknown = [name for name in settings if name not in known]
        unknown += [
            f"{block}.{key}"
            for block in SAMPLERS
            for key in settings.get(block) or {}
            if f"{block}.{key}" not in known
        ]
        return cls(
            whole["resolution"],
            whole["decimationTarget"],
            True if remesh is None else remesh,
            whole["textureSize"],
            samplers,
            tuple(sorted(unknown)),
        )

    def treatment(self) -> list[dict[str, object]]:
        """What becomes of each parameter: honoured, approximated or ignored."""
        rows: list[dict[str, object]] = [
            _row("resolution", self.resolution, "honoured", "grid of outline and surface, at most"),
            _row("decimationTarget", self.decimation_target, "honoured", "triangles, at most"),
            _row(
                "remesh", self.remesh, "honoured", "even triangles, or sheets sewn at the outline"
            ),
            _row("textureSize", self.texture_size, "honoured", "side of both textures in pixels"),
        ]
        for name, value in self.samplers.items():
            meaning = _ANALOGIES.get(name)
            rows.append(
                _row(
                    name, value, "approximated" if meaning else "ignored", meaning or "no analogue"
                )
            )
        rows += [_row(name, None, "ignored", "not a documented setting") for name in self.unknown]
        return rows


def _row(name: str, value: object, treatment: str, meaning: str) -> dict[str, object]:
    return {"name": name, "value": value, "treatment": treatment, "meaning": meaning}


def _whole(name: str, value: Any) -> int:
    default, low, high = _WHOLE[name]
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise InvalidSetting(f"{name} is {value!r}", fix=f"use a whole number from {low} to {high}")
    return value


def _number(name: str, key: str, value: Any, default: float) -> float:
    low, high = _SAMPLER_RANGES[key]
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise InvalidSetting(f"{name} is {value!r}", fix=f"use a number from {low:g} to {high:g}")
    return value
