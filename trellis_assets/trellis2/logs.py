"""httpx logs every address it asks, botocore what it signs; ours hold signatures and tokens."""

from __future__ import annotations

import logging

import httpx


def hide_paths_in_logs() -> None:
    """From now on, httpx's log names the host of an address only. Doing it again changes
    nothing.
    """
    logging.getLogger("httpx").addFilter(_hide_paths)


def hide_signatures_in_logs() -> None:
    """From now on, botocore's debug log tells neither how it signs nor the headers it sends.
    Doing it again changes nothing.
    """
    for name in ("botocore.auth", "botocore.endpoint"):
        logging.getLogger(name).addFilter(_hide_debug)


def _hide_debug(record: logging.LogRecord) -> bool:
    return record.levelno > logging.DEBUG


def _hide_paths(record: logging.LogRecord) -> bool:
    if isinstance(record.args, tuple):
        record.args = tuple(
            f"{each.scheme}://{each.host}/…" if isinstance(each, httpx.URL) else each
            for each in record.args
        )
    return True
