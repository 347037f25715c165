"""Who and what made an asset: one record, in the manifest and inside every GLB."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._errors import DeliveryError

_IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
TRAINED = _IPTC + "trainedAlgorithmicMedia"
ALGORITHMIC = _IPTC + "algorithmicMedia"
CREATION = _IPTC + "digitalCreation"
BY_HAND = "by hand"
ELSEWHERE = "elsewhere"
_SOURCE_TYPES = {"embedded": ALGORITHMIC, BY_HAND: CREATION}

FIELDS: tuple[str, ...] = (
    "generator",
    "model",
    "seed",
    "task_uuid",
    "cost_usd",
    "concept_sha256",
    "concept_licence",
    "owner",
    "copyright",
    "digital_source_type",
)
"""All that is ever recorded; a closed list, so that no key or address slips into a delivery."""


def authorship_record(given: Mapping[str, Any]) -> dict[str, Any]:
    """The complete record: every field of :data:`FIELDS`, null where nothing is known.

    ``digital_source_type`` is an IPTC term (digital source type vocabulary); by default
    trainedAlgorithmicMedia; algorithmicMedia for the ``embedded`` generator, which uses no trained
    model; and digitalCreation, "by a human using non-generative tools", for what was made by hand.

    Raises:
        DeliveryError: a field that is not in the list, or a value that is not plain.
    """
    unknown = sorted(set(given) - set(FIELDS))
    if unknown:
        raise DeliveryError(
            f"authorship has unknown fields: {', '.join(unknown)}",
            fix=f"use only {', '.join(FIELDS)}",
        )
    for name, value in given.items():
        if value is not None and not isinstance(value, str | int | float):
            raise DeliveryError(
                f"authorship field {name} is a {type(value).__name__}",
                fix="use text or a number",
            )
    record: dict[str, Any] = {name: given.get(name) for name in FIELDS}
    if record["digital_source_type"] is None:
        record["digital_source_type"] = _SOURCE_TYPES.get(str(record["generator"]), TRAINED)
    return record
