"""Light: a soft studio of key, fill and two rims under a sky dome, and a filmic curve.

The specular lobe is GGX (Walter et al. 2007) with Schlick's Fresnel; the dome's reflection uses
Karis' fit of the environment BRDF (2014), the occlusion's bounce Jimenez et al. (2016).
"""

from __future__ import annotations

import numpy as np

from .prop import Surface
from .vectors import Floats, dot, fixed, mix, smoothstep, unit

KEY = unit(fixed(-0.55, 0.80, 0.75))
_LIGHTS = (
    (KEY, fixed(1.72, 1.62, 1.48)),
    (unit(fixed(0.85, 0.25, 0.70)), fixed(0.42, 0.47, 0.56)),
    (unit(fixed(-0.95, 0.35, -0.45)), fixed(0.42, 0.48, 0.60)),
    (unit(fixed(0.95, 0.45, -0.40)), fixed(0.80, 0.74, 0.66)),
)
_SKY, _GROUND = fixed(0.80, 0.86, 0.95), fixed(0.36, 0.32, 0.29)
# Soft boxes that metal and glaze reflect: direction, cosine of the half width, light.
_BOXES = (
    (unit(fixed(-0.55, 0.55, 0.62)), 0.86, fixed(2.8, 2.74, 2.62)),
    (unit(fixed(0.95, 0.15, 0.30)), 0.88, fixed(1.1, 1.2, 1.35)),
    (unit(fixed(0.10, 0.95, 0.25)), 0.80, fixed(1.2, 1.25, 1.35)),
)


def lit(
    surface: Surface,
    normal: Floats,
    view: Floats,
    openness: Floats,
    shade: Floats,
    reflected: Floats,
) -> Floats:
    """The light (3, N) towards the camera.

    `openness` is the ambient occlusion, `shade` the key light's shadow, `reflected` the openness
    along the mirrored view; all (N,), 1 in the open.
    """
    facing = np.clip(dot(normal, view), 0.02, 1)
    base = surface.color * (1 - surface.metallic)
    mirror = mix(np.full_like(base, 0.04), surface.color, surface.metallic)
    rough = np.clip(surface.roughness, 0.08, 1)
    bounce = _bounced(openness, base)
    up = normal[1] * np.float32(0.5) + np.float32(0.5)
    total = base * mix(_GROUND, _SKY, up) * bounce * np.float32(0.62)
    for number, (light, power) in enumerate(_LIGHTS):
        reach = np.clip(dot(normal, light), 0, 1)
        visible = (0.25 + 0.75 * shade) if number == 0 else openness
        glint = _ggx(normal, view, light, rough, facing)
        total += power * (reach * visible) * (base * np.float32(0.5) + mirror * glint)
    ray = normal * (2 * dot(normal, view)) - view
    total += (
        _dome(ray, rough)
        * _environment(mirror, rough, facing)
        * (np.clip(reflected * openness + reflected * 0.2, 0.12, 1))
    )
    return total if surface.glow is None else total + surface.glow


def filmic(light: Floats) -> Floats:
    """Linear light to sRGB 0..1 with a soft shoulder (Narkowicz' fit of ACES, eased)."""
    x = light * np.float32(0.80)
    # A little light leaks between channels, as film does: bright colours pale, not clip.
    grey = (x * fixed(0.25, 0.6, 0.15)).sum(0)
    x = x + (grey - x) * np.clip(0.05 + 0.10 * grey, 0, 0.35)
    y = np.clip((x * (2.51 * x + 0.03)) / (x * (2.43 * x + 0.59) + 0.14), 0, 1)
    srgb = np.where(y <= 0.0031308, 12.92 * y, 1.055 * np.maximum(y, 1e-6) ** (1 / 2.4) - 0.055)
    return srgb.astype(np.float32)


def _ggx(normal: Floats, view: Floats, light: Floats, rough: Floats, facing: Floats) -> Floats:
    # The lights are large: they widen the lobe, so that no highlight is a hard dot.
    alpha2 = np.maximum(rough, 0.22) ** 4
    half = unit(view + light)
    cosine = np.clip(dot(normal, half), 0, 1)
    peak = cosine * cosine * (alpha2 - 1) + 1
    reach = np.clip(dot(normal, light), 0, 1)
    smith = facing + reach + 0.1
    return np.minimum(alpha2 / (peak * peak) / smith * np.float32(0.22), 3.0)


def _dome(ray: Floats, rough: Floats) -> Floats:
    up = ray[1]
    total = mix(_GROUND * np.float32(0.5), _SKY * np.float32(0.75), smoothstep(-0.6, 0.7, up))
    # A darker band at the horizon in front gives metal its contrast.
    front = smoothstep(0.35, 1.0, ray[2]) * (1 - rough) * np.float32(0.35)
    total = total * (1 - front)
    for light, cosine, power in _BOXES:
        soft = np.float32(0.05) + rough * np.float32(0.45)
        t = np.clip((dot(ray, light) - (cosine - soft)) / (2 * soft), 0, 1)
        total += power * (t * t * (3 - 2 * t) / (0.15 + np.float32(5) * rough))
    return total


def _environment(mirror: Floats, rough: Floats, facing: Floats) -> Floats:
    r0 = 1 - rough
    r1 = 0.0425 - 0.0275 * rough
    r2 = 1.04 - 0.572 * rough
    r3 = 0.022 * rough - 0.04
    a = np.minimum(r0 * r0, np.exp2(-9.28 * facing)) * r0 + r1
    return mirror * (a * -1.04 + r2) + (a * 1.04 + r3)


def _bounced(openness: Floats, color: Floats) -> Floats:
    a = 2.0404 * color - 0.3324
    b = -4.7951 * color + 0.6417
    c = 2.7552 * color + 0.6903
    return np.maximum(openness, ((openness * a + b) * openness + c) * openness)
