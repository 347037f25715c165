"""Every model judged: by the glTF specification and by the budgets of its target."""

from __future__ import annotations

from trellis_assets.finding import Finding, Severity, worst

from .budgets import check_budgets, measure_model
from .errors import ValidationError, ValidatorFailed, ValidatorMissing
from .khronos import SpecReport, spec_finding, validate_glbs
from .validator_setup import VALIDATOR_VERSION, install_validator, validator_module

__all__ = [
    "VALIDATOR_VERSION",
    "Finding",
    "Severity",
    "SpecReport",
    "ValidationError",
    "ValidatorFailed",
    "ValidatorMissing",
    "check_budgets",
    "install_validator",
    "measure_model",
    "spec_finding",
    "validate_glbs",
    "validator_module",
    "worst",
]
