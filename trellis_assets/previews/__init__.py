"""Pictures of models: renders, comparison sheets, thumbnails and the gallery."""

from __future__ import annotations

from ._camera import MARGIN, Ball, Framing
from ._canvas import RGBA, Picture
from ._errors import PictureTooLarge, PreviewError, UndecodableTexture, UnrenderableModel
from .compare import (
    Likeness,
    PicturesDiffer,
    Reference,
    flip,
    heat_map,
    likeness,
    psnr,
    silhouette_iou,
    ssim,
)
from .gallery import gallery_html
from .gallery_entries import (
    GalleryAsset,
    GalleryBudget,
    GalleryFinding,
    GalleryStage,
    GalleryVariant,
)
from .render import PORTRAIT, Mode, Scene, render
from .sheets import contact_sheet, lod_sheet, texture_sheet, turnaround
from .thumbnail import encode_png, encode_webp, glance_markdown, thumbnail_data_uri

__all__ = [
    "MARGIN",
    "PORTRAIT",
    "RGBA",
    "Ball",
    "Framing",
    "GalleryAsset",
    "GalleryBudget",
    "GalleryFinding",
    "GalleryStage",
    "GalleryVariant",
    "Likeness",
    "Mode",
    "Picture",
    "PictureTooLarge",
    "PicturesDiffer",
    "PreviewError",
    "Reference",
    "Scene",
    "UndecodableTexture",
    "UnrenderableModel",
    "contact_sheet",
    "encode_png",
    "encode_webp",
    "flip",
    "gallery_html",
    "glance_markdown",
    "heat_map",
    "likeness",
    "lod_sheet",
    "psnr",
    "render",
    "silhouette_iou",
    "ssim",
    "texture_sheet",
    "thumbnail_data_uri",
    "turnaround",
]
