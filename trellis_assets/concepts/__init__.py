"""Concept images: decoded, cut out of their background, cropped, judged before anything is paid.

The same preparation serves the local generator and the hosted one; its picture is what the artist
sees and what is sent.
"""

from __future__ import annotations

from trellis_assets.concepts.errors import (
    ConceptError,
    ImageTooLarge,
    ImageTooSmall,
    ImageUndecodable,
    NoForeground,
)
from trellis_assets.concepts.findings import ConceptFinding
from trellis_assets.concepts.prepare import CutOut, PreparedConcept, cut_out, prepare

__all__ = [
    "ConceptError",
    "ConceptFinding",
    "CutOut",
    "ImageTooLarge",
    "ImageTooSmall",
    "ImageUndecodable",
    "NoForeground",
    "PreparedConcept",
    "cut_out",
    "prepare",
]
