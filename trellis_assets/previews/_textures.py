"""Textures as the renderer reads them: decoded, with a mip chain, sampled bilinearly.

The mip chain is what keeps a 2048 texture from shimmering in a 256 pixel picture.
"""

from __future__ import annotations

import io
from collections import OrderedDict
from collections.abc import Iterator
from hashlib import sha256
from threading import Lock

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PilImage
from PIL import UnidentifiedImageError

from trellis_assets.gltf import Image
from trellis_assets.textures import TextureError, decode_ktx2, has_alpha_channel
from trellis_assets.textures._header import read_header

from ._errors import UndecodableTexture

_LONGEST_SIDE = 8192
MAX_PIXELS = _LONGEST_SIDE * _LONGEST_SIDE  # what trellis_assets.textures decodes too
REMAP_WIDTH = 4096  # cv2.remap takes at most 32767 rows or columns; samples are folded to this
MIP_BIAS = -0.35  # a little sharper than one texel per sample; supersampling absorbs the rest


KEPT_BYTES = 112 << 20
"""Decoded textures that are kept for the next picture: two sets of three maps of 2048 texels."""


_Level = tuple[int, NDArray[np.intp], NDArray[np.float32], NDArray[np.float32]]
"""Of a mip chain: its number, which places read it, and their x and y in its texels, folded."""
_Levels = tuple[list[_Level], NDArray[np.intp]]
"""All that are read, and where each place is when they are read one after the other."""


class Texture:
    """A decoded picture and its mip chain."""

    def __init__(self, pixels: NDArray[np.uint8]) -> None:
        self.levels = [np.ascontiguousarray(pixels)]
        while max(self.levels[-1].shape[:2]) > 1:
            height, width = self.levels[-1].shape[:2]
            half = (max(1, width // 2), max(1, height // 2))
            level = cv2.resize(self.levels[-1], half, interpolation=cv2.INTER_AREA)
            self.levels.append(np.asarray(level, np.uint8).reshape(half[1], half[0], -1))

    @property
    def nbytes(self) -> int:
        return sum(level.nbytes for level in self.levels)

    @property
    def side(self) -> float:
        """Geometric mean of width and height in texels."""
        height, width = self.levels[0].shape[:2]
        return float(np.sqrt(height * width))

    def sample(
        self, uvs: NDArray[np.float32], footprint: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Colours (C, N) in 0..1 at uvs (N, 2), repeating; footprint (N,) is the UV length one
        sample covers.
        """
        return Places(uvs, footprint).sample(self)


class Places:
    """N places to read textures at; found once for all textures of one size."""

    def __init__(self, uvs: NDArray[np.float32], footprint: NDArray[np.float32]) -> None:
        """See :meth:`Texture.sample`."""
        planes = np.ascontiguousarray(uvs.T)
        self._u, self._v = planes - np.floor(planes)
        self._footprint = footprint
        self._levels: dict[tuple[int, ...], _Levels] = {}

    def sample(self, texture: Texture) -> NDArray[np.float32]:
        """Colours (C, N) in 0..1."""
        return self.codes(texture) * np.float32(1 / 255)

    def codes(self, texture: Texture) -> NDArray[np.uint8]:
        """Colours (C, N) in the texture's own codes 0..255."""
        shape = texture.levels[0].shape
        if shape[:2] not in self._levels:
            self._levels[shape[:2]] = self._on(texture)
        levels, order = self._levels[shape[:2]]
        read = [np.empty((0, shape[2]), np.uint8)]
        for number, chosen, x, y in levels:
            pixels = texture.levels[number]
            picked = cv2.remap(pixels, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
            read.append(np.asarray(picked, np.uint8).reshape(-1, shape[2])[: len(chosen)])
        return np.take(np.ascontiguousarray(np.concatenate(read).T), order, axis=1)

    def _on(self, texture: Texture) -> _Levels:
        levels = list(self._read(texture))
        order = np.empty(len(self._footprint), np.intp)
        first = 0
        for _, chosen, _, _ in levels:
            order[chosen] = np.arange(first, first + len(chosen))
            first += len(chosen)
        return levels, order

    def _read(self, texture: Texture) -> Iterator[_Level]:
        texels = np.maximum(self._footprint * np.float32(texture.side), np.float32(1e-6))
        level = np.clip(np.rint(np.log2(texels) + MIP_BIAS), 0, len(texture.levels) - 1)
        level = level.astype(np.uint8)
        for number in np.flatnonzero(np.bincount(level)):
            chosen = np.flatnonzero(level == number)
            height, width = texture.levels[number].shape[:2]
            folded = (-(-len(chosen) // REMAP_WIDTH), REMAP_WIDTH)
            x, y = np.zeros((2, folded[0] * REMAP_WIDTH), np.float32)
            x[: len(chosen)] = self._u[chosen] * np.float32(width) - np.float32(0.5)
            y[: len(chosen)] = self._v[chosen] * np.float32(height) - np.float32(0.5)
            yield int(number), chosen, x.reshape(folded), y.reshape(folded)


_Key = tuple[bytes, str, bool]
_kept: OrderedDict[_Key, Texture] = OrderedDict()
_decoding: dict[_Key, Lock] = {}
_keeping = Lock()


def texture_of(image: Image, *, alpha: bool) -> Texture:
    """The texture of an encoded picture; see :func:`decode`.

    The rungs of a model and the steps of a run show the same few pictures again and again, so the
    latest ones are kept, found by their content. Whoever asks for one that is being decoded waits.
    """
    key = (sha256(image.data).digest(), image.mime, alpha)
    with _keeping:
        if found := _found(key):
            return found
        turn = _decoding.setdefault(key, Lock())
    with turn:
        with _keeping:
            if found := _found(key):
                return found
        try:
            texture = Texture(decode(image, alpha=alpha))
            with _keeping:
                _kept[key] = texture
                while sum(one.nbytes for one in _kept.values()) > KEPT_BYTES:
                    _kept.popitem(last=False)
        finally:
            with _keeping:
                _decoding.pop(key, None)
        return texture


def _found(key: _Key) -> Texture | None:
    """A kept texture, which is then the latest used one."""
    if key in _kept:
        _kept.move_to_end(key)
    return _kept.get(key)


def forget() -> None:
    """Let go of all kept textures."""
    with _keeping:
        _kept.clear()


def interpolated(values: NDArray[np.float32], grid: NDArray[np.float32]) -> NDArray[np.float32]:
    """Values (H, W) at grid (h, w, 2) of x and y in cells, bilinearly; the nearest one outside."""
    x, y = np.moveaxis(grid, 2, 0)
    picked = cv2.remap(
        values,
        np.ascontiguousarray(x),
        np.ascontiguousarray(y),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(picked, np.float32)


def decode(image: Image, *, alpha: bool) -> NDArray[np.uint8]:
    """Pixels (H, W, 3), or (H, W, 4) when `alpha` is asked for.

    Raises UndecodableTexture for corrupt data and for more than 8192 x 8192 texels.
    """
    if image.mime == "image/ktx2":
        rgba = _transcoded(image)
        return rgba if alpha else np.ascontiguousarray(rgba[..., :3])
    header = read_header(image.data)
    if header is None:
        raise UndecodableTexture(
            f"texture {image.name!r} ({len(image.data)} bytes) is no picture",
            fix="export the model again",
        )
    if header.width * header.height > MAX_PIXELS:
        raise UndecodableTexture(
            f"texture {image.name!r} is {header.width} x {header.height}, the limit is "
            f"{MAX_PIXELS} texels",
            fix="resize it to at most 8192 x 8192",
        )
    # An EXIF rotation must not turn a texture against its UVs; UNCHANGED ignores it as well.
    how = cv2.IMREAD_UNCHANGED
    if not alpha:
        how = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
    pixels = cv2.imdecode(np.frombuffer(image.data, np.uint8), how)
    if pixels is None:
        raise UndecodableTexture(
            f"texture {image.name!r} ({image.mime}, {len(image.data)} bytes) is damaged",
            fix="export the model again",
        )
    return _as_rgba(np.asarray(pixels)) if alpha else np.asarray(pixels, np.uint8)


def _transcoded(image: Image) -> NDArray[np.uint8]:
    try:
        return decode_ktx2(image, slot=image.name, material="any", limit=_LONGEST_SIDE)
    except TextureError as error:
        raise UndecodableTexture(
            f"texture {image.name!r} is KTX2 and cannot be shown: {error.message}", fix=error.fix
        ) from error


def has_alpha(image: Image) -> bool:
    """Whether the picture itself has an alpha channel; raises as :func:`decode`."""
    if image.mime == "image/ktx2":
        return has_alpha_channel(image)
    header = _opened(image)
    return "A" in header.getbands() or "transparency" in header.info


def _opened(image: Image) -> PilImage.Image:
    """The picture's header, read; its pixels not."""
    try:
        with PilImage.open(io.BytesIO(image.data)) as header:
            return header
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,  # how Pillow words a broken PNG chunk
        ValueError,
        PilImage.DecompressionBombError,
    ) as error:
        raise UndecodableTexture(
            f"texture {image.name!r} ({len(image.data)} bytes) is no picture: {error}",
            fix="export the model again",
        ) from error


def _as_rgba(pixels: NDArray[np.generic]) -> NDArray[np.uint8]:
    if pixels.dtype == np.uint16:
        pixels = (pixels.astype(np.float32) / 257 + 0.5).astype(np.uint8)
    if pixels.ndim == 2:
        code = cv2.COLOR_GRAY2RGBA
    else:
        code = cv2.COLOR_BGRA2RGBA if pixels.shape[2] == 4 else cv2.COLOR_BGR2RGBA
    return np.asarray(cv2.cvtColor(pixels.astype(np.uint8), code))


_CODES = np.arange(256, dtype=np.float32) / 255
SRGB_TO_LINEAR: NDArray[np.float32] = np.where(
    _CODES <= 0.04045, _CODES / 12.92, ((_CODES + 0.055) / 1.055) ** 2.4
).astype(np.float32)


def linear_of(codes: NDArray[np.uint8]) -> NDArray[np.float32]:
    """From sRGB codes 0..255 to linear light, (N, K) or (H, W, K)."""
    if not codes.size:  # which OpenCV takes amiss
        return np.empty(codes.shape, np.float32)
    return np.asarray(cv2.LUT(codes, SRGB_TO_LINEAR), np.float32).reshape(codes.shape)


def to_linear(srgb: NDArray[np.float32]) -> NDArray[np.float32]:
    """From sRGB 0..1 to linear light, to 8 bit precision of the input (IEC 61966-2-1)."""
    return linear_of(np.rint(srgb * 255).astype(np.uint8))


def to_srgb(linear: NDArray[np.float32]) -> NDArray[np.float32]:
    """Linear light 0..1 to sRGB 0..1 (IEC 61966-2-1)."""
    clipped = np.clip(linear, 0, 1)
    curve = clipped ** np.float32(1 / 2.4)
    curve *= np.float32(1.055)
    curve -= np.float32(0.055)
    dark = clipped <= 0.0031308
    curve[dark] = clipped[dark] * np.float32(12.92)
    return np.asarray(curve, np.float32)
