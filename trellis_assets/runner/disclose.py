"""``trellis-assets disclose``: which delivered assets were made by AI, for a store page."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from trellis_assets.delivery import (
    MANIFEST,
    MANIFEST_VERSION,
    DeliveryError,
    disclosure,
    disclosure_markdown,
)
from trellis_assets.pipeline.settings import PipelineSettings
from trellis_assets.store import Store, open_store


def disclose_command(
    only: Collection[str], profiles: Collection[str], *, out: Path | None, as_json: bool
) -> int:
    """Prints the disclosure, or writes it to ``out``.

    Returns:
        The exit code, 0.

    Raises:
        DeliveryError: nothing was delivered that fits, or a manifest is of another version.
    """
    store = open_store(PipelineSettings.from_environment().store)
    found = [
        manifest
        for manifest in delivered_manifests(store)
        if (not only or manifest["asset_id"] in only)
        and (not profiles or manifest["profile"] in profiles)
    ]
    if not found:
        wanted = " ".join([*only, *profiles]) or "anything"
        raise DeliveryError(
            f"no variant of {wanted} is in {store.uri}", fix="run `trellis-assets refresh` first"
        )
    content = disclosure(found)
    text = disclosure_markdown(content)
    if as_json:
        text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    if out is None:
        print(text, end="")
    else:
        out.write_text(text, encoding="utf-8")
    return 0


def delivered_manifests(store: Store) -> Iterator[dict[str, Any]]:
    """The manifest of every variant in ``store``.

    Raises:
        DeliveryError: one was written by another version.
    """
    for key in store.list("assets/"):
        if key.endswith(f"/{MANIFEST}") and key.split("/")[2:3] == ["variants"]:
            manifest = json.loads(store.read(key))
            if manifest.get("version") != MANIFEST_VERSION:
                raise DeliveryError(
                    f"{key} is of version {manifest.get('version')}, not {MANIFEST_VERSION}",
                    fix="run `trellis-assets refresh`, which makes it again",
                )
            yield manifest
