"""Messages to a chat's incoming webhook (Slack, or whatever reads the same JSON)."""

from __future__ import annotations

from .messages import Message, report_message, run_failure_message
from .post import NOTIFY_URL, NotificationError, post_message, webhook_url

__all__ = [
    "NOTIFY_URL",
    "Message",
    "NotificationError",
    "post_message",
    "report_message",
    "run_failure_message",
    "webhook_url",
]
