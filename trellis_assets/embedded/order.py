"""Sorting of large whole-number keys with their places, at the speed of sorting plain numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]

_BITS = 63


def stable_order(keys: Int) -> Int:
    """As ``np.argsort(keys, kind="stable")`` for ``keys`` (N,) of 0 and more.

    Key and place are sorted as one number, up to ten times as fast, where 63 bits hold both.
    """
    bits = keys.size.bit_length()
    if keys.size == 0 or int(keys.max()).bit_length() + bits > _BITS:
        return np.argsort(keys, kind="stable")
    places = np.sort((keys << bits) | np.arange(keys.size))
    return np.asarray(places & ((1 << bits) - 1), dtype=np.int64)


def numbered(keys: Int) -> tuple[Int, Int, Int]:
    """As ``np.unique``: the different ``keys`` (N,), first place of each, number of every key."""
    order = stable_order(keys)
    ordered = keys[order]
    fresh = np.ones(keys.size, dtype=bool)
    fresh[1:] = ordered[1:] != ordered[:-1]
    number = np.empty(keys.size, dtype=np.int64)
    number[order] = np.cumsum(fresh) - 1
    return ordered[fresh], order[fresh], number
