"""What a refresh looks like on a terminal, in a log file, and to a script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Protocol, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from .events import RunEvent

_BAR = 12  # characters


class Display(Protocol):
    """Shows the events of a refresh."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *failure: object) -> None: ...

    def show(self, event: RunEvent) -> None:
        """Take in one event."""
        ...


class SilentDisplay:
    """Shows nothing: ``--quiet`` and ``--json``."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        """Nothing was opened."""

    def show(self, event: RunEvent) -> None:
        """Take it in and say nothing."""


class LogDisplay(SilentDisplay):
    """A line for each step that ends: for logs and pipes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = monotonic()

    def show(self, event: RunEvent) -> None:
        if event.kind in ("made", "reused", "failed"):
            elapsed = monotonic() - self._started
            line = f"{elapsed:7.1f} s  {event.asset_id:<24} {event.kind:<7} {event.node}"
            self._console.print(f"{line}  {event.text}".rstrip(), markup=False, highlight=False)


@dataclass
class _Row:
    steps: int
    done: int = 0
    reused: int = 0
    failed: bool = False
    finished: bool = False
    doing: str = "waiting"
    started: float | None = None
    seconds: float = 0.0


@dataclass
class LiveDisplay:
    """A table that moves: a row for each game asset."""

    console: Console
    due: Mapping[str, Sequence[str]]
    _rows: dict[str, _Row] = field(init=False)
    _live: Live = field(init=False)
    _start: float = field(init=False)

    def __post_init__(self) -> None:
        self._rows = {asset_id: _Row(len(nodes)) for asset_id, nodes in self.due.items()}
        self._start = monotonic()
        self._live = Live(console=self.console, get_renderable=self._table, refresh_per_second=5)

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(self, *failure: object) -> None:
        self._live.refresh()
        self._live.__exit__(None, None, None)

    def show(self, event: RunEvent) -> None:
        row = self._rows.setdefault(event.asset_id, _Row(1))
        row.started = row.started or monotonic()
        if event.kind in ("made", "reused"):
            row.done += 1
            row.reused += event.kind == "reused"
        elif event.kind == "failed":
            row.failed = True
            row.doing = f"{event.node}: {event.text}"
        elif event.kind == "finished":
            row.finished = True
            row.seconds = monotonic() - row.started
            row.failed = row.failed or bool(event.text)
            row.doing = event.text if row.failed else ""
        elif event.kind == "started":
            row.doing = event.node
        elif event.kind == "progress":
            row.doing = f"{event.node}: {event.text}"

    def _table(self) -> RenderableType:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True)
        table.add_column(justify="right", no_wrap=True)
        table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        for asset_id, row in self._rows.items():
            table.add_row(asset_id, self._bar(row), self._elapsed(row), self._words(row))
        done = sum(row.finished for row in self._rows.values())
        total = f"{done} of {len(self._rows)}, {monotonic() - self._start:.0f} s"
        return Group(table, Text(total, style="dim"))

    @staticmethod
    def _bar(row: _Row) -> Text:
        filled = round(_BAR * min(row.done / max(row.steps, 1), 1.0))
        style = "red" if row.failed else "green"
        bar = Text("━" * filled, style=style)
        bar.append("━" * (_BAR - filled), style="bright_black")
        return bar.append(f" {row.done}/{row.steps}", style="dim")

    @staticmethod
    def _elapsed(row: _Row) -> Text:
        if row.started is None:
            return Text("")
        seconds = row.seconds if row.finished else monotonic() - row.started
        return Text(f"{seconds:.0f} s", style="dim")

    @staticmethod
    def _words(row: _Row) -> Text:
        if row.failed:
            return Text(row.doing, style="red")
        if row.finished:
            reused = f", {row.reused} reused" if row.reused else ""
            return Text(f"done{reused}", style="green")
        return Text(row.doing, style="" if row.started else "dim")


def print_error(console: Console, text: str) -> None:
    """One line, as it is: a message may hold brackets, which would else be read as markup."""
    _print_line(console, "error", "red", text)


def print_warning(console: Console, text: str) -> None:
    """As :func:`print_error`, for what stops nothing."""
    _print_line(console, "warning", "yellow", text)


def _print_line(console: Console, kind: str, colour: str, text: str) -> None:
    line = Text(f"{kind}: ", style=colour).append(text, style="default")
    console.print(line, highlight=False, soft_wrap=True)


def choose_display(console: Console, due: Mapping[str, Sequence[str]], *, silent: bool) -> Display:
    """The display that fits: a live table on a terminal, lines elsewhere, or nothing."""
    if silent:
        return SilentDisplay()
    return LiveDisplay(console, due) if console.is_terminal else LogDisplay(console)
