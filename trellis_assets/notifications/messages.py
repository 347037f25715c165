"""What is said in the chat: a line for people, and blocks for a client that shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_LONGEST = 2900  # characters; Slack takes 3000 in the text of one block


@dataclass(frozen=True)
class Message:
    """A headline, and what is behind it."""

    headline: str
    details: str = ""

    def as_json(self) -> dict[str, Any]:
        """The body of Slack's incoming webhooks; ``text`` alone is enough for other chats."""
        headline, details = escaped(self.headline), escaped(self.details)
        blocks = [_block(f"*{_cut(headline)}*")]
        if details:
            blocks.append(_block(_cut(details)))
        return {"text": _cut(headline), "blocks": blocks}


def run_failure_message(*, job: str, asset_id: str, step: str, error: str, run_id: str) -> Message:
    """A run of one game asset (or of the catalog, without ``asset_id``) has failed."""
    subject = asset_id or job
    first = next((line for line in error.splitlines() if line.strip()), "it failed")
    where = f"{step}: " if step else ""
    return Message(f"{subject} failed", f"{where}{first.strip()}\nRun {run_id} of {job}")


def report_message(summary: str, attention: str) -> Message:
    """The outcome of a catalog report.

    Args:
        summary: how many game assets there are of each state.
        attention: what needs a person, as lines; empty if nothing does.
    """
    return Message(f"Catalog: {summary}", attention)


def escaped(text: str) -> str:
    """``text`` that a chat shows as it is: no mention, link or channel call can hide in it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _block(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
