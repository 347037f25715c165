"""Variants: what a target engine gets, with a manifest that says what is in it."""

from __future__ import annotations

from ._errors import DeliveryError
from .authorship import FIELDS as AUTHORSHIP_FIELDS
from .authorship import authorship_record
from .budget import Budget, CollisionBudget
from .disclosure import DISCLOSURE_VERSION, disclosure, disclosure_markdown, disclosure_schema
from .engines import ENGINES, EngineNaming, Sidecar
from .manifest import MANIFEST_VERSION, manifest_bytes, manifest_schema
from .report import REPORT_VERSION, NodeRecord, asset_report, report_schema
from .rungs import ChosenRung, Rung, choose_rungs
from .target import VariantTarget, same_size_for_all
from .variant import MANIFEST, Variant, build_variant

__all__ = [
    "AUTHORSHIP_FIELDS",
    "DISCLOSURE_VERSION",
    "ENGINES",
    "MANIFEST",
    "MANIFEST_VERSION",
    "REPORT_VERSION",
    "Budget",
    "ChosenRung",
    "CollisionBudget",
    "DeliveryError",
    "EngineNaming",
    "NodeRecord",
    "Rung",
    "Sidecar",
    "Variant",
    "VariantTarget",
    "asset_report",
    "authorship_record",
    "build_variant",
    "choose_rungs",
    "disclosure",
    "disclosure_markdown",
    "disclosure_schema",
    "manifest_bytes",
    "manifest_schema",
    "report_schema",
    "same_size_for_all",
]
