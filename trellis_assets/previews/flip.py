"""FLIP: how different two pictures look to somebody who flips between them.

LDR-FLIP of Andersson, Nilsson, Akenine-Möller, Oskarsson, Åström and Fairchild, "FLIP: A Difference
Evaluator for Alternating Images", Proc. ACM Comput. Graph. Interact. Tech. 3(2), 2020. Colours are
blurred as the eye blurs them and compared in a perceptual space; where edges or points differ, the
difference counts for more.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Planes = tuple[Float32, Float32, Float32]
"""The channels of a picture, (H, W) each: OpenCV and numpy are quicker on them than on pixels."""

PIXELS_PER_DEGREE = 67.0206
"""A 0.7 m wide display of 3840 pixels seen from 0.7 m (section 4 of the paper)."""

_COLOUR_EXPONENT, _FEATURE_EXPONENT = 0.7, 0.5
_KNEE_COLOUR, _KNEE_ERROR = 0.4, 0.95  # small differences get most of the range
_FEATURE_WIDTH = 0.082  # degrees, of the edge and point detectors

# Contrast sensitivity as one or two Gaussians for each opponent channel: (a, b), b in degrees
# squared (Table 1 of the paper).
_SENSITIVITY = (
    ((1.0, 0.0047),),  # achromatic
    ((1.0, 0.0053),),  # red-green
    ((34.1, 0.04), (13.5, 0.025)),  # blue-yellow
)
# Linear Rec. 709 to XYZ; the white point is the sum of its columns (D65).
_TO_XYZ = np.array(
    [
        [10135552 / 24577794, 8788810 / 24577794, 4435075 / 24577794],
        [2613072 / 12288897, 8788810 / 12288897, 887015 / 12288897],
        [1425312 / 73733382, 8788810 / 73733382, 70074185 / 73733382],
    ]
)
_WHITE = _TO_XYZ.sum(axis=1)
_TO_XYZ_OF_WHITE = (_TO_XYZ / _WHITE[:, None]).astype(np.float32)
_FROM_XYZ_OF_WHITE = np.linalg.inv(_TO_XYZ / _WHITE[:, None]).astype(np.float32)
# Normalised XYZ to Y, Cx, Cz: the linear form of CIELAB, without the constant of Y.
_TO_OPPONENT = np.array([[0, 116, 0], [500, -500, 0], [0, 200, -200]], np.float32)
_FROM_OPPONENT = np.linalg.inv(_TO_OPPONENT.astype(np.float64)).astype(np.float32)


def flip_map(
    reference: Float32, test: Float32, *, pixels_per_degree: float = PIXELS_PER_DEGREE
) -> Float32:
    """FLIP error of every pixel, (H, W) in 0 (same) to 1 (as different as green and blue).

    Args:
        reference, test: (H, W, 3) linear light of the Rec. 709 primaries, 0 to 1, opaque.
        pixels_per_degree: of the viewer's field of view.
    """
    first = Seen(reference, pixels_per_degree=pixels_per_degree)
    return first.difference(Seen(test, pixels_per_degree=pixels_per_degree))


class Seen:
    """A picture as the eye has it; kept where one picture is compared with several."""

    def __init__(self, linear: Float32, *, pixels_per_degree: float = PIXELS_PER_DEGREE) -> None:
        """See :func:`flip_map`."""
        opponent = _planes(_transformed(linear, _TO_OPPONENT @ _TO_XYZ_OF_WHITE))
        self.colour = _perceived(opponent, pixels_per_degree)
        self.edges, self.points = _features(opponent[0] * np.float32(1 / 116), pixels_per_degree)

    def difference(self, other: Seen) -> Float32:
        """The error of every pixel, (H, W)."""
        colour = _redistributed(_hyab(self.colour, other.colour) ** np.float32(_COLOUR_EXPONENT))
        feature = np.maximum(np.abs(self.edges - other.edges), np.abs(self.points - other.points))
        feature = (feature * np.float32(np.sqrt(0.5))) ** np.float32(_FEATURE_EXPONENT)
        return np.asarray(colour ** (1 - feature), np.float32)


def _perceived(opponent: Planes, pixels_per_degree: float) -> Planes:
    """Blurred by contrast sensitivity, then CIELAB with the Hunt effect."""
    import cv2

    blurred = [
        _blurred(plane, _sensitivity_kernels(terms, pixels_per_degree))
        for plane, terms in zip(opponent, _SENSITIVITY, strict=True)
    ]
    merged = np.asarray(cv2.merge(blurred), np.float32)
    linear = _transformed(merged, _FROM_XYZ_OF_WHITE @ _FROM_OPPONENT)
    return _lab_with_hunt(np.clip(linear, 0, 1))


def _blurred(plane: Float32, kernels: list[tuple[Float32, float]]) -> Float32:
    """The sum of (H, W) under each kernel times its share."""
    import cv2

    parts = [
        np.float32(share)
        * cv2.sepFilter2D(plane, cv2.CV_32F, kernel, kernel, borderType=cv2.BORDER_REPLICATE)
        for kernel, share in kernels
    ]
    return np.asarray(sum(parts[1:], start=parts[0]), np.float32)


def _planes(colors: Float32) -> Planes:
    """Of colours (H, W, 3)."""
    import cv2

    first, second, third = (np.asarray(plane, np.float32) for plane in cv2.split(colors))
    return first, second, third


def _transformed(colors: Float32, matrix: Float32) -> Float32:
    """Colours (H, W, 3) times a matrix (3, 3)."""
    import cv2

    return np.asarray(cv2.transform(colors, matrix), np.float32)


def _lab_with_hunt(linear: Float32) -> Planes:
    """CIELAB of linear RGB (H, W, 3); chroma grows with lightness, as R. Hunt found."""
    of_white = _transformed(linear, _TO_XYZ_OF_WHITE)
    delta = np.float32(6 / 29)
    bent = np.where(
        of_white > delta**3,
        np.cbrt(np.maximum(of_white, 0)),
        of_white / (3 * delta**2) + np.float32(4 / 29),
    )
    x, y, z = _planes(np.asarray(bent, np.float32))
    lightness = 116 * y - 16
    hunt = np.float32(0.01) * lightness
    return lightness, 500 * (x - y) * hunt, 200 * (y - z) * hunt


def _hyab(first: Planes, second: Planes) -> Float32:
    """Distance of large colour differences (Abasi, Tehran and Fairchild, 2020)."""
    import cv2

    lightness, a, b = (one - other for one, other in zip(first, second, strict=True))
    return np.asarray(np.abs(lightness) + cv2.magnitude(a, b), np.float32)


def _redistributed(difference: Float32) -> Float32:
    """0 to 1, most of it for the small differences that matter in practice."""
    largest = _largest_difference()
    knee = np.float32(_KNEE_COLOUR) * largest
    low = difference * (np.float32(_KNEE_ERROR) / knee)
    high = np.float32(_KNEE_ERROR) + (difference - knee) * (
        np.float32(1 - _KNEE_ERROR) / (largest - knee)
    )
    return np.asarray(np.where(difference < knee, low, high), np.float32)


@cache
def _largest_difference() -> np.float32:
    """Between pure green and pure blue."""
    ends = np.array([[[[0, 1, 0]]], [[[0, 0, 1]]]], np.float32)
    green, blue = (_lab_with_hunt(color) for color in ends)
    return np.float32(_hyab(green, blue)[0, 0] ** np.float32(_COLOUR_EXPONENT))


@cache
def _sensitivity_kernels(
    terms: tuple[tuple[float, float], ...], pixels_per_degree: float
) -> list[tuple[Float32, float]]:
    """A separable kernel and its share for each Gaussian; the shares sum to 1."""
    widest = max(b for channel in _SENSITIVITY for _, b in channel)
    radius = int(np.ceil(3 * np.sqrt(widest / (2 * np.pi**2)) * pixels_per_degree))
    degrees = np.arange(-radius, radius + 1) / pixels_per_degree
    lines = [np.exp(-(np.pi**2) * degrees**2 / b) for _, b in terms]
    weights = [
        a * np.sqrt(np.pi / b) * line.sum() ** 2 for (a, b), line in zip(terms, lines, strict=True)
    ]
    return [
        ((line / line.sum()).astype(np.float32), float(weight / sum(weights)))
        for line, weight in zip(lines, weights, strict=True)
    ]


@cache
def _feature_kernels(pixels_per_degree: float) -> tuple[Float32, Float32, Float32]:
    """A Gaussian, its first and its second derivative; positive and negative parts sum to 1."""
    deviation = 0.5 * _FEATURE_WIDTH * pixels_per_degree
    radius = int(np.ceil(3 * deviation))
    x = np.arange(-radius, radius + 1, dtype=np.float64)
    bell = np.exp(-(x**2) / (2 * deviation**2))

    def balanced(line: NDArray[np.float64]) -> Float32:
        up, down = line[line > 0].sum(), -line[line < 0].sum()
        return np.asarray(np.where(line > 0, line / up, line / down), np.float32)

    return (
        (bell / bell.sum()).astype(np.float32),
        balanced(-x * bell),
        balanced((x**2 / deviation**2 - 1) * bell),
    )


def _features(achromatic: Float32, pixels_per_degree: float) -> tuple[Float32, Float32]:
    """How much of an edge and of a point there is at every pixel."""
    import cv2

    bell, edge, point = _feature_kernels(pixels_per_degree)
    found: list[Float32] = []
    for kernel in (edge, point):
        across, down = (
            cv2.sepFilter2D(achromatic, cv2.CV_32F, *pair, borderType=cv2.BORDER_REPLICATE)
            for pair in ((kernel, bell), (bell, kernel))
        )
        found.append(np.asarray(cv2.magnitude(across, down), np.float32))
    return found[0], found[1]
