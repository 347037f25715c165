"""Join patches of a surface into charts, cheapest first.

The loop runs over patches, a twelfth of the triangles; everything per triangle is vectorised.
"""

from __future__ import annotations

import heapq
import math

import numpy as np
from numpy.typing import NDArray

_COHERENCE = 0.72  # length of the mean normal: a cap of 64 degrees around its axis has 0.72
_SMALL_COHERENCE = 0.35  # for patches too small to deserve a chart of their own
_SMALL_SHARE = 4.0e-4  # of the surface: a square of 20 texels at 1024
Int64 = NDArray[np.int64]


class Merging:
    """Greedy merging by the rise of normal deviation per squared length of common border."""

    def __init__(
        self, area: NDArray[np.float64], vectors: NDArray[np.float64], patch: Int64
    ) -> None:
        """Start from (T,) patches of triangles with (T,) areas and (T, 3) area vectors."""
        self._patch = patch
        self._count = int(patch.max()) + 1
        self._small = _SMALL_SHARE * float(area.sum())
        self._area: list[float] = np.bincount(patch, weights=area).tolist()
        total = [np.bincount(patch, weights=vectors[:, axis]) for axis in range(3)]
        self._vector: list[list[float]] = np.stack(total, axis=1).tolist()
        self._border: list[dict[int, float]] = [{} for _ in range(self._count)]
        self._version = [0] * self._count
        self._parent = list(range(self._count))
        self._heap: list[tuple[float, int, int, int, int]] = []

    def run(self, left: Int64, right: Int64, length: NDArray[np.float64]) -> Int64:
        """(T,) chart of each triangle, from (M,) pairs of neighbours and their border."""
        self._measure_borders(left, right, length)
        for one, others in enumerate(self._border):
            for two in others:
                if one < two:
                    self._offer(one, two)
        while self._heap:
            _, one, two, first, second = heapq.heappop(self._heap)
            if self._version[one] == first and self._version[two] == second:
                self._join(one, two)
        roots = np.array(self._parent)
        while not np.array_equal(roots[roots], roots):
            roots = roots[roots]
        return np.unique(roots[self._patch], return_inverse=True)[1].reshape(-1)

    def _measure_borders(self, left: Int64, right: Int64, length: NDArray[np.float64]) -> None:
        a, b = self._patch[left], self._patch[right]
        apart = a != b
        key = (np.minimum(a, b) * self._count + np.maximum(a, b))[apart]
        keys, inverse = np.unique(key, return_inverse=True)
        total = np.bincount(inverse.reshape(-1), weights=length[apart])
        for pair, value in zip(keys.tolist(), total.tolist(), strict=True):
            one, two = divmod(pair, self._count)
            self._border[one][two] = self._border[two][one] = value

    def _offer(self, one: int, two: int) -> None:
        v, w = self._vector[one], self._vector[two]
        summed = math.hypot(v[0] + w[0], v[1] + w[1], v[2] + w[2])
        tiny = min(self._area[one], self._area[two]) < self._small
        least = _SMALL_COHERENCE if tiny else _COHERENCE
        if summed < least * (self._area[one] + self._area[two]):
            return
        rise = math.hypot(*v) + math.hypot(*w) - summed
        price = rise / (self._border[one][two] ** 2 + 1e-30)
        heapq.heappush(self._heap, (price, one, two, self._version[one], self._version[two]))

    def _join(self, one: int, two: int) -> None:
        """Patch ``one`` takes over ``two``; older offers of both lapse."""
        self._parent[two] = one
        self._version[one] += 1
        self._version[two] = -1
        self._area[one] += self._area[two]
        pairs = zip(self._vector[one], self._vector[two], strict=True)
        self._vector[one] = [x + y for x, y in pairs]
        del self._border[one][two]
        for other, length in self._border[two].items():
            if other != one:
                del self._border[other][two]
                joint = self._border[one].get(other, 0.0) + length
                self._border[one][other] = self._border[other][one] = joint
        self._border[two] = {}
        for other in self._border[one]:
            self._offer(one, other)
