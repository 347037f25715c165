"""``docs/rules.md``, written from the rules themselves.

``python -m trellis_assets.validation.rules_page > docs/rules.md``
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from .rule import Rule
from .rules import RULES

_INTRO = """\
# Rules

What `trellis-assets check` and the pipeline say about a model. This page is written from the rules
(a file each in `trellis_assets/validation/rules`) by
`python -m trellis_assets.validation.rules_page`.

An **error** means the file cannot be used as it is, and in the pipeline stops what would be built
from it. A **warning** means it works, but is not what was asked for. An **info** says what was left
out or changed on purpose. Every finding carries what was measured, the limit, where, why it matters
and how to mend it.

A target profile may set the numbers of a rule otherwise:

```yaml
profiles:
  pc.hero:
    rules:
      uv.thin-charts: {share: 0.2}
```

Files of more than 512 MiB, 8 MiB of JSON, 1.5 million triangles, 3 million vertices, 10,000
primitives or 160 million texels of textures are not judged whole; the finding says so.
"""
_GROUPS = {
    "budget": "Budgets of the target profile",
    "scene": "Scene",
    "mesh": "Meshes",
    "uv": "UVs",
    "normals": "Normals",
    "tangents": "Tangents",
    "material": "Materials",
    "alpha": "Alpha",
    "texture": "Textures",
    "place": "Size, pivot, axis",
    "name": "Names",
    "extension": "Extensions",
    "lod": "LOD ladder",
}
_WHERE = {
    "generated": "the generated model",
    "master": "the master",
    "rung": "every rung",
    "variant": "every variant",
}
_FILES = """\
## Files and the specification

### file.readable

**error** · Not a GLB, truncated, or broken in a way that leaves nothing to judge.

Fix: export the file again from a tool that passes the Khronos validator.

### file.unsupported

**warning** · Valid glTF that is not read here: instances, points and lines, extensions that nobody
here knows. Rules about meshes and materials were not run. What moves is judged as it is at rest.

Fix: make instances real, and export without these extensions.

### file.too-large

**error** · Beyond what is judged in bounded time and memory.

Fix: reduce or split the model.

### spec.gltf

**error** · The Khronos glTF validator counts errors. It runs on every GLB, pinned, in a process of
its own; at most 100 issues are listed.

Fix: export the model again with a tool that follows glTF 2.0.

### spec.unseen

**info** · The validator cannot see into EXT_meshopt_compression, KHR_draco_mesh_compression and
KHR_texture_basisu.

Fix: validate the file before it is compressed.

### spec.failed

**error** · The validator crashed on this file or took too long (8 s, and a tenth of a second per
megabyte; a minute in the pipeline). A file without a verdict does not pass.

Fix: check the file for absurd counts; it may be hostile.
"""
_CODES = """\
## Where the Khronos validator knows it too

Rule and validator agree on every file of the test corpus, but for what only one of them can see:
the validator compares indices, not positions; reads the header of a picture, not its pixels; and
does not know KHR_texture_basisu.

| rule | codes of the validator |
|---|---|
"""


def rules_page() -> str:
    """The page as Markdown."""
    parts = [_INTRO]
    for group, rules in groupby(RULES, key=lambda rule: rule.id.split(".")[0]):
        parts.append(f"## {_GROUPS[group]}\n")
        if group == "budget":
            parts.append("Delivery judges them under the same ids while it packs a variant.\n")
        parts += ["\n\n".join(_section(rule)) + "\n" for rule in rules]
    rows = [
        f"| `{rule.id}` | {', '.join(f'`{code}`' for code in rule.khronos)} |"
        for rule in RULES
        if rule.khronos
    ]
    return "\n".join([*parts, _FILES, _CODES + "\n".join(rows) + "\n"])


def _section(rule: Rule) -> Iterator[str]:
    yield f"### {rule.id}"
    repair = " · safe repair" if rule.fixable else ""
    yield f"**{rule.severity}** · {rule.title}. Judged on {_stages(rule)}.{repair}"
    yield f"Why: {rule.why}."
    yield f"Fix: {rule.fix}."
    if rule.parameters:
        yield "\n".join(
            [
                "| parameter | default | unit | meaning |",
                "|---|---|---|---|",
                *(
                    f"| `{p.name}` | {p.default:g} | {p.unit} | {p.meaning} |"
                    for p in rule.parameters
                ),
            ]
        )
    yield f"Source: {rule.source}."


def _stages(rule: Rule) -> str:
    found = [text for stage, text in _WHERE.items() if stage in rule.stages]
    return ", ".join([*found, "files given to `check`"])


if __name__ == "__main__":
    print(rules_page(), end="")  # noqa: T201 -- this is a command
