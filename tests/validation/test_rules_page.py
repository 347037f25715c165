"""The page about the rules is what the rules say of themselves."""

from __future__ import annotations

import re
from pathlib import Path

from trellis_assets.validation import RULES
from trellis_assets.validation.rules_page import rules_page

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"


def test_the_committed_page_is_current() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert written == rules_page(), (
        "run `python -m trellis_assets.validation.rules_page > docs/rules.md`"
    )


def test_every_link_of_a_finding_leads_to_a_section() -> None:
    headings = re.findall(r"^### (.+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    anchors = {f"rules.md#{heading.replace('.', '')}" for heading in headings}
    linked = (
        {rule.docs for rule in RULES}
        | {f"rules.md#{rule}" for rule in ("filereadable", "filetoo-large", "fileunsupported")}
        | {"rules.md#specgltf", "rules.md#specunseen", "rules.md#specfailed"}
    )
    assert linked == anchors


def test_ids_are_unique_and_texts_complete() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert re.fullmatch(r"[a-z]+\.[a-z-]+", rule.id)
        for text in (rule.title, rule.why, rule.fix, rule.source):
            assert text, rule.id
            assert not text.endswith("."), rule.id
        for parameter in rule.parameters:
            assert parameter.unit, rule.id
            assert parameter.meaning, rule.id
