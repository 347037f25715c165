"""httpx logs every address it asks; ours may hold signatures and tokens."""

from __future__ import annotations

import logging

import httpx


def hide_paths_in_logs() -> None:
    """From now on, httpx's log names the host of an address only. Doing it again changes
    nothing.
    """
    logging.getLogger("httpx").addFilter(_hide_paths)


def _hide_paths(record: logging.LogRecord) -> bool:
    if isinstance(record.args, tuple):
        record.args = tuple(
            f"{each.scheme}://{each.host}/…" if isinstance(each, httpx.URL) else each
            for each in record.args
        )
    return True
