"""How long to wait: between tries of a request, and between polls of a task."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_LONGEST_RETRY_AFTER = 300.0  # a hostile or mistaken header must not park us for a day


@dataclass(frozen=True)
class RetryPolicy:
    """Tries of one HTTP exchange. The numbers are those of the provider's own SDKs: three
    retries, one second doubling to 30, up to a second of jitter.
    """

    retries: int = 3
    first_s: float = 1.0
    longest_s: float = 30.0
    jitter_s: float = 1.0
    random: random.Random = field(default_factory=random.Random, repr=False, compare=False)

    def pause(self, attempt: int, retry_after: float | None = None) -> float:
        """Seconds before try ``attempt + 1`` (attempts count from 0); a ``Retry-After`` is a
        lower bound.
        """
        grown = min(self.longest_s, self.first_s * 2.0**attempt)
        asked = min(retry_after or 0.0, _LONGEST_RETRY_AFTER)
        return max(grown, asked) + self.random.uniform(0.0, self.jitter_s)


@dataclass(frozen=True)
class PollPolicy:
    """Polls of one task: 2 s, growing by half up to 10 s, for at most 20 minutes."""

    first_s: float = 2.0
    factor: float = 1.5
    longest_s: float = 10.0
    deadline_s: float = 1200.0
    registration_s: float = 30.0
    """How long after the submission "no such task" may still mean "not registered yet"."""

    def pauses(self) -> Iterator[float]:
        """Endless: the pause before each poll."""
        pause = self.first_s
        while True:
            yield pause
            pause = min(self.longest_s, pause * self.factor)

    @classmethod
    def local(cls) -> PollPolicy:
        """For a server in this process, whose answers cost nothing."""
        return cls(first_s=0.02, factor=1.4, longest_s=0.5, registration_s=0.0)


def parse_retry_after(header: str | None) -> float | None:
    """Seconds from a ``Retry-After`` header (RFC 9110, 10.2.3), a number or a date; None when it
    is absent or unreadable.
    """
    if not header:
        return None
    text = header.strip()
    if text.isdecimal() and len(text) < 9:
        return float(text)
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())
