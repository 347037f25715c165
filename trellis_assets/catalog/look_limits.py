"""How much a rung may differ from its master when it is looked at; every limit has a default."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

KHRONOS = (
    "Khronos 3D Commerce certification: renders below SSIM 0.70 or PSNR 20 dB go to human review"
)
ROBLOX = "Roblox Creator docs, validation of avatar items: opacity from six sides"
HOUSE = "trellis-assets docs/appearance.md: chosen by eye on the sample catalog"


class LookLimits(BaseModel):
    """Measured in the worst of twelve directions, over the pixels that either model covers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ssim_floor: float = Field(
        default=0.70, ge=-1, le=1, description=f"Smallest SSIM; below is an error. {KHRONOS}."
    )
    psnr_floor_db: float = Field(
        default=20.0, ge=0, le=99, description=f"Smallest PSNR; below is an error. {KHRONOS}."
    )
    silhouette_floor: float = Field(
        default=0.85,
        ge=0,
        le=1,
        description=f"Smallest overlap of silhouettes; below is an error. {HOUSE}.",
    )
    ssim: float = Field(
        default=0.80, ge=-1, le=1, description=f"Smallest SSIM without a warning. {HOUSE}."
    )
    psnr_db: float = Field(
        default=22.0, ge=0, le=99, description=f"Smallest PSNR without a warning. {HOUSE}."
    )
    silhouette: float = Field(
        default=0.96,
        ge=0,
        le=1,
        description=f"Smallest overlap of silhouettes without a warning. {HOUSE}.",
    )
    flip: float = Field(
        default=0.18, ge=0, le=1, description=f"Largest mean FLIP without a warning. {HOUSE}."
    )
    coverage: float = Field(
        default=0.05,
        ge=0,
        le=1,
        description="Smallest covered share of the rectangle around the model from any of six "
        f"sides, without a warning. {ROBLOX}; the number: {HOUSE}.",
    )
    inside: float = Field(
        default=0.005,
        ge=0,
        le=1,
        description="Largest share of the covered pixels that show the back of a triangle from any "
        f"of six sides, without a warning. {HOUSE}.",
    )
    concept: float = Field(
        default=0.70,
        ge=0,
        le=1,
        description="Smallest overlap of the concept image's outline with the front of the model, "
        f"without a warning. {HOUSE}.",
    )

    def only_set(self) -> LookLimits:
        """The limits that somebody set; in place of each other one, what nothing can miss."""
        return LookLimits(**{**_NOTHING_MISSES, **self.model_dump(exclude_unset=True)})


_NOTHING_MISSES = dict.fromkeys(LookLimits.model_fields, 0.0) | {
    "ssim_floor": -1.0,
    "ssim": -1.0,
    "flip": 1.0,
    "inside": 1.0,
}
