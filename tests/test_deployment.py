"""dagster_cloud.yaml by the models that Dagster+ itself uses, the commented parts included."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

TEXT = (Path(__file__).parents[1] / "dagster_cloud.yaml").read_text()


def alternative(platform: str) -> dict[str, Any]:
    """The commented container_context of a platform, without its comment signs."""
    blocks = re.findall(r"(?:^    # .*\n)+", TEXT, re.MULTILINE)
    (block,) = (block for block in blocks if f"#   {platform}:" in block)
    lines = [line.replace("    # ", "", 1) for line in block.splitlines()]
    content: dict[str, Any] = yaml.safe_load("\n".join(lines[1:]))["container_context"]
    return content


def test_dagster_plus_accepts_the_file() -> None:
    from dagster_cloud_cli.config.models import load_dagster_cloud_yaml

    (location,) = load_dagster_cloud_yaml(TEXT).locations
    assert location.location_name == "trellis-assets"
    assert location.code_source is not None
    assert location.code_source.module_name == "trellis_assets.definitions"


def test_a_typo_would_be_noticed() -> None:
    from dagster_cloud_cli.config.models import load_dagster_cloud_yaml

    with pytest.raises(ValueError, match="locaton_name"):
        load_dagster_cloud_yaml(TEXT.replace("location_name", "locaton_name"))


def test_the_kubernetes_alternative_is_valid() -> None:
    from dagster_k8s.container_context import K8sContainerContext

    context = K8sContainerContext.create_from_config(alternative("k8s"))
    limits = context.run_k8s_config.container_config["resources"]["limits"]
    assert limits["memory"] == "4Gi"


def test_the_ecs_alternative_is_valid() -> None:
    from dagster_aws.ecs.container_context import EcsContainerContext

    context = EcsContainerContext.create_from_config(alternative("ecs"))
    assert context.run_resources == {"cpu": "2048", "memory": "4096"}
    assert context.secrets[0]["name"] == "RUNWARE_API_KEY"
