"""The gallery: one calm page over all game assets that opens from a folder, without a network.

Everything that comes from outside is escaped, links can only be relative, and a content security
policy keeps the page from loading or running anything but itself.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from html import escape
from urllib.parse import quote

from ._gallery_style import SCRIPT, STYLE
from .gallery_entries import (
    SEVERITIES,
    GalleryAsset,
    GalleryBudget,
    GalleryFinding,
    GalleryStage,
    GalleryVariant,
    State,
)

STATE_TITLES: dict[State, str] = {
    "failed": "Failed",
    "attention": "Needs a look",
    "ready": "Ready",
    "pending": "Not built yet",
}
FINDINGS_SHOWN = 5
NEARLY_FULL = 0.85


def gallery_html(entries: Sequence[GalleryAsset], *, title: str = "Game assets") -> str:
    """The whole page as UTF-8 text; assets in the order given.

    Self-contained but for the pictures, whose relative paths it names. Works without its script,
    which only filters.
    """
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    policy = (
        "default-src 'none'; img-src 'self' file: data:; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    cards = "\n".join(_asset(entry, number) for number, entry in enumerate(entries))
    empty = '<p class="calm">No game assets yet. Add a concept image to begin.</p>'
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_text(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{_text(title)}</title>
<style>{STYLE}</style>
</head>
<body>
<a class="skip" href="#assets">Skip to the assets</a>
<header class="top">
<h1>{_text(title)}</h1>
<p class="sum">{_summary(entries)}</p>
{_filter(entries)}
</header>
<main id="assets">
{cards or empty}
</main>
<footer>Triangles and sizes are those of the files in the store.</footer>
<script>{SCRIPT}</script>
</body>
</html>
"""


def _summary(entries: Sequence[GalleryAsset]) -> str:
    parts = [f"{len(entries)} game asset{'' if len(entries) == 1 else 's'}"]
    for state, name in STATE_TITLES.items():
        count = sum(entry.state == state for entry in entries)
        if count:
            said = name.lower() if count == 1 else name.lower().replace("needs", "need")
            parts.append(f'<span class="{state}">{count} {said}</span>')
    return " · ".join(parts)


def _filter(entries: Sequence[GalleryAsset]) -> str:
    options = "".join(
        f'<option value="{state}">{name}</option>'
        for state, name in STATE_TITLES.items()
        if any(entry.state == state for entry in entries)
    )
    return (
        '<div class="bar" role="search" hidden>'
        '<input type="search" placeholder="Find by name, profile or rule" '
        'aria-label="Find by name, profile or rule">'
        f'<select aria-label="State"><option value="">All states</option>{options}</select>'
        '<span class="sum" id="count" role="status"></span></div>'
    )


def _asset(entry: GalleryAsset, number: int) -> str:
    searched = [entry.asset_id, entry.title, entry.generator]
    searched += [variant.profile for variant in entry.variants]
    searched += [finding.rule for finding in entry.findings]
    named = f'<span class="meta">{_text(entry.title)}</span>' if entry.title else ""
    origin = " · ".join(part for part in (entry.generator, entry.updated) if part)
    heading = f"asset-{number}"
    under = [block for block in (_variants(entry.variants), _findings(entry.findings)) if block]
    stages = "".join(_stage(stage, entry.asset_id) for stage in entry.stages)
    return (
        f'<section class="asset" aria-labelledby="{heading}" data-state="{_text(entry.state)}" '
        f'data-find="{_text(" ".join(searched).lower())}">'
        f'<div class="head"><h2 id="{heading}">{_text(entry.asset_id)}</h2>'
        f'<span class="pill {_text(entry.state)}">{STATE_TITLES[entry.state]}</span>{named}'
        f'<span class="meta">{_text(origin)}</span></div>'
        f'<ol class="stages">{stages}</ol><div class="under">{"".join(under)}</div></section>'
    )


def _stage(stage: GalleryStage, asset_id: str) -> str:
    if stage.picture is None:
        picture = '<span class="pic none">no picture</span>'
    else:
        source, alt = _link(stage.picture), _text(f"{asset_id}, {stage.title}")
        picture = (
            f'<a class="pic" href="{source}"><img src="{source}" alt="{alt}" loading="lazy" '
            'decoding="async" width="512" height="512"></a>'
        )
    name = f"<b>{_text(stage.title)}</b>"
    if stage.file is not None:
        name = f'<a href="{_link(stage.file)}" download>{name}</a>'
    facts = []
    if stage.triangles is not None:
        facts.append(f"{stage.triangles:,} triangles")
    if stage.size_bytes is not None:
        facts.append(_bytes(stage.size_bytes))
    lines = "".join(f"<span>{_text(line)}</span>" for line in (*facts, stage.note) if line)
    return f"<li><figure>{picture}<figcaption>{name}{lines}</figcaption></figure></li>"


def _variants(variants: Sequence[GalleryVariant]) -> str:
    blocks = []
    for variant in variants:
        name = f"<b>{_text(variant.profile)}</b>"
        if variant.manifest is not None:
            name = f'<a href="{_link(variant.manifest)}">{name}</a>'
        size = "" if variant.size_bytes is None else f"<span>{_bytes(variant.size_bytes)}</span>"
        bars = "".join(_budget(budget) for budget in variant.budgets)
        blocks.append(f'<div class="variant"><div class="name">{name}{size}</div>{bars}</div>')
    return f"<div><h3>Target variants</h3>{''.join(blocks)}</div>" if blocks else ""


def _budget(budget: GalleryBudget) -> str:
    share = budget.used / budget.limit if budget.limit > 0 else float(budget.used > 0) * 2
    look = "over" if share > 1 else "near" if share >= NEARLY_FULL else "ok"
    values = f"<b>{_amount(budget.used, budget.unit)}</b> of {_amount(budget.limit, budget.unit)}"
    over = f' <b class="over">{100 * share:.0f} %</b>' if share > 1 else ""
    return (
        f'<div class="budget"><span>{_text(budget.name)}</span>'
        f'<span class="track {look}" role="img" aria-label="{100 * share:.0f} % of the budget">'
        f'<span class="fill {look}" style="width:{100 * min(share, 1):.1f}%"></span></span>'
        f'<span class="val">{values}{over}</span></div>'
    )


def _findings(findings: Sequence[GalleryFinding]) -> str:
    if not findings:
        return '<div><h3>Findings</h3><p class="calm">All checks passed.</p></div>'
    ordered = sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))
    first = _finding_list(ordered[:FINDINGS_SHOWN])
    rest = ordered[FINDINGS_SHOWN:]
    more = (
        f"<details><summary>{len(rest)} more</summary>{_finding_list(rest)}</details>"
        if rest
        else ""
    )
    return f"<div><h3>Findings</h3>{first}{more}</div>"


def _finding_list(findings: Iterable[GalleryFinding]) -> str:
    items = []
    for finding in findings:
        measured = " · ".join(
            f"{name} {_text(value)}"
            for name, value in (("measured", finding.measured), ("limit", finding.limit))
            if value
        )
        details = " · ".join(part for part in (_text(finding.where), measured) if part)
        items.append(
            f'<li><span class="sev {_text(finding.severity)}">{_text(finding.severity)}</span> '
            f"<code>{_text(finding.rule)}</code><p>{_text(finding.message)}</p>"
            + (f'<p class="fix">{details}</p>' if details else "")
            + (f'<p class="fix">Fix: {_text(finding.fix)}</p>' if finding.fix else "")
            + "</li>"
        )
    return f'<ul class="findings">{"".join(items)}</ul>'


def _text(text: str) -> str:
    """Escaped for text and attributes; lone surrogates, which UTF-8 cannot hold, become '?'."""
    return escape(text.encode("utf-8", "replace").decode("utf-8"))


def _link(path: str) -> str:
    """A relative address: the leading dot and the quoted colon leave no room for a scheme."""
    relative = path if path.startswith("../") else "./" + path
    return _text(quote(relative.encode("utf-8", "replace"), safe="/._-~"))


def _amount(value: float, unit: str) -> str:
    return _bytes(value) if unit == "bytes" else f"{value:,.0f}"


def _bytes(count: float) -> str:
    if count < 1024:
        return f"{count:.0f} B"
    return f"{count / 1024:.0f} KiB" if count < 1024**2 else f"{count / 1024**2:.1f} MiB"
