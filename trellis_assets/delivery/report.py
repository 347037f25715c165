"""``report.json``: one game asset at a glance, for people and scripts.

The format is defined by ``report.schema.json`` (JSON Schema 2020-12) beside this file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .manifest import read_schema

REPORT_VERSION = 1


@dataclass(frozen=True)
class NodeRecord:
    """What one node of the asset graph last made: fingerprint of its inputs, hash of its output."""

    name: str
    fingerprint: str
    output_sha256: str
    bytes: int
    file: str = ""
    code_version: str = ""
    seconds: float | None = None
    metrics: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "fingerprint": self.fingerprint,
            "output_sha256": self.output_sha256,
            "bytes": self.bytes,
            "file": self.file,
            "code_version": self.code_version,
            "seconds": self.seconds,
            "metrics": dict(self.metrics),
        }


def asset_report(
    *,
    asset_id: str,
    nodes: Sequence[NodeRecord],
    findings: Sequence[Mapping[str, Any]],
    waivers: Sequence[Mapping[str, Any]],
    variants: Mapping[str, Mapping[str, Any]],
    authorship: Mapping[str, Any],
) -> dict[str, Any]:
    """The report as plain data.

    Args:
        asset_id: the catalog id.
        nodes: in graph order.
        findings: each with the keys of :class:`trellis_assets.finding.Finding`; more are allowed.
        waivers: in force for any step of the game asset.
        variants: manifest by profile name.
        authorship: see :func:`.authorship.authorship_record`.
    """
    return {
        "version": REPORT_VERSION,
        "asset_id": asset_id,
        "nodes": [node.as_dict() for node in nodes],
        "findings": [dict(finding) for finding in findings],
        "waivers": [dict(waiver) for waiver in waivers],
        "variants": [_variant(name, variants[name]) for name in sorted(variants)],
        "authorship": dict(authorship),
    }


def report_schema() -> dict[str, Any]:
    """The JSON Schema of an asset's report."""
    return read_schema("report.schema.json")


def _variant(profile: str, manifest: Mapping[str, Any]) -> dict[str, Any]:
    files = manifest["files"]
    return {
        "profile": profile,
        "files": len(files),
        "bytes": sum(file["bytes"] for file in files),
        "triangles": [file["triangles"] for file in files],
        "texture_gpu_bytes": max((file["texture_gpu_bytes"] for file in files), default=0),
        "budgets_missed": sum(not line["met"] for line in manifest["budgets"]),
    }
