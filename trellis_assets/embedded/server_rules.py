"""The rules of a ``3dInference`` task, as the server checks them.

Written from the model page on its own, not shared with the client's models, so that each tests
the other. Every violation is an error object with the documented hints: ``code``, ``message``,
``parameter``, ``type``, ``min``, ``max``, ``multiplier``, ``allowedValues``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

MODEL = "microsoft:trellis-2@4b"
DEFAULTS: Mapping[str, Any] = {
    "resolution": 1024,
    "decimationTarget": 500_000,
    "remesh": True,
    "textureSize": 2048,
}


@dataclass(frozen=True)
class Rule:
    """What one field may hold."""

    kind: str  # integer, float, boolean, string, url, uuid, object
    low: float | None = None
    high: float | None = None
    step: int | None = None
    allowed: tuple[Any, ...] = ()
    required: bool = False


_SAMPLER = {
    "steps": Rule("integer", 1, 50),
    "guidanceStrength": Rule("float", 1, 10),
    "guidanceRescale": Rule("float", 0, 1),
    "rescaleT": Rule("float", 1, 6),
}
_SETTINGS = {
    "resolution": Rule("integer", allowed=(512, 1024, 1536)),
    "decimationTarget": Rule("integer", 100_000, 1_000_000),
    "remesh": Rule("boolean"),
    "textureSize": Rule("integer", 1024, 4096, step=1024),
    "sparseStructure": Rule("object"),
    "shapeSlat": Rule("object"),
    "texSlat": Rule("object"),
}
_TASK = {
    "taskType": Rule("string", allowed=("3dInference",), required=True),
    "taskUUID": Rule("uuid", required=True),
    "model": Rule("string", allowed=(MODEL,), required=True),
    "inputs": Rule("object", required=True),
    "outputType": Rule("string", allowed=("URL",)),
    "outputFormat": Rule("string", allowed=("GLB",)),
    "deliveryMethod": Rule("string", allowed=("sync", "async")),
    "webhookURL": Rule("url"),
    "uploadEndpoint": Rule("url"),
    "ttl": Rule("integer", 60),
    "includeCost": Rule("boolean"),
    "numberResults": Rule("integer", 1, 4),
    "seed": Rule("integer", 0, 2**63 - 1),
    "settings": Rule("object"),
}
_INPUTS = {"image": Rule("string", required=True)}


def violations(
    task: Mapping[str, Any], *, extra_settings: frozenset[str] = frozenset()
) -> list[dict[str, Any]]:
    """Every rule the task breaks, as error objects; empty when it may run. ``extra_settings`` are
    undocumented settings the generator behind this server understands.
    """
    found = list(_check(task, _TASK, ""))
    inputs, settings = task.get("inputs"), task.get("settings")
    if isinstance(inputs, Mapping):
        found += _check(inputs, _INPUTS, "inputs.")
    if isinstance(settings, Mapping):
        known = {name: value for name, value in settings.items() if name not in extra_settings}
        found += _check(known, _SETTINGS, "settings.")
        for block in ("sparseStructure", "shapeSlat", "texSlat"):
            if isinstance(settings.get(block), Mapping):
                found += _check(settings[block], _SAMPLER, f"settings.{block}.")
    return found


def effective_settings(task: Mapping[str, Any]) -> dict[str, Any]:
    """The settings to run with: the page's defaults, and over them what was sent."""
    return {**DEFAULTS, **(task.get("settings") or {})}


def task_uuid_of(task: Mapping[str, Any]) -> str | None:
    """The canonical taskUUID, or None where it is not a UUID of version 4. Only this form is ever
    used in a file name.
    """
    return canonical_uuid(task.get("taskUUID"), version=4)


def canonical_uuid(value: object, *, version: int | None = None) -> str | None:
    """``value`` as a lower-case dashed UUID, or None."""
    if not isinstance(value, str) or len(value) != 36:
        return None
    try:
        parsed = UUID(value)
    except ValueError:
        return None
    return str(parsed) if version is None or parsed.version == version else None


def _check(
    given: Mapping[str, Any], rules: Mapping[str, Rule], path: str
) -> Iterator[dict[str, Any]]:
    for name, rule in rules.items():
        if name not in given:
            if rule.required:
                yield _error(f"missing{_pascal(path + name)}", path + name, rule, "is required")
            continue
        problem = _problem(given[name], rule)
        if problem:
            yield _error(f"invalid{_pascal(path + name)}", path + name, rule, problem)
    for name in given:
        if name not in rules:
            parameter = f"{path}{name}"[:200]
            yield {
                "code": "unsupportedParameter",
                "message": f"The parameter '{parameter}' is not supported by this model.",
                "parameter": parameter,
            }


def _problem(value: object, rule: Rule) -> str:
    if not _has_kind(value, rule.kind):
        return f"must be of type {rule.kind}"
    if rule.allowed and value not in rule.allowed:
        return f"must be one of {', '.join(map(str, rule.allowed))}"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if rule.low is not None and value < rule.low:
            return f"must be at least {rule.low}"
        if rule.high is not None and value > rule.high:
            return f"must be at most {rule.high}"
        if rule.step is not None and value % rule.step:
            return f"must be a multiple of {rule.step}"
    return ""


def _has_kind(value: object, kind: str) -> bool:
    return _KINDS[kind](value)


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_float(value: object) -> bool:
    # A float beyond all bounds is not JSON, though Python reads it; integers of any size pass.
    return _is_integer(value) or (isinstance(value, float) and math.isfinite(value))


def is_web_address(value: str) -> bool:
    """Whether ``value`` is an absolute http or https address."""
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and value.isprintable()


_KINDS: Mapping[str, Callable[[object], bool]] = {
    "integer": _is_integer,
    "float": _is_float,
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, Mapping),
    "uuid": lambda value: canonical_uuid(value, version=4) is not None,
    "url": lambda value: isinstance(value, str) and is_web_address(value),
    "string": lambda value: isinstance(value, str) and bool(value),
}


def _error(code: str, parameter: str, rule: Rule, problem: str) -> dict[str, Any]:
    hints: dict[str, Any] = {"type": "string" if rule.kind in ("url", "uuid") else rule.kind}
    if rule.low is not None:
        hints["min"] = rule.low
    if rule.high is not None:
        hints["max"] = rule.high
    if rule.step is not None:
        hints["multiplier"] = rule.step
    if rule.allowed:
        hints["allowedValues"] = list(rule.allowed)
    message = f"The parameter '{parameter}' {problem}."
    return {"code": code, "message": message, "parameter": parameter, **hints}


def _pascal(path: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in path.split("."))
