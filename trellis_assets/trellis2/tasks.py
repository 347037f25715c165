"""The request of the API, option by option, with the page's ranges, steps and defaults.

Names are Python's (``texture_size``), the wire's by alias (``textureSize``); both are accepted,
so that a catalog may use either. ``None`` means "not set", and what is not set is never sent:
the service's own default holds. Everything is checked here, before anything is sent; a value out
of range raises ``pydantic.ValidationError`` naming field, value and limit (or ``InvalidRequest``
through :func:`parse_request`).

Source of the limits: the model page of ``microsoft:trellis-2@4b``; the three resolutions and the
two delivery methods, which the page hides, are from the provider's published SDK.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic.alias_generators import to_camel

from trellis_assets.trellis2.errors import InvalidRequest

MODEL = "microsoft:trellis-2@4b"
TASK_TYPE = "3dInference"
LARGEST_SEED = 2**63 - 1
PAGE_DEFAULTS: Mapping[str, int | bool] = {
    "resolution": 1024,
    "decimationTarget": 500_000,
    "remesh": True,
    "textureSize": 2048,
}

_Guidance = Annotated[float, Field(ge=1, le=10, allow_inf_nan=False)]
_Rescale = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
_RescaleT = Annotated[float, Field(ge=1, le=6, allow_inf_nan=False)]


def _wire_name(name: str) -> str:
    return {"webhook_url": "webhookURL", "task_uuid": "taskUUID"}.get(name) or to_camel(name)


class _Options(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, alias_generator=_wire_name, populate_by_name=True
    )


class Sampler(_Options):
    """One of the three samplers. Nobody documents what half a block does, so a block in which
    anything is set is completed with the published values of that stage before it is sent.
    """

    published: ClassVar[Mapping[str, float]] = {}

    steps: int | None = Field(default=None, ge=1, le=50)
    guidance_strength: _Guidance | None = None
    guidance_rescale: _Rescale | None = None
    rescale_t: _RescaleT | None = None

    def wire(self) -> dict[str, Any]:
        """All four numbers, or nothing when none is set."""
        chosen = self.model_dump(by_alias=True, exclude_none=True)
        return {**self.published, **chosen} if chosen else {}


class SparseStructure(Sampler):
    """The sampler of the sparse voxel grid, the basic geometry."""

    published = {"steps": 12, "guidanceStrength": 7.5, "guidanceRescale": 0.7, "rescaleT": 5.0}


class ShapeSlat(Sampler):
    """The sampler of the structured latent that refines the geometry."""

    published = {"steps": 12, "guidanceStrength": 7.5, "guidanceRescale": 0.5, "rescaleT": 3.0}


class TexSlat(Sampler):
    """The sampler of the structured latent of the appearance."""

    published = {"steps": 12, "guidanceStrength": 1.0, "guidanceRescale": 0.0, "rescaleT": 3.0}


class Settings(_Options):
    """``settings`` of the page. ``extra`` is the explicit escape for undocumented ones: it is
    merged into the wire's ``settings`` as it is, and may not name a documented one.
    """

    resolution: Literal[512, 1024, 1536] | None = None
    decimation_target: int | None = Field(default=None, ge=100_000, le=1_000_000)
    remesh: bool | None = None
    texture_size: int | None = Field(default=None, ge=1024, le=4096, multiple_of=1024)
    sparse_structure: SparseStructure | None = None
    shape_slat: ShapeSlat | None = None
    tex_slat: TexSlat | None = None
    extra: dict[str, Any] = Field(default_factory=dict)

    @field_validator("extra")
    @classmethod
    def _extra_is_undocumented(cls, extra: dict[str, Any]) -> dict[str, Any]:
        documented = set(cls.model_fields) | {_wire_name(name) for name in cls.model_fields}
        if clash := sorted(documented & extra.keys()):
            raise ValueError(f"{clash[0]} is a documented setting: set it by its own name")
        try:
            json.dumps(extra, allow_nan=False)
        except TypeError as error:
            raise ValueError(str(error)) from None
        return extra

    def wire(self) -> dict[str, Any]:
        """The object to send, only with what is set."""
        plain = self.model_dump(
            by_alias=True,
            exclude_none=True,
            exclude={"extra", "sparse_structure", "shape_slat", "tex_slat"},
        )
        blocks = {
            "sparseStructure": self.sparse_structure,
            "shapeSlat": self.shape_slat,
            "texSlat": self.tex_slat,
        }
        full = {name: block.wire() for name, block in blocks.items() if block is not None}
        return {**plain, **{name: block for name, block in full.items() if block}, **self.extra}


class InferenceRequest(_Options):
    """What to generate and how it is delivered: everything but the image and the taskUUID."""

    # Both addresses may carry a signature or a token: no error shows what was given.
    model_config = ConfigDict(hide_input_in_errors=True)

    settings: Settings = Settings()
    seed: int | None = Field(default=None, ge=0, le=LARGEST_SEED)
    number_results: int | None = Field(default=None, ge=1, le=4)
    output_type: Literal["URL"] | None = None
    output_format: Literal["GLB"] | None = None
    delivery_method: Literal["sync", "async"] | None = None
    include_cost: bool | None = None
    ttl: int | None = Field(default=None, ge=60)
    webhook_url: str | None = Field(default=None, repr=False)
    upload_endpoint: str | None = Field(default=None, repr=False)

    @field_validator("webhook_url", "upload_endpoint")
    @classmethod
    def _is_web_address(cls, value: str | None) -> str | None:
        if value is not None and not _is_url(value):
            raise ValueError("must be an absolute http or https address")
        return value

    @model_validator(mode="after")
    def _one_upload_only(self) -> InferenceRequest:
        # All results are PUT to the same address, so that only the last one would survive.
        if self.upload_endpoint is not None and (self.number_results or 1) > 1:
            raise ValueError("uploadEndpoint takes one result; set numberResults to 1")
        return self

    def task(self, *, image: str, task_uuid: str) -> InferenceTask:
        """The complete task for an image reference (UUID, URL, data URI or base64)."""
        return InferenceTask(request=self, image=image, task_uuid=task_uuid)


class InferenceTask(_Options):
    """One paid call: a request, its image and its taskUUID (a new UUID v4 for each task)."""

    model_config = ConfigDict(hide_input_in_errors=True)

    request: InferenceRequest
    image: str = Field(min_length=1, repr=False)
    task_uuid: str

    @field_validator("task_uuid")
    @classmethod
    def _is_uuid4(cls, value: str) -> str:
        if UUID(value).version != 4:
            raise ValueError("must be a UUID of version 4")
        return value.lower()

    def wire(self) -> dict[str, Any]:
        """The JSON object to send, only with what is set."""
        options = self.request.model_dump(by_alias=True, exclude_none=True, exclude={"settings"})
        settings = self.request.settings.wire()
        return {
            "taskType": TASK_TYPE,
            "taskUUID": self.task_uuid,
            "model": MODEL,
            "inputs": {"image": self.image},
            **options,
            **({"settings": settings} if settings else {}),
        }


def parse_request(options: Mapping[str, Any]) -> InferenceRequest:
    """The request for a mapping in the page's nesting; raises ``InvalidRequest`` naming the field,
    the value and the limit of the first thing that is wrong.
    """
    try:
        return InferenceRequest.model_validate(dict(options))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "request"
        hidden = field in ("webhookURL", "uploadEndpoint", "webhook_url", "upload_endpoint")
        given = "" if hidden or field == "request" else f" (given: {first['input']!r:.80})"
        raise InvalidRequest(f"{field}: {first['msg']}{given}", parameter=field) from None


def _is_url(value: str) -> bool:
    parts = urlsplit(value)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and value.isprintable()
