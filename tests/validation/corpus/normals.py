"""Defects of normals and tangents."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from trellis_assets.geometry.shading import with_tangents
from trellis_assets.gltf import Material, Model

from .case import registered
from .parts import bare, box, model, noise, painted, picture


@registered("normals.missing")
def no_normals() -> Model:
    return model(replace(box(), normals=None))


@registered("normals.unit")
def short_normals() -> Model:
    mesh = box()
    assert mesh.normals is not None
    return bare(replace(mesh, normals=mesh.normals * np.float32(0.5)))


@registered("normals.unit")
def zero_normal() -> Model:
    mesh = box()
    assert mesh.normals is not None
    normals = mesh.normals.copy()
    normals[0] = 0.0
    return bare(replace(mesh, normals=normals))


@registered("normals.flipped")
def normals_against_a_side() -> Model:
    mesh = box()
    assert mesh.normals is not None
    normals = mesh.normals.copy()
    normals[:4] *= -1
    return bare(replace(mesh, normals=normals))


def _bumpy() -> Material:
    flat = noise(low=126, high=130)
    flat[..., 2] = 255
    return painted(normal=picture(flat))


@registered("tangents.missing")
def normal_map_without_tangents() -> Model:
    return model(material=_bumpy())


@registered("tangents.invalid")
def tangent_without_a_sign() -> Model:
    mesh = with_tangents(box())
    assert mesh.tangents is not None
    tangents = mesh.tangents.copy()
    tangents[0, 3] = 0.5
    return model(replace(mesh, tangents=tangents), _bumpy())


@registered("tangents.invalid")
def long_tangent() -> Model:
    mesh = with_tangents(box())
    assert mesh.tangents is not None
    tangents = mesh.tangents.copy()
    tangents[0, :3] *= 2
    return model(replace(mesh, tangents=tangents), _bumpy())
