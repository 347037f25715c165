"""Every model judged: by the glTF specification, by rules and by the budgets of its target."""

from __future__ import annotations

from trellis_assets.finding import Finding, Severity, worst

from .budgets import measure_model
from .check import check_glb, check_subjects, judge
from .errors import ValidationError, ValidatorFailed, ValidatorMissing
from .expectation import Expectation, Sibling
from .fix import Change, Fixed, apply_fixes
from .khronos import SpecReport, spec_findings, validate_glbs
from .limits import TooLarge
from .rule import Objection, Parameter, Rule, Stage, UnknownParameter
from .rules import RULES
from .subject import Subject
from .validator_setup import VALIDATOR_VERSION, install_validator, validator_module

__all__ = [
    "RULES",
    "VALIDATOR_VERSION",
    "Change",
    "Expectation",
    "Finding",
    "Fixed",
    "Objection",
    "Parameter",
    "Rule",
    "Severity",
    "Sibling",
    "SpecReport",
    "Stage",
    "Subject",
    "TooLarge",
    "UnknownParameter",
    "ValidationError",
    "ValidatorFailed",
    "ValidatorMissing",
    "apply_fixes",
    "check_glb",
    "check_subjects",
    "install_validator",
    "judge",
    "measure_model",
    "spec_findings",
    "validate_glbs",
    "validator_module",
    "worst",
]
