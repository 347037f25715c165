"""Which delivered assets were made by AI, for a store page: from the manifests, nothing guessed.

The format of the JSON is defined by ``disclosure.schema.json`` (JSON Schema 2020-12) beside this
file. There is no date in it: the same manifests give the same disclosure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .authorship import TRAINED
from .manifest import read_schema

DISCLOSURE_VERSION = 1
NOT_ADVICE = (
    "This is a record of how files were made. It is no legal advice; whether and how you must "
    "disclose is for you and your lawyers to decide."
)
RULES: tuple[Mapping[str, str], ...] = (
    {
        "name": "Steam content survey",
        "says": "asks whether generative AI made content that ships with the game or its store "
        "page (pre-generated), or makes content while the game runs (live-generated)",
        "source": "Steamworks documentation, Content Survey, generative artificial intelligence",
    },
    {
        "name": "EU AI Act, Article 50",
        "says": "wants synthetic audio, image, video and text marked in a machine-readable way by "
        "the provider of the AI system, and deep fakes disclosed by the deployer; it does not "
        "name 3D models, but their textures and pictures are images",
        "source": "Regulation (EU) 2024/1689, Article 50(2) and (4)",
    },
)


def disclosure(manifests: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The disclosure as plain data.

    An asset counts as made by AI when the digital source type of its authorship record is the
    IPTC's trainedAlgorithmicMedia. All of it is pre-generated: this pipeline makes files before a
    game ships, nothing while it runs.

    Args:
        manifests: of the variants that ship; several of one game asset are put together.
    """
    assets: dict[str, dict[str, Any]] = {}
    for manifest in sorted(manifests, key=lambda one: (one["asset_id"], one["profile"])):
        asset = assets.setdefault(manifest["asset_id"], _asset(manifest))
        asset["variants"].append(
            {
                "profile": manifest["profile"],
                "files": [
                    {"path": file["path"], "sha256": file["sha256"]}
                    for file in (*manifest["files"], *manifest["sidecars"])
                ],
            }
        )
    listed = list(assets.values())
    return {
        "version": DISCLOSURE_VERSION,
        "ai_generated": sum(asset["ai_generated"] for asset in listed),
        "not_ai_generated": sum(not asset["ai_generated"] for asset in listed),
        "when": "pre-generated",
        "models": sorted(
            {asset["model"] or "unknown" for asset in listed if asset["ai_generated"]}
        ),
        "assets": listed,
        "rules": [dict(rule) for rule in RULES],
        "note": NOT_ADVICE,
    }


def disclosure_markdown(content: Mapping[str, Any]) -> str:
    """The disclosure as text for a store page and for people."""
    by_ai = [asset for asset in content["assets"] if asset["ai_generated"]]
    others = [asset for asset in content["assets"] if not asset["ai_generated"]]
    lines = ["# AI content disclosure", "", _summary(content), ""]
    lines += _table("Made by AI", by_ai) + _table("Not made by AI", others)
    lines += ["## For whom", ""]
    lines += [f"- {rule['name']}: {rule['says']} ({rule['source']})." for rule in content["rules"]]
    lines += ["", content["note"]]
    return "\n".join(lines) + "\n"


def disclosure_schema() -> dict[str, Any]:
    """The JSON Schema of :func:`disclosure`."""
    return read_schema("disclosure.schema.json")


def _asset(manifest: Mapping[str, Any]) -> dict[str, Any]:
    record = manifest["authorship"]
    return {
        "asset_id": manifest["asset_id"],
        "ai_generated": record["digital_source_type"] == TRAINED,
        "digital_source_type": record["digital_source_type"],
        "generator": record["generator"],
        "model": record["model"],
        "seed": record["seed"],
        "task_uuid": record["task_uuid"],
        "concept_sha256": record["concept_sha256"],
        "concept_licence": record["concept_licence"],
        "owner": record["owner"],
        "variants": [],
    }


def _summary(content: Mapping[str, Any]) -> str:
    count = content["ai_generated"]
    if not count:
        return (
            "None of these 3D assets was made by a trained AI model. "
            "Nothing is generated while the game runs."
        )
    return (
        f"{count} of {len(content['assets'])} 3D assets (meshes and textures) were made by "
        f"generative AI from concept images before release ({', '.join(content['models'])}), then "
        "repaired, simplified and packed by conventional tools. Nothing is generated while the "
        "game runs."
    )


def _table(title: str, assets: Sequence[Mapping[str, Any]]) -> list[str]:
    if not assets:
        return []
    lines = [
        f"## {title}",
        "",
        "| asset | generator | model | concept licence | owner | profiles |",
    ]
    lines.append("|---|---|---|---|---|---|")
    for asset in assets:
        profiles = ", ".join(variant["profile"] for variant in asset["variants"])
        cells = [asset[key] for key in ("asset_id", "generator", "model", "concept_licence")]
        lines.append("| " + " | ".join(map(_cell, [*cells, asset["owner"], profiles])) + " |")
    return [*lines, ""]


def _cell(value: Any) -> str:
    """Text that cannot end its table cell."""
    text = "unknown" if value in (None, "") else str(value)
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")
