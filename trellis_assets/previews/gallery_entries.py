"""What the gallery shows of a game asset: plain values, no files opened.

Paths are relative to the page, with forward slashes; they are quoted when the page is written, so
no name can turn into a foreign address.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "info", "waived"]
State = Literal["ready", "attention", "failed", "pending"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info", "waived")
"""Worst first."""


@dataclass(frozen=True)
class GalleryStage:
    """One step of an asset's way, with its picture: concept, generated, master, LOD0."""

    title: str
    picture: str | None = None  # path; None while there is none
    file: str | None = None  # path of the model itself, for download
    triangles: int | None = None
    size_bytes: int | None = None
    note: str = ""  # one short line, e.g. "error 0.12 %"


@dataclass(frozen=True)
class GalleryBudget:
    """How much of one limit is used; both in the same unit."""

    name: str  # "LOD0 triangles", "GPU memory"
    used: float
    limit: float
    unit: Literal["triangles", "bytes", "pixels", "count"] = "count"


@dataclass(frozen=True)
class GalleryVariant:
    """The files for one target profile, held against its budgets."""

    profile: str
    budgets: tuple[GalleryBudget, ...] = ()
    manifest: str | None = None  # path
    size_bytes: int | None = None


@dataclass(frozen=True)
class GalleryFinding:
    """What a check found."""

    severity: Severity
    rule: str
    message: str
    measured: str = ""
    limit: str = ""
    where: str = ""
    fix: str = ""


@dataclass(frozen=True)
class GalleryAsset:
    """One game asset with everything the page says about it."""

    asset_id: str
    title: str = ""
    state: State = "ready"
    generator: str = ""
    updated: str = ""  # as it should read, e.g. "2026-11-23 07:20 UTC"
    stages: tuple[GalleryStage, ...] = ()
    variants: tuple[GalleryVariant, ...] = ()
    findings: tuple[GalleryFinding, ...] = ()
