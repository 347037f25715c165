"""Things of different size, a bounded number of their parts at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]


def batches(counts: Int, at_once: int) -> Iterator[tuple[Int, Int]]:
    """All parts of owners that have ``counts`` (N,) of them: the owner of each part, and the
    number of the part within its owner, (P,) each. P is at most ``at_once``, but for an owner that
    has more alone.
    """
    used = np.flatnonzero(counts)
    ends = np.cumsum(counts[used])
    begin = 0
    while begin < used.size:
        done = int(ends[begin - 1]) if begin else 0
        end = max(begin + 1, int(np.searchsorted(ends, done + at_once)))
        chosen = used[begin:end]
        owner = np.repeat(chosen, counts[chosen])
        first = np.repeat(ends[begin:end] - counts[chosen] - done, counts[chosen])
        yield owner, np.arange(owner.size) - first
        begin = end
