"""uploadEndpoint: the service PUTs the result into our bucket, and it is a second way home."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import httpx
import pytest
from moto.server import ThreadedMotoServer

from trellis_assets.embedded.server_delivery import WebhookRetry
from trellis_assets.pipeline.generator import check_ready, open_client
from trellis_assets.pipeline.notices import NoticesError
from trellis_assets.store import FolderStore, Store
from trellis_assets.trellis2 import InferenceRequest, Patience, ResultUpload
from trellis_assets.trellis2 import errors as e

from .conftest import FakeGenerator, Service, tiny_glb
from .generating import DyingStore, Killed, days_later, once, only_ledger
from .swift_server import ACCESS, swift, swift_folder, why_not
from .swift_server import SECRET as SWIFT_SECRET

SECRET = "s3-secret-0123456789abcdef"  # noqa: S105
TOKEN = "session-token-0123456789"  # noqa: S105
SOON = Patience(takeover_s=0.2, look_s=0.02, upload_s=3.0, upload_check_s=3.0)


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture
def bucket(s3: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in {
        "AWS_ENDPOINT_URL_S3": s3,
        "AWS_ACCESS_KEY_ID": "access-key-id",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_SESSION_TOKEN": TOKEN,
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # it would remember other credentials
    client = boto3.client("s3")
    client.create_bucket(Bucket="results")
    yield client
    for each in client.list_objects_v2(Bucket="results").get("Contents", []):
        client.delete_object(Bucket="results", Key=each["Key"])


class Late(httpx.AsyncBaseTransport):
    """The network of the server: uploads begin late, and may carry other bytes."""

    def __init__(self, seconds: float = 0.0, content: bytes | None = None) -> None:
        self.seconds, self.content = seconds, content
        self.headers = {"Content-Type": "model/gltf-binary"}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(self.seconds)
        body = await request.aread() if self.content is None else self.content
        sent = httpx.Request(request.method, request.url, content=body, headers=self.headers)
        async with httpx.AsyncHTTPTransport() as real:
            reply = await real.handle_async_request(sent)
            await reply.aread()
            return reply


class NoDownloads(httpx.AsyncBaseTransport):
    """The addresses of results answer as told; the API itself works."""

    def __init__(self, inner: httpx.AsyncBaseTransport, status: int = 404) -> None:
        self.inner, self.status = inner, status

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(self.status)
        return await self.inner.handle_async_request(request)


@pytest.fixture
def make_service(generator: FakeGenerator) -> Iterator[Any]:
    made: list[Service] = []

    def make(network: httpx.AsyncBaseTransport | None = None, **options: Any) -> Service:
        made.append(
            Service(
                generator,
                outbound_transport=network or Late(),
                webhook_retry=WebhookRetry(tries=2, first_s=0.05),
                **options,
            )
        )
        return made[-1]

    yield make
    for each in made:
        each.app.state.close()


def upload() -> ResultUpload:
    return ResultUpload("s3://results/of/trellis")


def lost(service: Service, status: int = 404) -> dict[str, Any]:
    """Options of a client that gets no result from its address."""
    return {"transport": NoDownloads(service.transport(), status), "upload": upload()}


def objects(client: Any) -> list[str]:
    listed = client.list_objects_v2(Bucket="results").get("Contents", [])
    return [each["Key"] for each in listed]


def logged(caplog: pytest.LogCaptureFixture) -> str:
    """All that was logged, except by moto's web server, which is no part of ours."""
    return "\n".join(each.getMessage() for each in caplog.records if each.name != "werkzeug")


def assert_no_address_is_told(folder: Path, *texts: str) -> None:
    written = [file.read_bytes() for file in folder.rglob("*") if file.is_file()]
    for content in [*written, *(text.encode() for text in texts)]:
        assert b"Signature=" not in content
        assert TOKEN.encode() not in content
        assert SECRET.encode() not in content


def test_the_server_puts_the_result_and_the_object_is_awaited_and_checked(
    bucket: Any, make_service: Any, store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    service = make_service(Late(0.5))
    got = once(service, store, client={"upload": upload()}, patience=SOON)
    (key,) = objects(bucket)
    assert key == f"of/trellis/{got.spec_hash}/attempt-001-{got.task_uuid}.glb"
    served = store.read(got.model.key)
    assert bucket.get_object(Bucket="results", Key=key)["Body"].read() == served
    (attempt,) = only_ledger(store).attempts()
    assert attempt.records["downloaded"]["upload"] == {
        "place": f"s3://results/{key}", "size": len(served)
    }  # fmt: skip
    assert_no_address_is_told(tmp_path, logged(caplog))


@pytest.mark.parametrize("status", [404, 403, 503])
def test_what_cannot_be_downloaded_is_taken_from_the_bucket(
    bucket: Any, make_service: Any, store: Store, status: int
) -> None:
    service = make_service(Late(0.3))
    got = once(service, store, client=lost(service, status), patience=SOON)
    served = service.app.state.jobs.result_file(got.model.file_uuid).read_bytes()
    assert store.read(got.model.key) == served
    assert service.accepted == 1


@pytest.mark.parametrize(
    "content",
    [b"", b"<Error/>", b"<Error>no such thing</Error>", tiny_glb("cut", size=500)[:-9]],
)
def test_what_is_no_whole_model_is_not_taken(
    bucket: Any, make_service: Any, store: Store, tmp_path: Path, content: bytes
) -> None:
    service = make_service(Late(content=content))
    hasty = Patience(takeover_s=0.2, look_s=0.02, upload_s=0.5)
    with pytest.raises(e.ResultExpired, match="no whole model was uploaded to s3://") as caught:
        once(service, store, client=lost(service), patience=hasty)
    assert caught.value.billed
    (attempt,) = only_ledger(store).attempts()
    assert attempt.state == "failed"
    assert_no_address_is_told(tmp_path, str(caught.value))


def test_a_bucket_that_cannot_be_read_leaves_the_result_to_a_later_run(
    bucket: Any, make_service: Any, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = make_service()
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    deaf = boto3.client("s3", config=boto3.session.Config(retries={"max_attempts": 0}))
    client = {**lost(service), "upload": ResultUpload("s3://results/of/trellis", client=deaf)}
    hasty = Patience(takeover_s=0.2, look_s=0.02, upload_s=0.3)
    with pytest.raises(e.UploadUnavailable, match="cannot be read") as caught:
        once(service, store, client=client, patience=hasty)
    assert "nothing is bought again" in str(caught.value)
    (attempt,) = only_ledger(store).attempts()
    assert attempt.state == "succeeded"
    assert once(service, store, patience=hasty).attempt == 1
    assert service.accepted == 1


def test_a_task_that_the_service_forgot_is_found_in_the_bucket(
    bucket: Any, make_service: Any, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = make_service()
    with pytest.raises(Killed):
        once(service, DyingStore(store, 2, after=True), client={"upload": upload()})
    (attempt,) = only_ledger(store).attempts()
    assert attempt.state == "accepted"
    place = attempt.records["intended"]["upload"]
    there = upload()
    while there.arrived(place) is None:
        time.sleep(0.02)
    forgetful = make_service()  # it has never heard of the task
    days_later(monkeypatch, 3)
    got = once(forgetful, store, client={"upload": upload()}, patience=SOON)
    key = place.removeprefix("s3://results/")
    assert store.read(got.model.key) == bucket.get_object(Bucket="results", Key=key)["Body"].read()
    assert (forgetful.accepted, got.model.seed, got.cost) == (0, 7, None)


def test_the_address_signs_the_host_only_and_lives_for_a_day(bucket: Any) -> None:
    query = parse_qs(urlsplit(upload().address(upload().place("0" * 64, 1, "uuid"))).query)
    assert query["X-Amz-SignedHeaders"] == ["host"]
    assert query["X-Amz-Expires"] == ["86400"]
    assert not [name for name in query if "checksum" in name.lower()]


def test_several_results_are_only_downloaded(bucket: Any, make_service: Any, store: Store) -> None:
    service, request = make_service(), InferenceRequest(seed=7, number_results=2)
    assert len(once(service, store, request, client={"upload": upload()}).models) == 2
    assert objects(bucket) == []


def test_a_reply_that_quotes_the_address_is_blanked(
    bucket: Any, make_service: Any, store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    service: Service = make_service()
    inner, given = service.transport(), {"address": ""}

    class Telling(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            (task,) = httpx.Response(200, content=await request.aread()).json()
            if task["taskType"] == "3dInference":
                given["address"] = task["uploadEndpoint"]
                return await inner.handle_async_request(request)
            told = f"PUT {given['address']} failed"
            error = {"code": "uploadFailed", "message": told, "taskUUID": task["taskUUID"]}
            return httpx.Response(400, json={"errors": [{**error, "responseContent": told}]})

    with pytest.raises(e.ProviderFailed, match="uploadFailed") as caught:
        once(service, store, client={"transport": Telling(), "upload": upload()})
    assert "X-Amz-Signature=" in given["address"]
    signature = parse_qs(urlsplit(given["address"]).query)["X-Amz-Signature"][0]
    words = f"{caught.value!r} {caught.value} {caught.value.raw}"
    assert signature not in words + logged(caplog)
    for file in tmp_path.rglob("*.json"):
        assert signature not in file.read_text()
        assert TOKEN not in file.read_text()


def test_the_setting_reaches_the_client_and_a_wrong_one_is_said_before_anything_starts(
    bucket: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNWARE_API_KEY", "rw-upload-key-0123456789")
    monkeypatch.setenv("TRELLIS_ASSETS_RESULT_UPLOAD", "s3://results/of/trellis")
    check_ready("runware", FolderStore(tmp_path))
    sent = open_client("runware").upload
    assert sent is not None
    assert sent.holds("s3://results/of/trellis/one.glb")
    assert not sent.holds("s3://results/of/trellis-2/one.glb")
    assert open_client("embedded").upload is None
    for wrong in ("results", "https://results.s3.amazonaws.com/", "s3://"):
        monkeypatch.setenv("TRELLIS_ASSETS_RESULT_UPLOAD", wrong)
        with pytest.raises(NoticesError, match="s3://bucket/prefix"):
            check_ready("runware", FolderStore(tmp_path))


def test_without_credentials_nothing_is_sent(
    bucket: Any, make_service: Any, store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    service = make_service()
    with pytest.raises(e.UploadUnavailable, match="cannot be signed") as caught:
        once(service, store, client={"upload": upload()})
    assert "Nothing was charged" in str(caught.value)
    assert service.accepted == 0


@pytest.mark.slow
def test_a_server_that_checks_signatures_takes_the_put_whatever_its_headers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = swift_folder()
    if commands is None:
        pytest.skip(why_not())
    with swift(tmp_path, commands) as url:
        for name, value in {
            "AWS_ENDPOINT_URL_S3": url,
            "AWS_ACCESS_KEY_ID": ACCESS,
            "AWS_SECRET_ACCESS_KEY": SWIFT_SECRET,
            "AWS_DEFAULT_REGION": "us-east-1",
        }.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
        there = ResultUpload("s3://generations/of/trellis")
        for number, kind in enumerate((None, "model/gltf-binary", "application/octet-stream")):
            place = there.place("0" * 64, number, "uuid")
            assert there.arrived(place) is None
            headers = {"Content-Type": kind} if kind else {}
            address, glb = there.address(place), tiny_glb("swift", size=70_000 * number)
            assert httpx.put(address, content=glb, headers=headers).status_code == 200
            assert there.arrived(place) == len(glb)
            assert there.fetch(place, tmp_path / "model.glb", 2**30)
            assert (tmp_path / "model.glb").read_bytes() == glb
            assert httpx.put(f"{address}0", content=glb).status_code == 403
