"""Materials and their images: glTF JSON to :class:`Material`, with what cannot be held refused."""

from __future__ import annotations

from typing import Any, Literal, cast

from ._accessor import view_bytes
from ._container import Glb
from ._errors import BrokenTexture, GltfError, MalformedGlb, UnsupportedGlb
from ._json import element, object_at
from ._model import AlphaMode, Image, Material

# Extensions made of plain factors, kept as they stand when they carry no texture.
_FACTOR_EXTENSIONS = {
    "KHR_materials_clearcoat",
    "KHR_materials_emissive_strength",
    "KHR_materials_ior",
    "KHR_materials_sheen",
    "KHR_materials_specular",
    "KHR_materials_transmission",
    "KHR_materials_unlit",
    "KHR_materials_volume",
}
_SHARED = ("KHR_", "EXT_")
"""What many engines show. What is one vendor's own is left out unless the file requires it."""
UNDERSTOOD_MATERIAL_EXTENSIONS = _FACTOR_EXTENSIONS | {"EXT_texture_webp", "KHR_texture_basisu"}

_SIGNATURES: tuple[tuple[bytes, int, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"WEBP", 8, "image/webp"),
    (b"\xabKTX 20\xbb\r\n\x1a\n", 0, "image/ktx2"),
)


_PROPERTY = {
    "base_color": "baseColorTexture",
    "orm": "metallicRoughnessTexture",
    "occlusion": "occlusionTexture",
    "normal": "normalTexture",
    "emissive": "emissiveTexture",
}
"""The glTF property of each slot."""


def image_mime(data: bytes) -> str | None:
    """The type of an encoded picture by its first bytes; None if it is none of the four."""
    for signature, offset, mime in _SIGNATURES:
        if data[offset : offset + len(signature)] == signature:
            return mime
    return None


def read_material(glb: Glb, index: Any) -> Material:
    """Material ``index`` with its images, as they are declared: their bytes are not looked into.

    Raises:
        BrokenTexture: a texture or image that does not exist, is outside the file, on another UV
            set or transformed, or of no known type; names material and slot.
        UnsupportedGlb: extensions with textures, or of another look than this package knows.
    """
    source = element(glb.json, "materials", index)
    name = str(source.get("name") or f"material_{index}")
    pbr = object_at(source, "pbrMetallicRoughness")

    def texture(owner: dict[str, Any], slot: str) -> Image | None:
        try:
            return _texture(glb, owner, _PROPERTY[slot])
        except GltfError as error:
            raise BrokenTexture(error.message, material=name, slot=slot, fix=error.fix) from error

    orm = texture(pbr, "orm")
    occlusion = texture(source, "occlusion")
    packed = occlusion is not None and orm is not None and occlusion.data == orm.data
    return Material(
        name=name,
        base_color=texture(pbr, "base_color"),
        base_color_factor=cast(
            tuple[float, float, float, float],
            _factors(pbr, "baseColorFactor", (1.0, 1.0, 1.0, 1.0)),
        ),
        orm=orm,
        occlusion=packed,
        occlusion_texture=None if packed else occlusion,
        metallic_factor=_factor(pbr, "metallicFactor", 1.0),
        roughness_factor=_factor(pbr, "roughnessFactor", 1.0),
        normal=texture(source, "normal"),
        normal_scale=_factor(object_at(source, "normalTexture"), "scale", 1.0),
        emissive=texture(source, "emissive"),
        emissive_factor=cast(
            tuple[float, float, float], _factors(source, "emissiveFactor", (0.0, 0.0, 0.0))
        ),
        alpha_mode=_alpha_mode(source),
        alpha_cutoff=_factor(source, "alphaCutoff", 0.5),
        double_sided=bool(source.get("doubleSided", False)),
        extensions=_kept_extensions(source),
    )


def _texture(glb: Glb, owner: dict[str, Any], key: str) -> Image | None:
    if key not in owner:
        return None
    info = object_at(owner, key)
    if info.get("texCoord", 0) != 0:
        raise UnsupportedGlb(f"{key} uses UV set {info['texCoord']}", fix="use UV set 0 only")
    if _moves_uvs(object_at(object_at(info, "extensions"), "KHR_texture_transform")):
        raise UnsupportedGlb(f"{key} is transformed", fix="apply the transform to the UVs")
    texture = element(glb.json, "textures", info.get("index"))
    extensions = object_at(texture, "extensions")
    webp = object_at(extensions, "EXT_texture_webp").get("source")
    basis = object_at(extensions, "KHR_texture_basisu").get("source")
    plain = texture.get("source")
    image_index = next((found for found in (webp, basis, plain) if found is not None), None)
    if image_index is None:
        raise MalformedGlb(f"{key} names no image", fix="export the file again")
    return _image(glb, image_index)


def _moves_uvs(transform: dict[str, Any]) -> bool:
    """Some tools write the extension with nothing to do."""
    idle: dict[str, Any] = {"offset": [0, 0], "rotation": 0, "scale": [1, 1], "texCoord": 0}
    return any(value != idle.get(key) for key, value in transform.items())


def _image(glb: Glb, index: Any) -> Image:
    source = element(glb.json, "images", index)
    if "uri" in source:
        raise UnsupportedGlb(
            f"images[{index}] is outside the GLB",
            fix="embed the image; external files are never followed",
        )
    if "bufferView" not in source:
        raise MalformedGlb(f"images[{index}] holds no picture", fix="embed the image in the GLB")
    data = bytes(view_bytes(glb, source["bufferView"]))
    declared, found = source.get("mimeType"), image_mime(data)
    mime = str(declared or found)
    if mime not in {known for *_, known in _SIGNATURES}:
        raise MalformedGlb(
            f"images[{index}] is no PNG, JPEG, WebP or KTX2 (declared {declared!r}, starts with "
            f"{data[:8]!r})",
            fix="embed a PNG, JPEG or WebP picture",
        )
    return Image(data, mime, str(source.get("name", "")))


def _alpha_mode(source: dict[str, Any]) -> AlphaMode:
    mode: Literal["OPAQUE", "MASK", "BLEND"] = source.get("alphaMode", "OPAQUE")
    if mode not in ("OPAQUE", "MASK", "BLEND"):
        raise MalformedGlb(f"alphaMode is {mode!r}", fix="use OPAQUE, MASK or BLEND")
    return mode


def _kept_extensions(source: dict[str, Any]) -> dict[str, Any]:
    extensions = object_at(source, "extensions")
    kept: dict[str, Any] = {}
    for name, body in extensions.items():
        if not name.startswith(_SHARED):
            continue
        textured = isinstance(body, dict) and any(key.endswith("Texture") for key in body)
        if name not in _FACTOR_EXTENSIONS or textured:
            raise UnsupportedGlb(
                f"material {source.get('name', '')!r} uses {name}"
                + (" with textures" if textured else ""),
                fix="remove the extension, or bake it into the base material",
            )
        kept[name] = body
    return kept


def _factor(owner: dict[str, Any], key: str, default: float) -> float:
    value = owner.get(key, default)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise MalformedGlb(f"{key} is {value!r}, not a number", fix="export the file again")
    return float(value)


def _factors(owner: dict[str, Any], key: str, default: tuple[float, ...]) -> tuple[float, ...]:
    values = owner.get(key, default)
    if not isinstance(values, list | tuple) or len(values) != len(default):
        raise MalformedGlb(f"{key} is not {len(default)} numbers", fix="export the file again")
    return tuple(_factor({key: value}, key, 0.0) for value in values)
