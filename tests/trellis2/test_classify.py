"""Raw codes become exceptions by rule, in the contract's order; raw and money are kept."""

from __future__ import annotations

import pytest

from trellis_assets.errors import TrellisAssetsError
from trellis_assets.trellis2 import errors as e
from trellis_assets.trellis2.classify import error_class, error_from_item

CODES = {
    e.InvalidRequest: "invalidInputsImage missingModel conflictParameters duplicateTask "
    "unsupportedParameter valueTooLarge arrayTooLong maxItems unknownParameter "
    "incompatibleParameters validationFailed",
    e.TaskConflict: "conflictTaskUUID",
    e.AuthRefused: "invalidApiKey missingApiKey unauthorized forbidden permissionDenied "
    "tokenExpired accountSuspended",
    e.QuotaExhausted: "insufficientCredits quotaExceeded insufficientBalance paymentRequired",
    e.RateLimited: "rateLimitExceeded inferenceRateLimitExceeded providerRateLimitExceeded",
    e.SafetyRefused: "contentPolicyViolation providerContentPolicyViolation promptBlocked "
    "sensitiveContentDetected unsafeContentDetected nsfwContentDetected imageBlocked "
    "moderationFailed",
    e.TaskTimeout: "timeoutProvider providerTimeout providerGatewayTimeout webhookTimeout",
    e.TaskNotFound: "taskNotFound taskExpired taskCancelled taskFailedOrNotFound unknownModel",
    e.ServerFailed: "internalServerError serviceUnavailable serverUnavailable standardError "
    "unknownError defaultError",
    e.ProviderFailed: "providerError providerUnavailable inferenceError processingFailed "
    "taskFailed downloadFailed uploadFailed noAvailableServer modelUnavailable modelDisabled "
    "modelNotReady",
    e.UnknownFailure: "somethingNew",
}


@pytest.mark.parametrize(
    ("code", "kind"), [(code, kind) for kind, codes in CODES.items() for code in codes.split()]
)
def test_code(code: str, kind: type[e.TrellisError]) -> None:
    assert error_class(code) is kind
    assert error_class(code.upper()) is kind
    assert error_class(code, 500) is kind, "the code decides, not the status"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, e.InvalidRequest),
        (401, e.AuthRefused),
        (402, e.QuotaExhausted),
        (403, e.AuthRefused),
        (404, e.TaskNotFound),
        (408, e.TaskTimeout),
        (429, e.RateLimited),
        (500, e.ServerFailed),
        (502, e.ServerFailed),
        (503, e.ServerFailed),
        (504, e.TaskTimeout),
    ],
)
def test_status_where_there_is_no_code(status: int, kind: type[e.TrellisError]) -> None:
    assert error_class("", status) is kind


def test_only_these_classes_are_tried_again() -> None:
    again = {
        kind for kind in vars(e).values() if isinstance(kind, type) and issubclass(kind, Exception)
    }
    again = {kind for kind in again if getattr(kind, "default_retryable", False)}
    assert again == {
        e.RateLimited,
        e.TaskTimeout,
        e.ServerFailed,
        e.ProviderFailed,
        e.ConnectionLost,
        e.DownloadFailed,
        e.ResultNotGlb,
        e.UploadUnavailable,
    }


@pytest.mark.parametrize(
    "item",
    [
        {"code": "providerError", "message": "Boom", "taskUUID": "u"},
        {"error": {"code": "providerError", "message": "Boom"}, "taskUUID": "u"},
    ],
)
def test_flat_and_nested_say_the_same(item: dict[str, object]) -> None:
    error = error_from_item(item, accepted=True)
    assert type(error) is e.ProviderFailed
    assert (error.code, error.message, error.task_uuid) == ("providerError", "Boom", "u")
    assert isinstance(error, TrellisAssetsError)


def test_error_as_plain_text() -> None:
    assert error_from_item({"error": "It broke"}, http_status=500).message == "It broke"


def test_money() -> None:
    refused = error_from_item({"code": "providerError"})
    failed = error_from_item({"code": "providerError"}, accepted=True)
    charged = error_from_item({"code": "providerError", "cost": 0.02}, accepted=True)
    assert (refused.billed, failed.billed, charged.billed) == (False, None, True)
    assert "Nothing was charged" in str(refused)
    assert "not known" in str(failed)
    assert "was charged" in str(charged)


def test_the_field_and_the_backend_are_named() -> None:
    error = error_from_item(
        {
            "code": "invalidSettings",
            "message": "Out of range.",
            "parameter": ["settings.resolution", "settings.textureSize"],
            "responseContent": {"detail": "out of memory"},
        }
    )
    assert error.parameter == "settings.resolution, settings.textureSize"
    assert "settings.resolution" in str(error)
    assert "out of memory" in str(error)
    assert error.raw["code"] == "invalidSettings"


def test_hostile_text_is_bounded_and_signatures_are_hidden() -> None:
    error = error_from_item(
        {
            "code": "c" * 5000,
            "message": "\x1b[31mred https://b.example/x?X-Amz-Signature=SECRET end" + "m" * 9000,
            "parameter": "p" * 5000,
            "other": {"deep": "d" * 9000},
        },
        scrub=lambda text: text.replace("red", "***"),
    )
    assert len(str(error)) < 3000
    assert "SECRET" not in str(error) + repr(error.raw)
    assert "\x1b" not in str(error)
    assert "red" not in error.message
