"""Uploads: images that people drop into a folder or an S3 prefix, on their way into the catalog."""

from __future__ import annotations

from .bucket import BucketUploads
from .errors import CannotReadUploads, UploadBusy, UploadRefused
from .folder import FolderUploads
from .intake import Admitted, add_new, admit
from .memory import Memory, load_memory, save_memory
from .notices import Notice, UploadQueue
from .place import QUARANTINE, Found, Upload, UploadPlace, open_uploads, pair_up
from .quarantine import quarantine
from .wish import Wish, make_wish, read_wish

__all__ = [
    "QUARANTINE",
    "Admitted",
    "BucketUploads",
    "CannotReadUploads",
    "FolderUploads",
    "Found",
    "Memory",
    "Notice",
    "Upload",
    "UploadBusy",
    "UploadPlace",
    "UploadQueue",
    "UploadRefused",
    "Wish",
    "add_new",
    "admit",
    "load_memory",
    "make_wish",
    "open_uploads",
    "pair_up",
    "quarantine",
    "read_wish",
    "save_memory",
]
