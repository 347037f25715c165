"""Budget caps per run, day and asset, kept by any number of workers together.

Each scope has a log of numbered entries in the store. An entry is created, never changed, and
only under the next free number; whoever wins number *n* had read all entries before it. So the
sum that decided is exact, and two workers cannot both take the last dollar. A reservation is made
at the estimate before the purchase and settled at the reported cost after it, or at nothing when
nothing was charged. Amounts are whole millionths of a US dollar.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from trellis_assets.store import NotStored, Store
from trellis_assets.trellis2.errors import CapReached, LedgerError
from trellis_assets.trellis2.ledger import now

_T = TypeVar("_T")
_MICRO = 1_000_000
_MOST_TRIES = 10_000  # each lost try is a success of another worker


@dataclass(frozen=True)
class Caps:
    """The most that may be spent, in USD; None for no limit. A day is a day of UTC. ``source``
    says where a person raises them.
    """

    run_usd: float | None = None
    day_usd: float | None = None
    asset_usd: float | None = None
    source: str = "the settings"


@dataclass(frozen=True)
class Scope:
    """One log of spending and its limit."""

    path: str
    limit_usd: float | None
    title: str
    remedy: str


class Budget:
    """Reserves and settles purchases in a store."""

    def __init__(self, store: Store, caps: Caps) -> None:
        self._store = store
        self._caps = caps
        self._logs: dict[str, _Log] = {}

    def scopes(self, *, run: str, asset: str, at: datetime | None = None) -> list[Scope]:
        """The scopes of a purchase. The day and the asset are logged even without a limit, so
        that a limit set later knows what was spent before.
        """
        caps, day = self._caps, (at or now()).date().isoformat()
        file = caps.source
        tomorrow = f"raise day_usd in {file}, or wait until tomorrow"
        scopes = [Scope(f"budget/day/{day}", caps.day_usd, f"of {day} (UTC)", tomorrow)]
        if asset:
            path, title = f"budget/asset/{_name(asset)}", f"of the asset {asset}"
            scopes.append(Scope(path, caps.asset_usd, title, f"raise asset_usd in {file}"))
        if run:
            path = f"budget/run/{_name(run)}"
            again = f"raise run_usd in {file}, or run again: each run has a budget of its own"
            scopes.append(Scope(path, caps.run_usd, "of this run", again))
        return scopes

    def reserve(self, purchase: str, usd: float, scopes: Sequence[Scope]) -> None:
        """Reserve ``usd`` for ``purchase`` in every scope or in none; a purchase that is reserved
        already stays so. Raises ``CapReached``.
        """
        taken: list[str] = []

        def reserve(scope: Scope) -> None:
            if self._log(scope.path).reserve(purchase, _micro(usd), scope):
                taken.append(scope.path)

        try:
            _at_once(reserve, scopes)
        except CapReached:
            self.settle(purchase, 0.0, taken)
            raise

    def settle(self, purchase: str, usd: float, paths: Sequence[str]) -> None:
        """Replace a reservation by what was really charged; doing it again changes nothing."""
        _at_once(lambda path: self._log(path).settle(purchase, _micro(usd)), paths)

    def spent(self, path: str) -> float:
        """USD spent and reserved in a scope."""
        return self._log(path).total() / _MICRO

    def _log(self, path: str) -> _Log:
        return self._logs.setdefault(path, _Log(self._store, path))


class _Log:
    """The entries of one scope, read once each: they never change."""

    def __init__(self, store: Store, path: str) -> None:
        self._store, self._path = store, path
        self._count = 0
        self._held: dict[str, int] = {}
        self._lock = threading.RLock()

    def total(self) -> int:
        with self._lock:
            self._refresh()
            return sum(self._held.values())

    def reserve(self, purchase: str, micro: int, scope: Scope) -> bool:
        for _ in range(_MOST_TRIES):
            with self._lock:
                spent, count = self.total(), self._count
                if self._held.get(purchase):
                    return False
            limit = scope.limit_usd
            if limit is not None and spent + micro > _micro(limit):
                raise CapReached(
                    f"the cap {scope.title} is USD {limit:.4f}: USD {spent / _MICRO:.4f} is spent "
                    f"or reserved, and this generation is estimated at USD {micro / _MICRO:.4f}",
                    fix=scope.remedy,
                )
            if self._append(count + 1, "reserve", purchase, micro):
                return True
        raise LedgerError(f"{self._path} is written faster than it can be read", billed=False)

    def settle(self, purchase: str, micro: int) -> None:
        for _ in range(_MOST_TRIES):
            with self._lock:
                self._refresh()
                count = self._count
                if self._held.get(purchase, 0) == micro:
                    return
            if self._append(count + 1, "settle", purchase, micro):
                return
        raise LedgerError(f"{self._path} is written faster than it can be read")

    def _append(self, number: int, kind: str, purchase: str, micro: int) -> bool:
        entry = {"kind": kind, "purchase": purchase, "microUsd": micro, "at": now().isoformat()}
        return self._store.create(self._key(number), json.dumps(entry).encode())

    def _refresh(self) -> None:
        while True:
            try:
                data = self._store.read(self._key(self._count + 1))
            except NotStored:
                return
            try:
                entry: Any = json.loads(data)
                self._held[str(entry["purchase"])] = int(entry["microUsd"])
            except (ValueError, KeyError, TypeError) as error:
                raise LedgerError(
                    f"the budget entry {self._key(self._count + 1)} cannot be read"
                ) from error
            self._count += 1

    def _key(self, number: int) -> str:
        return f"{self._path}/{number:08d}.json"


def _at_once(work: Callable[[_T], None], items: Sequence[_T]) -> None:
    """Do all of it, then raise the first error: a disk flushes three files as fast as one."""
    if not items:
        return
    with ThreadPoolExecutor(len(items)) as pool:
        under_way = [pool.submit(work, item) for item in items]
    for each in under_way:
        each.result()


def _micro(usd: float) -> int:
    return round(usd * _MICRO)


def _name(text: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,63}", text):
        return text
    return hashlib.sha256(text.encode()).hexdigest()[:32]
