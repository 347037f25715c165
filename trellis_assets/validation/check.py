"""Judge a GLB: the Khronos validator in its own process, our rules meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from trellis_assets.finding import Finding, Severity, worst
from trellis_assets.gltf import GltfError, UnsupportedGlb

from .errors import ValidationError
from .expectation import Expectation
from .khronos import spec_findings, validate_glbs
from .limits import TooLarge
from .rule import Overrides, Rule, Stage, check_overrides
from .rules import RULES
from .subject import Subject

if TYPE_CHECKING:
    from trellis_assets.catalog import Profile

_ABOUT_SURFACE = ("mesh.", "normals.", "material.double-sided")
_ABOUT_TEXELS = ("alpha.", "material.", "texture.")


def check_glb(
    data: bytes,
    *,
    profile: Profile | None = None,
    expectation: Expectation | None = None,
    where: str = "model.glb",
    stage: Stage | None = None,
    spec: bool = True,
) -> list[Finding]:
    """Everything there is to say about a GLB, worst first.

    Args:
        data: the file; may be hostile.
        profile: the target whose budgets hold and whose ``rules`` set parameters.
        expectation: what the brief says about size, pivot, names and the LOD ladder.
        where: the file's name, for the findings.
        stage: judge by the rules for this step of the pipeline; by all of them without it.
        spec: ask the Khronos validator too.

    Raises:
        NodeToolMissing: the Khronos validator is not installed; nothing passes unseen.
        UnknownParameter: the profile sets a parameter that no rule has.
    """
    subject = Subject(data, where=where, profile=profile, expectation=expectation)
    return check_subjects([subject], stage=stage, spec=spec)[0]


def check_subjects(
    subjects: Sequence[Subject],
    *,
    stage: Stage | None = None,
    spec: bool = True,
    rules: Iterable[Rule] = RULES,
    timeout: float | None = None,
) -> list[list[Finding]]:
    """As :func:`check_glb` for several files, with one process of the validator for all.

    A file too large to be judged is not validated either; its finding says so.

    Args:
        rules: those that may apply.
        timeout: seconds for the validator and each file, see :func:`.khronos.validate_glbs`.
    """
    asked = [one for one in subjects if spec and not isinstance(one.unreadable, TooLarge)]
    with ThreadPoolExecutor(1) as executor:
        verdict = executor.submit(validate_glbs, [one.data for one in asked], timeout=timeout)
        found = {id(each): judge(each, stage=stage, rules=rules) for each in subjects}
        for subject, report in zip(asked, verdict.result(), strict=True):
            found[id(subject)] += spec_findings(report, subject.where)
    return [worst(found[id(subject)]) for subject in subjects]


def judge(
    subject: Subject, *, stage: Stage | None = None, rules: Iterable[Rule] = RULES
) -> list[Finding]:
    """What our own rules say; never raises for anything that is in the file."""
    overrides: Overrides = subject.profile.rules if subject.profile else {}
    check_overrides(RULES, overrides)
    chosen = [rule for rule in rules if stage is None or stage in rule.stages]
    if subject.unreadable is not None:
        return [_unreadable(subject, subject.unreadable)]
    if subject.refusal is not None:
        chosen = [rule for rule in chosen if rule.needs == "document"]
    on_surface = [rule for rule in chosen if rule.id.startswith(_ABOUT_SURFACE)]
    others = [rule for rule in chosen if not rule.id.startswith(_ABOUT_SURFACE)]
    on_texels = [rule for rule in others if rule.id.startswith(_ABOUT_TEXELS)]
    on_layout = [rule for rule in others if not rule.id.startswith(_ABOUT_TEXELS)]
    said: dict[str, list[Finding]] = {}

    def run(half: Sequence[Rule]) -> None:
        for rule in half:
            said[rule.id] = rule.findings(subject, overrides)

    # The two halves compute different things; numpy lets them run side by side.
    with ThreadPoolExecutor(1) as executor:
        aside = executor.submit(run, [*on_surface, *on_texels])
        run(on_layout)
        aside.result()
    found = [finding for rule in [*others, *on_surface] for finding in said[rule.id]]
    if subject.refusal is not None:
        found.append(_unreadable(subject, subject.refusal))
    return found


def _unreadable(subject: Subject, error: GltfError | ValidationError) -> Finding:
    rule = "file.readable"
    severity: Severity = "error"
    why = "what cannot be read cannot be judged, and cannot be made game-ready"
    if isinstance(error, TooLarge):
        rule = "file.too-large"
    elif isinstance(error, UnsupportedGlb):
        rule, severity = "file.unsupported", "warning"
        why = "rules about meshes and materials were not run on it"
    return Finding(
        rule=rule,
        severity=severity,
        where=subject.where,
        message=error.message,
        why=why,
        fix=error.fix,
        docs=f"rules.md#{rule.replace('.', '')}",
    )
