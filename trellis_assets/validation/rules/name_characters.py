"""Names that some engine does not take; those of bones are data, by which clips are retargeted."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..document import items, label, moving_nodes
from ..rule import VARIANT, Objection, Parameter, Rule, Values
from ..subject import Subject


def _look(subject: Subject, values: Values) -> Iterator[Objection]:
    pattern = re.compile(r"[a-zA-Z][a-zA-Z0-9_-]*" if values["capitals"] else r"[a-z][a-z0-9_-]*")
    for collection in ("nodes", "meshes", "materials"):
        bones = moving_nodes(subject.document) if collection == "nodes" else set()
        named = enumerate(items(subject.document, collection))
        names = [label(item) for index, item in named if index not in bones]
        wrong = [name for name in names if not pattern.fullmatch(name)]
        if wrong:
            yield Objection(
                message=f"{len(wrong):,} of {len(names):,} {collection} are not named in a-z, 0-9, "
                f"_ and -: {', '.join(repr(name[:40]) for name in wrong[:3])}",
                measured=len(wrong),
                limit=0,
                count=len(wrong),
            )


RULE = Rule(
    id="name.characters",
    severity="warning",
    title="Awkward names",
    why="spaces, dots and accents are replaced differently by each engine, and links by name break",
    fix="use a-z, 0-9, _ and -, starting with a letter; `trellis-assets check --fix` renames",
    source="Khronos 3D Commerce guidelines: names; Meta Horizon: no - . , / * $ &",
    look=_look,
    parameters=(Parameter("capitals", 1, "0 or 1", "1 lets capital letters pass: SM_, LOD0"),),
    stages=VARIANT,
    needs="document",
    fixable=True,
)
