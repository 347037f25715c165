"""One writer at a time in a folder, whatever process or thread it is in."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    _LOCK = ".writing-lock"

    @contextmanager
    def locked(folder: Path) -> Iterator[None]:
        """Hold the lock of ``folder``, through a file in it; the system frees it after a crash."""
        descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
            yield
        finally:
            os.close(descriptor)

else:
    import fcntl

    @contextmanager
    def locked(folder: Path) -> Iterator[None]:
        """Hold the lock of ``folder`` itself; nothing is left in it, and a crash frees it."""
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
