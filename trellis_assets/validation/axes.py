"""Whether a model has the sides of its brief, but along other axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def turned(size: NDArray[Any], wanted: Sequence[float | None], tolerance: float) -> bool:
    """Whether (3,) sides fit the three wanted ones in another order, and not in this one."""
    sides = [side for side in wanted if side is not None]
    if len(sides) < 3:
        return False

    def fits(one: NDArray[Any], other: NDArray[Any]) -> bool:
        return bool((np.abs(one - other) <= tolerance * other).all())

    brief = np.asarray(sides, np.float64)
    return not fits(size, brief) and fits(np.sort(size), np.sort(brief))
