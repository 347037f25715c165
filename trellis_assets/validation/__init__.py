"""Every model judged: by the glTF specification, by rules and by the budgets of its target."""

from __future__ import annotations

from trellis_assets.finding import Finding, Severity, worst

from .budgets import measure_model
from .check import check_glb, check_subjects, judge
from .errors import ValidationError
from .expectation import Expectation, Sibling
from .fix import Change, Fixed, apply_fixes
from .khronos import SpecReport, spec_findings, validate_glbs
from .limits import TooLarge
from .rule import Objection, Parameter, Rule, Stage, UnknownParameter
from .rules import RULES
from .subject import Subject

__all__ = [
    "RULES",
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
    "apply_fixes",
    "check_glb",
    "check_subjects",
    "judge",
    "measure_model",
    "spec_findings",
    "validate_glbs",
    "worst",
]
