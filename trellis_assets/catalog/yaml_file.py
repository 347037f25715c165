"""YAML read with the line of every value, so that an error can point at it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from .errors import CatalogError, CatalogProblem

MAX_FILE_BYTES = 1_000_000
# libyaml where PyYAML was built with it (all wheels): ten times faster than pure Python.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(file: Path) -> Any:
    """The content of ``file`` as plain Python values.

    Raises:
        CatalogError: unreadable, too large, not YAML, or a key stands twice.
    """
    try:
        size = file.stat().st_size
        if size > MAX_FILE_BYTES:
            raise CatalogError(
                _problem(
                    file, f"the file has {size} bytes, the limit is {MAX_FILE_BYTES}", "split it"
                )
            )
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise CatalogError(
            _problem(file, f"cannot be read ({error.strerror})", "restore the file")
        ) from error
    except UnicodeDecodeError as error:
        raise CatalogError(_problem(file, "is not UTF-8 text", "save it as UTF-8")) from error
    try:
        node = yaml.compose(text, Loader=_Loader)
        if node is None:
            raise CatalogError(_problem(file, "is empty", "describe the asset, or remove the file"))
        _refuse_repeated_keys(file, node)
        return yaml.load(text, Loader=_Loader)  # noqa: S506  (a safe loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise CatalogError(
            _problem(
                file,
                f"is not valid YAML: {_one_line(error.problem)}",
                "mend the line; strings with ':' or '#' need quotes",
                line=mark.line + 1 if mark else None,
            )
        ) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise CatalogError(
            _problem(file, f"is not valid YAML: {_one_line(error)}", "mend the file")
        ) from error


def _one_line(error: object) -> str:
    return " ".join(str(error).split())


def line_of(file: Path, path: tuple[str | int, ...]) -> int | None:
    """The 1-based line of the value at ``path``, or of its nearest parent that is there."""
    node = yaml.compose(file.read_text(encoding="utf-8"), Loader=_Loader)
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


def _refuse_repeated_keys(file: Path, root: yaml.Node) -> None:
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
                            file,
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


def _problem(file: Path, rule: str, fix: str, *, line: int | None = None) -> CatalogProblem:
    return CatalogProblem(file, line, "", "", rule, fix)
