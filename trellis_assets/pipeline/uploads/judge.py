"""One upload: whose it is, whether it is fit, and what the catalog and the plan make of it."""

from __future__ import annotations

import secrets

from trellis_assets.catalog import entry_key, load_entry, load_waivers
from trellis_assets.errors import TrellisAssetsError
from trellis_assets.store import content_hash
from trellis_assets.uploads import (
    Upload,
    UploadPlace,
    UploadRefused,
    Wish,
    admit,
    quarantine,
    read_wish,
)
from trellis_assets.uploads.memory import KnownAsset, KnownFile, Pending

from ..graph import build_graph
from ..node import Brief
from ..plan import plan_asset
from ..source import read_source
from .desk import Session


def take_one(session: Session, upload: Upload) -> bool:
    """Take in one upload; returns whether the catalog is different now."""
    try:
        try:
            return _judge(session, upload)
        except UploadRefused as refusal:
            _refuse(session, upload, refusal)
    except TrellisAssetsError as error:
        # Not the image's fault: an entry that cannot be read, or a file that others write.
        session.later(upload, "stuck")
        session.notes.append(f"{upload.path}: {error}")
    return False


def _refuse(session: Session, upload: Upload, refusal: TrellisAssetsError) -> None:
    where = quarantine(session.desk.place, upload, refusal)
    if where:
        session.counts["in quarantine"] += 1
        session.notes.append(f"{where}: {refusal}")
    else:
        session.later(upload, "changed meanwhile")


def _judge(session: Session, upload: Upload) -> bool:
    desk, memory = session.desk, session.memory
    data = _read_file(desk.place, upload)
    sidecar = _read_sidecar(desk.place, upload)
    if data is None:
        session.later(upload, "gone meanwhile")
        return False
    digest = content_hash(data)
    wish = read_wish(upload.path, sidecar, session.profiles, desk.automation)
    asset_id, is_copy = _whose(session, upload, digest, wish)
    known = memory.assets.get(asset_id)
    file = KnownFile(upload.version, digest, asset_id)
    if is_copy:
        session.counts["copies of known files"] += 1
        memory.files[upload.path] = file
        return False
    asked = {**wish.fields, "suffix": wish.suffix}
    if (
        known is not None
        and (known.sha256, known.told) == (digest, asked)
        and desk.catalog.exists(entry_key(asset_id))
    ):
        # Touched, renamed, or written again with the same content.
        memory.files[upload.path] = file
        memory.assets[asset_id] = known._replace(path=upload.path)
        session.counts["renamed or touched"] += 1
        return False
    if known is None or known.sha256 != digest:
        patience = desk.automation.patience_s
        young = upload.changed_at is not None and desk.now - upload.changed_at < patience
        if not _is_usable(session, upload, data, young=young):
            return False
    if asset_id in session.in_progress:
        # Its run reads the catalog as it goes, and must not see two images or models.
        session.later(upload, "waiting for a run of the same asset")
        return False
    outcome = admit(desk.catalog, wish, asset_id, data, known.told if known else None)
    session.counts[{"new": "new", "changed": "changed", "unchanged": "as they were"}[outcome]] += 1
    nodes = _due(session, asset_id)
    memory.files[upload.path] = file
    memory.assets[asset_id] = KnownAsset(digest, upload.path, asked)
    memory.by_content[digest] = asset_id
    if nodes:
        # Another key for each change: going back to an earlier image is another change again.
        key = f"{asset_id}:{digest[:12]}:{secrets.token_hex(4)}"
        memory.pending[asset_id] = Pending(key, nodes)
    return True


def _read_file(place: UploadPlace, upload: Upload) -> bytes | None:
    most, fix = _largest(is_model=upload.is_model)
    if upload.image.size > most:
        raise UploadRefused(
            f"the file has {upload.image.size / 1e6:.0f} MB, the limit is {most / 1e6:.0f} MB",
            fix=fix,
        )
    return place.read(upload.path)


def _largest(*, is_model: bool) -> tuple[int, str]:
    """Bytes that are read at most, and what helps where a file has more."""
    if is_model:
        from trellis_assets.validation.limits import LARGEST_FILE

        return LARGEST_FILE, "split the model or shrink its textures"
    from trellis_assets.concepts.decode import MAX_BYTES

    return MAX_BYTES, "export it as PNG or WebP at 2048 pixels or less"


def _read_sidecar(place: UploadPlace, upload: Upload) -> tuple[str, bytes] | None:
    from trellis_assets.catalog.yaml_file import MAX_FILE_BYTES

    if upload.sidecar is None:
        return None
    if upload.sidecar.size > MAX_FILE_BYTES:
        raise UploadRefused(
            f"{upload.sidecar.path} has {upload.sidecar.size} bytes, the limit is {MAX_FILE_BYTES}",
            fix="keep to the fields of an entry",
        )
    data = place.read(upload.sidecar.path)
    return None if data is None else (place.location(upload.sidecar.path), data)


def _whose(session: Session, upload: Upload, digest: str, wish: Wish) -> tuple[str, bool]:
    """The game asset that an upload is of, and whether it is but a copy of its image.

    A file that was renamed stays with its game asset, as long as there is no other file of it.

    Raises:
        UploadRefused: the game asset has another file.
    """
    memory = session.memory
    file = memory.files.get(upload.path)
    before = file.asset_id if file is not None else memory.by_content.get(digest, "")
    owner = memory.assets.get(before)
    if owner is not None:
        if owner.path == upload.path or not session.is_there(owner.path):
            return before, False
        if owner.sha256 == digest:
            return before, True
    asset_id = wish.asset_id
    other = memory.assets.get(asset_id)
    if other is not None and other.path != upload.path and session.is_there(other.path):
        if other.sha256 == digest:
            return asset_id, True
        raise UploadRefused(
            f"the game asset {asset_id} comes from {other.path}, which has another content",
            fix="give one of the two another name, or remove the one that is not meant",
        )
    return asset_id, False


def _is_usable(session: Session, upload: Upload, data: bytes, *, young: bool) -> bool:
    """Whether a variant can be made of it; if not, it is put aside or, while it is young, left."""
    try:
        read_source(data, is_model=upload.is_model)
    except TrellisAssetsError as error:
        if young:
            session.later(upload, "not readable yet")
        else:
            _refuse(session, upload, error)
        return False
    return True


def _due(session: Session, asset_id: str) -> tuple[str, ...]:
    """The nodes that the game asset needs, by the same plan as everywhere."""
    desk = session.desk
    entry = load_entry(desk.catalog, asset_id, session.profiles)
    waivers = load_waivers(desk.catalog)
    brief = Brief(entry, session.profiles, desk.catalog, desk.generator, waivers=waivers)
    return plan_asset(build_graph(session.profiles), brief, desk.store).nodes
