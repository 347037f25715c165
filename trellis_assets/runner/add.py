"""``trellis-assets add``: images into the catalog."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from pydantic import ValidationError

from trellis_assets.catalog import Entry, asset_id_from, concept_key, load_profiles, write_entry
from trellis_assets.catalog.entry import ASSET_ID_RULE
from trellis_assets.errors import TrellisAssetsError
from trellis_assets.pipeline.settings import PipelineSettings
from trellis_assets.store import Store

_DEFAULT_PROFILES = {
    "prop": ("mobile.prop", "pc.prop"),
    "hero": ("mobile.hero", "pc.hero"),
    "background": ("pc.background",),
    "setpiece": ("fortnite.setpiece",),
    "accessory": ("roblox.accessory",),
}


class CannotAdd(TrellisAssetsError):
    """An image cannot become an entry."""


def add_command(
    images: Sequence[Path],
    *,
    asset_id: str | None,
    asset_class: str,
    height: float,
    profiles: Sequence[str],
    owner: str,
    licence: str,
) -> int:
    """Returns the exit code: 0 when every image was added; a bad one stops no other."""
    catalog = PipelineSettings.from_environment().catalog
    if asset_id is not None and len(images) > 1:
        raise CannotAdd("--id names one game asset, several images were given", fix="leave it out")
    known = load_profiles(catalog).profiles
    unknown = sorted(set(profiles) - set(known))
    if unknown:
        raise CannotAdd(
            f"no such target profile: {', '.join(unknown)}",
            fix=f"known: {', '.join(sorted(known))}",
        )
    failures = 0
    for image in images:
        try:
            file = _add(
                catalog, image, asset_id or asset_id_from(image.name), asset_class, height,
                tuple(profiles) or _DEFAULT_PROFILES.get(asset_class, ()), owner, licence,
            )  # fmt: skip
        except TrellisAssetsError as error:
            click.secho(f"error: {error}", fg="red", err=True)
            failures += 1
        else:
            click.echo(f"added {file}")
    if failures < len(images):
        click.echo("next: trellis-assets refresh")
    return 1 if failures else 0


def _add(
    catalog: Store,
    image: Path,
    asset_id: str,
    asset_class: str,
    height: float,
    profiles: tuple[str, ...],
    owner: str,
    licence: str,
) -> str:
    from trellis_assets.concepts import prepare

    if not image.is_file():
        raise CannotAdd(f"{image} does not exist", fix="give the path of an image file")
    data = image.read_bytes()
    prepare(data)  # refuses what could never become a model
    concept = asset_id + image.suffix.lower()
    try:
        entry = Entry.model_validate(
            {
                "id": asset_id,
                "concept": concept,
                "class": asset_class,
                "height_m": height,
                "profiles": profiles,
                "owner": owner,
                "license": licence,
            }
        )
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        rule = ASSET_ID_RULE if field == "id" else first["msg"]
        raise CannotAdd(f"{field} is {first['input']!r}: {rule}") from error
    key = concept_key(concept)
    if not catalog.create(key, data) and catalog.read(key) != data:
        raise CannotAdd(f"{catalog.location(key)} is there already", fix="choose another --id")
    return write_entry(catalog, entry)
