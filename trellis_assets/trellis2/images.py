"""Concept images on their way to the API: inline up to a limit, uploaded above it."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Mapping
from typing import Any

from trellis_assets.trellis2.classify import error_from_item
from trellis_assets.trellis2.errors import InvalidRequest, ServerFailed, TrellisError
from trellis_assets.trellis2.exchange import Exchange
from trellis_assets.trellis2.replies import Envelope

INLINE_LIMIT = 4 * 2**20
"""Bytes of image sent inside the request. The service publishes no limit; this one keeps the
request, base64 included, below 6 MB."""

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
)


def data_uri(image: bytes) -> str:
    """The image as a data URI; its type is told by its first bytes. Raises ``InvalidRequest`` for
    a format the service does not take.
    """
    return f"data:{_mime(image)};base64,{base64.b64encode(image).decode('ascii')}"


async def upload(exchange: Exchange, image: bytes) -> str:
    """Upload an image and return its media UUID: with ``mediaStorage``, or with ``imageUpload``
    where the server does not know that yet. Free of charge.
    """
    uri = data_uri(image)
    newer = {"taskType": "mediaStorage", "operation": "upload", "media": uri}
    try:
        return await _upload_as(exchange, newer, "mediaUUID")
    except InvalidRequest as error:
        if error.parameter not in ("taskType", "") or "image" in error.code.lower():
            raise
        return await _upload_as(exchange, {"taskType": "imageUpload", "image": uri}, "imageUUID")


async def _upload_as(exchange: Exchange, task: Mapping[str, Any], answer: str) -> str:
    task_uuid = str(uuid.uuid4())
    reply = (await exchange.post([{**task, "taskUUID": task_uuid}])).envelope
    failed = _failure(reply, task_uuid, exchange)
    if failed is not None:
        raise failed
    for item in reply.data:
        media = item.get(answer)
        if item.get("taskUUID") == task_uuid and isinstance(media, str) and len(media) <= 128:
            return media
    raise ServerFailed(f"the upload was answered without {answer}", billed=False)


def _failure(reply: Envelope, task_uuid: str, exchange: Exchange) -> TrellisError | None:
    for item in reply.errors:
        if item.get("taskUUID", task_uuid) == task_uuid:
            return error_from_item(item, http_status=reply.http_status, scrub=exchange.scrub)
    return None


def _mime(image: bytes) -> str:
    for signature, mime in _SIGNATURES:
        if image.startswith(signature):
            return mime
    if image[:4] == b"RIFF" and image[8:12] == b"WEBP":
        return "image/webp"
    raise InvalidRequest(
        "the concept image is not a PNG, JPEG, WebP, GIF or BMP file",
        fix="convert it to PNG",
        parameter="inputs.image",
    )
