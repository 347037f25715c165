"""Where the Khronos validator knows a problem too, it and the rule say the same of every file."""

from __future__ import annotations

from tests.validation.corpus import RULE_OF, named
from trellis_assets.node_tools import VALIDATOR, tool_file
from trellis_assets.validation import RULES, validate_glbs

MAPPED = {code: rule.id for rule in RULES for code in rule.khronos}
SEEN_BY_ONE_ONLY = {
    "flat_triangle": "the validator compares indices, not positions",
    "picture_cut_off": "the validator reads a picture's header, not its pixels",
    "picture_for_the_gpu": "the validator does not know KHR_texture_basisu",
}


def test_the_codes_exist() -> None:
    source = tool_file(VALIDATOR).read_text(encoding="utf-8")
    assert [code for code in MAPPED if f'"{code}"' not in source] == []


def test_rules_and_validator_agree_on_the_corpus() -> None:
    readable = (name for name, rule in RULE_OF.items() if rule != "file.readable")
    corpus = [named(name) for name in readable if name not in SEEN_BY_ONE_ONLY]
    reports = validate_glbs([known.glb for known in corpus])
    rules = {rule.id: rule for rule in RULES}
    disagreements = []
    for known, report in zip(corpus, reports, strict=True):
        ours = set(rules[known.rule].khronos) if known.rule in rules else set()
        theirs = report.codes & MAPPED.keys()
        if ours and not ours & report.codes:
            disagreements.append(f"{known.name}: {known.rule} speaks, but none of {ours}")
        # What the validator has against a file, its rule must have, too.
        if unheard := {code for code in theirs if code not in ours}:
            disagreements.append(f"{known.name}: the validator says {unheard}, no rule does")
    assert disagreements == []
