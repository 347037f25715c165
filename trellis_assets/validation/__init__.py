"""Every model judged: by the glTF specification and by the budgets of its target."""

from __future__ import annotations

from trellis_assets.finding import Finding, Severity, worst

from .budgets import check_budgets, measure_model
from .errors import ValidationError
from .khronos import SpecReport, spec_finding, validate_glbs

__all__ = [
    "Finding",
    "Severity",
    "SpecReport",
    "ValidationError",
    "check_budgets",
    "measure_model",
    "spec_finding",
    "validate_glbs",
    "worst",
]
