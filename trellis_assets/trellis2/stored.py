"""What a finished generation is to those who use it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trellis_assets.trellis2 import errors
from trellis_assets.trellis2.errors import TrellisError
from trellis_assets.trellis2.ledger import Attempt, Ledger


@dataclass(frozen=True)
class StoredModel:
    """A generated model in the store, never changed: ``key``, SHA-256, bytes, and the seed the
    service used.
    """

    key: str
    sha256: str
    size: int
    seed: int | None
    file_uuid: str


@dataclass(frozen=True)
class Generation:
    """The models of one generation, in the order of the service (candidates, when several).

    ``cost`` is USD as reported, None when none was. ``reused`` says that this call bought
    nothing; ``run`` names the run that did. ``failures`` tells of results that did not come.
    """

    spec_hash: str
    task_uuid: str
    attempt: int
    models: tuple[StoredModel, ...]
    cost: float | None
    reused: bool
    failures: tuple[str, ...]
    record_key: str
    run: str = ""

    @property
    def model(self) -> StoredModel:
        """The first model, the only one unless several were asked for."""
        return self.models[0]


def generation_of(ledger: Ledger, attempt: Attempt, *, reused: bool) -> Generation:
    """The generation an attempt in state downloaded has become."""
    downloaded = attempt.records["downloaded"]
    models = tuple(
        StoredModel(
            key=str(each["key"]),
            sha256=str(each["sha256"]),
            size=int(each["size"]),
            seed=each["seed"],
            file_uuid=str(each["uuid"]),
        )
        for each in downloaded["models"]
    )
    return Generation(
        spec_hash=ledger.spec_hash,
        task_uuid=attempt.task_uuid,
        attempt=attempt.number,
        models=models,
        cost=downloaded.get("costUsd"),
        reused=reused,
        failures=tuple(str(each["message"]) for each in downloaded.get("failures", ())),
        record_key=f"{ledger.folder}/record.json",
        run=str(attempt.records["intended"].get("origin", {}).get("run", "")),
    )


def error_record(error: TrellisError) -> dict[str, Any]:
    """An error as the ledger keeps it."""
    return {
        "kind": type(error).__name__,
        "code": error.code,
        "message": error.message,
        "parameter": error.parameter,
        "httpStatus": error.http_status,
        "billed": error.billed,
        "raw": dict(error.raw),
    }


def recorded_error(record: Mapping[str, Any], *, task_uuid: str) -> TrellisError:
    """The error that :func:`error_record` kept, as it was raised."""
    kind = getattr(errors, str(record.get("kind")), TrellisError)
    if not (isinstance(kind, type) and issubclass(kind, TrellisError)):
        kind = TrellisError
    return kind(
        str(record.get("message", "")),
        code=str(record.get("code", "")),
        parameter=str(record.get("parameter", "")),
        http_status=record.get("httpStatus"),
        task_uuid=task_uuid,
        billed=record.get("billed"),
        raw=record.get("raw") or {},
    )
