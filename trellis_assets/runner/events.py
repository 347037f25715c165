"""What a run tells while it works, as plain values that cross processes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

EventKind = Literal["started", "progress", "made", "reused", "failed", "skipped", "finished"]


@dataclass(frozen=True)
class RunEvent:
    """One thing that happened in the run of one game asset."""

    asset_id: str
    kind: EventKind
    node: str = ""
    text: str = ""  # stage, or the error in one line
    seconds: float = 0.0
