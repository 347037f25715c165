"""Keys are sorted and numbered as numpy does it, however large they are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trellis_assets.embedded.order import numbered, stable_order


@given(seed=st.integers(0, 10_000), count=st.integers(0, 200), bits=st.sampled_from([1, 5, 40, 62]))
def test_order_and_numbers_are_those_of_numpy(seed: int, count: int, bits: int) -> None:
    keys = np.random.default_rng(seed).integers(0, 2**bits, count)
    assert (stable_order(keys) == np.argsort(keys, kind="stable")).all()
    expected = np.unique(keys, return_index=True, return_inverse=True)
    for ours, theirs in zip(numbered(keys), expected, strict=True):
        assert (ours == theirs).all()


@pytest.mark.parametrize("key", [0, 2**60, 2**63 - 1])
def test_equal_keys_keep_their_places(key: int) -> None:
    keys = np.full(9, key)
    assert stable_order(keys).tolist() == list(range(9))
