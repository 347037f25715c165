"""For each kind of edit exactly the expected steps are due, remembered or not; the docs say so."""

from __future__ import annotations

import shutil

import pytest

from tests.end_to_end.conftest import Studio

from .made import make_all, plan_of
from .staleness import DOCS, EDITS, Edit, table


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.what)
def test_exactly_what_an_edit_concerns_is_due(
    studio: Studio, edit: Edit, monkeypatch: pytest.MonkeyPatch
) -> None:
    if edit.before is not None:
        edit.before(studio)
        make_all(studio)
    before = plan_of(studio)
    assert before.due == {}, "and all of it is remembered from now on"
    edit.do(studio, monkeypatch)
    remembering = plan_of(studio, edit.generator)
    wanted = {"oak": edit.due, "axe": edit.others}
    assert {name: set(nodes) for name, nodes in remembering.due.items()} == {
        name: set(nodes) for name, nodes in wanted.items() if nodes
    }
    again = plan_of(studio, edit.generator)
    shutil.rmtree(studio.store / "catalog")
    assert plan_of(studio, edit.generator).plans == again.plans == remembering.plans


def test_after_the_work_nothing_is_due_and_going_back_is_a_change_of_its_own(
    studio: Studio,
) -> None:
    entry = studio.catalog / "assets" / "oak.yaml"
    first, keys = entry.read_text(), []
    for text in (first.replace("0.35", "2.0"), first, first.replace("0.35", "2.0")):
        entry.write_text(text)
        plan = plan_of(studio).plans["oak"]
        keys.append(plan.key)
        assert plan.due
        make_all(studio)
        assert plan_of(studio).due == {}
    assert keys[0] != keys[1]


def test_the_docs_have_the_table() -> None:
    assert table() in DOCS.read_text(encoding="utf-8")
