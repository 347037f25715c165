"""Fetching a finished model: without the key, to a temporary file, bounded, checked.

A broken transfer is continued with a Range request where the server names the file by an ETag,
and repeated from the start elsewhere. The address comes from a reply and is not trusted: only
http and https, https only when the API itself is reached by https, and no literal address of
this machine or its network unless the API is there too. Redirects obey the same rules.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import httpx

from trellis_assets.trellis2.errors import (
    DownloadFailed,
    ResultExpired,
    ResultNotGlb,
    ResultTooLarge,
    TrellisError,
)
from trellis_assets.trellis2.pacing import RetryPolicy, parse_retry_after

log = logging.getLogger(__name__)
_GLB_MAGIC = b"glTF"
_GLB_HEADER = 12  # glTF 2.0, section 4.4.2: magic, version, length, each a little-endian uint32
_MOST_REDIRECTS = 5
_GONE = (404, 410)


@dataclass(frozen=True)
class Downloaded:
    """Bytes on disk, whole and checked: ``size`` in bytes."""

    path: Path
    size: int


@dataclass
class _Partial:
    """What has arrived so far, and the strong ETag by which more of the same can be asked for
    (RFC 9110, 13.1.5 and 14.2).
    """

    file: BinaryIO
    etag: str = ""

    def request_headers(self) -> dict[str, str]:
        have = self.file.seek(0, 2)
        headers = {"Accept-Encoding": "identity"}
        if have and self.etag:
            headers |= {"Range": f"bytes={have}-", "If-Range": self.etag}
        return headers

    def begin(self, reply: httpx.Response) -> None:
        """Place the file where the reply's body belongs: at the end, or at the start."""
        have = self.file.seek(0, 2)
        fits = reply.headers.get("Content-Range", "").startswith(f"bytes {have}-")
        if reply.status_code == 206 and not fits:
            self.etag = ""
            raise DownloadFailed("the server continued the download at another place")
        if reply.status_code != 206:
            self.file.seek(0)
            self.file.truncate()
        self.etag = _strong_etag(reply)


class Downloader:
    """Downloads results with the client's connection pool."""

    def __init__(
        self, http: httpx.AsyncClient, api_url: str, retry: RetryPolicy, largest: int
    ) -> None:
        self._http = http
        self._api = httpx.URL(api_url)
        self._retry = retry
        self._largest = largest

    async def fetch(self, url: str, into: Path) -> Downloaded:
        """Write the GLB at ``url`` to ``into`` (overwritten). Raises ``ResultExpired``,
        ``ResultTooLarge``, ``ResultNotGlb`` or ``DownloadFailed``.
        """
        with into.open("w+b") as file:
            partial = _Partial(file)
            for attempt in range(self._retry.retries + 1):
                try:
                    await self._transfer(url, partial)
                    return Downloaded(into, _check_glb(file))
                except DownloadFailed as error:
                    failure: TrellisError = error
                    if not error.retryable or attempt == self._retry.retries:
                        raise
                    if isinstance(error, ResultNotGlb):
                        partial.etag = ""  # what arrived is not worth continuing
                pause = self._retry.pause(attempt, failure.retry_after)
                log.info(
                    "download try %d failed (%s); again in %.1f s",
                    attempt + 1,
                    failure.message,
                    pause,
                )
                await asyncio.sleep(pause)
        raise AssertionError("unreachable: the last try returns or raises")

    async def _transfer(self, url: str, partial: _Partial) -> None:
        try:
            reply = await self._open(url, partial.request_headers())
            try:
                self._check_status(reply)
                partial.begin(reply)
                await self._copy(reply, partial.file)
            finally:
                await reply.aclose()
        except httpx.TransportError as error:
            name = type(error).__name__
            raise DownloadFailed(f"the download broke off ({name})") from None

    async def _open(self, url: str, headers: dict[str, str]) -> httpx.Response:
        target = httpx.URL(url)
        for _ in range(_MOST_REDIRECTS + 1):
            self._check_address(target)
            request = self._http.build_request("GET", target, headers=headers)
            reply = await self._http.send(request, stream=True)
            if not reply.has_redirect_location:
                return reply
            await reply.aclose()
            target = target.join(reply.headers["Location"])
        raise DownloadFailed(f"more than {_MOST_REDIRECTS} redirects")

    def _check_address(self, url: httpx.URL) -> None:
        secure_enough = url.scheme == "https" or (
            url.scheme == "http" and self._api.scheme == "http"
        )
        if not secure_enough or not url.host or url.userinfo:
            raise _refused(url, "not an https address")
        if _is_local(url.host) and not _is_local(self._api.host) and url.host != self._api.host:
            raise _refused(url, "an address of this machine or its network")

    def _check_status(self, reply: httpx.Response) -> None:
        status = reply.status_code
        if status in _GONE:
            raise ResultExpired(f"the result's address answers HTTP {status}", http_status=status)
        if status not in (200, 206):
            raise DownloadFailed(
                f"the result's address answers HTTP {status}",
                http_status=status,
                retry_after=parse_retry_after(reply.headers.get("Retry-After")),
            )
        declared = reply.headers.get("Content-Length", "")
        if declared.isdecimal() and int(declared) > self._largest:
            raise self._too_large(int(declared))

    async def _copy(self, reply: httpx.Response, file: BinaryIO) -> None:
        size = file.tell()
        async for part in reply.aiter_bytes():
            size += len(part)
            if size > self._largest:
                raise self._too_large(size)
            file.write(part)
        file.flush()

    def _too_large(self, size: int) -> ResultTooLarge:
        return ResultTooLarge(
            f"the result has at least {size:,} bytes; the limit is {self._largest:,}"
        )


def _check_glb(file: BinaryIO) -> int:
    size = file.seek(0, 2)
    file.seek(0)
    header = file.read(_GLB_HEADER)
    if header[:4] != _GLB_MAGIC:
        raise ResultNotGlb(f"the {size:,} bytes that arrived do not start with glTF")
    stated = int.from_bytes(header[8:12], "little")
    if stated != size:
        raise ResultNotGlb(f"the GLB states {stated:,} bytes, but {size:,} arrived")
    return size


def _strong_etag(reply: httpx.Response) -> str:
    tag = str(reply.headers.get("ETag", ""))
    return tag if tag.startswith('"') else ""


def _refused(url: httpx.URL, why: str) -> DownloadFailed:
    failure = DownloadFailed(
        f"the reply names a result at {url.scheme}://{url.host}, {why}: not followed",
        fix="report it to the service",
    )
    failure.retryable = False
    return failure


def _is_local(host: str) -> bool:
    if host == "localhost" or host.endswith((".localhost", ".internal", ".local")):
        return True
    try:
        return not ipaddress.ip_address(host.strip("[]")).is_global
    except ValueError:
        return False
