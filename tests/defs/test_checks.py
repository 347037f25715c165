"""Every rule has a check on every step where it may speak."""

from __future__ import annotations

import dagster as dg
import pytest

from trellis_assets.definitions import defs
from trellis_assets.defs.checks import ASPECTS, by_aspect
from trellis_assets.validation import RULES, Stage

STEPS: dict[str, Stage] = {
    "generated_model": "generated",
    "master_model": "master",
    "lod0": "rung",
    "lod3": "rung",
    "variants/quest_small": "variant",
}


def checks_of(asset: str) -> list[str]:
    node = defs.resolve_asset_graph().get(dg.AssetKey(asset.split("/")))
    return [key.name for key in node.check_keys]


@pytest.mark.parametrize(("asset", "stage"), STEPS.items())
def test_each_rule_of_a_step_speaks_through_one_of_its_checks(asset: str, stage: Stage) -> None:
    checks = checks_of(asset)
    for rule in (rule for rule in RULES if stage in rule.stages and not needs_a_brief(rule.id)):
        word = rule.id.partition(".")[0]
        owners = [name for name in checks if word in ASPECTS[name].rules]
        assert len(owners) == 1, (rule.id, owners)


def needs_a_brief(rule: str) -> bool:
    """Budgets before delivery and sizes of a generated model are nobody's promise yet."""
    return rule.startswith(("budget.", "place.", "name."))


def test_no_finding_is_lost() -> None:
    known, stray = {"rule": "uv.overlap"}, {"rule": "look.silhouette"}
    expired = {"rule": "waiver.expired", "about": "uv.overlap"}
    assert by_aspect([stray, known, expired], ("spec", "uv")) == {
        "spec": [stray],
        "uv": [known, expired],
    }
