"""What cannot become a game asset is put aside, with the reason in a text file beside it."""

from __future__ import annotations

from pathlib import PurePosixPath

from trellis_assets.errors import TrellisAssetsError
from trellis_assets.store import content_hash

from .place import QUARANTINE, Upload, UploadPlace

_LONGEST_NAME = 150  # bytes; file systems take 255, and the reason's name is longer


def quarantine(place: UploadPlace, upload: Upload, why: TrellisAssetsError) -> str:
    """Move an upload and its sidecar below ``quarantine/``; returns where the image is then, or ""
    if it has changed meanwhile.

    The reason is written first: killed half-way, the next look does the same again. A file that is
    in the quarantine under this name stays.
    """
    target = _target(place, upload)
    place.write(f"{target}.reason.txt", _reason(upload, why).encode("utf-8", "replace"))
    if not place.retire(upload.image, target):
        return ""
    if upload.sidecar is not None:
        # After its image: an image alone would be taken in without it.
        suffix = PurePosixPath(upload.sidecar.path).suffix
        place.retire(upload.sidecar, target + suffix)
    return place.location(target)


def _target(place: UploadPlace, upload: Upload) -> str:
    path = PurePosixPath(upload.path)
    name = path.name
    target = f"{QUARANTINE}/{upload.path}"
    if len(name.encode("utf-8", "surrogateescape")) > _LONGEST_NAME or place.exists(target):
        mark = content_hash(f"{name}|{upload.version}".encode("utf-8", "surrogateescape"))[:8]
        target = str(PurePosixPath(target).with_name(f"{path.stem[:40]}.{mark}{path.suffix[:8]}"))
    return target


def _reason(upload: Upload, why: TrellisAssetsError) -> str:
    lines = [
        f"{upload.path} was not taken in.",
        "",
        f"Why: {why.message}",
        *([f"What helps: {why.fix}"] if why.fix else []),
        "",
        "Nothing was made of it. Upload it again when it is mended; this copy may be deleted.",
    ]
    return "\n".join(lines) + "\n"
