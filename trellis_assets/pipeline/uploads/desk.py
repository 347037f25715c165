"""What a look at the uploads works with, and what comes of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import cached_property

from trellis_assets.catalog import Profiles, UploadAutomation, load_profiles
from trellis_assets.store import Store
from trellis_assets.uploads import Memory, Upload, UploadPlace, UploadQueue


@dataclass(frozen=True)
class Desk:
    """What a look works with."""

    place: UploadPlace
    catalog: Store
    store: Store
    generator: str
    automation: UploadAutomation
    now: float
    """Seconds since 1970, by the clock that stamps the files."""
    run_exists: Callable[[str], bool]
    """Whether a run was ever made under this run key."""
    in_progress: Callable[[], Collection[str]]
    """The game assets whose run is under way at this moment."""
    queue: UploadQueue | None = None


@dataclass(frozen=True)
class RunWish:
    """A run to ask for."""

    asset_id: str
    nodes: tuple[str, ...]
    run_key: str


@dataclass(frozen=True)
class Look:
    """What came of it."""

    runs: tuple[RunWish, ...]
    cursor: str
    words: str
    """For people: what was found, in numbers, and what needs their attention."""


@dataclass
class Session:
    """The state of one look."""

    desk: Desk
    memory: Memory
    known_paths: Collection[str] | None
    """All paths there are; None if only some were listed."""
    counts: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    unfinished: set[str] = field(default_factory=set)
    """Paths that another look must come back to."""

    @cached_property
    def profiles(self) -> Profiles:
        return load_profiles(self.desk.catalog)

    @cached_property
    def in_progress(self) -> Collection[str]:
        return self.desk.in_progress()

    def is_there(self, path: str) -> bool:
        """Whether there is an upload under ``path`` still."""
        if self.known_paths is not None:
            return path in self.known_paths
        return self.desk.place.exists(path)

    def later(self, upload: Upload, what: str) -> None:
        """Leave an upload for another look, which comes to it after those that are new."""
        self.unfinished.add(upload.path)
        self.memory.waiting[upload.path] = upload.version
        self.counts[what] += 1
