"""The Khronos validator, out of process: it judges, and what keeps it from judging is said."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest

from tests.gltf.shapes import box_model
from trellis_assets.gltf import Glb, model_to_glb, read_glb, write_glb
from trellis_assets.validation import (
    ValidatorMissing,
    spec_findings,
    validate_glbs,
    validator_module,
)

GOOD = model_to_glb(box_model())


def broken() -> bytes:
    """The box, two of its accessors pointing at each other's bytes."""
    glb = read_glb(GOOD)
    glb.json["accessors"][0]["max"] = [9, 9, 9]
    return write_glb(glb)


def test_good_and_bad_files_are_told_apart_in_one_call() -> None:
    good, bad, no_glb = validate_glbs([GOOD, broken(), b"not a model"])
    assert good.valid
    assert spec_findings(good, "box.glb") == []
    assert not bad.valid
    (finding,) = spec_findings(bad, "box.glb")
    assert finding.severity == "error"
    assert finding.measured == bad.errors
    assert "ACCESSOR_MAX_MISMATCH" in finding.message
    assert not no_glb.valid


def test_a_flood_of_errors_stays_small() -> None:
    glb = read_glb(GOOD)
    floods = bytearray(glb.bin)
    floods[: 24 * 12] = struct.pack("<f", float("nan")) * 72
    (report,) = validate_glbs([write_glb(Glb(glb.json, bytes(floods)))])
    assert not report.valid
    assert len(report.messages) <= 100


def test_what_the_validator_cannot_see_is_said() -> None:
    glb = read_glb(GOOD)
    glb.json["extensionsUsed"] = ["KHR_draco_mesh_compression"]
    (report,) = validate_glbs([write_glb(glb)])
    assert report.unseen == ("KHR_draco_mesh_compression",)
    finding = spec_findings(report, "box.glb")[-1]
    assert (finding.rule, finding.severity) == ("spec.unseen", "info")


def test_a_missing_validator_is_an_error_with_its_fix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    with pytest.raises(ValidatorMissing, match="trellis-assets setup"):
        validator_module()


def test_a_validator_that_hangs_is_stopped_and_the_file_does_not_pass() -> None:
    (report,) = validate_glbs([GOOD], timeout=0.01)
    assert not report.valid
    (finding,) = spec_findings(report, "box.glb")
    assert (finding.rule, finding.severity) == ("spec.failed", "error")
    assert "did not finish" in finding.message


def test_one_file_that_hangs_the_validator_leaves_the_others_their_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in for the validator that never ends on one file."""
    module = tmp_path / "validator.js"
    module.write_text(
        "exports.validateBytes = async (bytes) => {"
        " while (bytes.length === 7) {}"
        " return {issues: {numErrors: 0, numWarnings: 0, numInfos: 0, numHints: 0,"
        " truncated: false, messages: []}, info: {}}; };"
    )
    monkeypatch.setattr("trellis_assets.validation.khronos.validator_module", lambda: module)
    first, hangs, last = validate_glbs([GOOD, b"7 bytes", GOOD], timeout=2.0)
    assert first.valid
    assert last.valid
    assert "did not finish" in hangs.failure


def test_the_findings_are_plain_json() -> None:
    (report,) = validate_glbs([broken()])
    (finding,) = spec_findings(report, "box.glb")
    assert json.loads(json.dumps(finding.as_json()))["rule"] == "spec.gltf"
