"""``python -m trellis_assets.cli``."""

from . import main

main()
