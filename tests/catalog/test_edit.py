"""Single fields are changed, and nothing else of what a person wrote."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from trellis_assets.catalog import CatalogError
from trellis_assets.catalog.edit import edit_fields
from trellis_assets.catalog.yaml_file import parse_yaml

TEXT = """\
# About this one.
id: oak  # never change
"title":   'Oak: old'
profiles:
    # for phones
    - mobile.prop
    - pc.prop   # and desks

# how high
height_m: 0.9
lods: {ratio: 0.5,   triangles: 800}
"""


@pytest.mark.parametrize(
    ("changes", "old", "new"),
    [
        ({"height_m": 1.25}, "height_m: 0.9", "height_m: 1.25"),
        ({"title": "Elm"}, "'Oak: old'", "Elm"),
        ({"title": "a: b #c"}, "'Oak: old'", "'a: b #c'"),
        ({"lods": {"ratio": 0.4}}, "{ratio: 0.5,   triangles: 800}", "{ratio: 0.4}"),
        (
            {"profiles": ["pc.hero"]},
            "- mobile.prop\n    - pc.prop   # and desks",
            "- pc.hero   # and desks",
        ),
        ({"owner": "me"}, "triangles: 800}\n", "triangles: 800}\nowner: me\n"),
    ],
)
def test_one_field_changes_and_the_rest_stays(changes: dict[str, Any], old: str, new: str) -> None:
    assert TEXT.count(old) == 1
    assert edit_fields(parse_yaml("oak.yaml", TEXT.encode()), changes) == TEXT.replace(old, new)


def test_windows_line_ends_stay() -> None:
    text = TEXT.replace("\n", "\r\n")
    edited = edit_fields(parse_yaml("oak.yaml", text.encode()), {"owner": "me", "height_m": 2})
    assert edited == text.replace("0.9", "2") + "owner: me\r\n"


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("{id: oak, height_m: 1}", {"height_m": 2}),
        ("id: oak\nheight_m: &h 1\nother: *h\n", {"height_m": 2}),
    ],
)
def test_what_cannot_be_edited_alone_is_refused_and_says_what_to_write(
    text: str, changes: dict[str, Any]
) -> None:
    with pytest.raises(CatalogError, match="by hand"):
        edit_fields(parse_yaml("oak.yaml", text.encode()), changes)


_NAMES = st.from_regex(r"[a-z]{1,6}", fullmatch=True).filter(
    lambda name: yaml.safe_load(name) == name  # not `no`, which YAML takes for false
)
_VALUES = st.one_of(
    st.text(max_size=30).filter(str.isprintable),
    st.integers(-(10**6), 10**6),
    st.booleans(),
    st.lists(st.text(max_size=12).filter(str.isprintable), min_size=1, max_size=4),
)


@given(
    content=st.dictionaries(_NAMES, _VALUES, min_size=1),
    field=_NAMES,
    value=_VALUES,
    flow=st.booleans(),
)
def test_any_field_of_any_file_reads_back_as_it_was_set(
    content: dict[str, Any], field: str, value: Any, flow: bool
) -> None:
    text = "# first\n"
    for name, each in content.items():
        block = yaml.safe_dump({name: each}, default_flow_style=False, allow_unicode=True)
        short = yaml.safe_dump(each, default_flow_style=True, width=1000).removesuffix("...\n")
        text += f"{name}: {short}# after {name}\n" if flow else f"{block}# after {name}\n"
    file = parse_yaml("x.yaml", text.encode())
    edited = edit_fields(file, {field: value})
    assert yaml.safe_load(edited) == {**content, field: value}
    for name in content:
        assert f"# after {name}\n" in edited
