"""What a variant goes without where its model moves: each thing is left out by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from trellis_assets.finding import Finding, Severity
from trellis_assets.gltf import Model, can_pack

from .rungs import Rung
from .target import VariantTarget


def for_motion(target: VariantTarget, rungs: Sequence[Rung]) -> tuple[VariantTarget, list[Finding]]:
    """The target without what cannot hold motion, and a finding for each thing that is left out.

    Rungs that do not move have all that the target asks for.
    """
    moving = [rung.model for rung in rungs if rung.model.moves]
    if not moving:
        return target, []
    packs = all(can_pack(model, target.usable_geometry) for model in moving)
    hulls_beside_bones = target.collision is not None and target.naming.hulls == "in_lod0"
    fitting = replace(
        target,
        geometry=target.geometry if packs else "none",
        lod_file=False,
        usdz=False,
        impostor=False,
        collision=None if hulls_beside_bones else target.collision,
    )
    findings = list(_findings(target, fitting))
    if not packs_motion(target, moving):
        why = "it names meshes where the engine has those of static models"
        findings.append(_left_out(target, f"the import file for {target.naming.engine}", why))
    return fitting, findings


def packs_motion(target: VariantTarget, models: Sequence[Model]) -> bool:
    """Whether what the engine gets beside the GLBs knows bones and animated nodes, if any."""
    return target.naming.packs_rigs or not any(model.rig for model in models)


def _findings(asked: VariantTarget, given: VariantTarget) -> Iterator[Finding]:
    """One for each difference."""
    if asked.usable_geometry != given.usable_geometry:
        why = "it would round the weights of bones and put vertices in another order than shapes"
        yield _left_out(asked, f"geometry packing {asked.geometry}", why, severity="info")
    if asked.impostor:
        yield _left_out(asked, "impostor", "a picture has one pose; the last rung moves instead")
    if asked.usdz:
        yield _left_out(asked, "USDZ", "it would show the model at rest, without its animations")
    if asked.lod_file:
        why = "each rung has bones of its own, and a reader would have to move them all as one"
        yield _left_out(asked, "the file with all rungs", why)
    if asked.collision != given.collision:
        why = "beside bones the engine takes hulls for visible meshes; bodies follow bones instead"
        yield _left_out(asked, "collision hulls", why)


def _left_out(
    target: VariantTarget, what: str, why: str, *, severity: Severity = "warning"
) -> Finding:
    return Finding(
        rule="delivery.left_out",
        severity=severity,
        where=what,
        message=f"not delivered, because the model moves: {what}",
        why=why,
        fix="nothing to do, or ask for it in a profile of static models only",
        source=target.name,
    )
