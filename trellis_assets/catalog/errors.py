"""Catalog problems, worded for the person who edits the YAML."""

from __future__ import annotations

from dataclasses import dataclass

from trellis_assets.errors import TrellisAssetsError


@dataclass(frozen=True)
class CatalogProblem:
    """One thing that is wrong in one file."""

    file: str  # a path or an s3:// address
    line: int | None  # 1-based; None if the whole file is meant
    field: str  # dotted path, for example "lods.triangles"; empty if the whole file is meant
    found: str  # the offending value as written
    rule: str  # what must hold, with its limit
    fix: str

    @property
    def what(self) -> str:
        """Where, what and the rule, without the fix."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        subject = f"{self.field} is {self.found}: " if self.field else ""
        return f"{place}: {subject}{self.rule}"

    def __str__(self) -> str:
        return f"{self.what}. Fix: {self.fix}"


class CatalogError(TrellisAssetsError):
    """One or more problems that make an entry, or the whole catalog, unusable."""

    def __init__(self, *problems: CatalogProblem) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems
