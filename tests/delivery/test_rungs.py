from __future__ import annotations

import pytest

from trellis_assets.delivery import Budget, DeliveryError, Rung, choose_rungs
from trellis_assets.errors import TrellisAssetsError
from trellis_assets.gltf import Model

from .models import ladder, paint, sheet, target

MATERIAL = paint(8)


def make(triangles: int) -> Model:
    return sheet(triangles, MATERIAL)


def never(triangles: int) -> Model:
    raise AssertionError(f"asked to reduce to {triangles}")


def test_a_ladder_that_fits_is_used_as_it_is() -> None:
    chosen, findings = choose_rungs(target(), ladder(MATERIAL), never)
    assert [rung.origin for rung in chosen] == ["lod0", "lod1", "lod2", "lod3"]
    assert [rung.model.triangle_count for rung in chosen] == [800, 400, 200, 100]
    assert findings == []


def test_the_order_of_the_ladder_does_not_matter() -> None:
    chosen, _ = choose_rungs(target(), ladder(MATERIAL)[::-1], never)
    assert [rung.origin for rung in chosen] == ["lod0", "lod1", "lod2", "lod3"]


def test_rungs_are_reused_from_three_quarters_of_the_budget_on() -> None:
    asked: list[int] = []

    def reduce(triangles: int) -> Model:
        asked.append(triangles)
        return make(triangles)

    profile = target(triangles=Budget(500, "x"), rungs=2, min_triangles=1)
    rungs = [Rung("big", make(4000)), Rung("good", make(376)), Rung("poor", make(180))]
    chosen, _ = choose_rungs(profile, rungs, reduce)
    assert [rung.origin for rung in chosen] == ["good", "reduced"]  # 180 of 250 is 72 %
    assert asked == [250]


def test_an_asset_below_the_budget_starts_from_what_it_has() -> None:
    chosen, findings = choose_rungs(target(triangles=Budget(50_000, "x")), ladder(MATERIAL), never)
    assert [rung.model.triangle_count for rung in chosen] == [800, 400, 200, 100]
    assert findings == []


def test_the_chain_ends_at_the_floor() -> None:
    profile = target(rungs=8, min_triangles=150)
    chosen, findings = choose_rungs(profile, ladder(MATERIAL), make)
    assert [rung.model.triangle_count for rung in chosen] == [800, 400, 200]
    assert findings == []


def test_a_rung_that_saves_nothing_is_left_out_with_the_reason() -> None:
    rungs = ladder(MATERIAL)[:2]
    chosen, findings = choose_rungs(target(), rungs, lambda _: make(390))
    assert [rung.model.triangle_count for rung in chosen] == [800, 400]
    assert [(finding.rule, finding.where) for finding in findings] == [("delivery.rung", "LOD2")]
    assert "reached 390, the rung before has 400" in findings[0].message


def test_a_reduction_that_fails_costs_one_rung_not_the_variant() -> None:
    def refuse(triangles: int) -> Model:
        raise TrellisAssetsError(f"cannot reach {triangles}", fix="unwrap again")

    chosen, findings = choose_rungs(target(), ladder(MATERIAL)[:1], refuse)
    assert [rung.origin for rung in chosen] == ["lod0"]
    assert "cannot reach 400" in findings[0].message
    with pytest.raises(TrellisAssetsError, match="cannot reach 100"):
        choose_rungs(target(triangles=Budget(100, "x")), ladder(MATERIAL)[:1], refuse)


def test_without_a_reducer_the_nearest_smaller_rung_serves() -> None:
    chosen, _ = choose_rungs(target(triangles=Budget(700, "x"), rungs=1), ladder(MATERIAL))
    assert chosen[0].model.triangle_count == 400


def test_an_empty_ladder_is_refused() -> None:
    with pytest.raises(DeliveryError, match="empty"):
        choose_rungs(target(), [])
    with pytest.raises(DeliveryError, match="no triangles"):
        choose_rungs(target(), [Rung("lod0", Model(parts=()))])
