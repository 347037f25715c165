"""``trellis-assets generate``: one image through the embedded generator, without a catalog."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from trellis_assets.concepts import ImageUndecodable
from trellis_assets.embedded import EmbeddedError, generate
from trellis_assets.store import FolderStore


class NotAGlb(EmbeddedError):
    """The output file is not named like a GLB."""


def generate_command(
    image: Path,
    *,
    out: Path,
    seed: int,
    settings: Mapping[str, Any],
    as_trellis: bool,
    as_json: bool,
) -> int:
    """Write the model of ``image`` to ``out``, with ``as_json`` its report beside it (``.json``)
    and to standard output; progress goes to standard error. Returns the exit code.

    Raises:
        TrellisAssetsError: the image or a setting is refused, or nothing can be written.
    """
    if out.suffix.lower() != ".glb":
        raise NotAGlb(f"the output file is called {out.name}", fix="give --out FILE.glb")
    try:
        data = image.read_bytes()
    except OSError as error:
        raise ImageUndecodable(
            f"{image} cannot be read: {error.strerror}", fix="check the path"
        ) from error
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    result = generate(
        data,
        settings={name: value for name, value in settings.items() if value is not None},
        seed=seed,
        progress=lambda stage, share: console.print(f"{share:4.0%} {stage}"),
        as_trellis=as_trellis,
    )
    folder = FolderStore(out.parent)
    folder.write(out.name, result.glb)
    if as_json:
        text = json.dumps(result.report, indent=1)
        folder.write(out.with_suffix(".json").name, f"{text}\n".encode())
        print(text)
        return 0
    report = result.report
    print(f"{out}: {report['triangles']:,} triangles, {len(result.glb) / 1e6:.1f} MB")
    print(f"made by the {report['generator']}; {report['note']}")
    for finding in report["findings"]:
        print(f"{finding['severity']}: {finding['message']}. Fix: {finding['fix']}")
    return 0
