"""Results arrive whole, checked, without the key, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest

from trellis_assets.trellis2 import TrellisClient
from trellis_assets.trellis2 import errors as e

from .conftest import KEY, quick_retry, tiny_glb

GLB = tiny_glb("downloaded", size=5000)
URL = "https://im.example/a/b.glb"
Answer = Callable[[httpx.Request], httpx.Response]


def fetch(
    answer: Answer, into: Path, *, url: str = URL, base_url: str = "https://api.example/v1",
    largest: int = 10**6,
) -> list[httpx.Request]:  # fmt: skip
    seen: list[httpx.Request] = []

    def noting(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answer(request)

    async def run() -> None:
        async with TrellisClient(
            base_url=base_url,
            api_key=KEY,
            transport=httpx.MockTransport(noting),
            retry=quick_retry(),
            largest_download=largest,
        ) as client:
            await client.download(url, into)

    asyncio.run(run())
    return seen


class Broken(httpx.AsyncByteStream):
    """A body that ends with a broken connection."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.data
        raise httpx.ReadError("connection reset")


def test_the_key_stays_at_home(tmp_path: Path) -> None:
    seen = fetch(lambda _request: httpx.Response(200, content=GLB), tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == GLB
    assert "Authorization" not in seen[0].headers
    assert KEY not in str(seen[0].headers.raw)


@pytest.mark.parametrize(
    "bad",
    [
        lambda: httpx.Response(502, html="bad gateway"),
        lambda: httpx.Response(200, html="<html>sorry</html>"),
        lambda: httpx.Response(200, content=GLB[:100]),
        lambda: httpx.Response(200, content=b""),
        lambda: httpx.Response(200, stream=Broken(GLB[:3000])),
        lambda: httpx.Response(429, headers={"Retry-After": "0"}),
    ],
)
def test_repeated(tmp_path: Path, bad: Callable[[], httpx.Response]) -> None:
    replies = iter([bad(), bad(), httpx.Response(200, content=GLB)])
    seen = fetch(lambda _request: next(replies), tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == GLB
    assert len(seen) == 3


def test_a_broken_transfer_is_continued(tmp_path: Path) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        asked = request.headers.get("Range")
        if asked is None:
            headers = {"ETag": '"v1"'}
            return httpx.Response(200, headers=headers, stream=Broken(GLB[:3000]))
        assert request.headers["If-Range"] == '"v1"'
        start = int(asked.removeprefix("bytes=").removesuffix("-"))
        where = {"ETag": '"v1"', "Content-Range": f"bytes {start}-{len(GLB) - 1}/{len(GLB)}"}
        return httpx.Response(206, headers=where, content=GLB[start:])

    seen = fetch(answer, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == GLB
    assert [request.headers.get("Range") for request in seen] == [None, "bytes=3000-"]


@pytest.mark.parametrize("status", [404, 410])
def test_gone_is_said_plainly_and_not_repeated(tmp_path: Path, status: int) -> None:
    calls: list[int] = []

    def answer(_request: httpx.Request) -> httpx.Response:
        calls.append(status)
        return httpx.Response(status)

    with pytest.raises(e.ResultExpired) as caught:
        fetch(answer, tmp_path / "a")
    assert len(calls) == 1
    assert caught.value.billed is True


@pytest.mark.parametrize("declared", [True, False])
def test_too_large(tmp_path: Path, declared: bool) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 1000

    reply = (
        httpx.Response(200, headers={"Content-Length": "100000"}, stream=Broken(b""))
        if declared
        else httpx.Response(200, content=endless())
    )
    with pytest.raises(e.ResultTooLarge, match="5,000"):
        fetch(lambda _request: reply, tmp_path / "a", largest=5000)
    assert (tmp_path / "a").stat().st_size <= 5000


def test_redirects_are_followed_without_the_key_and_not_for_ever(tmp_path: Path) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/end":
            return httpx.Response(200, content=GLB)
        return httpx.Response(302, headers={"Location": "https://cdn.example/end"})

    seen = fetch(answer, tmp_path / "a")
    assert [str(request.url) for request in seen] == [URL, "https://cdn.example/end"]
    with pytest.raises(e.DownloadFailed, match="redirects"):
        fetch(lambda _r: httpx.Response(302, headers={"Location": "/on"}), tmp_path / "b")


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://im.example/a.glb",
        "http://im.example/a.glb",
        "https://user:pw@im.example/a.glb",
        "https://127.0.0.1/a.glb",
        "https://[::1]/a.glb",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.7/a.glb",
        "https://localhost/a.glb",
    ],
)
def test_hostile_addresses_are_not_followed(tmp_path: Path, url: str) -> None:
    calls: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        calls.append(str(request.url))
        return httpx.Response(302, headers={"Location": url})

    with pytest.raises(e.DownloadFailed, match="not followed"):
        fetch(answer, tmp_path / "a", url=url)
    assert calls == []
    with pytest.raises(e.DownloadFailed, match="not followed"):
        fetch(answer, tmp_path / "a")
    assert calls == [URL]


def test_a_local_server_may_name_itself(tmp_path: Path) -> None:
    fetch(
        lambda _request: httpx.Response(200, content=GLB),
        tmp_path / "a",
        url="http://127.0.0.1:9000/results/x.glb",
        base_url="http://127.0.0.1:9000/v1",
    )
    assert (tmp_path / "a").read_bytes() == GLB
