"""Screened anisotropic Poisson inflation: how thick a body is, from its outline alone.

    u / lam^2 - u_xx - eps * u_yy = 2  inside,   u = 0 on the outline,   du/dn = 0 on the floor

and the half-thickness is sqrt(u). A strip of half-width R gets a circular section; wide bodies
saturate at sqrt(2) * lam; eps below 1 makes horizontal sections rounder than vertical ones, right
for things that stand. The outline is met to a fraction of a cell (Shortley & Weller 1938).
Family: Igarashi 1999 (Teddy), Joshi & Carr 2008 (Repousse). Solver: nested iteration with a
Chebyshev-weighted Jacobi smoother (Young 1954).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from trellis_assets.embedded.silhouette import cuts, ground_edges

Float = NDArray[np.float32]
Mask = NDArray[np.bool_]

COARSEST = 48
# Smallest eigenvalue the smoother aims at: the whole spectrum on the coarsest grid, above it only
# what a coarser grid could not know.
COARSEST_MODE = 0.003
LOWEST_MODE = 0.02


def inflate(alpha: Float, *, lam: float, eps: float, sweeps: int) -> Float:
    """U (H, W) in cells squared, 0 outside. ``lam`` in cells of this grid."""
    height, width = alpha.shape
    levels = max(0, int(np.floor(np.log2(max(height, width) / COARSEST))))
    u = np.zeros((1, 1), dtype=np.float32)
    for level in range(levels, -1, -1):
        factor = 2**level
        size = (max(4, round(width / factor)), max(4, round(height / factor)))
        grid = _scaled(alpha, size, cv2.INTER_AREA) if level else alpha
        operator = _Operator.on(grid, lam / factor, eps)
        if level == levels:
            u = operator.relax(np.zeros_like(grid), 6 * sweeps, COARSEST_MODE)
        else:
            u = np.where(operator.inside, 4.0 * _scaled(u, size, cv2.INTER_LINEAR), 0.0)
            u = operator.relax(u.astype(np.float32), sweeps, LOWEST_MODE)
    return np.maximum(u, 0.0)


def _scaled(values: Float, size: tuple[int, int], how: int) -> Float:
    return np.asarray(cv2.resize(values, size, interpolation=how), dtype=np.float32)


@dataclass(frozen=True)
class _Operator:
    """The discrete equation divided by its diagonal; u is 0 outside, whatever couples to it."""

    inside: Mask
    left: Float
    right: Float
    up: Float
    down: Float
    source: Float

    @classmethod
    def on(cls, alpha: Float, lam: float, eps: float) -> _Operator:
        alpha = alpha.copy()
        alpha[0] = alpha[-1] = 0.0
        alpha[:, 0] = alpha[:, -1] = 0.0
        inside = alpha > 0.5
        ground = ground_edges(alpha, inside)
        left, right = _reaches(alpha, inside, axis=1)
        up, down = _reaches(alpha, inside, axis=0)
        to_left, to_right = 2.0 / (left * (left + right)), 2.0 / (right * (left + right))
        to_up, to_down = 2.0 * eps / (up * (up + down)), 2.0 * eps / (down * (up + down))
        # On the floor the slope is zero: no coupling below, a plain difference above.
        to_down = np.where(ground, 0.0, to_down)
        to_up = np.where(ground, eps, to_up)
        diagonal = 1.0 / (lam * lam) + to_left + to_right + to_up + to_down
        weight = np.where(inside, 1.0 / diagonal, 0.0).astype(np.float32)
        couplings = [
            (toward * weight).astype(np.float32) for toward in (to_left, to_right, to_up, to_down)
        ]
        left_, right_, up_, down_ = couplings
        return cls(inside, left_, right_, up_, down_, 2.0 * weight)

    def relax(self, u: Float, sweeps: int, lowest: float) -> Float:
        for omega in _weights(sweeps, lowest):
            jacobi = self.source.copy()
            jacobi[:, 1:] += self.left[:, 1:] * u[:, :-1]
            jacobi[:, :-1] += self.right[:, :-1] * u[:, 1:]
            jacobi[1:] += self.up[1:] * u[:-1]
            jacobi[:-1] += self.down[:-1] * u[1:]
            jacobi -= u
            jacobi *= np.float32(omega)
            u = u + jacobi
        return np.where(self.inside, u, 0.0).astype(np.float32)


def _reaches(alpha: Float, inside: Mask, *, axis: int) -> tuple[Float, Float]:
    """Distance from each inside cell to outline or neighbour, before and after it on ``axis``."""
    cut = cuts(alpha, axis=axis)
    near = inside[:, :-1] if axis == 1 else inside[:-1]
    far = inside[:, 1:] if axis == 1 else inside[1:]
    before, after = np.ones_like(alpha), np.ones_like(alpha)
    mixed = np.where(near != far, cut, 1.0).astype(np.float32)
    if axis == 1:
        after[:, :-1], before[:, 1:] = mixed, mixed
    else:
        after[:-1], before[1:] = mixed, mixed
    return before, after


def _weights(sweeps: int, lowest: float) -> list[float]:
    """Chebyshev relaxation factors for modes in [lowest, 2], in a numerically stable order."""
    centre, radius = 0.5 * (2.0 + lowest), 0.5 * (2.0 - lowest)
    order = [0]
    while len(order) < sweeps:
        order = [v for i in order for v in (i, 2 * len(order) - 1 - i)]
    ranks = [i for i in order if i < sweeps] if len(order) != sweeps else order
    return [
        1.0 / (centre - radius * float(np.cos(np.pi * (2 * rank + 1) / (2 * sweeps))))
        for rank in ranks
    ]
