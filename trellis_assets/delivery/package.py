"""A variant around its rungs: hulls, the file with all rungs, what the engine wants besides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from trellis_assets.gltf import Model, join_glbs, read_glb, write_glb
from trellis_assets.textures import TextureSet

from ._errors import DeliveryError
from .collision import Hull, collision_hulls, hulls_file, hulls_glb
from .engines import PACKERS
from .engines.engine import Contents, Sidecar
from .lod_file import MSFT_LOD, lod_file
from .manifest import FileRecord
from .moving import packs_motion
from .switching import Level
from .target import VariantTarget
from .usdz import usdz_file


@dataclass(frozen=True, eq=False)
class Package:
    """``rungs`` as they are to be written: LOD0 may carry hulls now."""

    rungs: tuple[FileRecord, ...]
    sidecars: tuple[Sidecar, ...]
    levels: tuple[Level, ...]
    hulls: tuple[Hull, ...]


def package(
    asset_id: str,
    target: VariantTarget,
    rungs: Sequence[FileRecord],
    textures: TextureSet,
    levels: Sequence[Level],
) -> Package:
    """Everything that makes the target's engine take the rungs for one asset.

    Args:
        asset_id: names the files.
        target: whose engine, collision budget and wishes count.
        rungs: the written files, finest first.
        textures: for maps in the engine's own packing.
        levels: when each rung is shown.

    Raises:
        DeliveryError: the profile allows an extension that its engine does not read, or wants a
            file with all rungs without allowing MSFT_lod.
    """
    _check_extensions(target)
    models = [rung.model for rung in rungs]
    hulls = _hulls(models[0], target)
    sizes = [budget.limit for budget in target.texture_size.values()]
    contents = Contents(
        asset_id=asset_id,
        profile=target.name,
        naming=target.naming,
        models=models,
        levels=levels,
        textures=textures,
        texture_size=max(sizes, default=1),
        hulls=hulls,
    )
    sidecars: list[Sidecar] = []
    if packs_motion(target, models):
        sidecars += PACKERS[target.naming.engine](contents)
    if target.lod_file:
        data = lod_file(asset_id, [rung.data for rung in rungs], levels)
        sidecars.append(
            Sidecar(f"{asset_id}.glb", data, "all rungs in one file (MSFT_lod)", shown=True)
        )
    if target.usdz:
        data = usdz_file(models[0])
        sidecars.append(Sidecar(f"{asset_id}.usdz", data, "LOD0 for AR Quick Look", shown=True))
    names = [target.naming.collision_name(asset_id, 0, index) for index in range(len(hulls))]
    written = list(rungs)
    if contents.collision_file:
        data = hulls_file(hulls, names, asset_id)
        sidecars.append(Sidecar(contents.collision_file, data, "convex collision hulls"))
    elif hulls:
        data = _with_hulls(rungs[0].data, hulls, names, asset_id)
        written[0] = replace(rungs[0], geometry=replace(rungs[0].geometry, data=data))
    return Package(tuple(written), tuple(sidecars), tuple(levels), tuple(hulls))


def _hulls(lod0: Model, target: VariantTarget) -> list[Hull]:
    if target.collision is None or target.naming.hulls == "none":
        return []
    return collision_hulls(lod0, target.collision)


def _with_hulls(data: bytes, hulls: Sequence[Hull], names: Sequence[str], scene: str) -> bytes:
    """LOD0 with the hulls as nodes of their own, which the engine's importer knows by name."""
    joined = join_glbs([read_glb(data), hulls_glb(hulls, names, scene)], scene=scene)
    return write_glb(joined.glb)


def _check_extensions(target: VariantTarget) -> None:
    engine = target.naming
    foreign = sorted(target.extensions - engine.reads) if engine.reads is not None else []
    if foreign:
        raise DeliveryError(
            f"{target.name} allows {', '.join(foreign)}, which {engine.engine} is not known to "
            f"read ({engine.source})",
            fix="remove it from `extensions` of the profile",
        )
    if target.lod_file and MSFT_LOD not in target.extensions:
        raise DeliveryError(
            f"{target.name} wants one file with all rungs, but does not allow {MSFT_LOD}",
            fix=f"add {MSFT_LOD} to `extensions` of the profile, or set `lod_file: false`",
        )
