"""Animations out of a GLB (glTF 2.0, section 3.11): every key that moves something of a Model."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from ._accessor import read_accessor
from ._container import Glb
from ._errors import MalformedGlb, UnsupportedGlb
from ._json import EXPORT_AGAIN, element, object_at, objects_at, whole_number
from ._read_bends import Shape
from ._rig import Channel, Clip, Interpolation, Path

_PATHS: tuple[Path, ...] = get_args(Path)
_INTERPOLATIONS: tuple[Interpolation, ...] = get_args(Interpolation)
_WIDTHS: Mapping[Path, int] = {"translation": 3, "rotation": 4, "scale": 3}
_MOST_VALUES = 50_000_000  # of all channels: one accessor may be used by thousands
_MOST_CHANNELS = 100_000
_LENGTH_ERROR = 1e-4  # of a quaternion; small integers are off by more


@dataclass(frozen=True)
class Aim:
    """What a channel moves: a node of the document, and which of its properties."""

    node: int
    path: Path


def aims(
    document: dict[str, Any],
    clip: dict[str, Any],
    shown: Container[int],
    morphed: Container[int],
) -> Iterator[tuple[dict[str, Any], Aim | None]]:
    """The channels of an animation; without an aim those that move nothing a Model has.

    These are nodes of other scenes, what extensions point to, and weights of a node without morph
    targets.

    Args:
        shown: nodes of the default scene, by index in the document.
        morphed: those with morph targets.
    """
    for channel in objects_at(clip, "channels"):
        target = object_at(channel, "target")
        path = target.get("path")
        if "node" not in target or path not in _PATHS:
            yield channel, None
            continue
        node = whole_number(target, "node")
        element(document, "nodes", node)
        there = node in (morphed if path == "weights" else shown)
        yield channel, Aim(node, path) if there else None


def read_clips(
    glb: Glb, shown: Container[int], numbers: Mapping[int, int], shapes: Mapping[int, Shape]
) -> tuple[Clip, ...]:
    """The animations of a GLB.

    Args:
        shown: nodes of the default scene, by index in the document.
        numbers: where those that move stand in the rig, by index in the document.
        shapes: morph targets of mesh nodes, by index in the document.

    Raises:
        MalformedGlb: keys that do not fit together, or that are not finite.
        UnsupportedGlb: more keys than anything needs.
    """
    reader = _Reader(glb, numbers, shapes)
    clips: list[Clip] = []
    for clip in objects_at(glb.json, "animations"):
        reader.start(clip)
        channels = [
            reader.channel(clip, channel, aim)
            for channel, aim in aims(glb.json, clip, shown, shapes)
            if aim is not None
        ]
        if channels:
            clips.append(Clip(str(clip.get("name") or ""), tuple(channels)))
    return tuple(clips)


class _Reader:
    """Reads channels; accessors that many of them use are read once."""

    def __init__(self, glb: Glb, numbers: Mapping[int, int], shapes: Mapping[int, Shape]) -> None:
        self._glb = glb
        self._numbers = numbers
        self._shapes = shapes
        self._arrays: dict[tuple[int, int], NDArray[np.float32]] = {}
        self._taken: set[Aim] = set()
        self._name = ""
        self._values = self._channels = 0

    def start(self, clip: dict[str, Any]) -> None:
        self._taken = set()
        self._name = str(clip.get("name") or "unnamed")[:60]

    def channel(self, clip: dict[str, Any], channel: dict[str, Any], aim: Aim) -> Channel:
        self._channels += 1
        if aim in self._taken:
            raise self._broken(f"moves the {aim.path} of nodes[{aim.node}] twice")
        self._taken.add(aim)
        sampler = element(clip, "samplers", channel.get("sampler"))
        interpolation = sampler.get("interpolation", "LINEAR")
        if interpolation not in _INTERPOLATIONS:
            raise self._broken(f"has an interpolation {interpolation!r}")
        times = self._times(sampler.get("input"), 2 if interpolation == "CUBICSPLINE" else 1)
        shape = self._shapes.get(aim.node)
        width = shape.count if aim.path == "weights" and shape else _WIDTHS.get(aim.path, 1)
        rows = len(times) * (3 if interpolation == "CUBICSPLINE" else 1)
        values = self._keys(sampler.get("output"), aim.path, rows, width)
        if aim.path == "rotation":
            values = self._unit(values, interpolation)
        node = shape.number if aim.path == "weights" and shape else self._numbers[aim.node]
        return Channel(node, aim.path, times, values, interpolation)

    def _times(self, index: Any, fewest: int) -> NDArray[np.float32]:
        times = self._read(index, 1)[:, 0]
        if len(times) < fewest:
            raise self._broken(f"has {len(times)} keys where {fewest} are needed")
        if float(times[0]) < 0 or not (np.diff(times) > 0).all():
            raise self._broken("has times that do not grow from 0 on")
        return times

    def _keys(self, index: Any, path: Path, rows: int, width: int) -> NDArray[np.float32]:
        values = self._read(index, 1 if path == "weights" else width)
        if values.size != rows * width:
            raise self._broken(f"has {len(values)} values of {path} for {rows} keys")
        return values.reshape(rows, width)

    def _unit(
        self, values: NDArray[np.float32], interpolation: Interpolation
    ) -> NDArray[np.float32]:
        """Rotations of small integers are not quite of length 1, and as floats they must be."""
        keys = slice(1, None, 3) if interpolation == "CUBICSPLINE" else slice(None)
        lengths = np.linalg.norm(values[keys].astype(np.float64), axis=1, keepdims=True)
        if (lengths < 1e-6).any():
            raise self._broken("has a rotation of length 0")
        off = np.abs(lengths - 1) > _LENGTH_ERROR
        if not off.any():
            return values
        values = values.copy()
        values[keys] = np.where(off, values[keys] / lengths, values[keys])
        return values

    def _read(self, index: Any, width: int) -> NDArray[np.float32]:
        self._count(whole_number(element(self._glb.json, "accessors", index), "count") * width)
        key = (int(index), width)
        if key not in self._arrays:
            values = read_accessor(self._glb, index, width=width, zeros=True)
            if values.dtype.kind != "f":
                raise self._broken("has keys that are neither floats nor normalized")
            if not np.isfinite(values).all():
                raise self._broken("has a key that is not a finite number")
            self._arrays[key] = values.astype(np.float32)
        return self._arrays[key]

    def _count(self, values: int) -> None:
        self._values += values
        if self._values > _MOST_VALUES or self._channels > _MOST_CHANNELS:
            raise UnsupportedGlb(
                f"the animations have more than {_MOST_VALUES:,} values or {_MOST_CHANNELS:,} "
                "channels",
                fix="export fewer or shorter animations, or sample them less often",
            )

    def _broken(self, what: str) -> MalformedGlb:
        return MalformedGlb(f"animation {self._name!r} {what}", fix=EXPORT_AGAIN)
