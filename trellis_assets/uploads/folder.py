"""A folder of uploads, local or on a network share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from .errors import CannotReadUploads
from .place import QUARANTINE, Found, UploadPlace


class FolderUploads(UploadPlace):
    """Uploads as plain files below ``root``. Links are not followed."""

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root).expanduser().resolve()

    @property
    def uri(self) -> str:
        return str(self.root)

    def is_there(self) -> bool:
        return self.root.is_dir()

    def list(self, prefix: str = "", after: str = "") -> Iterator[Found]:
        base = len(f"{self.root}{os.sep}")
        found = [
            _found(entry, entry.path[base:].replace(os.sep, "/"))
            for entry in _files(str(self.root), top=True)
        ]
        found.sort(key=lambda each: each.path)
        return (each for each in found if each.path.startswith(prefix) and each.path > after)

    def exists(self, path: str) -> bool:
        return (self.root / path).is_file()

    def read(self, path: str) -> bytes | None:
        try:
            return (self.root / path).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unreadable(self.root / path, error) from error

    def write(self, path: str, data: bytes) -> None:
        goal = self.root / path
        part = goal.with_name(f".{goal.name}.part")
        try:
            goal.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(data)
            part.replace(goal)
        except OSError as error:
            raise _unreadable(goal, error) from error

    def retire(self, found: Found, target: str) -> bool:
        source, goal = self.root / found.path, self.root / target
        try:
            if _version(source.stat()) != found.version:
                return False
            goal.parent.mkdir(parents=True, exist_ok=True)
            source.replace(goal)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise _unreadable(source, error) from error
        return True

    def location(self, path: str) -> str:
        return str(self.root / path)


def _files(folder: str, *, top: bool = False) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith(".") or (top and entry.name == QUARANTINE):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    yield from _files(entry.path)
                elif entry.is_file(follow_symlinks=False):
                    yield entry
    except FileNotFoundError:
        return  # removed while we looked
    except OSError as error:
        raise _unreadable(Path(folder), error) from error


def _found(entry: os.DirEntry[str], path: str) -> Found:
    try:
        status = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return Found(path, 0, "gone", 0.0)  # reading it will tell
    # Copying programs set mtime back at the end; nobody can set ctime.
    return Found(path, status.st_size, _version(status), max(status.st_mtime, status.st_ctime))


def _version(status: os.stat_result) -> str:
    # ctime and inode tell a file that was put there with the old one's size and time.
    parts = (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)
    return ".".join(f"{part:x}" for part in parts)


def _unreadable(path: Path, error: OSError) -> CannotReadUploads:
    return CannotReadUploads(
        f"cannot use {path}: {error.strerror or error}",
        fix="check that this user may read and move files in the uploads folder",
    )
