"""The gallery's page from the records of the steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from trellis_assets.previews.gallery import gallery_html
from trellis_assets.previews.gallery_entries import (
    GalleryAsset,
    GalleryBudget,
    GalleryFinding,
    GalleryStage,
    GalleryVariant,
)

from .index import AssetRow
from .record import StepRecord


def gallery_page(rows: Sequence[AssetRow]) -> str:
    """The page as HTML; its links are relative to ``catalog/`` in the store."""
    return gallery_html([_gallery_asset(row) for row in rows])


def _gallery_asset(row: AssetRow) -> GalleryAsset:
    records = row.records
    generated = records.get("generated_model")
    return GalleryAsset(
        asset_id=row.entry.id,
        title=row.entry.name,
        state=row.state,
        generator=str(generated.facts.get("generator", "")) if generated else "",
        updated=max((record.made_at for record in records.values()), default=""),
        stages=tuple(
            _stage(name, records[name]) for name in row.plan.wanted if _is_stage(name, records)
        ),
        variants=tuple(
            _variant(name, record)
            for name, record in records.items()
            if name.startswith("variants/")
        ),
        findings=tuple(
            GalleryFinding(
                severity="waived" if finding.get("waived") else finding["severity"],
                rule=finding["rule"],
                message=finding["message"],
                where=finding["where"],
                fix=finding["fix"],
            )
            for finding in row.findings
        ),
    )


def _is_stage(name: str, records: Mapping[str, StepRecord]) -> bool:
    """Those that make a model or a picture of one, one after the other."""
    aside = ("texture_set", "appearance")
    return name in records and "/" not in name and not name.startswith(aside)


def _stage(name: str, record: StepRecord) -> GalleryStage:
    base = f"../assets/{record.asset_id}/"
    return GalleryStage(
        title=name.replace("_", " "),
        picture=base + record.look.portrait if record.look.portrait else None,
        file=base + next(iter(record.files)),
        triangles=record.facts.get("triangles"),
        size_bytes=record.bytes,
    )


_UNITS: Mapping[str, Literal["triangles", "bytes", "pixels"]] = {
    "triangles": "triangles",
    "file_bytes": "bytes",
    "gpu_bytes": "bytes",
    "texture_size": "pixels",
}


def _variant(name: str, record: StepRecord) -> GalleryVariant:
    profile = name.partition("/")[2]
    lines = record.facts.get("budgets", [])
    finest = [line for line in lines if line["file"] == lines[0]["file"]]
    return GalleryVariant(
        profile=profile,
        budgets=tuple(
            GalleryBudget(
                line["name"].replace("_", " "),
                line["measured"],
                line["limit"],
                _UNITS.get(line["name"], "count"),
            )
            for line in finest
        ),
        manifest=f"../assets/{record.asset_id}/variants/{profile}/manifest.json",
        size_bytes=record.bytes,
    )
