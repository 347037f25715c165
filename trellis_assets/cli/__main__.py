"""``python -m trellis_assets.cli``."""

from . import main

if __name__ == "__main__":
    main()
