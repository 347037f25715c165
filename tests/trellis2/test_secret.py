"""The key does not leave its box by accident."""

from __future__ import annotations

import copy
import pickle

import pytest

from trellis_assets.trellis2 import ApiKey

KEY = "rw-very-secret-value"


def test_hidden_wherever_text_is_made() -> None:
    key = ApiKey(f" {KEY}\n")
    shown = f"{key} {key!r} {key:>40} {[key]} { ({'k': key}) }"
    assert KEY not in shown
    assert key.reveal() == KEY


def test_never_pickled_or_copied_through_pickle() -> None:
    for write in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError):
            write(ApiKey(KEY))


def test_scrubbed_from_other_texts() -> None:
    assert ApiKey(KEY).scrub(f"the key {KEY} is wrong") == "the key **** is wrong"


@pytest.mark.parametrize("wrong", ["", "  ", "two\nlines", "schlüssel"])
def test_unusable_keys_are_refused_without_being_shown(wrong: str) -> None:
    with pytest.raises(ValueError, match="one line of printable") as caught:
        ApiKey(wrong)
    assert wrong.strip() == "" or wrong not in str(caught.value)
