"""From a raw error of the API to an exception: by rule, because codes are unstable.

The rules and their order follow the contract (error codes by class): quota, rate limit, safety,
auth, timeout, not found, server, provider, validation. The order matters: ``missingApiKey`` is
auth although it starts with "missing", ``providerTimeout`` is a timeout although it starts with
"provider". Codes are compared without regard to case. The HTTP status decides only where there
is no code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from trellis_assets.trellis2 import errors as e

_SAFETY = (
    "contentpolicyviolation",
    "sensitivecontentdetected",
    "unsafecontentdetected",
    "nsfwcontentdetected",
    "promptblocked",
    "imageblocked",
    "moderationfailed",
)
_AUTH = ("unauthorized", "forbidden", "permissiondenied", "tokenexpired", "accountsuspended")
_SERVER = (
    "internalservererror",
    "serviceunavailable",
    "serverunavailable",
    "standarderror",
    "unknownerror",
    "defaulterror",
)
_PROVIDER = (
    "inferenceerror",
    "processingfailed",
    "taskfailed",
    "downloadfailed",
    "uploadfailed",
    "noavailableserver",
    "modelunavailable",
    "modeldisabled",
    "modelnotready",
)
_VALIDATION = (
    "invalid",
    "missing",
    "conflict",
    "duplicate",
    "unsupported",
    "value",
    "array",
    "max",
)
_VALIDATION_EXACT = ("unknownparameter", "incompatibleparameters", "validationfailed")

_RULES: tuple[tuple[Callable[[str], bool], type[e.TrellisError]], ...] = (
    (lambda c: c == "conflicttaskuuid", e.TaskConflict),
    (
        lambda c: "credit" in c or "quota" in c or "balance" in c or c == "paymentrequired",
        e.QuotaExhausted,
    ),
    (lambda c: "ratelimit" in c, e.RateLimited),
    (lambda c: any(word in c for word in _SAFETY), e.SafetyRefused),
    (lambda c: "apikey" in c or any(word in c for word in _AUTH), e.AuthRefused),
    (lambda c: "timeout" in c, e.TaskTimeout),
    (
        lambda c: c.endswith(("notfound", "expired")) or c in ("taskcancelled", "unknownmodel"),
        e.TaskNotFound,
    ),
    (lambda c: c in _SERVER, e.ServerFailed),
    (lambda c: c.startswith("provider") or c in _PROVIDER, e.ProviderFailed),
    (lambda c: c.startswith(_VALIDATION) or c in _VALIDATION_EXACT, e.InvalidRequest),
)
_BY_STATUS = {
    400: e.InvalidRequest,
    401: e.AuthRefused,
    402: e.QuotaExhausted,
    403: e.AuthRefused,
    404: e.TaskNotFound,
    408: e.TaskTimeout,
    413: e.InvalidRequest,
    429: e.RateLimited,
    504: e.TaskTimeout,
}
_LONGEST_TEXT = 1000


def error_class(code: str, http_status: int | None = None) -> type[e.TrellisError]:
    """The exception class for a raw code, or for the HTTP status where there is no code."""
    folded = code.strip().lower()
    if folded:
        for matches, found in _RULES:
            if matches(folded):
                return found
        return e.UnknownFailure
    if http_status is not None and http_status >= 500 and http_status not in _BY_STATUS:
        return e.ServerFailed
    return _BY_STATUS.get(http_status or 0, e.UnknownFailure)


def error_from_item(
    item: Mapping[str, Any],
    *,
    http_status: int | None = None,
    task_uuid: str = "",
    accepted: bool = False,
    scrub: Callable[[str], str] = str,
) -> e.TrellisError:
    """The exception for one error object of a reply, flat or nested under ``error``.

    ``accepted`` says that the task was running already: then a failure may have cost money
    (``billed`` is None), while the same refusal of a submission costs nothing. ``scrub`` blanks
    the key in every text that is kept. Texts are bounded and stripped of control characters.
    """
    flat = _flatten(item)
    code = _text(flat.get("code"), scrub)[:100]
    kind = error_class(code, http_status)
    message = _text(flat.get("message"), scrub) or _default_message(code, http_status)
    parameter = _parameter(flat.get("parameter"), scrub)
    named = f" (field {parameter})" if parameter and parameter not in message else ""
    backend = _text(flat.get("responseContent"), scrub)
    detail = f" The backend said: {backend}" if backend and backend not in message else ""
    return kind(
        f"{message}{named}{detail}",
        code=code,
        parameter=parameter,
        task_uuid=_text(flat.get("taskUUID"), scrub)[:64] or task_uuid,
        http_status=http_status,
        billed=_billed(kind, flat, accepted=accepted),
        raw={str(k)[:100]: _bounded(v, scrub) for k, v in list(flat.items())[:50]},
    )


def _flatten(item: Mapping[str, Any]) -> dict[str, Any]:
    nested = item.get("error")
    if isinstance(nested, Mapping):
        return {**{k: v for k, v in item.items() if k != "error"}, **nested}
    if isinstance(nested, str):
        return {**item, "message": item.get("message", nested)}
    return dict(item)


def _billed(kind: type[e.TrellisError], item: Mapping[str, Any], *, accepted: bool) -> bool | None:
    cost = item.get("cost")
    if isinstance(cost, (int, float)) and not isinstance(cost, bool) and cost > 0:
        return True
    if issubclass(kind, e.TaskConflict):
        return True
    return None if accepted else False


def _default_message(code: str, http_status: int | None) -> str:
    if code:
        return f"the service answered {code}"
    return f"the service answered HTTP {http_status}" if http_status else "the service failed"


def _parameter(value: object, scrub: Callable[[str], str]) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(_text(part, scrub)[:100] for part in value[:10])
    return _text(value, scrub)[:200]


def _bounded(value: object, scrub: Callable[[str], str]) -> object:
    return value if isinstance(value, (bool, int, float, type(None))) else _text(value, scrub)


def _text(value: object, scrub: Callable[[str], str]) -> str:
    if value is None:
        return ""
    text = scrub(value if isinstance(value, str) else str(value)[: 4 * _LONGEST_TEXT])
    text = hide_queries(text)
    return "".join(ch if ch.isprintable() else " " for ch in text).strip()[:_LONGEST_TEXT]


def hide_queries(text: str) -> str:
    """``text`` with the query of every URL in it blanked: that is where signatures are."""
    return re.sub(r"(https?://[^\s?\"'<>]+)\?[^\s\"'<>]*", r"\1?****", text)
