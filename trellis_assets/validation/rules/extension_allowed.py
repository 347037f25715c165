"""Extensions that the target cannot read."""

from __future__ import annotations

from collections.abc import Iterator

from ..document import strings
from ..rule import VARIANT, Objection, Rule, Values
from ..subject import Subject


def _look(subject: Subject, _values: Values) -> Iterator[Objection]:
    if subject.profile is None:
        return
    allowed = set(subject.profile.extensions)
    required = set(strings(subject.document, "extensionsRequired"))
    for name in sorted(set(strings(subject.document, "extensionsUsed")) | required):
        if name not in allowed:
            how = "requires" if name in required else "uses"
            yield Objection(
                message=f"the file {how} {name[:60]}, the profile allows "
                f"{', '.join(sorted(allowed)) or 'none'}",
                severity="error" if name in required else "warning",
            )


RULE = Rule(
    id="extension.allowed",
    severity="error",
    title="Extension not read by the target",
    why="the importer refuses the file, or shows it without what the extension holds",
    fix="export without the extension, or name it in the profile",
    source="glTFast issues 705 and 722: WebP refused; Blender-IO issue 1920: KTX2",
    look=_look,
    stages=VARIANT,
    needs="document",
)
