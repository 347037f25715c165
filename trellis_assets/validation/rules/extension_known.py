"""Extensions that hardly anybody reads."""

from __future__ import annotations

from collections.abc import Iterator

from ..document import strings
from ..rule import FINISHED, Objection, Rule, Values
from ..subject import Subject

_KNOWN = ("KHR_", "EXT_", "MSFT_lod")


def _look(subject: Subject, _values: Values) -> Iterator[Objection]:
    used = set(strings(subject.document, "extensionsUsed"))
    unknown = sorted(name for name in used if not name.startswith(_KNOWN))
    if unknown:
        yield Objection(
            message=f"the file uses {', '.join(name[:60] for name in unknown[:5])}",
            measured=len(unknown),
            count=len(unknown),
        )


RULE = Rule(
    id="extension.known",
    severity="warning",
    title="Unknown extension",
    why="what it holds is lost in most engines",
    fix="export without the extension",
    source="Khronos glTF extension registry; vendor extensions are optional for readers",
    look=_look,
    stages=FINISHED,
    needs="document",
    khronos=("UNSUPPORTED_EXTENSION",),
)
