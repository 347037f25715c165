"""Commands on any image or GLB, without a catalog."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from .group import example, json_option


@click.command(
    epilog=example(
        "check lod0.glb --profile pc.prop --profile mobile.prop",
        "check exports/ --json --fail-on warning",
        "check raw.glb --fix mended.glb",
        "check raw.glb --pictures faults/",
        "check - < model.glb",
    )
)
@click.argument("files", nargs=-1, required=True)
@click.option(
    "--profile",
    "profiles",
    multiple=True,
    metavar="P",
    help="Hold it against the budgets of this target profile; repeatable.",
)
@click.option(
    "--fix",
    "fix_to",
    metavar="OUT",
    type=click.Path(path_type=Path),
    help="Write repaired files: a file, or a folder for several. Only repairs that nobody sees; "
    "the findings are then those that are left.",
)
@click.option(
    "--pictures",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Draw where each finding lies, for those that a picture says more about; older pictures "
    "of the same file go.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning"]),
    default="error",
    show_default=True,
    help="The least severity that fails.",
)
@click.option("--jobs", type=click.IntRange(1, 64), help="Files at once [default: cores, <= 8].")
@click.option(
    "--timeout",
    type=click.FloatRange(1, 3600),
    default=10.0,
    show_default=True,
    metavar="S",
    help="Seconds for one file, and again for each picture of it; a hostile file is given up.",
)
@json_option
@click.pass_context
def check(ctx: click.Context, /, files: tuple[str, ...], **options: Any) -> None:
    r"""Check GLBs: by the glTF specification, by the rules and, with a profile, by its budgets.

    FILES are GLBs, folders (searched for .glb), patterns, or - for standard input.

    \b
    Exit code:
      0  nothing of the severity that fails
      1  findings
      2  wrong usage, a file that cannot be read, or no validator
    """
    from trellis_assets.runner.check import check_command

    sys.exit(check_command(files, debug=ctx.find_root().params["debug"], **options))


@click.command(
    epilog=example(
        "lods chest.glb --out chest-lods",
        "lods chest.glb --out chest-lods --triangles 40000 --rungs 3 --mode rebuild",
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--out", required=True, metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--triangles", default=10_000, show_default=True, type=click.IntRange(12), help="Of LOD0."
)
@click.option("--rungs", default=4, show_default=True, type=click.IntRange(1, 8))
@click.option(
    "--ratio",
    default=0.5,
    show_default=True,
    type=click.FloatRange(0.1, 0.9),
    help="Triangles of a rung relative to the one before.",
)
@click.option(
    "--texture-size",
    default="2048",
    show_default=True,
    type=click.Choice(["512", "1024", "2048"]),
    help="Side of the textures baked for LOD0.",
)
@click.option(
    "--mode",
    default="auto",
    show_default=True,
    type=click.Choice(["auto", "preserve", "rebuild"]),
    help="Keep the UV atlas, rebuild and bake a new one, or decide by its state.",
)
@click.option(
    "--repair/--no-repair", "mend", default=True, show_default=True, help="Mend faults first."
)
@json_option
def lods(file: Path, out: Path, texture_size: str, **options: Any) -> None:
    """Make the LOD ladder of any GLB: rungs, a sheet to look at and a report, without a catalog."""
    from trellis_assets.runner.lods import lods_command

    sys.exit(lods_command(file, out=out, texture_size=int(texture_size), **options))


@click.command(
    epilog=example(
        "generate barrel.png --out barrel.glb", "generate barrel.png --out bad.glb --as-trellis"
    )
)
@click.argument("image", type=click.Path(path_type=Path))
@click.option("--out", required=True, metavar="FILE.glb", type=click.Path(path_type=Path))
@click.option("--seed", default=0, type=click.IntRange(0), help="Varies what one view cannot tell.")
@click.option("--resolution", type=int, help="Finest grid [default: 1024].")
@click.option("--triangles", type=int, help="At most [default: 500000].")
@click.option("--texture-size", type=int, help="Side of the textures [default: 2048].")
@click.option("--as-trellis", is_flag=True, help="With the faults of real output, on purpose.")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON, also beside the GLB.")
def generate(image: Path, out: Path, **options: Any) -> None:
    """Make a greybox model of one image with the embedded generator, without a catalog."""
    from trellis_assets.runner.generate import generate_command

    names = ("resolution", "triangles", "texture_size")
    api = ("resolution", "decimationTarget", "textureSize")
    settings = {name: options.pop(key) for key, name in zip(names, api, strict=True)}
    sys.exit(generate_command(image, out=out, settings=settings, **options))
