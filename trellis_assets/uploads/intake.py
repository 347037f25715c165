"""An upload on its way into the catalog: image or model, and the entry, new or brought up to date.

Killed anywhere, the same call again goes on where the last one stopped.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from trellis_assets.catalog import (
    CatalogError,
    concept_key,
    entry_key,
    model_key,
    source_key,
    write_entry,
)
from trellis_assets.catalog.edit import edit_fields
from trellis_assets.catalog.entry import Entry
from trellis_assets.catalog.yaml_file import read_yaml
from trellis_assets.store import Store

from .errors import UploadBusy, UploadRefused
from .wish import Wish

Admitted = Literal["new", "changed", "unchanged"]
_TRIES = 8


def add_new(catalog: Store, entry: Entry, data: bytes) -> str:
    """Add a game asset that the catalog does not have; returns where its entry is.

    Raises:
        UploadRefused: its image or model is there with another content.
        CatalogError: the catalog has an entry of this id.
    """
    key = source_key(entry)
    if not catalog.create(key, data) and catalog.read(key) != data:
        raise UploadRefused(f"{catalog.location(key)} is there already", fix="choose another id")
    return write_entry(catalog, entry)


def admit(
    catalog: Store, wish: Wish, asset_id: str, data: bytes, told: Mapping[str, Any] | None
) -> Admitted:
    """Make the catalog say what the upload asks for.

    Of an entry that is there, image or model follow the upload, and so does each field in which the
    upload asks for something else than the last time, unless a person has set it since.

    Args:
        told: the fields that this game asset's upload asked for the last time; None if no upload
            was known of it, in which case every field of the entry is a person's.

    Raises:
        UploadRefused: an image for an entry with a model, or the other way round.
        CatalogError: the entry that is there cannot be read or edited.
        UploadBusy: somebody else keeps writing the same files.
    """
    name = asset_id + wish.suffix
    _refuse_other_kind(catalog, wish, asset_id)
    changed = _put(catalog, model_key(name) if wish.source == "model" else concept_key(name), data)
    if not catalog.exists(entry_key(asset_id)):
        try:
            write_entry(catalog, wish.entry(asset_id))
        except CatalogError:
            pass  # somebody was first: theirs is brought up to date
        else:
            return "new"
    edited = _update_entry(catalog, asset_id, {wish.source: name}, wish.fields, told)
    return "changed" if changed or edited else "unchanged"


def _refuse_other_kind(catalog: Store, wish: Wish, asset_id: str) -> None:
    key, other = entry_key(asset_id), "concept" if wish.source == "model" else "model"
    content = read_yaml(catalog, key).content if catalog.exists(key) else {}
    if isinstance(content, dict) and other in content:
        raise UploadRefused(
            f"the game asset {asset_id} is made from its {other}, {content[other]}",
            fix=f"write `{wish.source}:` instead of `{other}:` into its entry and put the file "
            "beside it, or give this file another name",
        )


def _put(catalog: Store, key: str, data: bytes) -> bool:
    """Whether the file under ``key`` was another one, or none."""
    for _ in range(_TRIES):
        if catalog.create(key, data):
            return True
        old = catalog.read(key)
        if old == data:
            return False
        if catalog.replace(key, old, data):
            return True
    raise _busy(catalog, key)


def _update_entry(
    catalog: Store,
    asset_id: str,
    source: Mapping[str, str],
    fields: Mapping[str, Any],
    told: Mapping[str, Any] | None,
) -> bool:
    key = entry_key(asset_id)
    for _ in range(_TRIES):
        file = read_yaml(catalog, key)
        content = file.content if isinstance(file.content, dict) else {}
        changes = {} if told is None else _changes(content, fields, told)
        changes |= {name: named for name, named in source.items() if content.get(name) != named}
        if not changes:
            return False
        new = edit_fields(file, changes).encode()
        if catalog.replace(key, file.text.encode(), new):
            return True
    raise _busy(catalog, key)


def _changes(
    content: Mapping[str, Any], fields: Mapping[str, Any], told: Mapping[str, Any]
) -> dict[str, Any]:
    """What the upload asks for anew, where the entry still says what it asked for before."""
    return {
        name: value
        for name, value in fields.items()
        if value != told.get(name) and content.get(name) == told.get(name)
    }


def _busy(catalog: Store, key: str) -> UploadBusy:
    return UploadBusy(
        f"{catalog.location(key)} was written by somebody else {_TRIES} times in a row",
        fix="nothing: the next look tries again",
    )
