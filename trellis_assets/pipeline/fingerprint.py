"""Fingerprints: the same inputs, settings, code and tools always make the same files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version

from .node import Json, Node


@cache
def tool_version(distribution: str) -> str:
    """The installed version of a Python distribution; an extra may be `not installed`."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "not installed"


def tool_versions(node: Node) -> dict[str, str]:
    """The versions that take part in this node's fingerprint."""
    return {name: tool_version(name) for name in sorted(node.tools)}


def fingerprint(node: Node, settings: Mapping[str, Json], inputs: Mapping[str, str]) -> str:
    """What ``node`` would make, as SHA-256.

    Args:
        settings: as :attr:`Node.settings` gave them.
        inputs: data version of each input node.
    """
    return _digest(
        {
            "node": node.name,
            "code": node.code_version,
            "tools": tool_versions(node),
            "settings": dict(settings),
            "inputs": dict(inputs),
        }
    )


def data_version(files: Mapping[str, str]) -> str:
    """The content of a node's files (path to SHA-256) as SHA-256."""
    return _digest(dict(files))


def _digest(value: Json) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return sha256(text.encode()).hexdigest()
