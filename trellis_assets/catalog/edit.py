"""Change single fields of a YAML file and leave every other character as a person wrote it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from .errors import CatalogError, CatalogProblem
from .yaml_file import YamlFile, parse_yaml


def edit_fields(file: YamlFile, changes: Mapping[str, Any]) -> str:
    """The text of ``file`` with these top-level fields set; comments, order, quotes and spacing
    of everything else stay.

    Raises:
        CatalogError: the file is written in a way that cannot be edited by itself.
    """
    text = file.text
    for field, value in changes.items():
        text = _with_field(text, field, value)
    wanted = {**file.content, **changes}
    try:
        edited = parse_yaml(file.location, text.encode()).content
    except CatalogError as error:
        raise _not_editable(file, changes) from error
    if edited != wanted:
        raise _not_editable(file, changes)
    return text


def _with_field(text: str, field: str, value: Any) -> str:
    # Pure Python on purpose: its marks count characters.
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    newline = "\r\n" if "\r\n" in text else "\n"
    if isinstance(root, yaml.MappingNode) and not root.flow_style:
        for key, node in root.value:
            if key.value == field:
                shown = _shown(value, node, newline)
                return text[: node.start_mark.index] + shown + text[_end(node) :]
        ending = "" if text.endswith(("\n", "\r")) else newline
        return f"{text}{ending}{field}: {_flow(value)}{newline}"
    return text  # what cannot be edited is found out by reading it again


def _shown(value: Any, node: yaml.Node, newline: str) -> str:
    """``value`` in the style of what it replaces: a list with a dash each stays one."""
    if isinstance(value, list) and isinstance(node, yaml.SequenceNode) and not node.flow_style:
        between = newline + " " * node.start_mark.column
        return between.join(f"- {_flow(item)}" for item in value)
    return _flow(value)


def _flow(value: Any) -> str:
    shown = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10_000)
    return str(shown).removesuffix("\n...\n").strip()


def _end(node: yaml.Node) -> int:
    """Where the last thing in ``node`` ends; a block ends only where the next token begins, which
    may be after comments.
    """
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _not_editable(file: YamlFile, changes: Mapping[str, Any]) -> CatalogError:
    wanted = ", ".join(f"{field}: {_flow(value)}" for field, value in changes.items())
    return CatalogError(
        CatalogProblem(
            file.location, None, "", "", "cannot be edited without touching more than one field",
            f"set {wanted} by hand",
        )
    )  # fmt: skip
