"""One generation, bought at most once: the client and the ledger together.

What makes it safe, step by step: the budget is reserved; the intent, with the taskUUID, is durable
before anything is sent, and creating it decides who submits; a submission is only ever repeated
under the same taskUUID, which the service accepts once; every later step can be done by any
worker, any number of times, because the first record of a state is the one that counts. So a
process may die at any instant, and whoever comes next goes on from the last state.
"""

from __future__ import annotations

import asyncio

from trellis_assets.store import Store, StoreError
from trellis_assets.trellis2.accept import claim, ensure_accepted, open_attempt
from trellis_assets.trellis2.caps import Budget
from trellis_assets.trellis2.client import TrellisClient
from trellis_assets.trellis2.errors import LedgerUnavailable, TaskNotFound, TrellisError
from trellis_assets.trellis2.ledger import Attempt, Ledger, now
from trellis_assets.trellis2.outcomes import ProgressCallback
from trellis_assets.trellis2.purchase import (
    Origin,
    Patience,
    Purchase,
    blocking,
    fail,
    failure_of,
    is_free,
    is_known,
    settle,
    working_on,
)
from trellis_assets.trellis2.replies import TaskState
from trellis_assets.trellis2.retrieve import Retrieval, landed
from trellis_assets.trellis2.spec import spec_of
from trellis_assets.trellis2.stored import Generation, error_record, generation_of
from trellis_assets.trellis2.tasks import InferenceRequest


async def generate_once(
    request: InferenceRequest,
    image: bytes,
    *,
    client: TrellisClient,
    store: Store,
    budget: Budget | None = None,
    identity: bytes | None = None,
    estimate: float | None = None,
    origin: Origin | None = None,
    progress: ProgressCallback | None = None,
    retry_failed: bool = False,
    resubmit_unknown: bool = False,
    tell_again: bool = False,
    patience: Patience | None = None,
) -> Generation:
    """The models of a request for an image: from the store when they are there, else from the
    task that is under way, else bought once.

    ``identity`` is what the image was made from, when that decides whether two generations are
    the same: the artist's upload, so that a better cut-out of it never buys its model again.
    ``estimate`` is what a purchase is likely to cost in USD, for the budget: by default what the
    hosted service asks; give 0.0 for a generator that costs nothing. ``retry_failed`` buys again
    what failed after it was accepted; what certainly cost nothing is tried again by itself.
    ``resubmit_unknown`` submits an old intent of which the service knows nothing. ``tell_again``
    raises what the same run (``origin.run``) was refused before instead of asking once more. With
    several results those that came are kept when others failed.

    Raises ``CapReached`` before anything is sent, ``EarlierFailure``, ``SubmissionUnknown``,
    ``StillRunning`` (call again to resume), and what the service refused (see ``errors``).
    """
    spec = spec_of(request, image if identity is None else identity, provider=client.provider)
    purchase = Purchase(
        request,
        image,
        client,
        Ledger(store, spec.hash),
        spec,
        budget,
        origin or Origin(),
        patience or Patience(),
        progress,
        resubmit_unknown,
        estimate,
        tell_again,
    )
    with working_on(purchase):
        try:
            return await _generate(purchase, store, retry_failed=retry_failed)
        except StoreError as error:
            billed = False if estimate == 0 else purchase.may_be_billed
            raise LedgerUnavailable(error.message, billed=billed) from error
        except TrellisError as error:
            if estimate == 0:  # a generator that asks for no money
                error.billed = False
            raise


async def _generate(purchase: Purchase, store: Store, *, retry_failed: bool) -> Generation:
    attempts = await blocking(purchase.ledger.attempts)
    purchase.may_be_billed = None if attempts else False
    done = [each for each in attempts if each.state == "downloaded"]
    if done:
        return await _reuse(purchase, done[-1])
    attempt = await open_attempt(purchase, attempts, retry_failed=retry_failed)
    state = None
    if not attempt.has("accepted"):
        attempt, state = await ensure_accepted(purchase, attempt)
    if not attempt.has("succeeded") and not attempt.has("downloaded"):
        try:
            attempt = await _ensure_succeeded(purchase, attempt, state)
        except TaskNotFound:
            if purchase.bought or not is_free(attempt):
                raise
            # A generator that costs nothing and forgot the task of an earlier process.
            attempt, state = await ensure_accepted(
                purchase, await claim(purchase, attempt.number + 1)
            )
            attempt = await _ensure_succeeded(purchase, attempt, state)
    retrieval = Retrieval(
        store, purchase.ledger, purchase.client, purchase.progress, purchase.patience
    )
    # Beside the download, which takes longer; it is done again by whoever resumes.
    settling = asyncio.create_task(_settle_reported(purchase, attempt))
    try:
        attempt = await retrieval.ensure_downloaded(attempt)
    finally:
        await settling
    await blocking(purchase.ledger.write_summary)
    purchase.tell(attempt.task_uuid, "stored")
    return generation_of(purchase.ledger, attempt, reused=not purchase.bought)


async def _reuse(purchase: Purchase, attempt: Attempt) -> Generation:
    await blocking(purchase.ledger.ensure_summary)
    label = purchase.origin.run or purchase.origin.asset
    if label and label not in (
        attempt.records["intended"]["origin"]["run"],
        attempt.records["intended"]["origin"]["asset"],
    ):
        await blocking(purchase.ledger.note_reuse, label)
    purchase.tell(attempt.task_uuid, "reused")
    return generation_of(purchase.ledger, attempt, reused=True)


async def _ensure_succeeded(
    purchase: Purchase, attempt: Attempt, state: TaskState | None
) -> Attempt:
    """Wait for the results and record them, or record that there are none."""
    expected = purchase.request.number_results or 1
    age = (now() - attempt.intended_at).total_seconds()
    if attempt.has("failed"):
        raise failure_of(attempt)
    if age > purchase.patience.resubmit_s:
        state = await purchase.client.poll_once(attempt.task_uuid)
        if not is_known(state):
            state = await landed(purchase, attempt) or state
        if not is_known(state):
            gone = TaskNotFound(
                f"the service no longer knows task {attempt.task_uuid}, accepted "
                f"{age / 3600:.0f} hours ago",
                task_uuid=attempt.task_uuid,
                billed=None,
            )
            await fail(purchase, attempt, gone)
            raise gone
    if state is None or not state.is_final(expected):
        state = await purchase.client.wait(
            attempt.task_uuid, expected=expected, progress=purchase.progress
        )
        if not is_known(state):
            state = await landed(purchase, attempt) or state
    if not state.files:
        await fail(purchase, attempt, state.failures[0])
        raise state.failures[0]
    content = {
        "files": [
            {"uuid": each.uuid, "seed": each.seed, "costUsd": each.cost, "url": _public(each.url)}
            for each in state.files
        ],
        "failures": [error_record(each) for each in state.failures],
        "costUsd": state.cost,
    }
    await blocking(purchase.ledger.record, attempt.number, "succeeded", content)
    return await blocking(purchase.ledger.attempt, attempt.number)


async def _settle_reported(purchase: Purchase, attempt: Attempt) -> None:
    if attempt.has("succeeded"):
        await settle(purchase, attempt, attempt.records["succeeded"].get("costUsd"))


def _public(url: str) -> str | None:
    """Addresses with a query may be signed; those are asked for again, never written down."""
    return None if not url or "?" in url or "@" in url else url
