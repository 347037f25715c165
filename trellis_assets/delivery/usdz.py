"""A rung as USDZ, for readers that take no glTF: AR Quick Look on Apple's devices.

Written by Pixar's own library (``usd-core``, the extra ``usd``), with UsdPreviewSurface materials
(OpenUSD, UsdPreviewSurface specification 2.6). The same model gives the same bytes.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from trellis_assets.gltf import Image, Material, Mesh, Model

from ._errors import DeliveryError

_SUFFIX: Mapping[str, str] = {"image/png": "png", "image/jpeg": "jpg"}
"""The pictures that a USDZ package may hold (OpenUSD, USDZ file format specification)."""
_WRITTEN = (2000, 1, 1, 0, 0, 0, 0, 1, 0)  # the time stamped on each file in the package


def usdz_file(model: Model) -> bytes:
    """``model`` as a USDZ package: metres, Y up, one mesh and material a part.

    Args:
        model: with PNG or JPEG textures; names must be USD identifiers once ``-`` is ``_``.

    Raises:
        DeliveryError: ``usd-core`` is not installed, or a texture is neither PNG nor JPEG.
    """
    try:
        from pxr import Sdf, Usd, UsdGeom, UsdUtils
    except ImportError as error:
        raise DeliveryError(
            "USDZ needs the library usd-core",
            fix="install it: pip install 'trellis-assets[usd]'",
        ) from error
    with tempfile.TemporaryDirectory(prefix="trellis-assets-") as folder:
        layer = Path(folder, f"{_identifier(model.name)}.usdc")
        stage = Usd.Stage.CreateNew(str(layer))
        UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.y)
        UsdGeom.SetStageMetersPerUnit(stage, 1.0)
        root = UsdGeom.Xform.Define(stage, f"/{_identifier(model.name)}")
        stage.SetDefaultPrim(root.GetPrim())
        stage.GetRootLayer().customLayerData = {"authorship": _plain(model.extras)}
        for part in model.parts:
            path = f"{root.GetPath()}/{_identifier(part.name)}"
            mesh = _mesh(stage, path, part.mesh, double_sided=part.material.double_sided)
            _material(stage, f"{path}_material", mesh, part.material, Path(folder))
        stage.GetRootLayer().Save()
        # The package keeps each file's local time.
        stamp = time.mktime(_WRITTEN)
        for file in Path(folder).iterdir():
            os.utime(file, (stamp, stamp))
        package = Path(folder, "package.usdz")
        if not UsdUtils.CreateNewUsdzPackage(Sdf.AssetPath(str(layer)), str(package)):
            raise DeliveryError(f"{model.name}: USD wrote no package", fix="check the textures")
        return package.read_bytes()


def _mesh(stage: Any, path: str, mesh: Mesh, *, double_sided: bool) -> Any:
    from pxr import Sdf, UsdGeom, Vt

    prim = UsdGeom.Mesh.Define(stage, path)
    prim.CreatePointsAttr(Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(mesh.positions)))
    prim.CreateFaceVertexCountsAttr(
        Vt.IntArray.FromNumpy(np.full(mesh.triangle_count, 3, np.int32))
    )
    corners = np.ascontiguousarray(mesh.triangles.reshape(-1).astype(np.int32))
    prim.CreateFaceVertexIndicesAttr(Vt.IntArray.FromNumpy(corners))
    prim.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
    prim.CreateDoubleSidedAttr(double_sided)
    box = np.stack([mesh.positions.min(axis=0), mesh.positions.max(axis=0)])
    prim.CreateExtentAttr(Vt.Vec3fArray.FromNumpy(box))
    if mesh.normals is not None:
        prim.CreateNormalsAttr(Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(mesh.normals)))
        prim.SetNormalsInterpolation(UsdGeom.Tokens.vertex)
    if mesh.uvs is not None:
        flipped = np.ascontiguousarray(mesh.uvs * [1, -1] + [0, 1], np.float32)  # origin below
        primvar = UsdGeom.PrimvarsAPI(prim).CreatePrimvar(
            "st", Sdf.ValueTypeNames.TexCoord2fArray, UsdGeom.Tokens.vertex
        )
        primvar.Set(Vt.Vec2fArray.FromNumpy(flipped))
    return prim


def _material(stage: Any, path: str, mesh: Any, material: Material, folder: Path) -> None:
    from pxr import Sdf, UsdShade

    made = UsdShade.Material.Define(stage, path)
    surface = UsdShade.Shader.Define(stage, f"{path}/surface")
    surface.CreateIdAttr("UsdPreviewSurface")
    made.CreateSurfaceOutput().ConnectToSource(surface.ConnectableAPI(), "surface")
    textures = _Textures(stage, path, folder)
    types = Sdf.ValueTypeNames
    red, green, blue, alpha = material.base_color_factor
    colour = textures.read(
        material.base_color, "base_color", "sRGB", scale=(red, green, blue, alpha)
    )
    textures.connect(surface, "diffuseColor", types.Color3f, colour, "rgb", (red, green, blue))
    if material.alpha_mode != "OPAQUE":
        textures.connect(surface, "opacity", types.Float, colour, "a", alpha)
    if material.alpha_mode == "MASK":
        surface.CreateInput("opacityThreshold", types.Float).Set(material.alpha_cutoff)
    rough, metal = material.roughness_factor, material.metallic_factor
    orm = textures.read(material.orm, "orm", "raw", scale=(1.0, rough, metal, 1.0))
    textures.connect(surface, "roughness", types.Float, orm, "g", rough)
    textures.connect(surface, "metallic", types.Float, orm, "b", metal)
    if material.occlusion:
        textures.connect(surface, "occlusion", types.Float, orm, "r", 1.0)
    normal = textures.read(
        material.normal, "normal", "raw", scale=(2.0, 2.0, 2.0, 1.0), bias=(-1.0, -1.0, -1.0, 0.0)
    )
    if normal is not None:
        textures.connect(surface, "normal", types.Normal3f, normal, "rgb", None)
    glow = textures.read(
        material.emissive, "emissive", "sRGB", scale=(*material.emissive_factor, 1.0)
    )
    textures.connect(surface, "emissiveColor", types.Color3f, glow, "rgb", material.emissive_factor)
    UsdShade.MaterialBindingAPI.Apply(mesh.GetPrim()).Bind(made)


class _Textures:
    """The texture readers of one material, and the pictures written beside the layer."""

    def __init__(self, stage: Any, path: str, folder: Path) -> None:
        self._stage, self._path, self._folder = stage, path, folder

    def read(
        self,
        image: Image | None,
        slot: str,
        space: str,
        *,
        scale: tuple[float, ...],
        bias: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0),
    ) -> Any:
        """A UsdUVTexture over ``image``; None where there is none."""
        from pxr import Sdf, UsdShade

        if image is None:
            return None
        if image.mime not in _SUFFIX:
            raise DeliveryError(
                f"the {slot} texture is {image.mime}, which USDZ does not hold",
                fix="ask the profile for png or jpeg textures",
            )
        name = f"{_identifier(image.name or slot)}.{_SUFFIX[image.mime]}"
        (self._folder / name).write_bytes(image.data)
        types = Sdf.ValueTypeNames
        place = UsdShade.Shader.Define(self._stage, f"{self._path}/st")
        place.CreateIdAttr("UsdPrimvarReader_float2")
        place.CreateInput("varname", types.String).Set("st")
        place.CreateOutput("result", types.Float2)
        texture = UsdShade.Shader.Define(self._stage, f"{self._path}/{slot}")
        texture.CreateIdAttr("UsdUVTexture")
        texture.CreateInput("file", types.Asset).Set(Sdf.AssetPath(f"./{name}"))
        texture.CreateInput("st", types.Float2).ConnectToSource(place.ConnectableAPI(), "result")
        texture.CreateInput("sourceColorSpace", types.Token).Set(space)
        texture.CreateInput("scale", types.Float4).Set(scale)
        texture.CreateInput("bias", types.Float4).Set(bias)
        for wrap in ("wrapS", "wrapT"):
            texture.CreateInput(wrap, types.Token).Set("repeat")
        return texture

    def connect(
        self, surface: Any, name: str, kind: Any, texture: Any, channels: str, value: Any
    ) -> None:
        """An input of the surface from a texture's channels, or the plain ``value`` without one."""
        from pxr import Sdf

        socket = surface.CreateInput(name, kind)
        if texture is None:
            socket.Set(value)
            return
        types = Sdf.ValueTypeNames
        texture.CreateOutput(channels, types.Float3 if channels == "rgb" else types.Float)
        socket.ConnectToSource(texture.ConnectableAPI(), channels)


def _identifier(name: str) -> str:
    return name.replace("-", "_").replace(".", "_")


def _plain(extras: Mapping[str, Any]) -> dict[str, Any]:
    """The authorship record with what USD can hold: no nulls."""
    record = extras.get("authorship", {})
    return {key: value for key, value in record.items() if value is not None}
