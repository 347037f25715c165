"""Uploads on their way into the catalog and to a run, decided by the same plan as everything."""

from __future__ import annotations

from .desk import Desk, Look, RunWish
from .look import take_uploads

__all__ = ["Desk", "Look", "RunWish", "take_uploads"]
