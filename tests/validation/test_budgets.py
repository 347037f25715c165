"""Budgets: each limit catches what is over it, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.gltf.shapes import box_mesh, box_model, png
from trellis_assets.catalog import Profile
from trellis_assets.gltf import Material, Model, Part, model_to_glb
from trellis_assets.validation import (
    Finding,
    Subject,
    UnknownParameter,
    judge,
    measure_model,
    worst,
)


def profile(**limits: Any) -> Profile:
    """A profile that the box fits, but for ``limits``."""
    content = {
        "title": "Toy",
        "triangles": {"limit": 12, "source": "a page"},
        "texture_size": {"limit": 4, "source": "a page"},
        "materials": {"limit": 1, "source": "a page"},
        **{name: {"limit": value, "source": "a page"} for name, value in limits.items()},
    }
    return Profile.model_validate(content)


def over(model: Model, target: Profile) -> list[Finding]:
    subject = Subject(model_to_glb(model), where="box.glb", profile=target)
    return [finding for finding in judge(subject) if finding.rule.startswith("budget.")]


def rules(model: Model, target: Profile) -> list[str]:
    return [finding.rule for finding in over(model, target)]


def test_a_model_within_its_budgets_has_no_findings() -> None:
    assert rules(box_model(), profile()) == []


@pytest.mark.parametrize(
    ("limits", "rule"),
    [
        ({"triangles": 11}, "budget.triangles"),
        ({"vertices": 23}, "budget.vertices"),
        ({"file_bytes": 2000}, "budget.file-bytes"),
        ({"gpu_bytes": 100}, "budget.gpu-bytes"),
        ({"detail_texture_size": 2}, "budget.texture-size"),
    ],
)
def test_each_limit_catches_just_what_is_over_it(limits: dict[str, int], rule: str) -> None:
    assert rules(box_model(), profile(**limits)) == [rule]


def test_the_finding_says_what_to_do() -> None:
    (finding,) = over(box_model(), profile(triangles=11))
    assert finding.message == "12 triangles, the limit is 11"
    assert (finding.measured, finding.limit, finding.source) == (12, 11, "a page")
    assert finding.why
    assert finding.fix


def test_materials_are_counted_once_however_often_they_are_used() -> None:
    paint = box_model().parts[0].material
    shared = Model((Part(box_mesh(), paint), Part(box_mesh(), paint)))
    two = Model((Part(box_mesh(), paint), Part(box_mesh(), Material("other"))))
    assert rules(shared, profile(triangles=24)) == []
    assert rules(two, profile(triangles=24)) == ["budget.materials"]


def test_a_texture_that_is_no_power_of_two_is_a_warning() -> None:
    part = box_model().parts[0]
    odd = replace(part.material, base_color=png((1, 2, 3), size=3))
    subject = Subject(model_to_glb(Model((replace(part, material=odd),))))
    (finding,) = (one for one in judge(subject) if one.rule.startswith("texture."))
    assert (finding.rule, finding.severity) == ("texture.power-of-two", "warning")


def test_gpu_bytes_count_each_picture_once_with_its_mips() -> None:
    measured = measure_model(box_model(), file_bytes=1)
    assert measured.gpu_bytes == 2 * (16 + 4 + 1) * 4


def test_the_worst_come_first() -> None:
    found = [
        Finding("b", "info", "", "", "", ""),
        Finding("a", "warning", "", "", "", ""),
        Finding("c", "error", "", "", "", ""),
    ]
    assert [finding.rule for finding in worst(found)] == ["c", "a", "b"]


def test_an_override_of_an_unknown_parameter_is_refused() -> None:
    for overrides in ({"uv.overlap": {"shares": 0.5}}, {"uv.overlaps": {"share": 0.5}}):
        target = profile().model_copy(update={"rules": overrides})
        with pytest.raises(UnknownParameter, match=r"uv\.overlap"):
            judge(Subject(model_to_glb(box_model()), profile=target))
