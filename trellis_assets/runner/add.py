"""``trellis-assets add``: images into the catalog, as an upload would come in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from trellis_assets.catalog import Profiles, UploadAutomation, load_automation, load_profiles
from trellis_assets.errors import TrellisAssetsError
from trellis_assets.pipeline.settings import PipelineSettings
from trellis_assets.store import Store
from trellis_assets.uploads import add_new, make_wish


class CannotAdd(TrellisAssetsError):
    """An image cannot become an entry."""


def add_command(
    images: Sequence[Path],
    *,
    asset_id: str | None,
    asset_class: str | None,
    height: float | None,
    profiles: Sequence[str],
    owner: str | None,
    licence: str | None,
) -> int:
    """Returns the exit code: 0 when every image was added; a bad one stops no other."""
    catalog = PipelineSettings.from_environment().catalog
    if asset_id is not None and len(images) > 1:
        raise CannotAdd("--id names one game asset, several images were given", fix="leave it out")
    known, defaults = load_profiles(catalog), load_automation(catalog).uploads
    options = {
        "id": asset_id,
        "class": asset_class,
        "height_m": height,
        "profiles": list(profiles) or None,
        "owner": owner,
        "license": licence,
    }
    asked = {name: value for name, value in options.items() if value is not None}
    failures = 0
    for image in images:
        try:
            file = _add(catalog, image, asked, known, defaults)
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
    asked: Mapping[str, Any],
    profiles: Profiles,
    defaults: UploadAutomation,
) -> str:
    from trellis_assets.concepts import prepare

    if not image.is_file():
        raise CannotAdd(f"{image} does not exist", fix="give the path of an image file")
    data = image.read_bytes()
    prepare(data)  # refuses what could never become a model
    wish = make_wish(image.name, asked, profiles, defaults)
    return add_new(catalog, wish.entry(wish.asset_id), data)
