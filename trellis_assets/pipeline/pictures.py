"""The pictures of a step: written to the store, and small enough for its record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from trellis_assets.store import Store

from .node import Evidence, Json, Made, Node, asset_key
from .record import Look

_EVIDENCE_BYTES = 16_000  # of a thumbnail; a record holds several


def stored_look(node: Node, asset_id: str, store: Store, made: Made) -> Look:
    """What the record says of the step's own pictures, after they are in the store."""
    if made.picture is None:
        return Look()
    from trellis_assets.previews import encode_png, glance_markdown, thumbnail_data_uri

    single = made.picture if made.portrait is None else made.portrait
    picture = f"previews/{_folder(node)}.png"
    portrait = picture if made.portrait is None else picture.replace(".png", ".portrait.png")
    store.write(asset_key(asset_id, portrait), encode_png(single))
    store.write(asset_key(asset_id, picture), encode_png(made.picture))
    thumbnail = thumbnail_data_uri(made.picture)
    return Look(picture, portrait, thumbnail, glance_markdown(single, alt=node.name))


def stored_evidence(
    node: Node, asset_id: str, store: Store, evidence: Mapping[str, Evidence]
) -> dict[str, Look]:
    """What the record says of the findings' pictures, by path; those of an earlier make go."""
    folder = asset_key(asset_id, f"previews/findings/{_folder(node)}/")
    looks = {}
    for name, seen in evidence.items():
        from trellis_assets.previews import encode_png, glance_markdown, thumbnail_data_uri

        path = _path(node, name)
        store.write(asset_key(asset_id, path), encode_png(seen.sheet))
        thumbnail = thumbnail_data_uri(seen.sheet, max_bytes=_EVIDENCE_BYTES)
        looks[path] = Look(path, "", thumbnail, glance_markdown(seen.portrait, alt=name))
    kept = {asset_key(asset_id, path) for path in looks}
    for key in [key for key in store.list(folder) if key not in kept]:
        store.delete(key)
    return looks


def at_their_paths(node: Node, findings: Iterable[Mapping[str, Json]]) -> list[Mapping[str, Json]]:
    """The findings with the names of their pictures as paths below the game asset's folder."""
    return [
        {**finding, "picture": _path(node, finding["picture"])} if "picture" in finding else finding
        for finding in findings
    ]


def _path(node: Node, name: str) -> str:
    return f"previews/findings/{_folder(node)}/{name}.png"


def _folder(node: Node) -> str:
    return node.name.replace("/", ".")
