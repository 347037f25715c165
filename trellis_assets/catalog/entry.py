"""One game asset as the catalog describes it: ``catalog/assets/<asset_id>.yaml``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from trellis_assets.trellis2.tasks import Settings

ASSET_ID_PATTERN = r"^[a-z][a-z0-9_-]{0,63}$"
ASSET_ID_RULE = (
    "must start with a lower-case letter, then lower-case letters, digits, '_' or '-', "
    "at most 64 characters"
)
LARGEST_SEED = 2**31 - 1

AssetId = Annotated[str, Field(pattern=ASSET_ID_PATTERN)]
AssetClass = Literal["prop", "hero", "background", "setpiece", "accessory"]
Axis = Literal["+x", "-x", "+y", "-y", "+z", "-z"]
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$")]
ModelName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,123}\.glb$")]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Generation(Settings):
    """What is bought: every setting of the TRELLIS.2 page, the seed and how many candidates.

    A change here asks for a new generation; a change anywhere else never does.
    """

    seed: int = Field(default=0, ge=0, le=LARGEST_SEED, description="Same seed, same model.")
    number_results: int = Field(
        default=1, ge=1, le=4, description="Candidates to generate; each one is paid for and kept."
    )


class Placement(_Frozen):
    """How the model sits in the game world."""

    pivot: Literal["bottom_center", "center", "origin"] = Field(
        default="bottom_center",
        description="Where the origin lies; bottom_center is what Khronos' guidelines ask for.",
    )
    up: Axis = Field(default="+y", description="Axis of the generated model that points up.")
    forward: Axis = Field(default="+z", description="Axis of the generated model that faces us.")


class Repair(_Frozen):
    """Which faults of the generated model are mended; every step may be turned off.

    Sizes are shares of the model's diagonal; 0 turns a step off (welding then joins only vertices
    at the very same place).
    """

    weld: float = Field(
        default=1e-6, ge=0, le=0.01, description="Vertices closer than this become one."
    )
    duplicates: bool = Field(default=True, description="Remove triangles that lie twice.")
    folds: float = Field(
        default=0.02, ge=0, le=0.5, description="Remove pairs of triangles folded onto each other."
    )
    winding: bool = Field(default=True, description="Turn all triangles outward.")
    inner_hulls: bool = Field(default=True, description="Remove what cannot be seen from outside.")
    floaters: float = Field(
        default=0.02, ge=0, le=0.5, description="Remove loose pieces smaller than this."
    )
    pinches: bool = Field(
        default=True, description="Split surfaces that touch in an edge or point."
    )
    holes: float = Field(
        default=0.03, ge=0, le=0.5, description="Close holes whose rim is at most so long."
    )


class LodSettings(_Frozen):
    """The ladder of this asset, shared by all its profiles."""

    triangles: int | None = Field(
        default=None,
        ge=12,
        le=1_000_000,
        description="Triangles of LOD0. Left out: `classes` of profiles.yaml says.",
    )
    ratio: float = Field(
        default=0.5,
        ge=0.1,
        le=0.9,
        description="Triangles of a rung relative to the one before; Arm advises 0.5.",
    )
    mode: Literal["auto", "preserve", "rebuild"] = Field(
        default="auto",
        description="Keep the generated UV atlas, rebuild and bake a new one, or decide by its "
        "state.",
    )
    texture_size: Literal[512, 1024, 2048] = Field(
        default=2048, description="Pixels on a side of the textures baked for LOD0."
    )


class MaterialPolicy(_Frozen):
    """What the artist knows better than a histogram."""

    alpha: Literal["auto", "OPAQUE", "MASK", "BLEND"] = Field(
        default="auto",
        description="Alpha mode; auto decides by the alpha of the texels that the surface shows.",
    )
    sides: Literal["auto", "single", "double"] = Field(
        default="auto",
        description="Draw back faces; auto does where the surface is open or not opaque.",
    )


class Entry(_Frozen):
    """One game asset: what it is made from and everything that decides how it is made.

    It comes from a concept image, of which a model is generated, or from a model that is there.
    """

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["concept"]}, {"required": ["model"]}]}
    )

    id: AssetId = Field(description="Name of the asset, its file and its partition.")
    title: str = Field(default="", max_length=120, description="Name for people.")
    concept: FileName | None = Field(
        default=None, description="File in catalog/concepts, of which the model is generated."
    )
    model: ModelName | None = Field(
        default=None,
        description="GLB in catalog/models, made by hand, instead of a concept image: nothing is "
        "generated or bought.",
    )
    ai_model: str | None = Field(
        default=None,
        min_length=1,
        max_length=120,
        description="With `model`: the AI model that made the file, if one did; it is disclosed.",
    )
    asset_class: AssetClass = Field(alias="class", description="Role in the game.")
    height_m: float = Field(gt=0, le=1000, description="Real height in metres.")
    profiles: tuple[str, ...] = Field(
        min_length=1, description="Target profiles (catalog/profiles.yaml) to deliver."
    )
    placement: Placement = Placement()
    repair: Repair = Repair()
    generation: Generation = Generation()
    candidate: Literal["auto"] | Annotated[int, Field(ge=1, le=4)] = Field(
        default="auto",
        description="Which of the candidates to go on with; auto takes the one of the best score. "
        "Another choice buys nothing.",
    )
    lods: LodSettings = LodSettings()
    material: MaterialPolicy = MaterialPolicy()
    tags: tuple[Annotated[str, Field(max_length=60)], ...] = ()
    owner: str = Field(min_length=1, max_length=120, description="Who answers for the asset.")
    license: str = Field(
        min_length=1,
        max_length=200,
        description="Licence of the concept image or the model (SPDX if it has one).",
    )

    @field_validator("profiles")
    @classmethod
    def _each_profile_once(cls, profiles: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(profiles)) != len(profiles):
            raise ValueError("names a profile twice")
        return profiles

    @model_validator(mode="after")
    def _has_one_source(self) -> Entry:
        if (self.concept is None) == (self.model is None):
            raise ValueError("must name either `concept`, an image, or `model`, a GLB")
        needless = {"generation", "candidate"} & self.model_fields_set
        if self.model is not None and needless:
            raise ValueError(f"has a `model`, so that `{min(needless)}` means nothing: remove it")
        if self.model is None and self.ai_model is not None:
            raise ValueError("`ai_model` is said of a `model`; remove it")
        return self

    @model_validator(mode="after")
    def _candidate_is_among_them(self) -> Entry:
        if isinstance(self.candidate, int) and self.candidate > self.generation.number_results:
            raise ValueError(
                f"candidate is {self.candidate}, but generation.number_results is "
                f"{self.generation.number_results}"
            )
        return self

    @property
    def name(self) -> str:
        """The title, or the id if there is none."""
        return self.title or self.id
