"""The public surface is flat, sorted and complete."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import trellis_assets.trellis2 as package

FOLDER = Path(package.__file__).parent


def test_all_names_what_is_imported() -> None:
    tree = ast.parse(Path(package.__file__).read_text("utf-8"))
    imported = {
        alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module != "__future__"
        for alias in node.names
    }
    assert set(package.__all__) == imported
    assert all(hasattr(package, name) for name in package.__all__)


def test_every_exception_is_public() -> None:
    from trellis_assets.trellis2 import errors

    raised = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.TrellisError)
    }
    assert raised <= set(package.__all__)
    for name in raised:
        assert name in (errors.__doc__ or ""), f"{name} is missing in the tree of the docstring"


def test_knows_no_dagster_and_no_meshes() -> None:
    code = (
        "import sys, trellis_assets.trellis2; "
        "bad = {'dagster', 'numpy', 'trimesh', 'cv2', 'scipy'} & set(sys.modules); "
        "sys.exit(str(bad) if bad else 0)"
    )
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [
            sys.executable,
            "-c",
            code,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
