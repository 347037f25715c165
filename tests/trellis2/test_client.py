"""The client against the real server, in process."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import pytest

from trellis_assets.trellis2 import (
    InferenceRequest,
    Progress,
    Settings,
    TrellisClient,
    parse_request,
)
from trellis_assets.trellis2 import errors as e

from .conftest import KEY, PNG, FakeGenerator, Service, quick_retry

Work = Callable[[TrellisClient], Coroutine[Any, Any, Any]]


def run(service: Service, work: Work, **o: Any) -> Any:
    async def inside() -> Any:
        async with service.client(**o) as client:
            return await work(client)

    return asyncio.run(inside())


def test_generate_end_to_end(service: Service) -> None:
    told: list[Progress] = []
    request = InferenceRequest(
        settings=Settings(texture_size=1024), seed=7, number_results=2, include_cost=True
    )
    got = run(service, lambda c: c.generate(request, PNG, progress=told.append))
    assert [model.result.seed for model in got.models] == [7, 8]
    assert got.cost == 0.0512
    assert all(model.glb.startswith(b"glTF") for model in got.models)
    assert service.generator.calls[0][2]["textureSize"] == 1024
    assert service.generator.calls[0][2]["resolution"] == 1024, "the page's default"
    stages = [each.stage for each in told]
    assert stages[0] == "submitted"
    assert stages[-1] == "downloading"
    assert all(each.fraction is None or 0 <= each.fraction <= 1 for each in told)


def test_sync_delivery(service: Service) -> None:
    request = InferenceRequest(delivery_method="sync", seed=1)
    assert len(run(service, lambda c: c.generate(request, PNG)).models) == 1


def test_a_sync_reply_that_is_too_late_is_polled(generator: FakeGenerator) -> None:
    slow = Service(generator, sync_window=0.02)
    generator.hold.clear()

    async def work(client: TrellisClient) -> Any:
        later = asyncio.get_running_loop().call_later(0.2, generator.hold.set)
        try:
            return await client.generate(InferenceRequest(delivery_method="sync"), PNG)
        finally:
            later.cancel()

    assert len(run(slow, work).models) == 1
    assert slow.accepted == 1
    slow.app.state.close()


def test_large_images_are_uploaded_first(service: Service) -> None:
    image = PNG + b"x" * 2000
    request = InferenceRequest(seed=1)

    async def work(client: TrellisClient) -> str:
        reference = await client.image_reference(image)
        await client.generate(request, image)
        return reference

    assert uuid.UUID(run(service, work, inline_limit=1000)).version == 4
    assert run(service, work).startswith("data:image/png;base64,")
    assert {call[0] for call in service.generator.calls} == {len(image)}


@pytest.mark.parametrize("kind", ["uuid", "data", "base64", "url"])
def test_every_form_of_image(generator: FakeGenerator, kind: str) -> None:
    import base64

    remote = httpx.MockTransport(lambda _request: httpx.Response(200, content=PNG))
    with_net = Service(generator, outbound_transport=remote)

    async def work(client: TrellisClient) -> Any:
        form = {
            "data": await client.image_reference(PNG),
            "base64": base64.b64encode(PNG).decode(),
            "url": "https://assets.example/chair.png",
            "uuid": "",
        }[kind]
        if kind == "uuid":
            client._inline_limit = 0
            form = await client.image_reference(PNG)
        return await client.generate(InferenceRequest(seed=1), form)

    assert len(run(with_net, work).models) == 1
    assert generator.calls[0][0] == len(PNG)
    with_net.app.state.close()


def test_partial_results_are_kept(service: Service) -> None:
    service.generator.fail_seeds[8] = RuntimeError("no memory")
    request = InferenceRequest(seed=7, number_results=3)
    got = run(service, lambda c: c.generate(request, PNG))
    assert [model.result.seed for model in got.models] == [7, 9]
    assert [type(each) for each in got.failures] == [e.ProviderFailed]


def test_balance(generator: FakeGenerator) -> None:
    rich = Service(generator, credit=5.0)
    assert run(rich, lambda c: c.balance()) == 5.0
    rich.app.state.close()


def test_addresses_are_not_logged(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    got = run(service, lambda c: c.generate(InferenceRequest(seed=1), PNG))
    assert "HTTP Request" in caplog.text
    assert got.models[0].result.uuid not in caplog.text
    assert KEY not in caplog.text


def test_options_reach_the_service_as_they_are(service: Service) -> None:
    settings = {
        "resolution": 512, "decimationTarget": 200_000, "remesh": False, "textureSize": 1024,
        "shapeSlat": {"steps": 5, "guidanceStrength": 2.0, "guidanceRescale": 0.1, "rescaleT": 2.0},
    }  # fmt: skip
    run(service, lambda c: c.generate(parse_request({"settings": settings, "seed": 3}), PNG))
    assert service.generator.calls == [(len(PNG), 3, settings)]


def test_wrong_key(service: Service) -> None:
    with pytest.raises(e.AuthRefused, match=r"Nothing was charged.*RUNWARE_API_KEY"):
        run(service, lambda c: c.generate(InferenceRequest(), PNG), api_key="rw-wrong-key-1")
    assert service.accepted == 0


def test_no_server() -> None:
    async def work() -> None:
        async with TrellisClient(
            base_url="http://127.0.0.1:9/v1", retry=quick_retry(retries=1)
        ) as client:
            await client.generate(InferenceRequest(), PNG)

    with pytest.raises(e.ConnectionLost, match="Nothing was charged"):
        asyncio.run(work())
