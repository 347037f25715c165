"""Safe repairs of a GLB: what no viewer shows differently, and what rules complain about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from trellis_assets.finding import Finding
from trellis_assets.gltf import read_glb, write_glb

from .draft import Draft
from .fixes import FIXES


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
        GltfError: the file cannot be read, or holds what its repair would break (compressed
            geometry, morph targets).
    """
    wanted = {found if isinstance(found, str) else found.rule for found in findings}
    draft = Draft(read_glb(data))
    changes: list[Change] = []
    for fix in FIXES:
        if fix.rule in wanted:
            changes += [Change(fix.rule, message) for message in fix.mend(draft)]
    if not changes:
        return Fixed(data, ())
    return Fixed(write_glb(draft.packed()), tuple(changes))
