"""The checks of a step: one for each kind of trouble.

Dagster lists the partitions that fail a check. With a check for each kind, "which of a hundred
models have broken UVs" is one click, and the name of the failed check says whose work it is.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import dagster as dg

from trellis_assets.pipeline.node import Json
from trellis_assets.pipeline.step import Step
from trellis_assets.pipeline.waivers import blocking

from .partitions import GAME_ASSET
from .presentation import check_metadata, verdict_line


@dataclass(frozen=True)
class Aspect:
    """One kind of trouble, judged by one check."""

    rules: tuple[str, ...]  # first words of the rule ids
    question: str  # what the check asks, for its page
    facts: tuple[str, ...] = ()  # numbers of the step that belong to it


ASPECTS: Mapping[str, Aspect] = {
    "picture": Aspect(("concept",), "Will the concept image make a good model?"),
    "spec": Aspect(
        ("spec", "file", "extension", "scene"), "Is it valid glTF 2.0, and does the target read it?"
    ),
    "budget": Aspect(
        ("budget", "delivery"),
        "Is it within every budget of its profile: triangles, materials, textures, bytes?",
        ("triangles", "vertices"),
    ),
    "geometry": Aspect(
        ("mesh", "normals", "tangents", "lod"),
        "Is the surface closed, clean and facing outward, without loose or hidden parts?",
        ("triangles", "vertices", "parts", "components", "border_edges", "watertight", "error_mm"),
    ),
    "uv": Aspect(
        ("uv",),
        "Do the UVs lie in range, once each, with room between them and even texel density?",
        ("charts", "uv_coverage", "uv_overlap_share", "texels_per_m", "texel_density_spread"),
    ),
    "textures": Aspect(
        ("texture", "material", "alpha"),
        "Are size, format, alpha and physical values of the textures as engines expect them?",
        ("gpu_bytes", "disk_bytes"),
    ),
    "scale": Aspect(
        ("place", "name"),
        "Has it the height of the brief, its pivot, its axes and its names?",
        ("size_m",),
    ),
    "appearance": Aspect(
        ("look",),
        "Does it look like the master model from every side, at the size where it is shown?",
    ),
}


def check_specs(
    key: dg.AssetKey, aspects: Sequence[str], *, blocking: bool
) -> list[dg.AssetCheckSpec]:
    """The checks of one asset, per partition."""
    with warnings.catch_warnings():
        # Checks per partition are a preview feature of Dagster 1.13, which is pinned.
        warnings.simplefilter("ignore", dg.PreviewWarning)
        return [
            dg.AssetCheckSpec(
                name,
                asset=key,
                partitions_def=GAME_ASSET,
                blocking=blocking,
                description=ASPECTS[name].question,
            )
            for name in aspects
        ]


def check_results(step: Step, aspects: Sequence[str]) -> list[dg.AssetCheckResult]:
    """The verdict on every aspect of a step. An error fails the check and stops what comes after;
    a warning is shown on it and stops nothing.
    """
    sorted_out = by_aspect(step.record.findings, aspects)
    return [_result(step, name, findings) for name, findings in sorted_out.items()]


def by_aspect(findings: Sequence[Json], aspects: Sequence[str]) -> dict[str, list[Json]]:
    """The findings of each aspect. None is lost: what belongs to no aspect of this step, such as a
    fault in a place where nobody expected it, goes to the first.
    """
    sorted_out: dict[str, list[Json]] = {name: [] for name in aspects}
    for finding in findings:
        word = finding.get("about", finding["rule"]).partition(".")[0]
        owners = (name for name in aspects if word in ASPECTS[name].rules)
        sorted_out[next(owners, aspects[0])].append(finding)
    return sorted_out


def _result(step: Step, name: str, findings: Sequence[Json]) -> dg.AssetCheckResult:
    errors = blocking(findings)
    warned = any(each["severity"] == "warning" and not each.get("waived") for each in findings)
    facts = {key: step.record.facts[key] for key in ASPECTS[name].facts if key in step.record.facts}
    return dg.AssetCheckResult(
        check_name=name,
        passed=not errors and not warned,
        severity=dg.AssetCheckSeverity.ERROR if errors else dg.AssetCheckSeverity.WARN,
        description=verdict_line(findings),
        metadata=check_metadata(step.record, findings, facts),
    )
