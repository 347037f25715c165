"""A folder as a store: temporary file, fsync, rename."""

from __future__ import annotations

import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ._errors import NotStored, StoreUnavailable
from ._lock import locked
from ._store import Listed, Sight, Stamp, Store, checked_key

_TEMPORARY = ".writing-"
# Two writes closer together may bear the same time: FAT counts in 2 s, NFS may cache for 1 s.
_TELLING_NS = 2_000_000_000


class FolderStore(Store):
    """Artefacts as plain files under ``root``, made on the first write."""

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root).expanduser().resolve()

    @property
    def uri(self) -> str:
        return str(self.root)

    def read(self, key: str) -> bytes:
        path = self._path(key)
        try:
            return path.read_bytes()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
            raise NotStored(f"{path} does not exist") from error
        except OSError as error:
            raise _unavailable("read", path, error) from error

    def write(self, key: str, data: bytes) -> None:
        path = self._path(key)
        with self._written(path, data) as temporary:
            temporary.replace(path)
            _flush_folder(path.parent)

    def create(self, key: str, data: bytes) -> bool:
        path = self._path(key)
        with self._written(path, data) as temporary:
            try:
                # A hard link appears whole or not at all, and fails if the name is taken.
                os.link(temporary, path)
            except FileExistsError:
                return False
            _flush_folder(path.parent)
            return True

    def replace(self, key: str, old: bytes, new: bytes) -> bool:
        path = self._path(key)
        if not path.parent.is_dir():
            return False
        with self._written(path, new) as temporary, locked(path.parent):
            if not path.is_file() or path.read_bytes() != old:
                return False
            temporary.replace(path)
            _flush_folder(path.parent)
            return True

    def size(self, key: str) -> int | None:
        path = self._path(key)
        try:
            return path.stat().st_size if path.is_file() else None
        except OSError as error:
            raise _unavailable("look at", path, error) from error

    def delete(self, key: str) -> None:
        path = self._path(key)
        path.unlink(missing_ok=True)

    def listing(self, prefix: str = "") -> Iterator[Listed]:
        start = self.root / prefix.rpartition("/")[0] if "/" in prefix else self.root
        base = len(f"{self.root}{os.sep}")
        found = (
            (entry.path[base:].replace(os.sep, "/"), entry)
            for entry in _files(start)
            if not entry.name.startswith(_TEMPORARY)
        )
        kept = sorted((pair for pair in found if pair[0].startswith(prefix)), key=lambda p: p[0])
        for key, entry in kept:
            try:
                status = entry.stat()
            except FileNotFoundError:
                continue  # deleted since
            version = f"{status.st_mtime_ns:x}-{status.st_size:x}-{status.st_ino:x}"
            yield Listed(key, status.st_size, version)

    def look(self, prefix: str = "") -> Sight:  # noqa: ARG002 - asked key by key
        return _FolderSight(self.root)

    def children(self, prefix: str) -> tuple[str, ...]:
        try:
            with os.scandir(self.root / prefix) as found:
                return tuple(sorted(each.name for each in found if each.is_dir()))
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except OSError as error:
            raise _unavailable("list", self.root / prefix, error) from error

    def move(self, source: str, target: str) -> None:
        origin, goal = self._path(source), self._path(target)
        try:
            goal.parent.mkdir(parents=True, exist_ok=True)
            origin.replace(goal)
            _flush_folder(goal.parent)
            _flush_folder(origin.parent)
            self._prune(origin.parent)
        except FileNotFoundError as error:
            raise NotStored(f"{origin} does not exist") from error
        except OSError as error:
            raise _unavailable("move", origin, error) from error

    def location(self, key: str) -> str:
        return str(self._path(key))

    def _prune(self, folder: Path) -> None:
        """Remove what has become empty: S3 has no empty folders either."""
        while folder != self.root:
            try:
                folder.rmdir()
            except OSError:
                return  # something is in it
            folder = folder.parent

    def _path(self, key: str) -> Path:
        return self.root / checked_key(key)

    @contextmanager
    def _written(self, path: Path, data: bytes) -> Iterator[Path]:
        """A complete, flushed temporary file beside ``path``; gone afterwards."""
        temporary = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=_TEMPORARY, dir=path.parent)
            temporary = Path(name)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.chmod(0o644)
            yield temporary
        except OSError as error:
            raise _unavailable("write", path, error) from error
        finally:
            if temporary is not None:
                temporary.unlink(missing_ok=True)


class _FolderSight(Sight):
    """Asks the file system at each call; plain strings, since a Path each would double the cost."""

    def __init__(self, root: Path) -> None:
        self._root = f"{root}/"
        self._now = time.time_ns()

    def stamp(self, key: str) -> Stamp | None:
        found = self._status(key)
        if found is None:
            return None
        # ctime and inode tell a file that was put there with the old one's time.
        version = f"{found.st_mtime_ns}.{found.st_ctime_ns}.{found.st_ino}"
        settled = max(found.st_mtime_ns, found.st_ctime_ns) + _TELLING_NS < self._now
        return Stamp(found.st_size, version if settled else "")

    def size(self, key: str) -> int | None:
        found = self._status(key)
        return None if found is None else found.st_size

    def _status(self, key: str) -> os.stat_result | None:
        try:
            found = os.stat(self._root + key)  # noqa: PTH116
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _unavailable("look at", Path(self._root, key), error) from error
        return found if stat.S_ISREG(found.st_mode) else None


def _files(folder: Path | str) -> Iterator[os.DirEntry[str]]:
    try:
        entries = list(os.scandir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _files(entry.path)
        elif entry.is_file():
            yield entry


def _flush_folder(folder: Path) -> None:
    """Make the new name itself survive a power cut; Windows has no such call."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _unavailable(verb: str, path: Path, error: OSError) -> StoreUnavailable:
    return StoreUnavailable(
        f"cannot {verb} {path}: {error.strerror or error}",
        fix="check that the disk has room and that this user may use the folder",
    )
