"""Who generates: the hosted API or the embedded generator, both through the same HTTP client."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trellis_assets.catalog import Entry
from trellis_assets.errors import TrellisAssetsError

from .node import Json, Workplace

if TYPE_CHECKING:
    from trellis_assets.trellis2 import InferenceRequest, TrellisClient

_IN_PROCESS_URL = "http://embedded.invalid/v1"  # .invalid never resolves: nothing can leave


class GeneratorError(TrellisAssetsError):
    """The chosen generator cannot be used."""


@dataclass(frozen=True)
class GenerationResult:
    """The model that was generated, now or earlier."""

    glb: bytes
    facts: Mapping[str, Json]


def generation_request(entry: Entry) -> InferenceRequest:
    """The request for the entry's generation settings."""
    from trellis_assets.trellis2.tasks import InferenceRequest, Settings

    chosen = entry.generation.model_dump(exclude={"seed"}, exclude_none=True)
    return InferenceRequest(
        settings=Settings.model_validate(chosen), seed=entry.generation.seed, include_cost=True
    )


def generator_version(generator: str) -> str:
    """What makes two results of the same request differ: model id, or version of the code."""
    if generator == "embedded":
        from trellis_assets.embedded import GENERATOR

        return GENERATOR
    from trellis_assets.trellis2.tasks import MODEL

    return MODEL


def estimated_cost_usd(entry: Entry) -> float:
    """What generating the entry's model at the hosted API would cost, roughly."""
    from trellis_assets.trellis2 import estimate_usd

    return estimate_usd(generation_request(entry))


def run_generation(work: Workplace) -> GenerationResult:
    """Generate the model of an entry, or find the one that was paid for before.

    Raises:
        TrellisError: the API refused or failed; says whether money was spent.
        GeneratorError: the generator is not configured.
    """
    return asyncio.run(_generate(work))


async def _generate(work: Workplace) -> GenerationResult:
    from trellis_assets.trellis2 import Origin, generate_once
    from trellis_assets.trellis2.tasks import MODEL

    from .nodes.concept import concept_bytes

    entry = work.entry
    async with _client(work.brief.generator) as client:
        generation = await generate_once(
            generation_request(entry),
            work.read("concept.png"),
            client=client,
            store=work.store,
            identity=concept_bytes(work.brief),
            estimate=0.0 if work.brief.generator == "embedded" else None,
            origin=Origin(asset=entry.id, tags=entry.tags),
            progress=lambda step: work.progress(step.stage, step.fraction or 0.0),
        )
    embedded = work.brief.generator == "embedded"
    facts = {
        "generator": work.brief.generator,
        "model": generator_version("embedded") if embedded else MODEL,
        "seed": generation.model.seed,
        "task_uuid": generation.task_uuid,
        "cost_usd": generation.cost,
        "bought_now": not generation.reused,
        "ledger": work.store.location(generation.record_key),
    }
    return GenerationResult(work.store.read(generation.model.key), facts)


def _client(generator: str) -> TrellisClient:
    from trellis_assets.trellis2 import HOSTED_URL, PollPolicy, TrellisClient

    if generator == "embedded":
        import httpx

        from trellis_assets.embedded import GENERATOR, generate
        from trellis_assets.embedded.server import create_app

        def embedded_model(
            image: bytes,
            settings: Mapping[str, Json],
            seed: int,
            progress: Callable[[str, float], None] | None,
        ) -> bytes:
            return generate(image, settings=settings, seed=seed, progress=progress).glb

        return TrellisClient(
            base_url=_IN_PROCESS_URL,
            provider=GENERATOR,
            transport=httpx.ASGITransport(app=create_app(embedded_model)),
            poll=PollPolicy.local(),
        )
    key = os.environ.get("RUNWARE_API_KEY", "")
    if not key:
        raise GeneratorError(
            "TRELLIS_ASSETS_GENERATOR is runware, but there is no API key",
            fix="set RUNWARE_API_KEY, or unset TRELLIS_ASSETS_GENERATOR to generate locally",
        )
    return TrellisClient(base_url=os.environ.get("RUNWARE_BASE_URL") or HOSTED_URL, api_key=key)
