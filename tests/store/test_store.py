"""Both stores keep the same promises: whole files, one winner, no way out."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto.core.botocore_stubber import BotocoreStubber

from tests.aws import aws
from trellis_assets.store import (
    FolderStore,
    InvalidKey,
    NotStored,
    S3Store,
    Store,
    StoreError,
    StoreUnavailable,
    open_store,
)


@pytest.fixture(params=["folder", "s3"])
def store(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Store]:
    if request.param == "folder":
        yield FolderStore(tmp_path / "store")
        return
    with aws(monkeypatch, "art"):
        yield open_store("s3://art/studio/one")


def test_what_is_written_is_read(store: Store) -> None:
    store.write("assets/oak/lod0.glb", b"first")
    store.write("assets/oak/lod0.glb", b"second")
    assert store.read("assets/oak/lod0.glb") == b"second"
    assert store.size("assets/oak/lod0.glb") == 6
    assert store.exists("assets/oak/lod0.glb")


def test_what_is_not_there_is_said_so(store: Store) -> None:
    with pytest.raises(NotStored, match=r"nothing\.glb"):
        store.read("assets/nothing.glb")
    assert store.size("assets/nothing.glb") is None
    store.delete("assets/nothing.glb")


def test_create_has_one_winner_and_the_loser_changes_nothing(store: Store) -> None:
    assert store.create("claims/a.json", b"mine")
    assert not store.create("claims/a.json", b"yours")
    assert store.read("claims/a.json") == b"mine"


def test_create_has_one_winner_among_threads(store: Store) -> None:
    winners = []
    barrier = threading.Barrier(8)

    def claim(name: int) -> None:
        barrier.wait()
        if store.create("claims/race.json", str(name).encode()):
            winners.append(name)

    threads = [threading.Thread(target=claim, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(winners) == 1
    assert store.read("claims/race.json") == str(winners[0]).encode()


def test_replace_needs_what_was_read(store: Store) -> None:
    assert not store.replace("notes/a.yaml", b"", b"new"), "there is nothing to replace"
    assert not store.exists("notes/a.yaml")
    store.write("notes/a.yaml", b"one")
    assert store.replace("notes/a.yaml", b"one", b"two")
    assert not store.replace("notes/a.yaml", b"one", b"three"), "it is not what was read"
    assert store.read("notes/a.yaml") == b"two"


def test_no_replacement_is_lost_among_threads(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    _one_request_at_a_time(monkeypatch)
    store.write("count.txt", b"0")

    def count() -> None:
        for _ in range(5):
            while True:
                old = store.read("count.txt")
                if store.replace("count.txt", old, str(int(old) + 1).encode()):
                    break

    threads = [threading.Thread(target=count) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.read("count.txt") == b"30"
    assert list(store.list()) == ["count.txt"], "locks and temporary files are not artefacts"


def _one_request_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """moto closes an object that is replaced while another thread reads it; S3 does not."""
    lock, answer = threading.Lock(), BotocoreStubber.__call__

    def in_turn(stubber: BotocoreStubber, *given: Any, **named: Any) -> Any:
        with lock:
            return answer(stubber, *given, **named)

    monkeypatch.setattr(BotocoreStubber, "__call__", in_turn)


def test_a_listing_says_what_changed_without_reading(store: Store) -> None:
    store.write("a/1", b"one")
    store.write("a/2", b"two")
    before = list(store.listing("a/"))
    assert [(listed.key, listed.size) for listed in before] == [("a/1", 3), ("a/2", 3)]
    store.write("a/2", b"TWO")
    after = list(store.listing("a/"))
    assert after[0] == before[0]
    assert after[1].version != before[1].version


def test_many_are_read_in_their_order(store: Store) -> None:
    keys = [f"many/{number}" for number in range(30)]
    for key in keys:
        store.write(key, key.encode())
    wanted = keys[::-1]
    assert list(store.read_many(wanted)) == [key.encode() for key in wanted]
    with pytest.raises(NotStored):
        list(store.read_many(["many/1", "many/none"]))


def test_listing_is_sorted_complete_and_by_prefix(store: Store) -> None:
    for key in ("b/2", "b/10", "a/1", "b2/x"):
        store.write(key, b"")
    assert list(store.list()) == ["a/1", "b/10", "b/2", "b2/x"]
    assert list(store.list("b/")) == ["b/10", "b/2"]
    assert list(store.list("b")) == ["b/10", "b/2", "b2/x"]
    assert list(store.list("none/")) == []


@pytest.mark.parametrize(
    "key",
    ["", "/etc/passwd", "../x", "a/../../x", "a//b", "a/./b", "a\\b", "a/\0", "é", "a/.hidden"],
)
def test_keys_that_could_escape_are_refused(store: Store, key: str) -> None:
    with pytest.raises(InvalidKey):
        store.write(key, b"x")
    with pytest.raises(InvalidKey):
        store.read(key)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.text(alphabet="ab./\\-_\n\0~", max_size=12))
def test_no_key_leaves_the_folder(tmp_path: Path, key: str) -> None:
    store = FolderStore(tmp_path / "inside")
    with contextlib.suppress(StoreError):
        store.write(key, b"x")
    outside = [path for path in tmp_path.iterdir() if path.name != "inside"]
    assert outside == []


def test_the_uri_opens_the_same_store(store: Store) -> None:
    store.write("a/b.json", b"{}")
    assert open_store(store.uri).read("a/b.json") == b"{}"


@pytest.mark.parametrize("uri", ["ftp://x/y", "s3://", "s3://user:secret@bucket/x"])
def test_unusable_uris_are_refused_without_repeating_secrets(uri: str) -> None:
    with pytest.raises(StoreError) as refusal:
        open_store(uri)
    assert "secret" not in str(refusal.value)


def test_a_missing_bucket_is_a_readable_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with aws(monkeypatch), pytest.raises(StoreUnavailable, match="NoSuchBucket"):
        S3Store("nowhere").write("a", b"x")


def test_a_folder_that_cannot_be_written_is_a_readable_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreUnavailable, match="cannot write"):
        FolderStore(tmp_path / "file").write("a/b", b"x")


_WRITER = """
import sys
from trellis_assets.store import FolderStore
store = FolderStore(sys.argv[1])
print("ready", flush=True)
while True:
    for letter in b"abc":
        store.write("big.bin", bytes([letter]) * 2_000_000)
"""


def test_a_killed_writer_leaves_no_half_file(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    for _ in range(3):
        writer = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", _WRITER, str(tmp_path)], stdout=subprocess.PIPE
        )
        assert writer.stdout is not None
        with writer.stdout:
            writer.stdout.readline()
        deadline = time.monotonic() + 0.3
        while time.monotonic() < deadline:
            if store.exists("big.bin"):
                data = store.read("big.bin")
                assert len(data) == 2_000_000
                assert data == data[:1] * 2_000_000
        os.kill(writer.pid, signal.SIGKILL)
        writer.wait()
    assert list(store.list()) == ["big.bin"], "temporary files are not artefacts"


def test_a_stamp_changes_with_every_write_and_stays_without(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trellis_assets.store._folder._TELLING_NS", -(10**12))
    store.write("assets/oak/lod0.glb", b"first")
    seen = store.look("assets/").stamp("assets/oak/lod0.glb")
    assert seen is not None
    assert seen.size == 5
    again = store.look("assets/oak/").stamp("assets/oak/lod0.glb")
    assert again is not None
    assert again.is_still(*seen)
    store.write("assets/oak/lod0.glb", b"other")  # as many bytes
    after = store.look("assets/").stamp("assets/oak/lod0.glb")
    assert after is not None
    assert not after.is_still(*seen)
    assert store.look().stamp("assets/oak") is None, "a folder is no object"
    assert store.look("assets/").stamp("assets/oak/lod1.glb") is None
    assert store.look("assets/").size("assets/oak/lod0.glb") == 5
    assert store.look("assets/").size("assets/oak") is None


def test_a_file_put_there_with_the_old_ones_time_and_size_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trellis_assets.store._folder._TELLING_NS", -(10**12))
    store, file = FolderStore(tmp_path), tmp_path / "a.txt"
    store.write("a.txt", b"one")
    seen, times = store.look().stamp("a.txt"), file.stat()
    file.write_bytes(b"two")
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    after = store.look().stamp("a.txt")
    assert seen is not None
    assert after is not None
    assert not after.is_still(*seen)


def test_a_file_that_was_just_written_is_never_taken_for_known(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.write("a.txt", b"one")
    seen = store.look().stamp("a.txt")
    assert seen is not None
    assert not seen.is_still(*seen), "the next write may fall into the same instant"


def test_children_are_the_folders_right_below(store: Store) -> None:
    for key in ("assets/oak/lod0.glb", "assets/axe/steps/x.json", "assets/note.txt", "else/x"):
        store.write(key, b"")
    assert store.children("assets/") == ("axe", "oak")
    assert store.children("nothing/") == ()


def test_a_move_keeps_the_bytes_and_leaves_nothing_behind(store: Store) -> None:
    store.write("assets/oak/lod0.glb", b"new")
    store.write("retired/oak/lod0.glb", b"old")
    store.move("assets/oak/lod0.glb", "retired/oak/lod0.glb")
    assert list(store.list()) == ["retired/oak/lod0.glb"]
    assert store.read("retired/oak/lod0.glb") == b"new"
    with pytest.raises(NotStored):
        store.move("assets/oak/lod0.glb", "retired/oak/lod0.glb")
    with pytest.raises(InvalidKey):
        store.move("retired/oak/lod0.glb", "../lod0.glb")
