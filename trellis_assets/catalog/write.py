"""New entries as files that a person can then edit and commit."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import yaml

from trellis_assets.store import Store

from .entry import ASSET_ID_PATTERN, Entry
from .errors import CatalogError, CatalogProblem
from .load import entry_key

_SCHEMA_HINT = "# yaml-language-server: $schema=../schema/entry.schema.json\n"


def asset_id_from(file_name: str) -> str:
    """A valid asset id for an uploaded file: ``Oak Barrel (v2).png`` becomes ``oak_barrel_v2``.

    Raises:
        CatalogError: nothing usable is left of the name.
    """
    stem = Path(file_name).stem
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9-]+", "_", plain).strip("_-")
    if words and not words[0].isalpha():
        words = f"asset_{words}"
    candidate = words[:64].rstrip("_-")
    if not re.match(ASSET_ID_PATTERN, candidate):
        raise CatalogError(
            CatalogProblem(
                file_name,
                None,
                "file name",
                repr(file_name),
                "no asset id can be made of it",
                "rename the file so that its name has Latin letters",
            )
        )
    return candidate


def write_entry(catalog: Store, entry: Entry) -> str:
    """Write ``entry`` as a new file, never over an old one; returns where it is.

    Raises:
        CatalogError: the catalog has an entry of this id already.
    """
    key = entry_key(entry.id)
    if not catalog.create(key, entry_text(entry).encode()):
        raise CatalogError(
            CatalogProblem(
                catalog.location(key), None, "id", repr(entry.id), "the catalog has this entry",
                "choose another id",
            )
        )  # fmt: skip
    return catalog.location(key)


def entry_text(entry: Entry) -> str:
    """The YAML of a new entry: what differs from the defaults, in the order of the fields."""
    content = entry.model_dump(mode="json", by_alias=False, exclude_defaults=True)
    content["class"] = content.pop("asset_class")
    order = [info.alias or name for name, info in Entry.model_fields.items()]
    ordered = {name: content[name] for name in order if name in content}
    return _SCHEMA_HINT + yaml.safe_dump(ordered, sort_keys=False, allow_unicode=True)
