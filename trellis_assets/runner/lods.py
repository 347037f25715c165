"""``trellis-assets lods``: the LOD ladder of one GLB from anywhere, without a catalog."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from trellis_assets.errors import TrellisAssetsError
from trellis_assets.store import FolderStore

if TYPE_CHECKING:
    from trellis_assets.geometry import LodResult
    from trellis_assets.gltf import Model

FEWEST = 12  # triangles of a rung


class UnreadableModel(TrellisAssetsError):
    """The file is not there or cannot be read."""


def lods_command(
    file: Path,
    *,
    out: Path,
    triangles: int,
    rungs: int,
    ratio: float,
    texture_size: int,
    mode: Any,
    mend: bool,
    as_json: bool,
) -> int:
    """Write ``<name>_LOD0.glb`` and so on, a sheet to look at and a report into ``out``.

    Progress goes to standard error, a table or with ``as_json`` the report to standard output.
    Returns the exit code.

    Raises:
        TrellisAssetsError: the model is refused, or nothing can be written.
    """
    from trellis_assets.geometry import build_ladder
    from trellis_assets.gltf import model_to_glb
    from trellis_assets.previews import encode_png, lod_sheet

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(f"reading {file}")
    model, repaired = _master(_read(file), console if mend else None)
    budgets = [max(int(triangles * ratio**rung), FEWEST) for rung in range(rungs)]
    console.print(f"building {', '.join(f'{budget:,}' for budget in budgets)} triangles")
    ladder = build_ladder(model, budgets, texture_size=texture_size, mode=mode)
    folder = FolderStore(out)
    lines = []
    for rung, made in enumerate(ladder):
        name, data = f"{file.stem}_LOD{rung}.glb", model_to_glb(made.model)
        folder.write(name, data)
        lines.append({"file": name, "bytes": len(data), **_line(made)})
    console.print("drawing the sheet")
    sheet = lod_sheet([(f"LOD{rung}", made.model) for rung, made in enumerate(ladder)])
    folder.write(f"{file.stem}_lods.png", encode_png(sheet))
    report = {"source": file.name, "repair": repaired, "rungs": lines}
    text = json.dumps(report, indent=1)
    folder.write(f"{file.stem}_lods.json", f"{text}\n".encode())
    if as_json:
        print(text)
    else:
        _print(lines)
        print(f"see {out / f'{file.stem}_lods.png'}")
    return 0


def _read(file: Path) -> Model:
    from trellis_assets.gltf import load_model

    try:
        data = file.read_bytes()
    except OSError as error:
        raise UnreadableModel(
            f"{file} cannot be read: {error.strerror}", fix="check the path"
        ) from error
    return load_model(data)


def _master(model: Model, console: Console | None) -> tuple[Model, dict[str, Any] | None]:
    """The model repaired and what was found, or as it is where nobody watches."""
    from trellis_assets.geometry import repair

    if console is None:
        return model, None
    console.print(f"repairing {model.triangle_count:,} triangles")
    mended = repair(model)
    return mended.model, mended.report


def _line(made: LodResult) -> dict[str, Any]:
    share = made.screen_share()
    return {
        "triangles_asked": made.requested,
        "triangles": made.triangles,
        "route": made.route,
        "why": made.why,
        "error_mm": round(1000 * made.error, 3),
        "shown_below": round(share, 4),
    }


def _print(lines: list[dict[str, Any]]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for line in lines:
        console.print(
            Text(f"{line['file']}: ", "bold").append(
                f"{line['triangles']:,} triangles, {line['bytes'] / 1e6:.1f} MB, "
                f"{line['error_mm']:g} mm off, for up to {line['shown_below']:.0%} of the screen",
                "not bold",
            )
        )
        console.print(Text(f"  {line['route']}: {line['why']}", "dim"))
