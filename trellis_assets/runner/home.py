"""DAGSTER_HOME: history that survives, with settings that suit one machine."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from pathlib import Path

DEFAULT_HOME = ".trellis/dagster"

_DAGSTER_YAML = """\
# Written once by trellis-assets; edit it freely, it is never overwritten.
telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  pools:
    # Whole runs wait for a place, so that no worker sits idle inside one.
    granularity: run
    # For generation_api; heavy_cpu gets a place for each core (Deployment > Concurrency).
    default_limit: 4
  runs:
    max_concurrent_runs: 4
    tag_concurrency_limits:
      # Two runs of one game asset would write the same files: one waits for the other.
      - key: dagster/partition
        value: {applyLimitPerUniqueValue: true}
        limit: 1
run_monitoring:
  enabled: true
run_retries:
  enabled: true
  max_retries: 1
  # A refused image is refused again; only a worker that died is worth another try.
  retry_on_asset_or_op_failure: false
"""


# The name under which Dagster+ knows the code location as well (dagster_cloud.yaml).
_WORKSPACE_YAML = """\
load_from:
  - python_module:
      module_name: trellis_assets.definitions
      location_name: trellis-assets
"""


def prepare_home(environment: MutableMapping[str, str] = os.environ) -> Path:
    """Make DAGSTER_HOME if needed and set the variable for this process and its children.

    Returns:
        The folder, absolute, as Dagster wants it.
    """
    home = Path(environment.get("DAGSTER_HOME") or DEFAULT_HOME).expanduser().resolve()
    home.mkdir(parents=True, exist_ok=True)
    for name, text in (("dagster.yaml", _DAGSTER_YAML), ("workspace.yaml", _WORKSPACE_YAML)):
        file = home / name
        if not file.exists():
            file.write_text(text, encoding="utf-8")
    environment["DAGSTER_HOME"] = str(home)
    environment.setdefault("DAGSTER_DISABLE_TELEMETRY", "1")
    return home
