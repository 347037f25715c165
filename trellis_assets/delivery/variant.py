"""One asset, one target profile: the files an engine imports without a click."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import trellis_assets
from trellis_assets.finding import Finding
from trellis_assets.gltf import Material, Model, Part, read_glb
from trellis_assets.textures import (
    SLOTS,
    AlphaPolicy,
    SidesPolicy,
    TextureSet,
    decode,
    make_texture_set,
)

from ._errors import DeliveryError
from .authorship import authorship_record
from .budgets import measure_budgets, measure_shown, missed
from .fitting import fit_textures
from .geometry import pack_geometry
from .manifest import FileRecord, manifest_bytes, variant_manifest
from .moving import for_motion
from .package import package
from .packing import PackedTextures, pack_material
from .rungs import IMPOSTOR, ChosenRung, Reduce, Rung, choose_rungs
from .switching import Level, switch_levels, texels_for
from .target import FORMAT_EXTENSION, VariantTarget

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Variant:
    """``files`` by name, ``manifest.json`` among them; ``manifest`` is what that file says.

    ``models`` are the rungs, finest first, without what is only there for an engine.
    """

    files: Mapping[str, bytes]
    models: Sequence[Model]
    manifest: Mapping[str, Any]
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """No budget is missed."""
        return all(finding.severity != "error" for finding in self.findings)


def build_variant(
    *,
    asset_id: str,
    profile: VariantTarget,
    rungs: Sequence[Rung],
    textures: TextureSet,
    authorship: Mapping[str, Any],
    master: Model | None = None,
    reduce: Reduce | None = None,
    tools: Mapping[str, str] | None = None,
    waivers: Iterable[Mapping[str, Any]] = (),
    code_version: str = trellis_assets.__version__,
) -> Variant:
    """Builds all levels of one variant; the same input gives the same bytes.

    Textures are encoded once and shared by every rung that uses the atlas of ``textures``. A rung
    with an atlas of its own keeps it, at no more than the target's size. Nothing outside the
    target's extension list is written. A model that moves keeps all that moves it; what cannot hold
    that is left out, each with a finding. Budgets are met, by smaller textures if need be, or each
    one that is missed is a finding.

    Args:
        asset_id: the catalog id; names files, nodes and materials.
        profile: budgets, formats, names.
        rungs: the LOD ladder, in any order.
        textures: made from LOD0 (:func:`trellis_assets.textures.make_texture_set`).
        authorship: see :data:`.authorship.FIELDS`.
        master: what the rungs should look like; None: LOD0.
        reduce: makes a model of a given number of triangles where the ladder has no fitting rung.
        tools: versions for the manifest, besides those this package knows.
        waivers: in force for this variant or anything it is made from; the manifest lists them.
        code_version: of the code that calls this.

    Raises:
        DeliveryError: the ladder is empty, or the authorship record cannot be used.
        TextureError: a texture cannot be used; names material, slot and fix.
    """
    record = authorship_record(authorship)
    profile, findings = for_motion(profile, rungs)
    chosen, no_rungs = choose_rungs(profile, rungs, reduce)
    _refuse_broken(chosen, textures)
    drawn = [rung.model for rung in chosen]
    levels = switch_levels(drawn, master, impostor=chosen[-1].origin == IMPOSTOR)
    sets, uses = _texture_sets(chosen, levels, textures, profile)
    pairs = [(rung.model, use) for rung, use in zip(chosen, uses, strict=True)]
    name = profile.naming.material_name(asset_id)
    packed, shrunk = fit_textures(profile, pairs, sets, name)
    findings += no_rungs + shrunk + _left_out(profile, chosen, textures)
    records = [
        _written(
            rung, packed[use], profile, asset_id, name if use == 0 else f"{name}_{use}", record
        )
        for rung, use in zip(chosen, uses, strict=True)
    ]
    packed_for_engine = package(asset_id, profile, records, textures, levels)
    lines = [line for file in packed_for_engine.rungs for line in measure_budgets(file, profile)]
    lines += [line for one in packed_for_engine.sidecars for line in measure_shown(one, profile)]
    findings += missed(lines)
    manifest = variant_manifest(
        asset_id=asset_id,
        target=profile,
        package=packed_for_engine,
        budgets=lines,
        findings=findings,
        textures=textures,
        authorship=record,
        tools=tools or {},
        waivers=waivers,
        code_version=code_version,
    )
    files = {file.path: file.data for file in packed_for_engine.rungs}
    files |= {sidecar.path: sidecar.data for sidecar in packed_for_engine.sidecars}
    files[MANIFEST] = manifest_bytes(manifest)
    models = [file.model for file in packed_for_engine.rungs]
    return Variant(files, models, manifest, tuple(findings))


def _written(
    rung: ChosenRung,
    packed: PackedTextures,
    profile: VariantTarget,
    asset_id: str,
    material_name: str,
    record: Mapping[str, Any],
) -> FileRecord:
    """One rung as a GLB of nothing but what the target reads."""
    model = _finished(rung, packed, profile, asset_id, material_name, record)
    path = profile.naming.file_name(asset_id, rung.level)
    made = pack_geometry(model, profile.usable_geometry, texture_size=packed.longest_side)
    used = _checked_extensions(made.data, profile, path)
    return FileRecord(path, made, rung.level, rung.origin, packed, used)


def _refuse_broken(chosen: Sequence[ChosenRung], textures: TextureSet) -> None:
    """Decodes what sets are yet to be made from: a broken texture is named before it is drawn."""
    for rung in chosen:
        for material in (part.material for part in rung.model.parts):
            if not textures.made_from(material):
                for slot, image in material.images().items():
                    decode(image, slot=slot, material=material.name)


def _texture_sets(
    chosen: Sequence[ChosenRung],
    levels: Sequence[Level],
    textures: TextureSet,
    target: VariantTarget,
) -> tuple[list[TextureSet], list[int]]:
    """The sets in use, the asset's own first, and for each rung which one it takes.

    A rung's own set has the texels that are of use where the first rung that takes it is shown.
    """
    sets, uses = [textures], []
    policy: AlphaPolicy = textures.alpha.mode
    sides: SidesPolicy = "double" if textures.sides.double_sided else "single"
    size = max((budget.limit for budget in target.texture_size.values()), default=1)
    for rung, level in zip(chosen, levels, strict=True):
        materials = [part.material for part in rung.model.parts]
        use = next(
            (i for i, known in enumerate(sets) if all(map(known.made_from, materials))),
            None,
        )
        if use is None:
            cut_out = rung.origin == IMPOSTOR  # whatever the asset's own surfaces are
            own = make_texture_set(
                rung.model,
                size=min(size, texels_for(level.shown_below)),
                alpha="MASK" if cut_out else policy,
                sides="single" if cut_out else sides,
            )
            use = len(sets)
            sets.append(own)
        uses.append(use)
    return sets, uses


def _finished(
    rung: ChosenRung,
    packed: PackedTextures,
    target: VariantTarget,
    asset_id: str,
    material_name: str,
    record: Mapping[str, Any],
) -> Model:
    """The rung with packed materials, clean names and the authorship record."""
    parts = rung.model.parts
    materials = _packed_materials(parts, packed, target, material_name)
    renamed = tuple(
        replace(
            part,
            material=material,
            name=target.naming.node_name(asset_id, rung.level, index, len(parts)),
        )
        for index, (part, material) in enumerate(zip(parts, materials, strict=True))
    )
    return Model(
        parts=renamed,
        name=asset_id,
        generator=f"trellis-assets {trellis_assets.__version__}",
        copyright=str(record["copyright"] or ""),
        extras={"asset_id": asset_id, "lod": rung.level, "authorship": dict(record)},
        rig=rung.model.rig,
    )


def _packed_materials(
    parts: Sequence[Part], packed: PackedTextures, target: VariantTarget, name: str
) -> list[Material]:
    """One material per part; parts whose materials come out equal share one."""
    distinct: dict[str, Material] = {}
    materials = []
    for part in parts:
        material = pack_material(part.material, packed, name="", extensions=target.extensions)
        # The textures are the same for all parts; what is left to differ are plain values.
        values = repr({key: value for key, value in vars(material).items() if key not in SLOTS})
        title = name if not distinct else f"{name}_m{len(distinct)}"
        materials.append(distinct.setdefault(values, replace(material, name=title)))
    return materials


def _checked_extensions(data: bytes, target: VariantTarget, path: str) -> list[str]:
    """What the file really uses.

    Raises:
        DeliveryError: an extension that the target does not read.
    """
    used = [str(name) for name in read_glb(data).json.get("extensionsUsed", [])]
    foreign = sorted(set(used) - target.extensions)
    if foreign:
        raise DeliveryError(
            f"{path} uses {', '.join(foreign)}, which {target.name} does not read",
            fix="ask for other formats, or add the extension to the profile",
        )
    return used


def _left_out(
    target: VariantTarget, chosen: Sequence[ChosenRung], textures: TextureSet
) -> list[Finding]:
    """Findings for what the target cannot hold and therefore does not get."""
    findings = []
    parts = [part for rung in chosen for part in rung.model.parts]
    dropped = {key for part in parts for key in part.material.extensions}
    slots = set(textures.images) - set(target.texture_size)
    losses = [(name, "extension") for name in sorted(dropped - target.extensions)]
    losses += [(slot, "texture slot") for slot in sorted(slots)]
    if target.usable_format != target.texture_format:
        losses.append((FORMAT_EXTENSION[target.texture_format], "texture format"))
    if target.usable_geometry != target.geometry:
        losses.append((target.geometry, "geometry packing"))
    for name, kind in losses:
        findings.append(
            Finding(
                rule="delivery.left_out",
                severity="info",
                where=name,
                message=f"{kind} {name} is left out",
                why=f"{target.name} does not read it and would refuse or ignore the file",
                fix="nothing to do; add it to the profile if the engine learns to read it",
                source=target.name,
            )
        )
    return findings
