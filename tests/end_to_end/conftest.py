"""A studio as a user has it: a catalog folder, a store, a history, and the command line."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from PIL import Image

SAMPLE = Path(__file__).parents[2] / "catalog"
GOOD = "toadstool"


@dataclass(frozen=True)
class Studio:
    """Folders of one studio and its command line."""

    root: Path

    @property
    def catalog(self) -> Path:
        return self.root / "catalog"

    @property
    def store(self) -> Path:
        return self.root / "store"

    @property
    def environment(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if "TRELLIS" not in name},
            "TRELLIS_ASSETS_CATALOG": str(self.catalog),
            "TRELLIS_ASSETS_STORE": str(self.store),
            "DAGSTER_HOME": str(self.root / "dagster"),
        }

    def command(
        self,
        *arguments: str,
        timeout: float = 900,
        environment: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """``trellis-assets …`` as a user types it."""
        return subprocess.run(  # noqa: S603
            [sys.executable, "-m", "trellis_assets.cli", *arguments],
            env=environment or self.environment,
            cwd=self.root,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def refresh_json(self, *arguments: str) -> dict[str, Any]:
        """The outcome of ``refresh --json``."""
        content: dict[str, Any] = json.loads(self.command("refresh", "--json", *arguments).stdout)
        return content

    def add_entry(self, asset_id: str, **fields: object) -> Path:
        """A catalog entry, by default a small and quick one; ``model`` replaces the concept."""
        content = {
            "id": asset_id,
            "concept": f"{asset_id}.png",
            "class": "background",
            "height_m": 0.35,
            "profiles": ["quest.small"],
            "generation": {"resolution": 512, "decimation_target": 100_000, "texture_size": 1024},
            "lods": {"triangles": 1000, "texture_size": 512},
            "owner": "me",
            "license": "CC0-1.0",
            **fields,
        }
        if "model" in fields:
            content = {k: v for k, v in content.items() if k not in ("concept", "generation")}
        file = self.catalog / "assets" / f"{asset_id}.yaml"
        file.write_text(json.dumps(content))  # JSON is YAML
        return file


def new_studio(root: Path) -> Studio:
    """A studio with the sample profiles and one good entry."""
    studio = Studio(root)
    (studio.catalog / "assets").mkdir(parents=True)
    (studio.catalog / "concepts").mkdir()
    shutil.copy(SAMPLE / "profiles.yaml", studio.catalog)
    shutil.copy(SAMPLE / "concepts" / f"{GOOD}.png", studio.catalog / "concepts")
    studio.add_entry(GOOD)
    return studio


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The first refresh comes first of all, so that no second worker waits for its studio."""
    items.sort(key=lambda item: item.path.name != "test_refresh.py")


@cache
def small_concept(name: str) -> bytes:
    """A sample's concept image at a quarter of its size: preparing it takes no time."""
    stream = io.BytesIO()
    with Image.open(SAMPLE / "concepts" / f"{name}.png") as whole:
        whole.resize((256, 256)).save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture(scope="session")
def refreshed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Studio, Any]:
    """A studio after its first refresh, with a corrupt image and a wrong entry beside the good.

    Made once, by the worker that needs it first; each worker has a copy of its own.
    """
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    made, said = shared / "first_refresh", shared / "first_refresh.json"
    with FileLock(shared / "first_refresh.lock"):
        if not said.exists():
            done = _first_refresh(made)
            said.write_text(json.dumps([done.args, done.returncode, done.stdout, done.stderr]))
    shutil.copytree(made, own / "refreshed")
    return Studio(own / "refreshed"), subprocess.CompletedProcess(*json.loads(said.read_text()))


def _first_refresh(root: Path) -> subprocess.CompletedProcess[str]:
    studio = new_studio(root)
    picture = (studio.catalog / "concepts" / f"{GOOD}.png").read_bytes()
    (studio.catalog / "concepts" / "torn.png").write_bytes(picture[:5000])
    studio.add_entry("torn")
    studio.add_entry("wrong", concept=f"{GOOD}.png", height_m=-2)
    done = studio.command("refresh", "--json")
    assert done.stdout, done.stderr
    return done
