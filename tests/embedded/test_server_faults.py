"""Every misbehaviour does what it says, none happens by itself, and our client survives all."""

from __future__ import annotations

import ast
import asyncio
import json
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from trellis_assets.embedded import server, server_faults
from trellis_assets.embedded.server import create_app
from trellis_assets.embedded.server_faults import KINDS, FaultPlan, with_faults
from trellis_assets.trellis2 import (
    InferenceRequest,
    PollPolicy,
    ProviderFailed,
    QuotaExhausted,
    RateLimited,
    RetryPolicy,
    TrellisClient,
)

PNG = b"\x89PNG\r\n\x1a\n" + b"pixels"
ALL = [f"{operation}.{kind}" for operation, kinds in KINDS.items() for kind in kinds]
REFUSALS: Mapping[str, type[Exception]] = {
    "submit.credits_402": QuotaExhausted,
    "submit.credits_400": QuotaExhausted,
    "submit.errors_http_200": RateLimited,
}


def generator(
    image: bytes,
    settings: Mapping[str, Any],
    seed: int,
    progress: Callable[[str, float], None] | None,
) -> bytes:
    if seed == 666:
        raise RuntimeError("asked to fail")
    text = json.dumps({"asset": {"version": "2.0", "generator": "x" * 400 + str(seed)}}).encode()
    text += b" " * (-len(text) % 4)
    return struct.pack("<4sIII4s", b"glTF", 2, 20 + len(text), len(text), b"JSON") + text


def generate(plan: FaultPlan, seed: int = 1) -> tuple[bytes, int]:
    """The model our client gets under the plan, and how many tasks were accepted."""
    app = create_app(generator)

    async def inside() -> bytes:
        async with TrellisClient(
            base_url="http://s.test/v1",
            transport=httpx.ASGITransport(app=with_faults(app, plan)),
            poll=PollPolicy(first_s=0.002, longest_s=0.01, registration_s=5),
            retry=RetryPolicy(first_s=0.002, longest_s=0.01, jitter_s=0.002),
        ) as client:
            got = await client.generate(InferenceRequest(seed=seed), PNG)
            return got.models[0].glb

    try:
        return asyncio.run(inside()), app.state.jobs.accepted()
    finally:
        app.state.close()


@pytest.mark.parametrize("kind", ALL)
def test_the_client_survives(kind: str) -> None:
    plan = FaultPlan(rate=1.0, most=2, kinds=[kind])
    if kind in REFUSALS:
        with pytest.raises(REFUSALS[kind]):
            generate(plan)
        assert plan.happened[kind] == 1
        return
    glb, accepted = generate(plan)
    assert glb == generator(PNG, {}, 1, None)
    assert accepted == 1
    assert plan.happened[kind] >= 1


@pytest.mark.parametrize("kind", [kind for kind in ALL if kind.startswith("poll.error")])
def test_a_failed_task_in_every_shape(kind: str) -> None:
    plan = FaultPlan(rate=1.0, most=100, kinds=[kind])
    with pytest.raises(ProviderFailed) as caught:
        generate(plan, seed=666)
    assert caught.value.billed is None
    assert plan.happened[kind] >= 1


def test_seeded() -> None:
    def drawn(seed: int) -> list[str]:
        plan = FaultPlan(seed=seed, rate=0.5, most=1000)
        return [plan.draw("poll", "task") for _ in range(50)]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)
    assert FaultPlan(rate=0.0).draw("poll", "task") == ""


def test_nothing_happens_unless_a_test_wraps_the_application() -> None:
    package = Path(server.__file__).parent.parent
    for path in package.rglob("*.py"):
        if path == Path(server_faults.__file__):
            continue
        names = {
            node.module or ""
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.ImportFrom)
        }
        assert not any("server_faults" in name for name in names), path
