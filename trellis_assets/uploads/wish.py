"""What an upload asks for: by its folders, by the sidecar beside it, else by the catalog's default.

``hero/pc.hero/lantern.png`` is of class hero, for the profile pc.hero; ``prop/lantern.png`` is a
prop, for the usual profiles of that class; ``lantern.yaml`` beside either says more, by field.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, get_args

from trellis_assets.catalog import CatalogError, Profiles, UploadAutomation, asset_id_from
from trellis_assets.catalog.entry import AssetClass, Entry
from trellis_assets.catalog.load import validated
from trellis_assets.catalog.yaml_file import YamlFile, parse_yaml

from .errors import UploadRefused
from .place import IMAGES, MODELS

_CLASSES = get_args(AssetClass)


@dataclass(frozen=True)
class Wish:
    """What is asked for, valid as an entry of the catalog."""

    asset_id: str
    """By the sidecar or the file's name."""
    suffix: str
    """``.png``, of the image; ``.glb`` of a model."""
    fields: Mapping[str, Any]
    """As the entry spells them, without ``id`` and what :attr:`source` names."""

    @property
    def source(self) -> str:
        """The field of the entry that names the uploaded file: ``concept`` or ``model``."""
        return _source(self.suffix)

    def entry(self, asset_id: str) -> Entry:
        """The entry of a game asset that was not in the catalog."""
        name = asset_id + self.suffix
        return Entry.model_validate({"id": asset_id, self.source: name, **self.fields})


def read_wish(
    path: str,
    sidecar: tuple[str, bytes] | None,
    profiles: Profiles,
    defaults: UploadAutomation,
) -> Wish:
    """Read what the upload at ``path`` asks for.

    Args:
        sidecar: its location and content, if there is one.

    Raises:
        UploadRefused: names, folders or sidecar cannot be used.
    """
    place = PurePosixPath(path)
    asked = _of_folders(place.parent.parts, profiles)
    file = YamlFile(path, "", {}) if sidecar is None else _read_sidecar(*sidecar)
    return make_wish(place.name, {**asked, **file.content}, profiles, defaults, file)


def make_wish(
    name: str,
    asked: Mapping[str, Any],
    profiles: Profiles,
    defaults: UploadAutomation,
    file: YamlFile | None = None,
) -> Wish:
    """What the image or model called ``name`` becomes.

    Args:
        asked: fields of an entry, ``id`` among them if it is not to come from the name.
        file: where they were written, for messages.

    Raises:
        UploadRefused: the name or a field cannot be used.
    """
    suffix = PurePosixPath(name).suffix.lower()
    if suffix not in (*IMAGES, *MODELS):
        raise UploadRefused(
            f"{name} is no image that this pipeline reads, and no GLB, by its name",
            fix=f"export it as one of {', '.join((*IMAGES, *MODELS))}",
        )
    fields = _with_defaults(asked, profiles, defaults)
    try:
        asset_id = str(fields.pop("id", "")) or asset_id_from(name)
        content = {"id": asset_id, _source(suffix): asset_id + suffix, **fields}
        where = file or YamlFile(name, "", {})
        validated(Entry, YamlFile(where.location, where.text, content))
    except CatalogError as error:
        raise _refusal(error) from error
    _refuse_unknown(fields["profiles"], profiles)
    return Wish(asset_id, suffix, fields)


def _source(suffix: str) -> str:
    return "model" if suffix in MODELS else "concept"


def _of_folders(folders: tuple[str, ...], profiles: Profiles) -> dict[str, Any]:
    """Class and profiles that the folders name; a folder that names neither is a mistake."""
    asked: dict[str, Any] = {}
    for folder in folders:
        if folder in profiles.profiles:
            asked.setdefault("profiles", []).append(folder)
        elif folder in _CLASSES and asked.get("class", folder) == folder:
            asked["class"] = folder
        elif folder in _CLASSES:
            raise UploadRefused(
                f"its folders name two classes, {asked['class']} and {folder}",
                fix="move it into a folder of one class",
            )
        else:
            known = [*_CLASSES, *profiles.profiles]
            close = difflib.get_close_matches(folder, known, n=1)
            raise UploadRefused(
                f"the folder {folder!r} is neither a class nor a target profile",
                fix=(f"did you mean {close[0]}? " if close else "")
                + f"classes: {', '.join(_CLASSES)}; profiles: {', '.join(profiles.profiles)}",
            )
    return asked


def _read_sidecar(location: str, data: bytes) -> YamlFile:
    try:
        file = parse_yaml(location, data)
    except CatalogError as error:
        raise _refusal(error) from error
    if not isinstance(file.content, dict):
        raise UploadRefused(
            f"{location} must be a mapping of fields", fix="write `field: value` lines"
        )
    for field, what in (("concept", "concept image"), ("model", "model")):
        if field in file.content:
            raise UploadRefused(
                f"{location} names a {what}", fix="leave it out: it is the file beside it"
            )
    return file


def _with_defaults(
    asked: Mapping[str, Any], profiles: Profiles, defaults: UploadAutomation
) -> dict[str, Any]:
    """``asked`` in the order of an entry, completed by the catalog's defaults."""
    usual: dict[str, Any] = {
        "class": defaults.asset_class,
        "height_m": defaults.height_m,
        "profiles": [],
        "owner": defaults.owner,
        "license": defaults.license,
    }
    fields = {**usual, **asked}
    if not fields["profiles"]:
        by_class = {str(name): names for name, names in defaults.usual_profiles.items()}
        usual_ones = by_class.get(str(fields["class"]), ())
        known = [name for name in usual_ones if name in profiles.profiles]
        fields["profiles"] = [*defaults.profiles] or known
    return fields


def _refuse_unknown(names: list[str], profiles: Profiles) -> None:
    unknown = [name for name in names if name not in profiles.profiles]
    if unknown:
        close = difflib.get_close_matches(unknown[0], profiles.profiles, n=1)
        raise UploadRefused(
            f"no such target profile: {unknown[0]}",
            fix=(f"did you mean {close[0]}? " if close else "")
            + f"known: {', '.join(profiles.profiles)}",
        )


def _refusal(error: CatalogError) -> UploadRefused:
    told = "; ".join(problem.what for problem in error.problems)
    return UploadRefused(told, fix="; ".join(problem.fix for problem in error.problems))
