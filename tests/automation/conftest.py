"""A studio in which all was made, a copy for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.end_to_end.conftest import Studio

from .made import made_studio


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    return made_studio(tmp_path_factory.mktemp("finished"))


@pytest.fixture
def trusting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stamps count at once, as they do two seconds after a write: memory is really used."""
    monkeypatch.setattr("trellis_assets.store._folder._TELLING_NS", -(10**15))


@pytest.fixture
def studio(finished: Studio, tmp_path: Path, trusting: None) -> Studio:
    shutil.copytree(finished.root, tmp_path, dirs_exist_ok=True)
    return Studio(tmp_path)
