"""``trellis-assets add``: images and models into the catalog, as an upload would come in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from trellis_assets.catalog import Profiles, UploadAutomation, load_automation, load_profiles
from trellis_assets.errors import TrellisAssetsError
from trellis_assets.pipeline.settings import PipelineSettings
from trellis_assets.pipeline.source import read_source
from trellis_assets.store import Store
from trellis_assets.uploads import add_new, make_wish


class CannotAdd(TrellisAssetsError):
    """A file cannot become an entry."""


def add_command(
    files: Sequence[Path],
    *,
    asset_id: str | None,
    asset_class: str | None,
    height: float | None,
    profiles: Sequence[str],
    owner: str | None,
    licence: str | None,
    ai_model: str | None,
) -> int:
    """Returns the exit code: 0 when every file was added; a bad one stops no other."""
    catalog = PipelineSettings.from_environment().catalog
    if asset_id is not None and len(files) > 1:
        raise CannotAdd("--id names one game asset, several files were given", fix="leave it out")
    known, defaults = load_profiles(catalog), load_automation(catalog).uploads
    options = {
        "id": asset_id,
        "class": asset_class,
        "height_m": height,
        "profiles": list(profiles) or None,
        "owner": owner,
        "license": licence,
        "ai_model": ai_model,
    }
    asked = {name: value for name, value in options.items() if value is not None}
    failures = 0
    for file in files:
        try:
            entry = _add(catalog, file, asked, known, defaults)
        except TrellisAssetsError as error:
            click.secho(f"error: {file}: {error}", fg="red", err=True)
            failures += 1
        else:
            click.echo(f"added {entry}")
    if failures < len(files):
        click.echo("next: trellis-assets refresh")
    return 1 if failures else 0


def _add(
    catalog: Store,
    file: Path,
    asked: Mapping[str, Any],
    profiles: Profiles,
    defaults: UploadAutomation,
) -> str:
    if not file.is_file():
        raise CannotAdd("there is no such file", fix="give the path of an image or a GLB")
    data = file.read_bytes()
    wish = make_wish(file.name, asked, profiles, defaults)
    read_source(data, is_model=wish.source == "model")  # refuses what could never become an asset
    return add_new(catalog, wish.entry(wish.asset_id), data)
