"""From "we want it" to "the service has it": claim the generation, then submit it once."""

from __future__ import annotations

import asyncio
import uuid

from trellis_assets.trellis2.costs import estimate_usd
from trellis_assets.trellis2.errors import (
    EarlierFailure,
    SubmissionUnknown,
    TrellisError,
)
from trellis_assets.trellis2.ledger import Attempt, now
from trellis_assets.trellis2.purchase import (
    Purchase,
    blocking,
    fail,
    failure_of,
    is_free,
    is_known,
    own,
    owner_is_gone,
    purchase_name,
    worker_name,
)
from trellis_assets.trellis2.replies import TaskState
from trellis_assets.trellis2.stored import error_record, recorded_error


async def open_attempt(
    purchase: Purchase, attempts: tuple[Attempt, ...], *, retry_failed: bool
) -> Attempt:
    """The attempt to work on: the one under way, or a new one."""
    if not attempts:
        return await claim(purchase, 1)
    last = attempts[-1]
    if not last.has("failed"):
        return last
    failed = last.records["failed"]
    origin = last.records["intended"].get("origin", {})
    same_run = bool(purchase.origin.run) and purchase.origin.run == origin.get("run")
    if purchase.tell_again and same_run:
        raise recorded_error(failed, task_uuid=last.task_uuid)
    unsold = failed.get("billed") is False and not last.has("accepted")
    if not unsold and not is_free(last) and not retry_failed:
        raise EarlierFailure(
            f"attempt {last.number} of this generation failed on {failed['at'][:19]}: "
            f"{failed.get('message', '')}",
            code=str(failed.get("code", "")),
            task_uuid=last.task_uuid,
            billed=failed.get("billed"),
        )
    return await claim(purchase, last.number + 1)


async def claim(purchase: Purchase, number: int) -> Attempt:
    """Reserve the budget, then create the intent; who loses the race gets the winner's."""
    estimate = purchase.estimate
    if estimate is None:
        estimate = estimate_usd(purchase.request)
    paths: list[str] = []
    if purchase.budget is not None:
        origin = purchase.origin
        scopes = purchase.budget.scopes(run=origin.run, asset=origin.asset)
        paths = [scope.path for scope in scopes]
        name = purchase_name(purchase, number)
        await blocking(purchase.budget.reserve, name, estimate, scopes)
    mine = str(uuid.uuid4())
    upload, one = purchase.client.upload, (purchase.request.number_results or 1) == 1
    place = upload.place(purchase.spec.hash, number, mine) if upload is not None and one else None
    own(purchase, mine)
    record = await blocking(
        purchase.ledger.record,
        number,
        "intended",
        {
            "version": 1,
            "taskUUID": mine,
            "specHash": purchase.spec.hash,
            "spec": purchase.spec.content,
            "estimateUsd": estimate,
            "budget": paths,
            **({"upload": place} if place else {}),
            "origin": {
                "asset": purchase.origin.asset,
                "run": purchase.origin.run,
                "tags": list(purchase.origin.tags),
            },
            "worker": worker_name(),
        },
    )
    # The UUID tells, not the result of the create: a store may repeat a create whose reply was
    # lost, and then report that somebody else was first.
    purchase.bought = record["taskUUID"] == mine
    purchase.tell(str(record["taskUUID"]), "intended" if purchase.bought else "waiting")
    return Attempt(number, {"intended": record})


async def ensure_accepted(purchase: Purchase, attempt: Attempt) -> tuple[Attempt, TaskState | None]:
    """Submit the intent, or wait for the worker who does. Also returns what the reply told."""
    ledger, client = purchase.ledger, purchase.client
    if not purchase.bought:
        attempt = await _wait_for_owner(purchase, attempt)
        if attempt.has("failed"):
            raise failure_of(attempt)
        if attempt.has("accepted"):
            return attempt, None
        known = await client.poll_once(attempt.task_uuid)
        if is_known(known):
            content = {"how": "the service knew it"}
            await blocking(ledger.record, attempt.number, "accepted", content)
            return await blocking(ledger.attempt, attempt.number), known
        age = (now() - attempt.intended_at).total_seconds()
        if age > purchase.patience.resubmit_s and not purchase.resubmit_unknown:
            raise SubmissionUnknown(
                f"task {attempt.task_uuid} was intended {age / 3600:.0f} hours ago and the "
                "service does not know it: it was never sent, or it has been forgotten",
                task_uuid=attempt.task_uuid,
            )
        await _pass_gate(purchase, attempt)
    state, repeated = await _submit(purchase, attempt)
    purchase.tell(attempt.task_uuid, "submitted")
    content = {"how": "the service knew it" if repeated else "submitted"}
    await blocking(ledger.record, attempt.number, "accepted", content)
    return await blocking(ledger.attempt, attempt.number), state


async def _pass_gate(purchase: Purchase, attempt: Attempt) -> None:
    """Before submitting another worker's intent: its owner may have been refused just now."""
    decided = await blocking(purchase.ledger.gate, attempt.number, {"closed": None})
    refusal = decided["closed"]
    if refusal is not None:
        await blocking(purchase.ledger.record, attempt.number, "failed", refusal)
        raise failure_of(await blocking(purchase.ledger.attempt, attempt.number))


async def _submit(purchase: Purchase, attempt: Attempt) -> tuple[TaskState, bool]:
    # The ledger wants to know the cost.
    update: dict[str, object] = {"include_cost": True}
    upload, place = purchase.client.upload, attempt.records["intended"].get("upload")
    if place and upload is not None and upload.holds(place):
        update["upload_endpoint"] = await blocking(upload.address, place)
    purchase.may_be_billed = None
    request = purchase.request.model_copy(update=update)
    try:
        submission = await purchase.client.submit_image(
            request, purchase.image, task_uuid=attempt.task_uuid
        )
    except TrellisError as error:
        # A refusal closes the attempt only when it is certain that no try of the same task was
        # accepted: none of ours, and none of a worker that has taken over meanwhile.
        if purchase.bought and error.billed is False and not error.retryable:
            closed = {"closed": error_record(error)}
            if await blocking(purchase.ledger.gate, attempt.number, closed) == closed:
                await fail(purchase, attempt, error)
        raise
    purchase.may_be_billed = True
    return submission.state, submission.repeated


async def _wait_for_owner(purchase: Purchase, attempt: Attempt) -> Attempt:
    """Until the intent is accepted or failed, or its owner was silent for too long."""
    patience = purchase.patience
    waited = 0.0
    while True:
        attempt = await blocking(purchase.ledger.attempt, attempt.number)
        age = max(waited, (now() - attempt.intended_at).total_seconds())
        silent = age >= patience.takeover_s or owner_is_gone(attempt)
        if attempt.state != "intended" or silent:
            return attempt
        purchase.tell(attempt.task_uuid, "waiting", "another worker submits it")
        await asyncio.sleep(patience.look_s)
        waited += patience.look_s
