"""YAML read with the line of every value, so that an error can point at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

from trellis_assets.store import NotStored, Store

from .errors import CatalogError, CatalogProblem

MAX_FILE_BYTES = 1_000_000
# libyaml where PyYAML was built with it (all wheels): ten times faster than pure Python.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class YamlFile:
    """One file of the catalog: where a person finds it, its text, and plain Python values."""

    location: str
    text: str
    content: Any

    def line_of(self, path: tuple[str | int, ...]) -> int | None:
        """The 1-based line of the value at ``path``, or of its nearest parent that is there."""
        node = yaml.compose(self.text, Loader=_Loader)
        line: int | None = None
        for step in path:
            found = None
            if isinstance(node, yaml.MappingNode):
                for key, value in node.value:
                    if key.value == str(step):
                        found, line = value, key.start_mark.line + 1
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
                found = next(iter(node.value[step : step + 1]), None)
                line = found.start_mark.line + 1 if found is not None else line
            if found is None:
                break
            node = found
        return line


def read_yaml(catalog: Store, key: str) -> YamlFile:
    """The file under ``key``.

    Raises:
        CatalogError: missing, too large, not YAML, or a key stands twice.
    """
    location = catalog.location(key)
    try:
        data = catalog.read(key)
    except NotStored as error:
        raise CatalogError(
            _problem(location, "cannot be read (no such file)", "restore the file")
        ) from error
    return parse_yaml(location, data)


def parse_yaml(location: str, data: bytes) -> YamlFile:
    """``data`` as a file that a person finds at ``location``.

    Raises:
        CatalogError: too large, not YAML, or a key stands twice.
    """
    if len(data) > MAX_FILE_BYTES:
        raise CatalogError(
            _problem(
                location,
                f"the file has {len(data)} bytes, the limit is {MAX_FILE_BYTES}",
                "split it",
            )
        )
    try:
        text = data.decode("utf-8")
        node = yaml.compose(text, Loader=_Loader)
        if node is None:
            raise CatalogError(
                _problem(location, "is empty", "describe the asset, or remove the file")
            )
        _refuse_repeated_keys(location, node)
        return YamlFile(location, text, yaml.load(text, Loader=_Loader))  # noqa: S506  (safe)
    except UnicodeDecodeError as error:
        raise CatalogError(_problem(location, "is not UTF-8 text", "save it as UTF-8")) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise CatalogError(
            _problem(
                location,
                f"is not valid YAML: {_one_line(error.problem)}",
                "mend the line; strings with ':' or '#' need quotes",
                line=mark.line + 1 if mark else None,
            )
        ) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise CatalogError(
            _problem(location, f"is not valid YAML: {_one_line(error)}", "mend the file")
        ) from error


def _one_line(error: object) -> str:
    return " ".join(str(error).split())


def _refuse_repeated_keys(location: str, root: yaml.Node) -> None:
    """PyYAML keeps the last of two equal keys in silence; the first may be the one meant."""
    stack = [root]
    visited: set[int] = set()  # an alias may lead back to its own anchor
    while stack:
        node = stack.pop()
        if id(node) in visited:
            continue
        visited.add(id(node))
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                if key.value in seen:
                    raise CatalogError(
                        _problem(
                            location,
                            f"the key {key.value!r} stands twice",
                            "keep one of the two",
                            line=key.start_mark.line + 1,
                        )
                    )
                if isinstance(key.value, str):
                    seen.add(key.value)
                stack.append(value)
        elif isinstance(node, yaml.SequenceNode):
            stack.extend(node.value)


def _problem(location: str, rule: str, fix: str, *, line: int | None = None) -> CatalogProblem:
    return CatalogProblem(location, line, "", "", rule, fix)
