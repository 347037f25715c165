"""The native meshoptimizer library with the signatures its wrapper forgets. Imports the package.

PyPI ``meshoptimizer`` 0.2.30a0 carries meshoptimizer C++ 0.22. It declares no argument types for
the functions below; called without them, a Python float is refused and a size is cut to 32 bits,
which ends in a segmentation fault (zeux/meshoptimizer issue 1085). Only ``geometry.meshopt``
(simplify, order) and ``gltf``'s meshopt codec may call ``library``: nothing here checks anything.
"""

from __future__ import annotations

import ctypes
from ctypes import c_float, c_int, c_size_t, c_uint, c_void_p
from typing import Any

from meshoptimizer._loader import lib as _lib

LOCK_BORDER = 1

library: Any = _lib

# destination, indices, index count, positions, vertex count, stride
_GEOMETRY = (c_void_p, c_void_p, c_size_t, c_void_p, c_size_t, c_size_t)
# attributes, stride, weights, attribute count, vertex locks
_ATTRIBUTES = (c_void_p, c_size_t, c_void_p, c_size_t, c_void_p)
# target index count, target error, options, result error
_GOAL = (c_size_t, c_float, c_uint, ctypes.POINTER(c_float))

_SIGNATURES: dict[str, tuple[Any, list[Any]]] = {
    "meshopt_simplify": (
        c_size_t,
        [*_GEOMETRY, *_GOAL],
    ),
    "meshopt_simplifyWithAttributes": (
        c_size_t,
        [*_GEOMETRY, *_ATTRIBUTES, *_GOAL],
    ),
    "meshopt_optimizeVertexCache": (None, [c_void_p, c_void_p, c_size_t, c_size_t]),
    "meshopt_optimizeVertexCacheStrip": (None, [c_void_p, c_void_p, c_size_t, c_size_t]),
    "meshopt_optimizeOverdraw": (
        None,
        [c_void_p, c_void_p, c_size_t, c_void_p, c_size_t, c_size_t, c_float],
    ),
    "meshopt_optimizeVertexFetchRemap": (c_size_t, [c_void_p, c_void_p, c_size_t, c_size_t]),
    "meshopt_encodeVertexBufferBound": (c_size_t, [c_size_t, c_size_t]),
    "meshopt_encodeVertexBuffer": (c_size_t, [c_void_p, c_size_t, c_void_p, c_size_t, c_size_t]),
    "meshopt_encodeIndexBufferBound": (c_size_t, [c_size_t, c_size_t]),
    "meshopt_encodeIndexBuffer": (c_size_t, [c_void_p, c_size_t, c_void_p, c_size_t]),
    "meshopt_encodeFilterOct": (None, [c_void_p, c_size_t, c_size_t, c_int, c_void_p]),
    "meshopt_encodeVertexVersion": (None, [c_int]),
    "meshopt_encodeIndexVersion": (None, [c_int]),
    "meshopt_decodeVertexBuffer": (c_int, [c_void_p, c_size_t, c_size_t, c_void_p, c_size_t]),
    "meshopt_decodeIndexSequence": (c_int, [c_void_p, c_size_t, c_size_t, c_void_p, c_size_t]),
    "meshopt_decodeFilterOct": (None, [c_void_p, c_size_t, c_size_t]),
    "meshopt_decodeFilterQuat": (None, [c_void_p, c_size_t, c_size_t]),
    "meshopt_decodeFilterExp": (None, [c_void_p, c_size_t, c_size_t]),
    "meshopt_decodeIndexBuffer": (c_int, [c_void_p, c_size_t, c_size_t, c_void_p, c_size_t]),
}

for _name, (_result, _arguments) in _SIGNATURES.items():
    _function = getattr(library, _name)
    _function.restype = _result
    _function.argtypes = _arguments

# Process-wide settings of the codec, set once so that no two threads can race on them: index
# stream 1 and vertex stream 0 are what EXT_meshopt_compression defines.
library.meshopt_encodeVertexVersion(0)
library.meshopt_encodeIndexVersion(1)
