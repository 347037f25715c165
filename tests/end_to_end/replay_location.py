"""The upload sensor over a graph of two steps: the real ledger and server, a generator that only
notes down what it is paid for. Loaded by a real daemon, which is killed.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from uuid import uuid4

import dagster as dg

from trellis_assets.catalog import Profiles, load_automation, load_profiles
from trellis_assets.defs import jobs
from trellis_assets.defs.automation import uploads
from trellis_assets.defs.resources import PipelineResource
from trellis_assets.defs.step_asset import step_asset
from trellis_assets.pipeline import generator
from trellis_assets.pipeline.generator import run_generation
from trellis_assets.pipeline.node import Json, Made, Node, Workplace
from trellis_assets.pipeline.nodes.concept import CONCEPT_IMAGE
from trellis_assets.pipeline.nodes.generation import GENERATED_MODEL
from trellis_assets.pipeline.settings import PipelineSettings
from trellis_assets.pipeline.uploads import judge
from trellis_assets.store import content_hash

_MODEL = Path(os.environ["REPLAY_MODEL"])
_BILL = Path(os.environ["REPLAY_BILL"])


def quick_model(
    image: bytes,
    settings: Mapping[str, Json],
    seed: int,
    progress: Callable[[str, float], None] | None,
) -> bytes:
    """The same model for every image; each call is noted down under the image's hash."""
    (_BILL / f"{content_hash(image)}.{uuid4()}").touch()
    return _MODEL.read_bytes()


def make(work: Workplace) -> Made:
    """A generated model without the pictures of it."""
    return Made(files={"generated.glb": run_generation(work).glbs[0]})


NODES = {
    "concept_image": CONCEPT_IMAGE,
    "generated_model": Node(
        "generated_model", ("concept_image",), "1", (), GENERATED_MODEL.settings, make
    ),
}


def graph(_profiles: Profiles) -> Mapping[str, Node]:
    """In the place of the whole graph."""
    return NODES


generator.embedded_model = quick_model
setattr(judge, "build_graph", graph)  # noqa: B010 - it is imported there

settings = PipelineSettings.from_environment()
load_profiles(settings.catalog)
defs = dg.Definitions(
    assets=[
        step_asset(node, group="g", kinds={"x"}, checks=("spec",), description="d")
        for node in NODES.values()
    ],
    jobs=[jobs.make_game_asset],
    sensors=[uploads.folder_sensor(load_automation(settings.catalog).uploads)],
    resources={
        "pipeline": PipelineResource(
            catalog=settings.catalog.uri,
            store=settings.store,
            generator="embedded",
            uploads=settings.uploads,
        )
    },
    executor=dg.in_process_executor,
)
