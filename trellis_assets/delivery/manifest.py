"""``manifest.json``: everything that can be known about a variant without opening its files.

The format is defined by ``manifest.schema.json`` (JSON Schema 2020-12) beside this file. There is
no date in it: the same input gives the same manifest.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib import metadata, resources
from typing import TYPE_CHECKING, Any

import trellis_assets
from trellis_assets.finding import Finding
from trellis_assets.geometry.pose import at_rest
from trellis_assets.gltf import Model
from trellis_assets.textures import TextureSet

from .geometry import PackedGeometry
from .packing import PackedTextures
from .target import VariantTarget

if TYPE_CHECKING:
    from .budgets import BudgetLine
    from .engines import Sidecar
    from .package import Package

MANIFEST_VERSION = 3
_TOOLS = ("numpy", "opencv-python-headless", "pillow")


@dataclass(frozen=True)
class FileRecord:
    """A written GLB and what it was made of."""

    path: str
    geometry: PackedGeometry
    level: int
    origin: str
    packed: PackedTextures
    extensions: list[str]

    @property
    def data(self) -> bytes:
        return self.geometry.data

    @property
    def model(self) -> Model:
        """As a reader finds it in the file."""
        return self.geometry.model


def variant_manifest(
    *,
    asset_id: str,
    target: VariantTarget,
    package: Package,
    budgets: Iterable[BudgetLine],
    findings: Iterable[Finding],
    textures: TextureSet,
    authorship: Mapping[str, Any],
    tools: Mapping[str, str],
    waivers: Iterable[Mapping[str, Any]],
    code_version: str,
) -> dict[str, Any]:
    """The manifest as plain data."""
    return {
        "version": MANIFEST_VERSION,
        "asset_id": asset_id,
        "profile": target.name,
        "files": [_file(file) for file in package.rungs],
        "sidecars": [_sidecar(sidecar) for sidecar in package.sidecars],
        "levels": [asdict(level) for level in package.levels],
        "collision": _collision(package, target),
        "budgets": [line.as_dict() for line in budgets],
        "findings": [finding.as_json() for finding in findings],
        "waivers": [dict(waiver) for waiver in waivers],
        "alpha": textures.alpha.as_dict(),
        "sides": textures.sides.as_dict(),
        "source_textures": {
            "size": textures.size,
            "bytes": textures.disk_bytes,
            "gpu_bytes": textures.gpu_bytes,
        },
        "authorship": dict(authorship),
        "engine": {
            "name": target.naming.engine,
            "up": target.naming.up,
            "metres_per_unit": target.naming.metres_per_unit,
            "normal_map": target.naming.normal_map,
            "packing": target.naming.packing,
            "lod_import": target.naming.lod_import,
            "source": target.naming.source,
        },
        "tools": dict(sorted({**_tool_versions(), **tools}.items())),
        "code_version": code_version,
    }


def manifest_bytes(manifest: Mapping[str, Any]) -> bytes:
    """UTF-8 JSON with sorted keys: equal manifests are equal bytes."""
    text = json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return (text + "\n").encode()


def manifest_schema() -> dict[str, Any]:
    """The JSON Schema of a variant's manifest."""
    return read_schema("manifest.schema.json")


def read_schema(name: str) -> dict[str, Any]:
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def _file(file: FileRecord) -> dict[str, Any]:
    lower, upper = at_rest(file.model).bounds().tolist()
    return {
        "path": file.path,
        "media_type": "model/gltf-binary",
        "sha256": sha256(file.data).hexdigest(),
        "bytes": len(file.data),
        "lod": file.level,
        "origin": file.origin,
        "triangles": file.model.triangle_count,
        "vertices": file.model.vertex_count,
        "materials": len({id(part.material) for part in file.model.parts}),
        "bounds": {"min": lower, "max": upper},
        "extensions": list(file.extensions),
        "geometry": file.geometry.as_dict(),
        "textures": [texture.as_dict() for texture in file.packed.textures.values()],
        "plain_slots": sorted(file.packed.plain),
        "texture_gpu_bytes": file.packed.gpu_bytes,
    }


def _sidecar(sidecar: Sidecar) -> dict[str, Any]:
    return {
        "path": sidecar.path,
        "sha256": sha256(sidecar.data).hexdigest(),
        "bytes": len(sidecar.data),
        "purpose": sidecar.purpose,
    }


def _collision(package: Package, target: VariantTarget) -> dict[str, Any] | None:
    """The hulls and what they may be; null where the target has none."""
    if target.collision is None or not package.hulls:
        return None
    return {
        "hulls": [
            {"vertices": len(hull.positions), "triangles": len(hull.triangles)}
            for hull in package.hulls
        ],
        "limits": {key: asdict(budget) for key, budget in vars(target.collision).items()},
    }


def _tool_versions() -> dict[str, str]:
    return {"trellis-assets": trellis_assets.__version__} | {
        name: metadata.version(name) for name in _TOOLS
    }
