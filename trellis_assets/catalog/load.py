"""Load the catalog: good entries and the problems of the others, side by side."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from .entry import ASSET_ID_PATTERN, ASSET_ID_RULE, Entry
from .errors import CatalogError, CatalogProblem
from .profile import Profiles
from .yaml_file import line_of, read_yaml

PROFILES_FILE = "profiles.yaml"
ASSETS_FOLDER = "assets"
CONCEPTS_FOLDER = "concepts"

_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True)
class Catalog:
    """A catalog as it stands on disk."""

    folder: Path
    profiles: Profiles
    entries: Mapping[str, Entry]
    problems: tuple[CatalogProblem, ...]
    """Of the entries that were left out; the others are good."""


def load_catalog(folder: Path) -> Catalog:
    """Load every entry; one that is wrong is left out and reported, the rest go on.

    Raises:
        CatalogError: there is no catalog, its profiles are unusable, or it holds no entry at all.
    """
    profiles = load_profiles(folder)
    files = sorted(_entry_files(folder))
    if not files:
        raise CatalogError(
            CatalogProblem(
                folder / ASSETS_FOLDER,
                None,
                "",
                "",
                "the catalog has no entries",
                "add one with `trellis-assets add IMAGE`",
            )
        )
    entries: dict[str, Entry] = {}
    problems: list[CatalogProblem] = []
    for file in files:
        try:
            entry = _read_entry(folder, file, profiles)
            _refuse_duplicate(folder, file, entry, entries)
        except CatalogError as error:
            problems.extend(error.problems)
        else:
            entries[entry.id] = entry
    return Catalog(folder, profiles, entries, tuple(problems))


def load_entry(folder: Path, asset_id: str, profiles: Profiles) -> Entry:
    """Load one entry, without reading any other.

    Raises:
        CatalogError: there is none of this id, or it is wrong.
    """
    file = folder / ASSETS_FOLDER / f"{asset_id}.yaml"
    if not re.match(ASSET_ID_PATTERN, asset_id) or not file.is_file():
        raise CatalogError(
            CatalogProblem(
                folder / ASSETS_FOLDER,
                None,
                "asset id",
                repr(asset_id),
                "the catalog has no such entry",
                f"add {ASSETS_FOLDER}/<asset_id>.yaml, or retire the partition",
            )
        )
    return _read_entry(folder, file, profiles)


def load_profiles(folder: Path) -> Profiles:
    """Load the target profiles.

    Raises:
        CatalogError: the folder or the file is missing or wrong.
    """
    file = folder / PROFILES_FILE
    if not file.is_file():
        raise CatalogError(
            CatalogProblem(
                file,
                None,
                "",
                "",
                "there is no catalog here (no profiles.yaml)",
                "run in the project's folder, or set TRELLIS_ASSETS_CATALOG",
            )
        )
    return validated(Profiles, file, read_yaml(file))


def _entry_files(folder: Path) -> Iterator[Path]:
    assets = folder / ASSETS_FOLDER
    if assets.is_dir():
        yield from (file for file in assets.iterdir() if file.suffix in (".yaml", ".yml"))


def _read_entry(folder: Path, file: Path, profiles: Profiles) -> Entry:
    content = read_yaml(file)
    entry = validated(Entry, file, content)
    problems: list[CatalogProblem] = []
    for index, name in enumerate(entry.profiles):
        if name not in profiles.profiles:
            close = difflib.get_close_matches(name, profiles.profiles, n=1)
            known = f"did you mean {close[0]}?" if close else ""
            problems.append(
                CatalogProblem(
                    file,
                    line_of(file, ("profiles", index)),
                    f"profiles[{index}]",
                    repr(name),
                    "no such target profile",
                    f"{known} known: {', '.join(sorted(profiles.profiles))}".strip(),
                )
            )
    if not (folder / CONCEPTS_FOLDER / entry.concept).is_file():
        problems.append(
            CatalogProblem(
                file,
                line_of(file, ("concept",)),
                "concept",
                repr(entry.concept),
                f"there is no such file in {folder / CONCEPTS_FOLDER}",
                "copy the image there, or correct the name",
            )
        )
    if problems:
        raise CatalogError(*problems)
    return entry


def _refuse_duplicate(folder: Path, file: Path, entry: Entry, entries: Mapping[str, Entry]) -> None:
    owner = folder / ASSETS_FOLDER / f"{entry.id}.yaml"
    if file == owner:
        return
    if entry.id in entries or owner.is_file():
        rule, fix = f"the id is taken by {owner.name}", "give this asset an id of its own"
    else:
        rule, fix = "the file must be named after the id", f"rename it to {owner.name}"
    raise CatalogError(
        CatalogProblem(file, line_of(file, ("id",)), "id", repr(entry.id), rule, fix)
    )


def validated(model: type[_Model], file: Path, content: Any) -> _Model:
    """``content`` of ``file`` as ``model``.

    Raises:
        CatalogError: with the line, the value, the rule and the fix of everything that is wrong.
    """
    if not isinstance(content, dict):
        raise CatalogError(
            CatalogProblem(
                file, 1, "", "", "must be a mapping of fields", "write `field: value` lines"
            )
        )
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise CatalogError(
            *(_problem_of(model, file, details) for details in error.errors(include_url=False))
        ) from error


def _problem_of(model: type[BaseModel], file: Path, details: Any) -> CatalogProblem:
    path = tuple(details["loc"])
    field = ".".join(str(step) for step in path)
    found = repr(details["input"])
    found = found if len(found) <= 80 else found[:77] + "..."
    rule = str(details["msg"]).removeprefix("Value error, ").removeprefix("Input ")
    rule = rule[:1].lower() + rule[1:]
    fix = "correct the value"
    if details["type"] == "missing":
        found, rule, fix = "missing", "the field is required", f"add `{path[-1]}:` to the file"
    elif details["type"] == "extra_forbidden":
        fields = model.model_fields if len(path) == 1 else {}
        names = [info.alias or name for name, info in fields.items()]
        close = difflib.get_close_matches(str(path[-1]), names, n=1)
        rule = "there is no such field"
        fix = f"did you mean `{close[0]}`?" if close else "remove it"
    elif details["type"] == "string_pattern_mismatch" and path[-1] == "id":
        rule = ASSET_ID_RULE
    elif details["type"] == "string_pattern_mismatch" and path[-1] == "concept":
        rule = "must be the bare name of a file in catalog/concepts, without any folder"
    return CatalogProblem(file, line_of(file, path), field or "the file", found, rule, fix)
