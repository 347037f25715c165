"""`trellis-assets ui` of a studio, started and stopped, and its GraphQL."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Dagster:
    """A running web server with its daemon."""

    url: str

    def ask(self, query: str) -> dict[str, Any]:
        """The data of a GraphQL query."""
        request = urllib.request.Request(  # noqa: S310
            f"{self.url}/graphql",
            json.dumps({"query": query}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as reply:  # noqa: S310
            content: dict[str, Any] = json.load(reply)["data"]
        return content

    def materialized(self, asset: str) -> set[str]:
        """The partitions of an asset that the UI shows as materialized."""
        path = json.dumps(asset.split("/"))
        found = self.ask(
            f"{{ assetNodeOrError(assetKey: {{path: {path}}}) {{ ... on AssetNode {{ "
            "assetMaterializations(limit: 1000) { partition } } } }"
        )
        rows = found["assetNodeOrError"]["assetMaterializations"]
        return {row["partition"] for row in rows}

    def inputs(self, asset: str) -> set[str]:
        """What the UI draws as upstream of an asset."""
        path = json.dumps(asset.split("/"))
        found = self.ask(
            f"{{ assetNodeOrError(assetKey: {{path: {path}}}) {{ ... on AssetNode {{ "
            "dependencyKeys { path } } } }"
        )
        return {"/".join(key["path"]) for key in found["assetNodeOrError"]["dependencyKeys"]}

    def runs(self) -> list[dict[str, Any]]:
        """Status and tags of all runs, the newest first."""
        query = """{ runsOrError(limit: 1000) { ... on Runs { results {
            status tags { key value } } } } }"""
        return [
            {"status": run["status"], **{tag["key"]: tag["value"] for tag in run["tags"]}}
            for run in self.ask(query)["runsOrError"]["results"]
        ]


@contextmanager
def dagster_dev(folder: Path, environment: Mapping[str, str]) -> Iterator[Dagster]:
    """`trellis-assets ui` while it runs, answering."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = folder / "ui.log"
    with log.open("w") as output:
        server = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "trellis_assets.cli", "ui", "--port", str(port)],
            env=dict(environment),
            cwd=folder,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 240
        while True:
            try:
                with urllib.request.urlopen(f"{url}/server_info", timeout=2):  # noqa: S310
                    break
            except OSError:
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.5)
        yield Dagster(url)
    finally:  # at once, with all that it started: nobody reads what it would still write
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
