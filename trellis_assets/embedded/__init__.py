"""The embedded greybox generator: a credible model from one image, on a laptop, with no weights.

Right outline, proportion and front colours; depth, back and sides are invented. It stands in for
TRELLIS.2 where there is no key and no GPU, and says so in every file it writes.
"""

from __future__ import annotations

from trellis_assets.embedded.errors import EmbeddedError, InvalidSetting
from trellis_assets.embedded.generator import EmbeddedResult, generate
from trellis_assets.embedded.output import GENERATOR

__all__ = ["GENERATOR", "EmbeddedError", "EmbeddedResult", "InvalidSetting", "generate"]
