"""One look at the uploads: what came becomes part of the catalog, and what is due is asked for.

It may be killed anywhere and starts anew with the next look: the catalog is written first, then the
memory with the runs to ask for, and only then are they asked for, again and again under the same
run key, until they are known to exist. What was written twice is written alike.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256
from itertools import islice
from time import monotonic

from trellis_assets.uploads import (
    Memory,
    Upload,
    UploadQueue,
    load_memory,
    pair_up,
    save_memory,
)

from .desk import Desk, Look, RunWish, Session
from .judge import take_one

_SECONDS = 20.0
"""A look that takes longer than this stops; Dagster gives a tick 60 seconds."""
_PAGE = 2000
"""Objects that a look with a queue lists, besides what the queue tells."""


def take_uploads(desk: Desk, cursor: str | None) -> Look:
    """Look at the uploads once.

    Args:
        cursor: as the last look returned it.

    Raises:
        CatalogError: the catalog's profiles cannot be read.
        CannotReadUploads: the place or the queue refuses.
        UploadBusy: another sensor writes the same memory; nothing is asked for.
    """
    if not desk.place.is_there():
        where = desk.place.uri
        return Look((), "", f"There is no {where} yet: make this folder and drop images into it.")
    if desk.queue is not None:
        return _look_by_queue(desk, desk.queue, cursor)
    uploads, lonely = pair_up(desk.place.list())
    digest = _digest(uploads)
    if cursor == digest:
        return Look((), digest, f"Nothing new: {len(uploads)} uploads are known.{_lonely(lonely)}")
    memory = load_memory(desk.store)
    session = Session(desk, memory, {upload.path for upload in uploads})
    _confirm(session)
    _take(session, uploads)
    memory.files = {path: each for path, each in memory.files.items() if session.is_there(path)}
    save_memory(desk.store, memory)
    done = not memory.pending and not session.unfinished
    words = f"{_words(session)} {len(memory.files)} uploads are known.{_lonely(lonely)}"
    return Look(_runs(memory), digest if done else "", words)


def _look_by_queue(desk: Desk, queue: UploadQueue, cursor: str | None) -> Look:
    """What the queue tells of, and one page of a listing that goes round and round, so that a
    notification that was lost is made good.
    """
    memory = load_memory(desk.store)
    session = Session(desk, memory, None)
    _confirm(session)
    if not memory.pending:
        queue.delete(memory.receipts)
        memory.receipts = []
    notices = queue.receive(desk.automation.per_look)
    told = {path for notice in notices for path in notice.paths}
    after = json.loads(cursor).get("after", "") if cursor and cursor.startswith("{") else ""
    page = list(islice(desk.place.list(after=after), _PAGE))
    named = [found for start in {_stem(path) for path in told} for found in desk.place.list(start)]
    found = {each.path: each for each in [*page, *named]}
    uploads, _ = pair_up(found[path] for path in sorted(found))
    _take(session, uploads)
    memory.receipts += [
        notice.receipt
        for notice in notices
        if session.unfinished.isdisjoint(_siblings(notice.paths, uploads))
    ]
    save_memory(desk.store, memory)
    goes_on = page[-1].path if page and len(page) == _PAGE else ""
    words = f"{_words(session)} {len(notices)} messages, {len(page)} objects listed."
    return Look(_runs(memory), json.dumps({"after": goes_on}), words)


def _siblings(paths: Iterable[str], uploads: Sequence[Upload]) -> set[str]:
    """The images that messages about ``paths``, which may be sidecars, concern."""
    stems = {_stem(path) for path in paths}
    return {upload.path for upload in uploads if _stem(upload.path) in stems}


def _stem(path: str) -> str:
    """What an image and its sidecar begin with alike."""
    before, dot, _ = path.rpartition(".")
    return before + dot or path


def _confirm(session: Session) -> None:
    """Forget the pending runs that exist by now."""
    memory = session.memory
    memory.pending = {
        asset_id: pending
        for asset_id, pending in memory.pending.items()
        if not session.desk.run_exists(pending.run_key)
    }


def _take(session: Session, uploads: Sequence[Upload]) -> None:
    """Take in what is new or changed, as much as one look may."""
    memory, automation = session.memory, session.desk.automation
    waiting, memory.waiting = memory.waiting, {}
    changed = [upload for upload in uploads if not _is_known(memory, upload)]
    # What was left before comes last, so that it keeps nothing else waiting.
    changed.sort(key=lambda upload: upload.path in waiting)
    started, taken = monotonic(), 0
    for upload in changed:
        if taken >= automation.per_look or monotonic() - started > _SECONDS:
            session.unfinished.add(upload.path)
            session.counts["left for the next look"] += 1
            if upload.path in waiting:
                memory.waiting[upload.path] = upload.version
        elif not _has_settled(session, upload, waiting):
            session.later(upload, "still being written")
        else:
            taken += take_one(session, upload)


def _is_known(memory: Memory, upload: Upload) -> bool:
    known = memory.files.get(upload.path)
    return known is not None and known.version == upload.version


def _has_settled(session: Session, upload: Upload, waiting: dict[str, str]) -> bool:
    if upload.changed_at is None:
        return True
    age = session.desk.now - upload.changed_at
    # A clock that runs ahead makes a file from the future: two equal looks tell as well.
    ahead = age < 0 and waiting.get(upload.path) == upload.version
    return ahead or age >= session.desk.automation.settle_s


def _runs(memory: Memory) -> tuple[RunWish, ...]:
    return tuple(
        RunWish(asset_id, pending.nodes, pending.run_key)
        for asset_id, pending in sorted(memory.pending.items())
    )


def _digest(uploads: Sequence[Upload]) -> str:
    """Names a listing: equal only if no upload came, went or changed."""
    total = sha256()
    for upload in uploads:
        total.update(f"{upload.path}\0{upload.version}\n".encode("utf-8", "surrogateescape"))
    return total.hexdigest()


def _words(session: Session) -> str:
    told = ", ".join(f"{count} {what}" for what, count in session.counts.items())
    runs = len(session.memory.pending)
    lines = [f"{told or 'Nothing new'}; {runs} runs asked for."]
    return "\n".join([*session.notes, *lines])


def _lonely(count: int) -> str:
    return f" {count} sidecars have no image beside them." if count else ""
