"""OpenStack Swift on loopback, as an S3-compatible server with real signatures.

`make test-all` installs it into an environment of its own (it brings eventlet) and names that in
SWIFT_BIN; the PATH is searched as well.
"""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

ACCESS, SECRET = "test:tester", "swift-secret-0123456789"
_KINDS = {"account": "swift-account-server", "container": "swift-container-server",
          "object": "swift-object-server"}  # fmt: skip
_PIPELINE = "catch_errors cache s3api tempauth proxy-server"


def swift_folder() -> Path | None:
    """Where Swift's commands are; None if it is not installed."""
    found = shutil.which("swift-proxy-server", path=os.environ.get("SWIFT_BIN"))
    found = found or shutil.which("swift-proxy-server")
    return Path(found).parent if found else None


def why_not() -> str:
    """Why there is no Swift, for a test that is skipped."""
    folder = os.environ.get("SWIFT_BIN")
    if not folder:
        return "OpenStack Swift is not installed: `make test-all` does it"
    told = Path(folder).parent / "why"
    lines = told.read_text(encoding="utf-8").split("\n") if told.exists() else []
    errors = [line for line in lines if line.startswith("ERROR")]
    return f"OpenStack Swift could not be installed: {' '.join(errors) or 'no reason is known'}"


@contextmanager
def swift(root: Path, commands: Path) -> Iterator[str]:
    """Start the four servers below ``root``; gives the address of the S3 interface."""
    devices = root / "devices" / "d1"
    devices.mkdir(parents=True)
    (root / "swift.conf").write_text(
        "[swift-hash]\nswift_hash_path_suffix = test\n"
        "[storage-policy:0]\nname = only\ndefault = yes\n"
    )
    common = f"swift_dir = {root}\nuser = {getpass.getuser()}\nbind_ip = 127.0.0.1\nworkers = 0\n"
    with ExitStack() as running:
        for kind, command in _KINDS.items():
            port = _free_port()
            _ring(root, kind, port, commands)
            (root / f"{kind}.conf").write_text(
                f"[DEFAULT]\n{common}bind_port = {port}\ndevices = {root / 'devices'}\n"
                f"mount_check = false\n[pipeline:main]\npipeline = {kind}-server\n"
                f"[app:{kind}-server]\nuse = egg:swift#{kind}\n"
            )
            running.enter_context(_started(commands / command, root / f"{kind}.conf"))
        port = _free_port()
        (root / "proxy.conf").write_text(
            f"[DEFAULT]\n{common}bind_port = {port}\n[pipeline:main]\npipeline = {_PIPELINE}\n"
            "[app:proxy-server]\nuse = egg:swift#proxy\nallow_account_management = true\n"
            "account_autocreate = true\n"
            "[filter:tempauth]\nuse = egg:swift#tempauth\n"
            f"user_test_tester = {SECRET} .admin\n"
            "[filter:s3api]\nuse = egg:swift#s3api\n"
            "[filter:catch_errors]\nuse = egg:swift#catch_errors\n"
            "[filter:cache]\nuse = egg:swift#memcache\nmemcache_servers = 127.0.0.1:1\n"
        )
        running.enter_context(_started(commands / "swift-proxy-server", root / "proxy.conf"))
        url = f"http://127.0.0.1:{port}"
        _make_bucket(url, root)
        yield url


@contextmanager
def _started(command: Path, config: Path) -> Iterator[None]:
    with config.with_suffix(".log").open("wb") as log:
        process = subprocess.Popen([command, config], stdout=log, stderr=log)  # noqa: S603
        try:
            yield
        finally:
            process.terminate()
            process.wait(20)


def _ring(root: Path, kind: str, port: int, commands: Path) -> None:
    builder = str(root / f"{kind}.builder")
    for arguments in (
        ["create", "4", "1", "0"],
        ["add", f"r1z1-127.0.0.1:{port}/d1", "1"],
        ["rebalance"],
    ):
        subprocess.run(  # noqa: S603
            [commands / "swift-ring-builder", builder, *arguments], check=True, capture_output=True
        )


def _make_bucket(url: str, root: Path) -> None:
    client = boto3.client(
        "s3", endpoint_url=url, aws_access_key_id=ACCESS, aws_secret_access_key=SECRET,
        region_name="us-east-1",
    )  # fmt: skip
    for _ in range(100):
        try:
            client.create_bucket(Bucket="generations")
        except (BotoCoreError, ClientError):
            time.sleep(0.2)
        else:
            return
    logs = "\n".join(file.read_text()[-800:] for file in root.glob("*.log"))
    raise AssertionError(f"Swift does not answer: {logs}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port
