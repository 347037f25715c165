"""``trellis-assets check``: any GLB from anywhere, judged."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from trellis_assets.catalog import Profile, load_profiles
from trellis_assets.errors import TrellisAssetsError
from trellis_assets.pipeline.settings import PipelineSettings

from .check_file import Checked, CheckRequest
from .check_inputs import check_requests
from .check_pool import check_all
from .check_report import FailOn, check_json, passes, print_report

INTERRUPTED = 130


class UnknownProfile(TrellisAssetsError):
    """``--profile`` names no target profile of the catalog."""


def check_command(
    arguments: Sequence[str],
    *,
    profiles: Sequence[str],
    fix_to: Path | None,
    pictures: Path | None,
    fail_on: FailOn,
    as_json: bool,
    jobs: int | None,
    timeout: float,
    debug: bool,
) -> int:
    """Returns the exit code: 0 all passed, 1 findings, 2 files that cannot be read.

    Raises:
        TrellisAssetsError: wrong usage, an unknown profile, no validator; exit code 2.
    """
    started = monotonic()
    with tempfile.TemporaryDirectory(prefix="trellis-assets-") as scratch:
        wanted = _profiles(profiles)
        requests = check_requests(arguments, wanted, fix_to, Path(scratch), pictures)
        workers = jobs or min(os.cpu_count() or 1, 8)
        try:
            outcomes = _judged(requests, workers=workers, timeout=timeout, debug=debug)
        except KeyboardInterrupt:
            Console(stderr=True).print("interrupted")
            return INTERRUPTED
    if as_json:
        print(json.dumps(check_json(outcomes, profiles, fail_on), indent=1))
    else:
        console = Console(highlight=False, soft_wrap=True)
        print_report(console, outcomes, fail_on, monotonic() - started)
    if any(outcome.problem for outcome in outcomes):
        return 2
    return 0 if all(passes(outcome, fail_on) for outcome in outcomes) else 1


def _profiles(names: Sequence[str]) -> Mapping[str, Profile]:
    if not names:
        return {}
    known = load_profiles(PipelineSettings.from_environment().catalog)
    for name in names:
        if name not in known.profiles:
            raise UnknownProfile(
                f"no such target profile: {name}", fix=f"known: {', '.join(sorted(known.profiles))}"
            )
    return {name: known.named(name) for name in names}


def _judged(
    requests: Sequence[CheckRequest], *, workers: int, timeout: float, debug: bool
) -> list[Checked]:
    """The outcomes in the order of the requests, with a bar on the terminal meanwhile."""
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("checking"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}"),
        console=console,
        transient=True,
        disable=not console.is_terminal or len(requests) < 2,
    )
    outcomes: dict[str, Checked] = {}
    with bar:
        task = bar.add_task("", total=len(requests))
        for outcome in check_all(requests, workers=workers, seconds=timeout, debug=debug):
            outcomes[outcome.name] = outcome
            bar.update(task, advance=1, description=outcome.name.replace("[", "\\["))
    return [outcomes[request.name] for request in requests]
