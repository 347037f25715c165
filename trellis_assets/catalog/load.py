"""Load the catalog: good entries and the problems of the others, side by side."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from trellis_assets.store import InvalidKey, Stamp, Store

from .entry import ASSET_ID_PATTERN, ASSET_ID_RULE, Entry
from .errors import CatalogError, CatalogProblem
from .profile import Profiles
from .yaml_file import YamlFile, parse_yaml, read_yaml

PROFILES_FILE = "profiles.yaml"
ASSETS_FOLDER = "assets"
CONCEPTS_FOLDER = "concepts"
MODELS_FOLDER = "models"

_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True)
class Catalog:
    """A catalog as it stands in its folder or bucket."""

    source: Store
    profiles: Profiles
    entries: Mapping[str, Entry]
    problems: tuple[CatalogProblem, ...]
    """Of the entries that were left out; the others are good."""


class KnownEntries(Protocol):
    """Remembers what good entry files hold, under the stamp that they had."""

    def known_entry(self, key: str, stamp: Stamp | None) -> Any | None:
        """The content of the file if it is still under this stamp."""
        ...

    def learn_entry(self, key: str, stamp: Stamp | None, content: Any) -> None:
        """A good file was read; its content is JSON."""
        ...


def entry_key(asset_id: str) -> str:
    """Where the entry of a game asset lies in the catalog."""
    return f"{ASSETS_FOLDER}/{asset_id}.yaml"


def concept_key(name: str) -> str:
    """Where a concept image lies in the catalog."""
    return f"{CONCEPTS_FOLDER}/{name}"


def model_key(name: str) -> str:
    """Where a model made by hand lies in the catalog."""
    return f"{MODELS_FOLDER}/{name}"


def source_key(entry: Entry) -> str:
    """Where the concept image lies that an entry names, or else its model."""
    return concept_key(entry.concept) if entry.concept else model_key(str(entry.model))


def load_catalog(source: Store, known: KnownEntries | None = None) -> Catalog:
    """Load every entry; one that is wrong is left out and reported, the rest go on.

    Args:
        known: files that were read before; those that are still the same are not read again.

    Raises:
        CatalogError: there is no catalog, its profiles are unusable, or it holds no entry at all.
    """
    profiles = load_profiles(source)
    keys, problems = _entry_keys(source)
    if not keys and not problems:
        raise CatalogError(
            CatalogProblem(
                source.location(ASSETS_FOLDER),
                None,
                "",
                "",
                "the catalog has no entries",
                "add one with `trellis-assets add IMAGE`",
            )
        )
    owners = set(keys)
    sources = {
        key for folder in (CONCEPTS_FOLDER, MODELS_FOLDER) for key in source.list(f"{folder}/")
    }
    # Stamps before reading: what is replaced in between is then read again the next time.
    seen = source.look(f"{ASSETS_FOLDER}/") if known else None
    stamps = {key: seen.stamp(key) if seen else None for key in keys}
    good = _known_entries(stamps, profiles, sources, known) if known else {}
    unread = [key for key in keys if key not in good]
    for key, data in zip(unread, source.read_many(unread), strict=True):
        try:
            file = parse_yaml(source.location(key), data)
            entry = _entry_of(file, profiles, sources.__contains__, source)
            _refuse_duplicate(key, file, entry, owners)
        except CatalogError as error:
            problems.extend(error.problems)
        else:
            good[key] = entry
            if known:
                known.learn_entry(key, stamps[key], file.content)
    entries = {good[key].id: good[key] for key in keys if key in good}
    return Catalog(source, profiles, entries, tuple(problems))


def load_entry(source: Store, asset_id: str, profiles: Profiles) -> Entry:
    """Load one entry, without reading any other.

    Raises:
        CatalogError: there is none of this id, or it is wrong.
    """
    if not re.fullmatch(ASSET_ID_PATTERN, asset_id) or not source.exists(entry_key(asset_id)):
        raise CatalogError(
            CatalogProblem(
                source.location(ASSETS_FOLDER),
                None,
                "asset id",
                repr(asset_id),
                "the catalog has no such entry",
                f"add {ASSETS_FOLDER}/<asset_id>.yaml, or retire the partition",
            )
        )
    file = read_yaml(source, entry_key(asset_id))
    return _entry_of(file, profiles, source.exists, source)


def load_profiles(source: Store) -> Profiles:
    """Load the target profiles.

    Raises:
        CatalogError: the folder or the file is missing or wrong.
    """
    if not source.exists(PROFILES_FILE):
        raise CatalogError(
            CatalogProblem(
                source.location(PROFILES_FILE),
                None,
                "",
                "",
                "there is no catalog here (no profiles.yaml)",
                "run in the project's folder, or set TRELLIS_ASSETS_CATALOG",
            )
        )
    return validated(Profiles, read_yaml(source, PROFILES_FILE))


def _known_entries(
    stamps: Mapping[str, Stamp | None],
    profiles: Profiles,
    sources: Collection[str],
    known: KnownEntries,
) -> dict[str, Entry]:
    """The entries whose files need not be read, by key; all that is doubtful is left out."""
    found = {}
    for key, stamp in stamps.items():
        content = known.known_entry(key, stamp)
        if content is None:
            continue
        try:
            entry = Entry.model_validate(content)
        except ValidationError:
            continue  # what makes an entry good has changed: the file is read and explained
        is_good = profiles.profiles.keys() >= set(entry.profiles)
        if is_good and entry_key(entry.id) == key and source_key(entry) in sources:
            found[key] = entry
    return found


def _entry_keys(source: Store) -> tuple[list[str], list[CatalogProblem]]:
    """The keys of all entries, and the files whose names cannot be one."""
    keys, problems = [], []
    for key in source.list(f"{ASSETS_FOLDER}/"):
        name = key.removeprefix(f"{ASSETS_FOLDER}/")
        if "/" in name or name.startswith(".") or not name.endswith((".yaml", ".yml")):
            continue
        try:
            source.location(key)
        except InvalidKey as error:
            problems.append(
                CatalogProblem(f"{source.uri}/{key}", None, "", "", error.message, error.fix)
            )
        else:
            keys.append(key)
    return keys, problems


def _entry_of(
    file: YamlFile, profiles: Profiles, is_there: Callable[[str], bool], source: Store
) -> Entry:
    entry = validated(Entry, file)
    problems: list[CatalogProblem] = []
    for index, name in enumerate(entry.profiles):
        if name not in profiles.profiles:
            close = difflib.get_close_matches(name, profiles.profiles, n=1)
            known = f"did you mean {close[0]}?" if close else ""
            problems.append(
                CatalogProblem(
                    file.location,
                    file.line_of(("profiles", index)),
                    f"profiles[{index}]",
                    repr(name),
                    "no such target profile",
                    f"{known} known: {', '.join(sorted(profiles.profiles))}".strip(),
                )
            )
    key = source_key(entry)
    if not is_there(key):
        field, what = ("concept", "image") if entry.concept else ("model", "GLB")
        folder, _, name = key.partition("/")
        problems.append(
            CatalogProblem(
                file.location,
                file.line_of((field,)),
                field,
                repr(name),
                f"there is no such file in {source.location(folder)}",
                f"copy the {what} there, or correct the name",
            )
        )
    if problems:
        raise CatalogError(*problems)
    return entry


def _refuse_duplicate(key: str, file: YamlFile, entry: Entry, keys: set[str]) -> None:
    owner = entry_key(entry.id)
    if key == owner:
        return
    name = owner.removeprefix(f"{ASSETS_FOLDER}/")
    if owner in keys:
        rule, fix = f"the id is taken by {name}", "give this asset an id of its own"
    else:
        rule, fix = "the file must be named after the id", f"rename it to {name}"
    raise CatalogError(
        CatalogProblem(file.location, file.line_of(("id",)), "id", repr(entry.id), rule, fix)
    )


def validated(model: type[_Model], file: YamlFile) -> _Model:
    """The content of ``file`` as ``model``.

    Raises:
        CatalogError: with the line, the value, the rule and the fix of everything that is wrong.
    """
    if not isinstance(file.content, dict):
        raise CatalogError(
            CatalogProblem(
                file.location,
                1,
                "",
                "",
                "must be a mapping of fields",
                "write `field: value` lines",
            )
        )
    try:
        return model.model_validate(file.content)
    except ValidationError as error:
        raise CatalogError(
            *(_problem_of(model, file, details) for details in error.errors(include_url=False))
        ) from error


def _problem_of(model: type[BaseModel], file: YamlFile, details: Any) -> CatalogProblem:
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
    elif details["type"] == "string_pattern_mismatch" and path[-1] == "model":
        rule = "must be the bare name of a .glb in catalog/models, without any folder"
    if not path:  # it concerns several fields, which the rule names
        return CatalogProblem(file.location, None, "", "", rule, "correct these fields")
    return CatalogProblem(file.location, file.line_of(path), field, found, rule, fix)
