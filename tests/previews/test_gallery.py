"""The gallery page: what stands in it, and that nothing hostile gets through."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from hypothesis import given, settings
from hypothesis import strategies as st

from trellis_assets.previews import (
    GalleryAsset,
    GalleryBudget,
    GalleryFinding,
    GalleryStage,
    GalleryVariant,
    gallery_html,
)

VOID = {"meta", "img", "input", "br", "link"}


class Page(HTMLParser):
    """The page as a browser would see it; complains about tags that do not nest."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("style", "script"):
            self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def words(self) -> str:
        return " ".join("".join(self.text).split())


def asset(name: str = "oak_barrel", **changes: Any) -> GalleryAsset:
    values: dict[str, Any] = {
        "title": "Old barrel",
        "generator": "embedded",
        "stages": (
            GalleryStage("Concept", f"../assets/{name}/concept.png"),
            GalleryStage(
                "LOD0",
                f"../assets/{name}/lod0.png",
                f"../assets/{name}/lod0.glb",
                11_890,
                2_400_000,
            ),
            GalleryStage("LOD1"),
        ),
        "variants": (
            GalleryVariant(
                "mobile.prop",
                (
                    GalleryBudget("GPU memory", 9_000_000, 6_000_000, "bytes"),
                    GalleryBudget("LOD0 triangles", 11_890, 12_000, "triangles"),
                    GalleryBudget("Files", 1, 4),
                ),
            ),
        ),
        "findings": (
            GalleryFinding("info", "rule.info", "fine"),
            GalleryFinding("error", "rule.error", "too heavy", "9 MB", "6 MB", "LOD0", "halve it"),
            GalleryFinding("warning", "rule.warning", "thin"),
        ),
    } | changes
    return GalleryAsset(name, **values)


def test_everything_about_an_asset_is_on_the_page() -> None:
    page = Page(gallery_html([asset()]))
    for words in (
        "oak_barrel",
        "Old barrel",
        "embedded",
        "11,890 triangles",
        "2.3 MiB",
        "mobile.prop",
        "8.6 MiB of 5.7 MiB 150 %",
        "11,890 of 12,000",
        "no picture",
        "measured 9 MB",
        "limit 6 MB",
        "Fix: halve it",
    ):
        assert words in page.words, words
    assert [image["src"] for image in page.all("img")] == [
        "../assets/oak_barrel/concept.png",
        "../assets/oak_barrel/lod0.png",
    ]
    assert all(image["alt"] for image in page.all("img"))
    assert "../assets/oak_barrel/lod0.glb" in [link.get("href") for link in page.all("a")]


def test_findings_stand_worst_first_and_the_rest_folds_away() -> None:
    many = tuple(GalleryFinding("info", f"info.{i}", "x") for i in range(6))
    html = gallery_html([asset(findings=(*many, GalleryFinding("error", "the.error", "bad")))])
    assert "2 more" in Page(html).words
    html = html[html.index('class="findings"') :]
    assert html.index("the.error") < html.index("info.0")
    assert html.index("info.3") < html.index("<details>") < html.index("info.4")
    ordered = gallery_html([asset()])
    body = ordered[ordered.index('findings">') :]
    assert body.index("rule.error") < body.index("rule.warning") < body.index("rule.info")


def test_bars_are_readable_without_colors() -> None:
    page = Page(gallery_html([asset()]))
    bars = [span for span in page.all("span") if span.get("role") == "img"]
    assert [bar["aria-label"] for bar in bars] == [
        "150 % of the budget",
        "99 % of the budget",
        "25 % of the budget",
    ]
    assert [bar["class"].split()[-1] for bar in bars] == ["over", "near", "ok"]
    widths = re.findall(r'style="width:([\d.]+)%"', gallery_html([asset()]))
    assert widths == ["100.0", "99.1", "25.0"]


def test_a_budget_of_zero_is_over_as_soon_as_anything_is_used() -> None:
    budgets = (GalleryBudget("none", 0, 0), GalleryBudget("some", 3, 0))
    page = Page(gallery_html([asset(variants=(GalleryVariant("p", budgets),))]))
    bars = [span["class"].split()[-1] for span in page.all("span") if span.get("role") == "img"]
    assert bars == ["ok", "over"]


def test_states_are_counted_and_named() -> None:
    page = Page(gallery_html([asset("a"), asset("b", state="failed"), asset("c", state="failed")]))
    assert "3 game assets · 2 failed · 1 ready" in page.words
    assert [section["data-state"] for section in page.all("section")] == [
        "ready",
        "failed",
        "failed",
    ]


def test_an_empty_store_gives_a_page_that_says_so() -> None:
    assert "No game assets yet" in Page(gallery_html([])).words
    assert "All checks passed" in Page(gallery_html([asset(findings=())])).words


def test_the_page_loads_and_runs_nothing_but_itself() -> None:
    html = gallery_html([asset()])
    page = Page(html)
    assert not re.search(r"https?://", html)
    assert page.all("link") == []
    assert [s for s in page.all("script") if s] == []
    policy = next(
        m["content"] for m in page.all("meta") if "Content-Security" in m.get("http-equiv", "")
    )
    (script,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy.split("script-src")[1]


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "//evil.example/x.png",
    "https://evil.example/x.png",
    "</style><script>",
    "a&b'c\"d",
    "\ud800",
    "&lt;b&gt;",
    "data:text/html,<script>1</script>",
    "..//evil",
    "a b#c?d=e",
    "\\\\evil\\x",
    "&#x3c;",
]


def hostile_asset(text: str) -> GalleryAsset:
    finding = GalleryFinding("error", text, text, text, text, text, text)
    stage = GalleryStage(text, text, text, 1, 1, text)
    variant = GalleryVariant(text, (GalleryBudget(text, 1, 2),), text, 5)
    return GalleryAsset(text, text, "ready", text, text, (stage,), (variant,), (finding,))


def check_harmless(text: str) -> Page:
    html = gallery_html([hostile_asset(text)], title=text)
    html.encode("utf-8")
    page, plain = Page(html), Page(gallery_html([hostile_asset("plain")], title="plain"))
    assert [tag for tag, _ in page.tags] == [tag for tag, _ in plain.tags]
    for (_, attributes), (_, expected) in zip(page.tags, plain.tags, strict=True):
        assert attributes.keys() == expected.keys()
        for key in ("src", "href"):
            address = attributes.get(key)
            if address is None or address.startswith("#"):
                continue
            split = urlsplit(address)
            assert (split.scheme, split.netloc, split.query, split.fragment) == ("", "", "", "")
            base = "https://here.example/store/catalog/gallery.html"
            assert urljoin(base, address).startswith("https://here.example/")
    return page


def test_hostile_names_stay_text() -> None:
    for text in HOSTILE:
        page = check_harmless(text)
        shown = text.encode("utf-8", "replace").decode()
        assert " ".join(shown.split()) in page.words


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.characters(codec=None), min_size=1, max_size=30))
def test_any_name_at_all_stays_text(text: str) -> None:
    check_harmless(text)


def test_paths_survive_quoting() -> None:
    name = "bärrel 100% #1.png"
    page = Page(gallery_html([asset(stages=(GalleryStage("LOD0", f"../assets/{name}"),))]))
    assert unquote(page.all("img")[0]["src"]) == f"../assets/{name}"
