"""What can go wrong between us and the generation API, and what it cost.

    TrellisError
    ├── InvalidRequest        the request breaks a rule of the API           not billed
    │   └── TaskConflict      the taskUUID is already known: it was accepted billed once
    ├── AuthRefused           key missing, wrong or not allowed              not billed
    ├── QuotaExhausted        no credit left                                 not billed
    ├── RateLimited           too many requests, queue full     (retryable)  not billed
    ├── SafetyRefused         the image was refused by moderation
    ├── TaskTimeout           the service gave up waiting       (retryable)
    ├── TaskNotFound          the service does not know the task, or no longer
    ├── ServerFailed          a fault of the service            (retryable)
    ├── ProviderFailed        a fault of the model's backend    (retryable)
    ├── UnknownFailure        a code that no rule knows
    ├── ConnectionLost        no reply                          (retryable)
    ├── StillRunning          our patience ended; the task goes on           resumable
    ├── DownloadFailed        the result was not delivered      (retryable)  billed
    │   ├── ResultExpired     its URL is gone                                billed
    │   ├── ResultTooLarge    larger than the limit                          billed
    │   ├── ResultNotGlb      the bytes are not a GLB                        billed
    │   └── UploadUnavailable the bucket for uploaded results cannot be used
    ├── CapReached            a budget cap forbids the purchase              not billed
    └── LedgerError           the durable record says stop
        ├── LedgerUnavailable the store cannot be read or written (disk full, no connection)
        ├── EarlierFailure    an earlier attempt failed; buying again is a decision
        └── SubmissionUnknown nobody can say whether the task was ever accepted

``billed`` answers "did this cost money?": ``False`` no, ``True`` yes, ``None`` nobody can say (a
task that failed after it was accepted, a reply that was lost). ``retryable`` says whether trying
the same thing again may help. ``code`` keeps the raw code, ``raw`` the raw error object.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from trellis_assets.errors import TrellisAssetsError

_BILL = {False: "Nothing was charged", True: "The generation was charged"}
_BILL_UNKNOWN = "Whether it was charged is not known"


class TrellisError(TrellisAssetsError):
    """A generation that did not happen, or whose result did not arrive.

    ``str(error)`` says what happened, whether money was spent and what to do, in one line.
    """

    default_billed: ClassVar[bool | None] = None
    default_retryable: ClassVar[bool] = False
    default_fix: ClassVar[str] = ""

    def __init__(
        self,
        message: str,
        *,
        fix: str = "",
        code: str = "",
        parameter: str = "",
        task_uuid: str = "",
        http_status: int | None = None,
        billed: bool | str | None = "default",
        retry_after: float | None = None,
        raw: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message, fix=fix or self.default_fix)
        self.code = code
        self.parameter = parameter
        self.task_uuid = task_uuid
        self.http_status = http_status
        self.billed: bool | None = self.default_billed if isinstance(billed, str) else billed
        self.retryable: bool = self.default_retryable
        self.retry_after = retry_after
        self.raw: Mapping[str, Any] = MappingProxyType(dict(raw or {}))

    def __str__(self) -> str:
        what = self.message.rstrip(". ")
        named = f" [{self.code}]" if self.code and self.code not in what else ""
        bill = _BILL_UNKNOWN if self.billed is None else _BILL[self.billed]
        fix = f". Fix: {self.fix}" if self.fix else ""
        return f"{what}{named}. {bill}{fix}"


class InvalidRequest(TrellisError):
    """The request breaks a rule: a value out of range, an unknown field, an unreadable image."""

    default_billed = False
    default_fix = "correct the named setting, then run again"


class TaskConflict(InvalidRequest):
    """``conflictTaskUUID``: this taskUUID was accepted before. Poll it."""

    default_billed = True
    default_fix = "poll the task instead of submitting it again"


class AuthRefused(TrellisError):
    """The key is missing, wrong, expired or not allowed to do this."""

    default_billed = False
    default_fix = "set RUNWARE_API_KEY to a valid key of the account, then run again"


class QuotaExhausted(TrellisError):
    """The account has no credit left for this task."""

    default_billed = False
    default_fix = "add credit to the account, then run again"


class RateLimited(TrellisError):
    """Too many requests at once, or a full queue."""

    default_billed = False
    default_retryable = True
    default_fix = "run again later, or lower TRELLIS_ASSETS_IN_FLIGHT"


class SafetyRefused(TrellisError):
    """Moderation refused the image."""

    default_fix = "use another concept image; the same one will be refused again"


class TaskTimeout(TrellisError):
    """The service or its backend gave up waiting."""

    default_retryable = True
    default_fix = "run again later; lower the resolution if it keeps happening"


class TaskNotFound(TrellisError):
    """The service does not know the task or the thing it names, or does so no longer."""

    default_fix = "look at the record of the task before buying it again"


class ServerFailed(TrellisError):
    """The service failed, or answered something that is not its protocol."""

    default_retryable = True
    default_fix = "run again later: the same task is resumed, not bought again"


class ProviderFailed(TrellisError):
    """The model's backend failed."""

    default_retryable = True
    default_fix = "run again later"


class UnknownFailure(TrellisError):
    """An error code that no rule knows; ``code`` and ``raw`` have all that was said."""

    default_fix = "read the code and message of the service"


class ConnectionLost(TrellisError):
    """No connection, or no reply in time. The request may or may not have arrived."""

    default_retryable = True
    default_fix = "check the network and the address; run again: the same task is resumed"


class StillRunning(TrellisError):
    """The task was not finished when our patience ended. It goes on; a later run resumes it."""

    default_fix = "run again later: the same task is polled, not bought again"


class DownloadFailed(TrellisError):
    """The result exists but its bytes did not arrive."""

    default_billed = True
    default_retryable = True
    default_fix = "run again: the same result is downloaded, not bought again"


class ResultExpired(DownloadFailed):
    """The result's URL answers that the file is gone."""

    default_fix = "it cannot be had back; refresh --only ID --buy-again buys it once more"

    default_retryable = False


class ResultTooLarge(DownloadFailed):
    """The result is larger than the limit."""

    default_retryable = False
    default_fix = "raise the download limit, then run again: the same result is downloaded"


class ResultNotGlb(DownloadFailed):
    """The bytes that arrived are not a binary glTF file."""

    default_fix = "run again: the same result is downloaded, not bought again"


class UploadUnavailable(DownloadFailed):
    """The bucket for uploaded results cannot be used: no credentials, no permission, no reply."""

    default_fix = (
        "check the bucket of TRELLIS_ASSETS_RESULT_UPLOAD, AWS_* settings and permissions "
        "(PutObject, GetObject, ListBucket), then run again: nothing is bought again"
    )


class CapReached(TrellisError):
    """A budget cap forbids this purchase."""

    default_billed = False
    default_fix = "raise the cap in the settings, or wait until it renews"


class LedgerError(TrellisError):
    """The durable record of generation tasks does not allow to go on."""


class LedgerUnavailable(LedgerError):
    """The store does not take or give the record: disk full, no permission, no connection."""

    default_fix = "mend the store, then run again: a task under way is resumed, not bought again"


class EarlierFailure(LedgerError):
    """An earlier attempt of the same generation failed; a new one may cost again."""

    default_fix = (
        "buy it again only by decision: refresh --only ID --buy-again (retry_failed in the library)"
    )


class SubmissionUnknown(LedgerError):
    """The intent is old, the service knows nothing: it was never sent, or has been forgotten."""

    default_fix = "look into the account's history, then decide: refresh --only ID --buy-again"
