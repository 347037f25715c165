"""What makes a generation the same generation: its spec, and the hash it is stored under.

The spec holds the image's bytes (as SHA-256), the provider, the model and every option that
changes the result, and nothing else: how the result is delivered, what is done with it later and
who asked for it change nothing, so they buy nothing. An option left out equals the page's default
for it, where the page states one.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from trellis_assets.trellis2.tasks import MODEL, PAGE_DEFAULTS, InferenceRequest

_VERSION = 1


@dataclass(frozen=True)
class GenerationSpec:
    """The canonical form (a JSON text with sorted keys) and its hash (SHA-256, 64 hex digits)."""

    canonical: str
    hash: str

    @property
    def content(self) -> dict[str, Any]:
        """The spec as an object, for the record."""
        loaded: dict[str, Any] = json.loads(self.canonical)
        return loaded


def spec_of(request: InferenceRequest, image: bytes, *, provider: str) -> GenerationSpec:
    """The spec of a request for an image at a provider."""
    content = {
        "version": _VERSION,
        "imageSha256": hashlib.sha256(image).hexdigest(),
        "provider": provider,
        "model": MODEL,
        "seed": request.seed,
        "numberResults": request.number_results or 1,
        "settings": {**PAGE_DEFAULTS, **request.settings.wire()},
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return GenerationSpec(canonical, hashlib.sha256(canonical.encode()).hexdigest())
