"""Reading untrusted JSON: every access either gives the type it promises or a readable error."""

from __future__ import annotations

from typing import Any

from ._errors import MalformedGlb

EXPORT_AGAIN = "export the file again from a tool that passes the Khronos glTF validator"


def element(document: dict[str, Any], collection: str, index: Any) -> dict[str, Any]:
    """``document[collection][index]``, or a readable error.

    Raises:
        MalformedGlb: the collection has no such element.
    """
    items = document.get(collection, [])
    if (
        not isinstance(index, int)
        or isinstance(index, bool)
        or not isinstance(items, list)
        or not 0 <= index < len(items)
        or not isinstance(items[index], dict)
    ):
        raise MalformedGlb(f"{collection}[{index!r}] does not exist", fix=EXPORT_AGAIN)
    found: dict[str, Any] = items[index]
    return found


def whole_number(owner: dict[str, Any], key: str, default: int | None = None) -> int:
    """A non-negative integer property.

    Raises:
        MalformedGlb: missing without a default, negative, or not an integer.
    """
    value = owner.get(key, default)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise MalformedGlb(f"{key} is {value!r}, not a whole number", fix=EXPORT_AGAIN)
    return value


def object_at(owner: dict[str, Any], key: str) -> dict[str, Any]:
    """An object property; empty if it is not there.

    Raises:
        MalformedGlb: it is something else.
    """
    value = owner.get(key, {})
    if not isinstance(value, dict):
        raise MalformedGlb(f"{key} is not an object", fix=EXPORT_AGAIN)
    return value


def objects_at(owner: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """A property that is a list of objects; empty if it is not there.

    Raises:
        MalformedGlb: it is something else.
    """
    items = owner.get(key, [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise MalformedGlb(f"{key} is not a list of objects", fix=EXPORT_AGAIN)
    return items


def indices_at(owner: dict[str, Any], key: str) -> list[int]:
    """A property that is a list of indices; empty if it is not there.

    Raises:
        MalformedGlb: it is something else.
    """
    items = owner.get(key, [])
    if not isinstance(items, list) or not all(type(item) is int and item >= 0 for item in items):
        raise MalformedGlb(f"{key} is not a list of indices", fix=EXPORT_AGAIN)
    return items
