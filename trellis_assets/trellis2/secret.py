"""The API key, in a box that does not open by accident."""

from __future__ import annotations

import hmac
import re
from typing import NoReturn

_SHORTEST_SCRUBBED = 6  # shorter strings occur in ordinary text; blanking them hides nothing
# Of a presigned address, written out or percent-encoded: the credentials in its query.
_SIGNED = re.compile(
    r"(X-Amz-(?:Signature|Credential|Security-Token)|AWSAccessKeyId|Signature)(=|%3D)[^&\s\"'<>]+",
    re.IGNORECASE,
)


def blank_signatures(text: str) -> str:
    """``text`` without the signatures of presigned addresses: servers may echo what they got."""
    return _SIGNED.sub(r"\1\2****", text)


class ApiKey:
    """A key whose ``repr``, ``str`` and ``format`` hide it, and which cannot be pickled.

    Only :meth:`reveal` gives the text, so that every place that uses it can be found by name.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        stripped = text.strip()
        if not stripped or not stripped.isascii() or not stripped.isprintable():
            raise ValueError("an API key is one line of printable ASCII text, and not empty")
        self._text = stripped

    def reveal(self) -> str:
        """The key itself; call it only where the request header is built."""
        return self._text

    def scrub(self, text: str) -> str:
        """``text`` with every occurrence of the key blanked: servers may echo what they got."""
        return text.replace(self._text, "****") if len(self._text) >= _SHORTEST_SCRUBBED else text

    def __repr__(self) -> str:
        return "ApiKey(****)"

    def __str__(self) -> str:
        return "****"

    def __format__(self, _spec: str) -> str:
        return "****"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ApiKey) and hmac.compare_digest(self._text, other._text)

    def __hash__(self) -> int:
        return hash((ApiKey, self._text))

    def __reduce__(self) -> NoReturn:
        raise TypeError("an ApiKey is not pickled: it would be written out in clear")
