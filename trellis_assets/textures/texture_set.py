"""The textures of a model at one size: what variants of that size are encoded from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

import cv2
import numpy as np

from trellis_assets.gltf import Image, Material, Model

from ._errors import CorruptTexture, SeveralMaterials
from ._header import Header, read_header
from ._recent import key_of, recall, remember
from ._slots import SLOTS, Pixels
from .alpha import AlphaDecision, AlphaPolicy, decide_alpha
from .coverage import Coverage, uv_coverage
from .decode import decode
from .encode import encode
from .gpu import gpu_bytes
from .resample import resize, target_shape
from .reuse import is_filled, is_plain_png
from .sides import SidesDecision, SidesPolicy, decide_sides

_INDEX = "textures.json"


@dataclass(frozen=True)
class TextureSet:
    """PNG images by slot, the longer side at most ``size``."""

    size: int
    images: Mapping[str, Image]
    occlusion: bool
    """The red channel of ``orm`` is ambient occlusion; otherwise it is white."""
    alpha: AlphaDecision
    sides: SidesDecision
    covered: float
    """Share of the atlas that triangles cover, 0..1."""
    sources: Mapping[str, str]
    """Fingerprint of the material images it was made from, see :func:`source_hashes`."""
    reused: tuple[str, ...] = ()
    """Slots whose image is the source's own, byte for byte: there was nothing to change."""

    @property
    def gpu_bytes(self) -> int:
        """Uploaded as RGBA8 with all mips."""
        return sum(map(image_gpu_bytes, self.images.values()))

    @property
    def disk_bytes(self) -> int:
        return sum(len(image.data) for image in self.images.values())

    def made_from(self, material: Material) -> bool:
        """Whether ``material`` carries the very images this set was made from."""
        return source_hashes(material) == dict(self.sources)

    def to_files(self) -> dict[str, bytes]:
        """One PNG per slot and an index, by file name."""
        index = {
            "version": 2,
            "size": self.size,
            "slots": sorted(self.images),
            "occlusion": self.occlusion,
            "alpha": self.alpha.as_dict(),
            "sides": self.sides.as_dict(),
            "covered": self.covered,
            "sources": dict(self.sources),
            "reused": list(self.reused),
        }
        files = {f"{slot}.png": image.data for slot, image in self.images.items()}
        files[_INDEX] = (json.dumps(index, indent=2, sort_keys=True) + "\n").encode()
        return files

    @classmethod
    def from_files(cls, files: Mapping[str, bytes]) -> TextureSet:
        """The inverse of :meth:`to_files`."""
        index: dict[str, Any] = json.loads(files[_INDEX])
        images = {slot: Image(files[f"{slot}.png"], "image/png", slot) for slot in index["slots"]}
        return cls(
            size=index["size"],
            images=images,
            occlusion=index["occlusion"],
            alpha=AlphaDecision.from_dict(index["alpha"]),
            sides=SidesDecision.from_dict(index["sides"]),
            covered=index["covered"],
            sources=index["sources"],
            reused=tuple(index.get("reused", ())),  # older sets do not say
        )


def make_texture_set(
    source: Model, *, size: int, alpha: AlphaPolicy = "auto", sides: SidesPolicy = "auto"
) -> TextureSet:
    """The textures of ``source``'s one material, resized to ``size``.

    The background of the atlas is filled from the charts, so that mips do not bleed. An occlusion
    map of its own is packed into the red channel of ``orm``. Alpha is dropped when the decision is
    OPAQUE. A plain RGB PNG whose size fits and whose background is filled already is taken as it
    is (see :mod:`.reuse`).

    Args:
        source: parts that share one material; without textures the set is empty.
        size: longest side; smaller textures stay as they are.
        alpha: the catalog entry's wish.
        sides: the catalog entry's wish.

    Raises:
        SeveralMaterials: the parts differ in material, or in alpha mode where ``alpha`` is auto.
        TextureError: an image cannot be used; names material, slot and fix.
    """
    material = _only_material(source, alpha)
    pixels = _decoded(material)
    meshes = [part.mesh for part in source.parts]
    coverage = {
        shape: uv_coverage(meshes, width=shape[1], height=shape[0])
        for shape in sorted({array.shape[:2] for array in pixels.values()})
    }
    base = pixels.get("base_color")
    decision = decide_alpha(
        base,
        declared=material.alpha_mode,
        cutoff=material.alpha_cutoff,
        policy=alpha,
        coverage=None if base is None else coverage[base.shape[:2]],
    )
    images: dict[str, Image] = {}
    reused: list[str] = []
    for slot, array in pixels.items():
        covered = coverage[array.shape[:2]]
        own = material.images().get(slot)
        if own is not None and _fits(own, array, covered, slot, size):
            images[slot] = replace(own, name=slot)
            reused.append(slot)
            continue
        shown = array if decision.mode != "OPAQUE" else np.ascontiguousarray(array[..., :3])
        small = resize(shown, size=size, slot=slot, alpha_mode=decision.mode, coverage=covered)
        images[slot] = encode(small, slot=slot, format="png", name=slot)
        if small.shape[2] == 3:  # lossless, so this is what decoding would find
            remember(key_of(images[slot], slot), small)
    occlusion = material.occlusion or material.occlusion_texture is not None
    shares = [float((one > 0).mean()) for one in coverage.values()]
    return TextureSet(
        size=size,
        images=images,
        occlusion=occlusion,
        alpha=decision,
        sides=decide_sides(
            meshes,
            declared=material.double_sided,
            policy=sides,
            opaque=decision.mode == "OPAQUE",
        ),
        covered=round(max(shares, default=1.0), 6),
        sources=source_hashes(material),
        reused=tuple(reused),
    )


def _fits(image: Image, pixels: Pixels, covered: Coverage, slot: str, size: int) -> bool:
    """Whether the set may hold this image as it is; ``pixels`` are what the set would show."""
    return (
        is_plain_png(image)
        and target_shape(pixels.shape[0], pixels.shape[1], size) == pixels.shape[:2]
        and recall(key_of(image, slot)) is pixels  # untouched since decoding
        and is_filled(pixels, covered)
    )


def image_size(image: Image) -> tuple[int, int]:
    """Width and height in pixels, from the header.

    Raises:
        CorruptTexture: there is no header.
    """
    header = _header(image)
    return header.width, header.height


def image_gpu_bytes(image: Image) -> int:
    """Bytes in graphics memory with all mips: RGBA8, or in blocks for KTX2.

    Raises:
        CorruptTexture: there is no header.
    """
    header = _header(image)
    return gpu_bytes(header.width, header.height, bytes_per_texel=header.texel_bytes)


def has_alpha_channel(image: Image) -> bool:
    """Whether the header promises alpha.

    Raises:
        CorruptTexture: there is no header.
    """
    return _header(image).channels in {2, 4}


def _header(image: Image) -> Header:
    header = read_header(image.data)
    if header is None:
        raise CorruptTexture(
            "no readable picture header",
            material="unknown",
            slot=image.name or "unknown",
            fix="export the texture again",
        )
    return header


def source_hashes(material: Material) -> dict[str, str]:
    """SHA-256 of each image of a material, by its slot."""
    return {slot: sha256(image.data).hexdigest() for slot, image in material.images().items()}


def _decoded(material: Material) -> dict[str, Pixels]:
    """Pixels by slot, in slot order, with occlusion packed into ``orm``."""
    pixels = {
        slot: decode(image, slot=slot, material=material.name)
        for slot, image in material.images().items()
    }
    occlusion = pixels.pop("occlusion", None)
    orm = pixels.get("orm")
    if occlusion is not None:
        pixels["orm"] = _packed(occlusion, orm)
    elif orm is not None and not material.occlusion and orm[..., 0].min() < 255:
        pixels["orm"] = orm.copy()
        pixels["orm"][..., 0] = 255  # engines that read ORM as one map would take it for darkness
    return {slot: pixels[slot] for slot in SLOTS if slot in pixels}


def _packed(occlusion: Pixels, orm: Pixels | None) -> Pixels:
    """Occlusion in red, roughness and metalness in green and blue, at the smaller of both sizes."""
    if orm is None:
        packed = np.full_like(occlusion, 255)  # the material's factors alone decide
        packed[..., 0] = occlusion[..., 0]
        return packed
    if occlusion.shape != orm.shape:
        side = min(max(occlusion.shape[:2]), max(orm.shape[:2]))
        occlusion = resize(occlusion, size=side, slot="orm")
        orm = resize(orm, size=side, slot="orm")
    if occlusion.shape != orm.shape:  # another aspect: the map that matters more sets it
        target = (orm.shape[1], orm.shape[0])
        resized = cv2.resize(occlusion, target, interpolation=cv2.INTER_AREA)
        occlusion = np.asarray(resized, np.uint8)
    packed = orm.copy()
    packed[..., 0] = occlusion[..., 0]
    return packed


def _only_material(model: Model, alpha: AlphaPolicy) -> Material:
    if not model.parts:
        raise SeveralMaterials(
            "the model has no parts", material="none", slot="any", fix="give it a mesh"
        )
    materials = {id(part.material): part.material for part in model.parts}
    _refuse_mixed_alpha(materials.values(), alpha)
    distinct = {json.dumps(_identity(material)): material for material in materials.values()}
    if len(distinct) > 1:
        names = ", ".join(sorted(material.name for material in distinct.values()))
        raise SeveralMaterials(
            f"the model has {len(distinct)} materials ({names}), a texture set holds one",
            material=next(iter(distinct.values())).name,
            slot="any",
            fix="rebuild the model into one atlas",
        )
    return model.parts[0].material


def _refuse_mixed_alpha(materials: Iterable[Material], alpha: AlphaPolicy) -> None:
    """A set has one alpha mode; the entry may say which, where the materials disagree."""
    modes = {material.alpha_mode: material.name for material in materials}
    if len(modes) > 1 and alpha == "auto":
        said = ", ".join(f"{name} {mode}" for mode, name in sorted(modes.items()))
        raise SeveralMaterials(
            f"the materials differ in alpha mode ({said}), a texture set has one",
            material=next(iter(modes.values())),
            slot="base_color",
            fix="say which in the entry (`material: {alpha: BLEND}`), or make what is seen through "
            "a game asset of its own",
        )


def _identity(material: Material) -> list[object]:
    """What makes two materials the same to a texture set, besides the alpha mode."""
    return [source_hashes(material), material.occlusion]
