"""Target profiles: what a platform can show, each number with the page it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from .class_ladder import TRIANGLES, ClassLadder
from .entry import AssetClass
from .limit import Limit
from .look_limits import LookLimits

ProfileName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*\.[a-z][a-z0-9_]*$")]
MAX_RUNGS = 4


_NEEDED_EXTENSIONS = {
    "webp": ("EXT_texture_webp",),
    "ktx2": ("KHR_texture_basisu",),
    "quantized": ("KHR_mesh_quantization",),
    "meshopt": ("EXT_meshopt_compression", "KHR_mesh_quantization"),
    "draco": ("KHR_draco_mesh_compression",),
}
"""What a reader must know, by texture format and geometry; all else is part of glTF itself."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Collision(_Frozen):
    """Convex hulls for physics."""

    hulls: Limit = Field(description="Most hulls of one asset.")
    vertices: Limit = Field(description="Most vertices of one hull; at least 8.")

    @model_validator(mode="after")
    def _can_hold_a_box(self) -> Collision:
        if self.vertices.limit < 8:
            raise ValueError(f"vertices is {self.vertices.limit}, a box needs 8")
        return self


class Profile(_Frozen):
    """A platform and a class of asset with their budgets."""

    title: str = Field(min_length=1, max_length=120)
    triangles: Limit | None = Field(default=None, description="Triangles of LOD0.")
    vertices: Limit | None = Field(default=None, description="Vertices of LOD0 as uploaded.")
    texture_size: Limit = Field(description="Largest texture side in pixels.")
    detail_texture_size: Limit | None = Field(
        default=None, description="Largest side of all textures but base color."
    )
    materials: Limit
    file_bytes: Limit | None = Field(default=None, description="Largest GLB of a rung.")
    gpu_bytes: Limit | None = Field(
        default=None,
        description="Texture memory of a rung with mip levels: RGBA8, or in blocks for ktx2.",
    )
    engine: Literal["generic", "unity", "unreal", "godot", "roblox", "web"] = Field(
        default="generic", description="Whose conventions name files, nodes and materials."
    )
    texture_format: Literal["png", "jpeg", "webp", "ktx2"] = "jpeg"
    geometry: Literal["none", "quantized", "meshopt", "draco"] = Field(
        default="none", description="How vertices and indices are packed; needs its extensions."
    )
    extensions: tuple[str, ...] = Field(
        default=(), description="glTF extensions the target reads; no other is written."
    )
    lod_file: bool = Field(
        default=False,
        description="One more GLB with all rungs through MSFT_lod, which `extensions` must allow.",
    )
    impostor: bool = Field(
        default=False,
        description="One more level: crossed pictures of the model (8 triangles), for where they "
        "cannot be told from it.",
    )
    usdz: bool = Field(
        default=False,
        description="LOD0 as USDZ besides, for AR Quick Look; wants png or jpeg textures and the "
        "extra `usd`.",
    )
    collision: Collision | None = Field(
        default=None, description="Convex collision hulls; left out: none."
    )
    rungs: int = Field(default=MAX_RUNGS, ge=1, le=MAX_RUNGS)
    ratio: float = Field(default=0.5, ge=0.1, le=0.9)
    rules: Mapping[str, Mapping[str, float]] = Field(
        default_factory=dict, description="Parameters of rules (docs/rules.md) set otherwise."
    )

    look: LookLimits = Field(
        default=LookLimits(),
        description="What this profile asks of the ladder beyond its class; only what is set here "
        "counts, and it concerns the variant of this profile alone.",
    )

    @model_validator(mode="after")
    def _has_a_geometry_budget(self) -> Profile:
        if self.triangles is None and self.vertices is None:
            raise ValueError("needs a budget in triangles or in vertices")
        return self

    @model_validator(mode="after")
    def _reads_what_it_asks_for(self) -> Profile:
        asked = {"texture_format": self.texture_format, "geometry": self.geometry}
        for field, value in asked.items():
            missing = sorted(set(_NEEDED_EXTENSIONS.get(value, ())) - set(self.extensions))
            if missing:
                raise ValueError(
                    f"{field} {value} needs {', '.join(missing)} among its extensions: a variant "
                    "never holds what its target does not read"
                )
        return self

    def limits(self) -> dict[str, Limit]:
        """Every budget that is set, by the name of its field."""
        own = {name: value for name, value in self if isinstance(value, Limit)}
        collision = self.collision
        if collision is None:
            return own
        return own | {f"collision.{name}": value for name, value in collision}

    @property
    def lod0_limit(self) -> Limit:
        """The triangle budget of LOD0.

        A budget in vertices is used as triangles: a closed mesh has about two triangles per
        vertex, but a textured one splits vertices at seams, up to one per triangle.
        """
        limits = [limit for limit in (self.triangles, self.vertices) if limit is not None]
        return min(limits, key=lambda limit: limit.limit)


class Profiles(_Frozen):
    """``catalog/profiles.yaml``."""

    sources: Mapping[str, str] = Field(description="Where the numbers come from, by key.")
    classes: Mapping[AssetClass, ClassLadder] = Field(
        default_factory=dict, description="The ladder of each asset class."
    )
    profiles: Mapping[ProfileName, Profile] = Field(min_length=1)

    @model_validator(mode="after")
    def _every_number_has_its_source(self) -> Profiles:
        limits = {
            f"profiles.{name}.{field}": limit
            for name, profile in self.profiles.items()
            for field, limit in profile.limits().items()
        }
        limits |= {
            f"classes.{name}.triangles": ladder.triangles
            for name, ladder in self.classes.items()
            if ladder.triangles is not None
        }
        for field, limit in limits.items():
            if limit.source not in self.sources:
                raise ValueError(
                    f"{field} names source {limit.source!r}, which `sources` does not list"
                )
        return self

    def ladder_triangles(self, asset_class: AssetClass) -> int:
        """Triangles of LOD0 of a game asset of this class, whatever its profiles are."""
        limit = self.ladder(asset_class).triangles
        return TRIANGLES[asset_class] if limit is None else limit.limit

    def ladder(self, asset_class: AssetClass) -> ClassLadder:
        """What is said of the ladder of this class."""
        return self.classes.get(asset_class) or ClassLadder()

    def named(self, name: str) -> Profile:
        """A profile whose limits carry the text of their source instead of its key.

        Raises:
            KeyError: there is no such profile.
        """
        profile = self.profiles[name]
        told = {
            field: value.model_copy(update={"source": self.sources[value.source]})
            for field, value in profile
            if isinstance(value, Limit)
        }
        return profile.model_copy(update=told)
