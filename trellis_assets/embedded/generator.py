"""One image to one GLB, as TRELLIS.2 would deliver it, and a report on how."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from trellis_assets.concepts import CutOut, cut_out
from trellis_assets.embedded.bake import Baked, bake
from trellis_assets.embedded.charts import Charts, charts
from trellis_assets.embedded.closing import components
from trellis_assets.embedded.cuboid import find_cuboid
from trellis_assets.embedded.errors import EmbeddedError
from trellis_assets.embedded.output import GENERATOR, sound_model, stressed_model
from trellis_assets.embedded.peel import unwrapped
from trellis_assets.embedded.settings import GenerationSettings
from trellis_assets.embedded.shape import Shape, shape
from trellis_assets.embedded.surface import Meshed, affordable_cells, mesh
from trellis_assets.embedded.variation import Form, draw
from trellis_assets.embedded.views import Views, views
from trellis_assets.gltf import Model, model_to_glb

NOTE = "local greybox: depth, back and sides are invented"
SCOUT_CELLS = 320
# A barrel's outline is box-like too: what may be turned is a box only if all its edges say so.
TURNED = 0.3
CERTAIN_BOX = 0.88
# Leaves room for the triangles of inner hull and floaters.
STRESS_ROOM = 0.93
ATTEMPTS = 5

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class EmbeddedResult:
    """``glb`` is the file; ``report`` is plain JSON data: what was made, how, and how sure."""

    glb: bytes
    report: dict[str, Any]


def generate(
    image: bytes,
    *,
    settings: Mapping[str, Any],
    seed: int,
    progress: Progress | None = None,
    as_trellis: bool = False,
) -> EmbeddedResult:
    """A closed, textured model of the object in ``image``; the same input gives the same bytes.

    ``settings`` uses the API's names; what is missing takes the API's default. The mesh is a
    2-manifold after welding by position, Y up, its front to +Z, inside [-0.5, 0.5].
    ``as_trellis`` adds the faults of real output (see ``stress``), to test repairs against.
    Raises ConceptError (the image) or EmbeddedError (the settings).
    """
    chosen = GenerationSettings.read(settings)
    form = draw(chosen, seed)
    stages = _Stages(progress)
    with_detail = 2048 if max(chosen.resolution, chosen.texture_size // 2) > 1024 else 1024
    stages.enter("prepare", 0.0)
    cut = cut_out(image, max_side=with_detail)
    stages.enter("shape", 0.08)
    target = chosen.decimation_target
    target = int(STRESS_ROOM * target) if as_trellis else target
    with ThreadPoolExecutor(1) as beside:
        formed, meshed, seen = _form_and_mesh(cut, chosen, target, form, stages, beside)
        stages.enter("unwrap", 0.6)
        found = charts(
            meshed.positions,
            meshed.triangles,
            meshed.pairs,
            size=formed.outline.size,
            steep=formed.steep,
        )
        found, atlas = unwrapped(meshed, found, texels=chosen.texture_size)
        stages.enter("bake", 0.7)
        baked = bake(meshed.positions, meshed.triangles, found, atlas, seen.result())
    stages.enter("write", 0.9)
    extras = {"seed": seed, "note": NOTE}
    faults: dict[str, int] = {}
    if as_trellis:
        model, faults = stressed_model(
            meshed, found, atlas, baked, seed=seed, extras={**extras, "faults": "on purpose"}
        )
    else:
        model = sound_model(
            meshed, found, atlas, baked, double_sided=not chosen.remesh, extras=extras
        )
    glb = model_to_glb(model)
    stages.enter("done", 1.0)
    report = _report(cut, chosen, seed, formed, meshed, found, baked, model, stages.seconds)
    if as_trellis:
        report["faults"] = faults
    return EmbeddedResult(glb, report)


class _Stages:
    """Tells progress and keeps the time of each stage."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._name = ""
        self._since = time.perf_counter()
        self.seconds: dict[str, float] = {}

    def enter(self, name: str, share: float) -> None:
        now = time.perf_counter()
        if self._name:
            spent = self.seconds.get(self._name, 0.0) + now - self._since
            self.seconds[self._name] = round(spent, 3)
        self._name, self._since = name, now
        if self._progress is not None:
            self._progress(name, share)


def _form_and_mesh(
    cut: CutOut,
    chosen: GenerationSettings,
    target: int,
    form: Form,
    stages: _Stages,
    beside: ThreadPoolExecutor,
) -> tuple[Shape, Meshed, Future[Views]]:
    """The solid at the finest affordable grid, its mesh, and its views, made ``beside`` the mesh;
    coarser if it cannot be closed.
    """
    scout = shape(cut.pixels, cells=min(SCOUT_CELLS, chosen.resolution), form=form)
    box = find_cuboid(scout.outline)
    if box is not None and scout.lathe > TURNED and box.support < CERTAIN_BOX:
        box = None
    if box is not None:
        scout = shape(cut.pixels, cells=min(SCOUT_CELLS, chosen.resolution), form=form, box=box)
    cells = affordable_cells(
        scout.solid,
        cells=min(SCOUT_CELLS, chosen.resolution),
        resolution=chosen.resolution,
        target=target,
    )
    for attempt in range(ATTEMPTS):
        formed = shape(cut.pixels, cells=cells, form=form, box=box)
        stages.enter("mesh", 0.2 + 0.05 * attempt)
        seen = beside.submit(views, formed, cut.pixels, texels=chosen.texture_size, form=form)
        meshed = mesh(formed.solid, target=target, remesh=chosen.remesh)
        if meshed is not None:
            return formed, meshed, seen
        cells = max(16, int(0.5 * cells) if attempt else int(0.9 * cells))
    raise EmbeddedError(
        f"no closed surface within {target} triangles was found",
        fix="raise decimationTarget, or simplify the outline",
    )


def _report(
    cut: CutOut,
    chosen: GenerationSettings,
    seed: int,
    formed: Shape,
    meshed: Meshed,
    found: Charts,
    baked: Baked,
    model: Model,
    seconds: Mapping[str, float],
) -> dict[str, Any]:
    mesh_out = model.parts[0].mesh
    bodies, _ = components(meshed.triangles, len(meshed.positions))
    extent = mesh_out.positions.max(axis=0) - mesh_out.positions.min(axis=0)
    return {
        "generator": GENERATOR,
        "note": NOTE,
        "seed": seed,
        "grid": int(formed.outline.size),
        "triangles": model.triangle_count,
        "vertices": len(mesh_out.positions),
        "extractedTriangles": meshed.extracted,
        "decimated": meshed.decimated,
        "bodies": bodies,
        "droppedBodies": formed.outline.dropped_bodies,
        "charts": found.count,
        "atlasCoverage": round(baked.covered, 4),
        "boundingBox": [round(float(v), 5) for v in extent],
        "reading": {
            "lathe": round(formed.lathe, 3),
            "mirror": round(formed.turned.mirror, 3),
            "box": None if formed.box is None else round(formed.box.overlap, 3),
            "sameBack": round(formed.same_back, 3),
        },
        "matte": cut.matte,
        "findings": [
            {"code": f.code, "severity": f.severity, "message": f.message, "fix": f.fix}
            for f in cut.findings
        ],
        "parameters": chosen.treatment(),
        "seconds": dict(seconds),
    }
