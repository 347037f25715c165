"""New entries as files that a person can then edit and commit."""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path

import yaml

from .entry import ASSET_ID_PATTERN, Entry
from .errors import CatalogError, CatalogProblem
from .load import ASSETS_FOLDER

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
                Path(file_name),
                None,
                "file name",
                repr(file_name),
                "no asset id can be made of it",
                "rename the file so that its name has Latin letters",
            )
        )
    return candidate


def write_entry(folder: Path, entry: Entry) -> Path:
    """Write ``entry`` as a new file; never over an old one.

    Raises:
        CatalogError: the catalog has an entry of this id already.
    """
    file = folder / ASSETS_FOLDER / f"{entry.id}.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    content = entry.model_dump(mode="json", by_alias=False, exclude_defaults=True)
    content["class"] = content.pop("asset_class")
    order = [info.alias or name for name, info in Entry.model_fields.items()]
    ordered = {name: content[name] for name in order if name in content}
    text = _SCHEMA_HINT + yaml.safe_dump(ordered, sort_keys=False, allow_unicode=True)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    except FileExistsError as error:
        raise CatalogError(
            CatalogProblem(
                file, None, "id", repr(entry.id), "the catalog has this entry", "choose another id"
            )
        ) from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        handle.write(text)
    return file
