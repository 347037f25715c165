"""Choosing texture sizes so that every file of a variant meets its bytes on disk and on the GPU."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import product

from trellis_assets.finding import Finding
from trellis_assets.gltf import Material, Mesh, Model, model_to_glb
from trellis_assets.textures import COLOR_SLOTS, TextureSet, floor_of

from .geometry import pack_geometry
from .packing import PackedTexture, PackedTextures, Plain, pack_texture
from .target import VariantTarget

_STEPS = ((1, 1), (1, 2), (2, 2), (2, 4), (4, 4))
"""What base color and the other slots are divided by, in the order tried: base color is the map
whose loss is seen first (Khronos 3D Commerce guidelines drop it last)."""
_OWN_STEPS = (1, 2)
"""What the sets of later rungs are divided by besides, before LOD0's gives way: they have some
texels to spare."""
_RELAXED_DB = 4.0
"""Before a size is given up for the file's sake, colour may fall this far below its PSNR floor: 34
instead of 38 dB is less of a loss than half the texels."""
_SMALLEST = 64
_BARE = Material()
_JSON_ALLOWANCE = 8192  # the GLB's JSON and padding, generously


@dataclass
class _Cache:
    """Every texture is encoded once per size and floor, whatever rungs and attempts share it."""

    target: VariantTarget
    name: str
    done: dict[tuple[int, str, int, float], PackedTexture | Plain] = field(default_factory=dict)

    def pack(
        self, index: int, source: TextureSet, sizes: Mapping[str, int], relaxed_db: float
    ) -> PackedTextures:
        slots = [slot for slot in source.images if slot in sizes]

        def pack(slot: str) -> PackedTexture | Plain:
            relaxed = relaxed_db if slot in COLOR_SLOTS else 0.0
            return self._slot(index, source, slot, sizes[slot], relaxed)

        with ThreadPoolExecutor(max(len(slots), 1)) as threads:  # encoders let go of Python's lock
            found = dict(zip(slots, threads.map(pack, slots), strict=True))
        return PackedTextures(
            textures={slot: one for slot, one in found.items() if isinstance(one, PackedTexture)},
            plain={slot: one for slot, one in found.items() if not isinstance(one, PackedTexture)},
            source=source,
        )

    def _slot(
        self, index: int, source: TextureSet, slot: str, size: int, relaxed_db: float
    ) -> PackedTexture | Plain:
        key = (index, slot, size, relaxed_db)
        if key not in self.done:
            name = self.name if index == 0 else f"{self.name}_{index}"
            wish = self.target.usable_format
            self.done[key] = pack_texture(
                source, slot, size=size, wish=wish, name=name, relaxed_db=relaxed_db
            )
        return self.done[key]


def fit_textures(
    target: VariantTarget,
    rungs: Sequence[tuple[Model, int]],
    sets: Sequence[TextureSet],
    name: str,
) -> tuple[list[PackedTextures], list[Finding]]:
    """The packed form of each texture set, as large and as good as the target's budgets allow.

    Args:
        target: sizes and budgets.
        rungs: each model with the index of its texture set.
        sets: the texture sets in use; those of later rungs have no texels that are of no use.
        name: of the material; images and later sets are named after it.

    Returns:
        One entry per set, and a finding when sizes or quality had to give way. If no step meets
        the budgets because of the textures, the last is used; whether budgets are met is for the
        caller to measure on the written files.
    """
    full = {slot: budget.limit for slot, budget in target.texture_size.items()}
    cache = _Cache(target, name)
    room = _room_for_textures(target, rungs)
    floors = (0.0,) if not room or target.usable_format == "png" else (0.0, _RELAXED_DB)
    packed: list[PackedTextures] = []
    for (base, other), own in product(_STEPS, _OWN_STEPS[: len(sets)]):
        sizes = _divided(full, base, other)
        of_sets = [sizes] + [
            _divided(
                {slot: min(size, one.size) for slot, size in full.items()}, own * base, own * other
            )
            for one in sets[1:]
        ]
        for relaxed in floors:
            packed = []
            for index, pair in enumerate(zip(sets, of_sets, strict=True)):
                packed.append(cache.pack(index, *pair, relaxed))
                if not (_fits_gpu(packed, target) and _fits_files(packed, room)):
                    break  # the rest need not be encoded to know
            else:
                return packed, _given_up(target, full, sizes, own, relaxed)
            if not _fits_gpu(packed, target):
                break  # quality does not change what the GPU holds
    packed = [
        cache.pack(index, *pair, relaxed)
        for index, pair in enumerate(zip(sets, of_sets, strict=True))
    ]
    return packed, _given_up(target, full, sizes, own, relaxed)


def _fits_gpu(packed: Sequence[PackedTextures], target: VariantTarget) -> bool:
    limit = target.gpu_bytes
    return limit is None or all(one.gpu_bytes <= limit.limit for one in packed)


def _fits_files(packed: Sequence[PackedTextures], room: Mapping[frozenset[int], int]) -> bool:
    """Whether the first sets, as far as they are packed, leave every file within its bytes."""
    return all(
        sum(packed[index].file_bytes for index in indices if index < len(packed)) <= most
        for indices, most in room.items()
    )


def _divided(full: Mapping[str, int], base: int, other: int) -> dict[str, int]:
    return {
        slot: max(size // (base if slot == "base_color" else other), min(size, _SMALLEST))
        for slot, size in full.items()
    }


def _room_for_textures(
    target: VariantTarget, rungs: Sequence[tuple[Model, int]]
) -> dict[frozenset[int], int]:
    """For each combination of sets that shares a file, the bytes that it may take there.

    Empty without a budget, and where a mesh alone is too large for it: smaller textures would not
    save that.
    """
    if target.file_bytes is None:
        return {}
    limit = target.file_bytes.limit - _JSON_ALLOWANCE
    geometry = [_geometry_bytes(model, target) for model, _ in rungs]
    if max(geometry) > limit:
        return {}
    files = [(frozenset({index}), size) for (_, index), size in zip(rungs, geometry, strict=True)]
    if target.lod_file and sum(geometry) <= limit:
        files.append((frozenset(index for _, index in rungs), sum(geometry)))
    room: dict[frozenset[int], int] = {}
    for indices, size in files:
        room[indices] = min(limit - size, room.get(indices, limit))
    return room


def _geometry_bytes(model: Model, target: VariantTarget) -> int:
    """Bytes of vertices and indices as the target gets them; packed ones are packed to know."""
    if target.usable_geometry == "none" or target.file_bytes is None:
        return model_bytes(model)
    packed = pack_geometry(_without_textures(model), target.usable_geometry, texture_size=1)
    return len(packed.data)


def _without_textures(model: Model) -> Model:
    return replace(model, parts=tuple(replace(part, material=_BARE) for part in model.parts))


def model_bytes(model: Model) -> int:
    """Bytes of the vertices and indices of ``model`` in a GLB, without textures.

    Of a model that moves with all that moves it.
    """
    if model.moves:
        return len(model_to_glb(_without_textures(model)))
    return sum(_mesh_bytes(part.mesh) for part in model.parts)


def _mesh_bytes(mesh: Mesh) -> int:
    arrays = (mesh.positions, mesh.normals, mesh.uvs, mesh.tangents, mesh.colors)
    index = 2 if mesh.vertex_count < 65535 else 4
    return sum(array.nbytes for array in arrays if array is not None) + mesh.triangles.size * index


def _given_up(
    target: VariantTarget, full: dict[str, int], sizes: dict[str, int], own: int, relaxed: float
) -> list[Finding]:
    """What had to give way, if anything."""
    changes = [f"{slot} {full[slot]} -> {sizes[slot]}" for slot in full if sizes[slot] < full[slot]]
    if own > 1:
        changes.append("textures of later rungs halved")
    if relaxed:
        floor = floor_of("base_color", target.usable_format)
        changes.append(f"colour quality floor {floor:g} -> {floor - relaxed:g} dB")
    if not changes:
        return []
    budgets = [budget for budget in (target.file_bytes, target.gpu_bytes) if budget is not None]
    return [
        Finding(
            rule="delivery.texture_size",
            severity="info",
            where="textures",
            message="made smaller to fit "
            + " and ".join(f"{budget.limit:,} bytes" for budget in budgets)
            + f": {', '.join(changes)}",
            why="with full textures a file would exceed the target's bytes on disk or on the GPU",
            fix="raise the profile's file or GPU budget, or allow a smaller texture format",
            source="; ".join(budget.source for budget in budgets),
        )
    ]
