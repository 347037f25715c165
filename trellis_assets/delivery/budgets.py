"""Each budget of a target against what a written file really measures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from trellis_assets.finding import Finding

from .budget import Budget
from .engines import Sidecar
from .manifest import FileRecord
from .target import VariantTarget

_FIX = {
    "triangles": "rebuild this rung with a new unwrap and bake, or raise the profile's budget",
    "vertices": "rebuild with fewer charts, or lower the triangle budget",
    "materials": "rebuild the model into one atlas",
    "file_bytes": "lower the triangle budget, or allow a smaller texture format or geometry "
    "compression",
    "gpu_bytes": "lower the profile's texture sizes",
    "texture_size": "lower the texture size",
}
_UNIT = {
    "triangles": "triangles",
    "vertices": "vertices",
    "materials": "materials",
    "file_bytes": "bytes on disk",
    "gpu_bytes": "bytes of texture memory",
    "texture_size": "texels on the longest side",
}


@dataclass(frozen=True)
class BudgetLine:
    """One budget of one file."""

    file: str
    level: int | None
    """Of the rung; None for a file that stands for all of them."""
    name: str
    measured: int
    limit: int
    source: str

    @property
    def met(self) -> bool:
        return self.measured <= self.limit

    def as_dict(self) -> dict[str, Any]:
        return {
            "file": self.file,
            "name": self.name,
            "measured": self.measured,
            "limit": self.limit,
            "met": self.met,
            "source": self.source,
        }


def measure_budgets(file: FileRecord, target: VariantTarget) -> list[BudgetLine]:
    """All budgets that ``target`` sets, measured on a rung's file."""
    longest = max(
        (max(texture.width, texture.height) for texture in file.packed.textures.values()),
        default=0,
    )
    allowed = max((budget.limit for budget in target.texture_size.values()), default=0)
    sources = sorted({budget.source for budget in target.texture_size.values()})
    rung = Budget(target.rung_budget(file.level), target.triangles.source)
    measured: list[tuple[str, int, Budget | None]] = [
        ("triangles", file.model.triangle_count, rung),
        ("vertices", file.model.vertex_count, target.vertices),
        (
            "materials",
            len({id(part.material) for part in file.model.parts}),
            target.max_materials,
        ),
        ("texture_size", longest, Budget(allowed, "; ".join(sources))),
        ("file_bytes", len(file.data), target.file_bytes),
        ("gpu_bytes", file.packed.gpu_bytes, target.gpu_bytes),
    ]
    return [
        BudgetLine(file.path, file.level, name, value, budget.limit, budget.source)
        for name, value, budget in measured
        if budget is not None
    ]


def measure_shown(sidecar: Sidecar, target: VariantTarget) -> list[BudgetLine]:
    """The budget of bytes on a model that is shown in place of the rungs; else nothing."""
    budget = target.file_bytes
    if budget is None or not sidecar.shown:
        return []
    size = len(sidecar.data)
    return [BudgetLine(sidecar.path, None, "file_bytes", size, budget.limit, budget.source)]


def missed(lines: Iterable[BudgetLine]) -> list[Finding]:
    """A finding per missed budget; too many triangles in a coarser rung are only a warning."""
    from trellis_assets.validation import RULES

    rules = {rule.id: rule for rule in RULES}
    findings = []
    for line in lines:
        if line.met:
            continue
        rule = rules[f"budget.{line.name.replace('_', '-')}"]
        findings.append(
            Finding(
                rule=rule.id,
                severity="warning" if line.name == "triangles" and line.level else "error",
                where=line.file if line.level is None else f"LOD{line.level} ({line.file})",
                message=f"{line.measured:,} {_UNIT[line.name]}, the limit is {line.limit:,}",
                why=rule.why,
                fix=_FIX[line.name],
                measured=line.measured,
                limit=line.limit,
                source=line.source,
                docs=rule.docs,
            )
        )
    return findings
