"""Who generates: the hosted API or the embedded generator, both through the same HTTP client."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from trellis_assets.catalog import Entry, caps_source, load_caps
from trellis_assets.errors import TrellisAssetsError
from trellis_assets.store import Store, content_hash

from .node import Brief, Json, Progress, Workplace
from .notices import result_ttl, result_upload
from .record import read_record

if TYPE_CHECKING:
    from trellis_assets.trellis2 import (
        ApiKey,
        Caps,
        Generation,
        InferenceRequest,
        TrellisClient,
        Waker,
    )

_IN_PROCESS_URL = "http://embedded.invalid/v1"  # .invalid never resolves: nothing can leave


class GeneratorError(TrellisAssetsError):
    """The chosen generator cannot be used."""


@dataclass(frozen=True)
class GenerationResult:
    """The models that were generated, now or earlier: one, or several candidates."""

    glbs: tuple[bytes, ...]
    seeds: tuple[int | None, ...]
    keys: tuple[str, ...]
    """Where each one is kept in the store."""
    facts: Mapping[str, Json]


def generation_request(entry: Entry) -> InferenceRequest:
    """The request for the entry's generation settings."""
    from trellis_assets.trellis2.tasks import InferenceRequest, Settings

    wanted = entry.generation
    chosen = wanted.model_dump(exclude={"seed", "number_results"}, exclude_none=True)
    return InferenceRequest(
        settings=Settings.model_validate(chosen),
        seed=wanted.seed,
        number_results=wanted.number_results if wanted.number_results > 1 else None,
        include_cost=True,
    )


def generator_version(generator: str) -> str:
    """What makes two results of the same request differ: version of the code, or model and who
    serves it.
    """
    if generator == "embedded":
        from trellis_assets.embedded import GENERATOR

        return GENERATOR
    from trellis_assets.trellis2.tasks import MODEL

    provider = provider_name(generator)
    return MODEL if provider == "runware" else f"{MODEL} at {provider}"


def provider_name(generator: str) -> str:
    """Who generates, as the ledger knows it. A server of one's own is not taken for the hosted
    service, so that trying things out on it never passes for the real model.
    """
    if generator == "embedded":
        return generator_version(generator)
    from trellis_assets.trellis2 import HOSTED_URL

    address = urlsplit(_base_url())
    if address.hostname == urlsplit(HOSTED_URL).hostname:
        return "runware"
    return f"{address.hostname}:{address.port}" if address.port else str(address.hostname)


def spec_hash(brief: Brief) -> str:
    """Under which hash the ledger keeps the generation of a game asset."""
    from trellis_assets.trellis2 import spec_of

    from .source import source_bytes

    request = generation_request(brief.entry)
    return spec_of(request, source_bytes(brief), provider=provider_name(brief.generator)).hash


def spending_limits(catalog: Store) -> Caps:
    """The caps of the catalog; raises ``CatalogError`` when they cannot be read."""
    from trellis_assets.trellis2 import Caps

    caps = load_caps(catalog)
    return Caps(caps.run_usd, caps.day_usd, caps.asset_usd, source=caps_source(catalog))


def run_generation(work: Workplace) -> GenerationResult:
    """Generate the model of an entry, or find the one that was paid for before.

    Raises:
        TrellisError: the API refused or failed; says whether money was spent.
        CapReached: a cap of the catalog forbids the purchase.
        GeneratorError: the generator is not configured.
    """

    async def once() -> Generation:
        async with open_client(work.brief.generator) as client:
            image = work.read("concept.png")
            return await generate(work.brief, image, work.store, client, work.progress)

    generation = asyncio.run(once())
    facts: dict[str, Json] = {
        "generator": work.brief.generator,
        "model": generator_version(work.brief.generator),
        "seed": generation.model.seed,
        "task_uuid": generation.task_uuid,
        "cost_usd": generation.cost,
        "bought_now": not generation.reused or generation.run == work.brief.run != "",
        "ledger": work.store.location(generation.record_key),
    }
    if generation.failures:
        facts["results_that_failed"] = list(generation.failures)
    models = generation.models
    return GenerationResult(
        glbs=tuple(work.store.read(model.key) for model in models),
        seeds=tuple(model.seed for model in models),
        keys=tuple(model.key for model in models),
        facts=facts,
    )


async def generate(
    brief: Brief,
    image: bytes,
    store: Store,
    client: TrellisClient,
    progress: Progress,
    *,
    webhook_url: str | None = None,
) -> Generation:
    """The generation of one game asset through the ledger, within the caps of the catalog.

    Args:
        image: the cut-out concept image, which is what is sent.
        webhook_url: where the service is to tell that it is done.

    Raises:
        SourceChanged: ``image`` was cut out of another concept image than the catalog has now.
    """
    from trellis_assets.trellis2 import Budget, Origin, generate_once

    from .source import SourceChanged, source_bytes

    entry, free = brief.entry, brief.generator == "embedded"
    original, cut_out = source_bytes(brief), read_record(store, entry.id, "concept_image")
    if cut_out is not None and cut_out.settings["sha256"] != content_hash(original):
        # Else the model of the old image would be kept, and paid for, as that of the new one.
        raise SourceChanged(entry)
    # How a result is delivered changes nothing of it, and is no part of its hash.
    delivery = {"webhook_url": webhook_url, "ttl": None if free else result_ttl()}
    return await generate_once(
        generation_request(entry).model_copy(update=delivery),
        image,
        client=client,
        store=store,
        budget=None if free else Budget(store, spending_limits(brief.catalog)),
        identity=original,
        estimate=0.0 if free else None,
        origin=Origin(asset=entry.id, run=brief.run, tags=entry.tags),
        tell_again=True,
        retry_failed=brief.buy_again,
        resubmit_unknown=brief.buy_again,
        progress=lambda step: progress(step.stage, step.fraction or 0.0),
    )


def open_client(generator: str, waker: Waker | None = None) -> TrellisClient:
    """A client of the chosen generator, to use as ``async with``; ``waker`` ends pauses early.

    Raises:
        GeneratorError: there is no usable key or address.
    """
    from trellis_assets.trellis2 import PollPolicy, TrellisClient

    if generator == "embedded":
        import httpx

        from trellis_assets.embedded.server import create_app

        return TrellisClient(
            base_url=_IN_PROCESS_URL,
            provider=provider_name(generator),
            transport=httpx.ASGITransport(app=create_app(embedded_model)),
            poll=PollPolicy.local(),
        )
    return TrellisClient(
        base_url=_base_url(),
        api_key=_api_key(),
        provider=provider_name(generator),
        waker=waker,
        upload=result_upload(),
    )


def check_ready(generator: str, catalog: Store) -> None:
    """Find out before anything starts whether buying is possible at all; sends nothing.

    Raises:
        GeneratorError: there is no usable key or address.
        CatalogError: the caps cannot be read.
    """
    if generator != "embedded":
        spending_limits(catalog)
        _base_url()
        _api_key()
        result_ttl()
        result_upload()


def embedded_model(
    image: bytes,
    settings: Mapping[str, Json],
    seed: int,
    progress: Callable[[str, float], None] | None,
) -> bytes:
    """The embedded generator in the form a server takes."""
    from trellis_assets.embedded import generate as generate_embedded

    return generate_embedded(image, settings=settings, seed=seed, progress=progress).glb


def _api_key() -> ApiKey:
    from trellis_assets.trellis2 import ApiKey

    key = os.environ.get("RUNWARE_API_KEY", "")
    if not key:
        raise GeneratorError(
            "TRELLIS_ASSETS_GENERATOR is runware, but there is no API key",
            fix="set RUNWARE_API_KEY, or unset TRELLIS_ASSETS_GENERATOR to generate locally",
        )
    try:
        return ApiKey(key)
    except ValueError as error:
        raise GeneratorError(
            f"RUNWARE_API_KEY cannot be used: {error}", fix="copy the key again, as one line"
        ) from None


def _base_url() -> str:
    from trellis_assets.trellis2 import HOSTED_URL

    url = os.environ.get("RUNWARE_BASE_URL") or HOSTED_URL
    address = urlsplit(url)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise GeneratorError(
            f"RUNWARE_BASE_URL is {url!r}", fix="give a complete address, http://HOST:PORT/v1"
        )
    return url
