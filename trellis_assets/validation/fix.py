"""Safe repairs of a GLB: what no viewer shows differently, and what rules complain about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from trellis_assets.finding import Finding
from trellis_assets.gltf import MalformedGlb, write_glb

from .draft import Draft
from .fixes import FIXES
from .limits import TooLarge
from .subject import Subject


@dataclass(frozen=True)
class Change:
    """One thing that was changed."""

    rule: str
    message: str
    """``removed 12 triangles without area``."""


@dataclass(frozen=True)
class Fixed:
    """The repaired file, and every change; without any, the bytes that came in."""

    data: bytes
    changes: tuple[Change, ...]


def apply_fixes(data: bytes, findings: Iterable[Finding | str]) -> Fixed:
    """Repair what can be repaired without changing what a person sees.

    Everything that is not repaired stays as it was, byte for byte: nodes, extensions, extras.

    Args:
        data: a GLB.
        findings: findings of :func:`check_glb`, or ids of rules; those without a fix are left out.

    Raises:
        GltfError: the file cannot be read, or what is to be mended is compressed.
        TooLarge: more than is judged.
        TextureError: a picture that is to be mended does not decode.
    """
    wanted = {found if isinstance(found, str) else found.rule for found in findings}
    subject = Subject(data)
    if isinstance(subject.refusal, MalformedGlb | TooLarge):
        raise subject.refusal
    draft = Draft(subject.glb)
    changes: list[Change] = []
    with np.errstate(all="ignore"):  # a repair meets numbers of any kind
        for fix in FIXES:
            if fix.rule in wanted:
                changes += [Change(fix.rule, message) for message in fix.mend(draft)]
    if not changes:
        return Fixed(data, ())
    return Fixed(write_glb(draft.packed()), tuple(changes))
