"""The generation API of TRELLIS.2: task models, client, errors, and the ledger.

    async with TrellisClient(api_key=key) as client:
        generation = await generate_once(
            InferenceRequest(settings=Settings(texture_size=2048), seed=7),
            png, client=client, store=store,
        )
    glb = store.read(generation.model.key)

Knows HTTP; knows no Dagster and no meshes.
"""

from __future__ import annotations

from trellis_assets.trellis2.caps import Budget, Caps
from trellis_assets.trellis2.client import HOSTED_URL, TrellisClient
from trellis_assets.trellis2.costs import Spending, estimate_usd, spending, total_usd
from trellis_assets.trellis2.errors import (
    AuthRefused,
    CapReached,
    ConnectionLost,
    DownloadFailed,
    EarlierFailure,
    InvalidRequest,
    LedgerError,
    LedgerUnavailable,
    ProviderFailed,
    QuotaExhausted,
    RateLimited,
    ResultExpired,
    ResultNotGlb,
    ResultTooLarge,
    SafetyRefused,
    ServerFailed,
    StillRunning,
    SubmissionUnknown,
    TaskConflict,
    TaskNotFound,
    TaskTimeout,
    TrellisError,
    UnknownFailure,
    UploadUnavailable,
)
from trellis_assets.trellis2.generate import generate_once
from trellis_assets.trellis2.ledger import Attempt, Ledger, ledgers
from trellis_assets.trellis2.outcomes import (
    Generated,
    GeneratedFile,
    Progress,
    ProgressCallback,
    Submission,
    Waker,
)
from trellis_assets.trellis2.pacing import PollPolicy, RetryPolicy
from trellis_assets.trellis2.purchase import Origin, Patience
from trellis_assets.trellis2.replies import ResultFile, TaskState
from trellis_assets.trellis2.secret import ApiKey
from trellis_assets.trellis2.spec import GenerationSpec, spec_of
from trellis_assets.trellis2.stored import Generation, StoredModel
from trellis_assets.trellis2.tasks import (
    MODEL,
    PAGE_DEFAULTS,
    InferenceRequest,
    InferenceTask,
    Sampler,
    Settings,
    ShapeSlat,
    SparseStructure,
    TexSlat,
    parse_request,
)
from trellis_assets.trellis2.uploads import ResultUpload
from trellis_assets.trellis2.webhooks import WebhookInbox

__all__ = [
    "HOSTED_URL",
    "MODEL",
    "PAGE_DEFAULTS",
    "ApiKey",
    "Attempt",
    "AuthRefused",
    "Budget",
    "CapReached",
    "Caps",
    "ConnectionLost",
    "DownloadFailed",
    "EarlierFailure",
    "Generated",
    "GeneratedFile",
    "Generation",
    "GenerationSpec",
    "InferenceRequest",
    "InferenceTask",
    "InvalidRequest",
    "Ledger",
    "LedgerError",
    "LedgerUnavailable",
    "Origin",
    "Patience",
    "PollPolicy",
    "Progress",
    "ProgressCallback",
    "ProviderFailed",
    "QuotaExhausted",
    "RateLimited",
    "ResultExpired",
    "ResultFile",
    "ResultNotGlb",
    "ResultTooLarge",
    "ResultUpload",
    "RetryPolicy",
    "SafetyRefused",
    "Sampler",
    "ServerFailed",
    "Settings",
    "ShapeSlat",
    "SparseStructure",
    "Spending",
    "StillRunning",
    "StoredModel",
    "Submission",
    "SubmissionUnknown",
    "TaskConflict",
    "TaskNotFound",
    "TaskState",
    "TaskTimeout",
    "TexSlat",
    "TrellisClient",
    "TrellisError",
    "UnknownFailure",
    "UploadUnavailable",
    "Waker",
    "WebhookInbox",
    "estimate_usd",
    "generate_once",
    "ledgers",
    "parse_request",
    "spec_of",
    "spending",
    "total_usd",
]
