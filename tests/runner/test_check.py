"""``trellis-assets check`` on good and bad files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result

from tests.geometry.shapes import icosphere, plain
from tests.validation.corpus import named
from trellis_assets.cli import main
from trellis_assets.gltf import model_to_glb
from trellis_assets.runner.check_file import Checked, CheckRequest, Judged, check_file, refusal
from trellis_assets.runner.check_pictures import picture_stems, without_earlier_pictures
from trellis_assets.runner.check_pool import check_all
from trellis_assets.runner.check_report import check_schema

ROOT = Path(__file__).parents[2]


def glb(name: str) -> bytes:
    """A file of the corpus."""
    return named(name).glb


def in_this_process(requests: list[CheckRequest], **_: Any) -> Iterator[Checked]:
    """Spares the start of worker processes where they are not what is tested."""
    return map(check_file, requests)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A good file, one that can be repaired, and one that is torn."""
    monkeypatch.setattr("trellis_assets.runner.check.check_all", in_this_process)
    monkeypatch.setenv("TRELLIS_ASSETS_CATALOG", str(ROOT / "catalog"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "good.glb").write_bytes(glb("clean_textured"))
    (tmp_path / "deep" / "twice.glb").write_bytes(glb("twice_the_same_triangle"))
    (tmp_path / "deep" / "er" / "torn.glb").write_bytes(glb("clean_textured")[:900])
    return tmp_path


def check(*arguments: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["check", "--timeout", "60", *arguments], input=stdin)


def check_json(*arguments: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(check("--json", *arguments).stdout)
    jsonschema.Draft202012Validator(check_schema()).validate(content)
    return content


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(check_schema())


def test_a_good_file_passes_and_a_folder_is_searched(folder: Path) -> None:
    good = check("good.glb")
    assert good.exit_code == 0, good.output
    assert "good.glb: no findings" in good.output
    assert "1 file: passed" in good.output
    all_of_it = check_json(".")
    assert [Path(file["path"]).name for file in all_of_it["files"]] == [
        "torn.glb",
        "twice.glb",
        "good.glb",
    ]
    assert [file["passed"] for file in all_of_it["files"]] == [False, True, True]
    assert all_of_it["counts"]["failed"] == 1
    assert all_of_it["passed"] is False


def test_the_worst_comes_first_and_says_what_why_and_how(folder: Path) -> None:
    done = check("good.glb", "deep/**/*.glb")
    assert done.exit_code == 1
    lines = done.output.splitlines()
    assert lines[0].startswith("deep/er/torn.glb: ")
    first = next(line for line in lines if "file.readable" in line)
    assert first.startswith("  error    file.readable")
    why, fix = lines[lines.index(first) + 1 :][:2]
    assert why.strip().startswith("why ")
    assert fix.strip().startswith("fix ")
    assert "mesh.duplicate-faces" in done.output
    assert lines[-1].startswith("3 files: 1 failed ·")


def test_the_threshold_decides(folder: Path) -> None:
    assert check("deep/twice.glb").exit_code == 0
    assert check("deep/twice.glb", "--fail-on", "warning").exit_code == 1


def test_what_cannot_be_read_or_asked_is_another_exit_code(folder: Path) -> None:
    gone = check("good.glb", "gone.glb")
    assert gone.exit_code == 2
    assert "gone.glb: not judged: no such file" in gone.output
    assert "good.glb: no findings" in gone.output, "the others are judged"
    (folder / "empty").mkdir()
    for arguments, said in (
        (["empty"], "no .glb in the folder empty"),
        (["nothing*.glb"], "no file matches nothing*.glb"),
        (["good.glb", "--profile", "pc.prp"], "no such target profile: pc.prp"),
        (["good.glb", "--fix", "good.glb"], "--fix would overwrite good.glb"),
        (["good.glb", "--fail-on", "gossip"], "'gossip' is not one of"),
        ([], "Missing argument"),
    ):
        done = check(*arguments)
        assert done.exit_code == 2, arguments
        assert said in done.output
        assert "Traceback" not in done.output


def test_several_profiles_are_held_against_one_file(folder: Path) -> None:
    sphere = plain(*icosphere(4))  # 5,120 triangles
    (folder / "big.glb").write_bytes(model_to_glb(sphere))
    report = check_json("big.glb", "--profile", "quest.small", "--profile", "web.commerce")
    assert report["profiles"] == ["quest.small", "web.commerce"]
    found = {each["rule"]: each["profiles"] for each in report["files"][0]["findings"]}
    assert found["budget.triangles"] == ["quest.small"]


def test_standard_input_is_a_file_too(folder: Path) -> None:
    done = check("--json", "-", stdin=(folder / "good.glb").read_bytes())
    assert done.exit_code == 0
    (file,) = json.loads(done.stdout)["files"]
    assert (file["path"], file["passed"]) == ("-", True)


def test_a_repair_says_what_it_changed_and_the_result_is_clean(folder: Path) -> None:
    before = (folder / "deep" / "twice.glb").read_bytes()
    done = check("deep/twice.glb", "--fix", "out/mended.glb", "--fail-on", "warning")
    assert done.exit_code == 0, done.output
    assert "fixed    mesh.duplicate-faces: " in done.output
    assert (folder / "deep" / "twice.glb").read_bytes() == before
    report = check_json("out/mended.glb")
    assert report["files"][0]["findings"] == []


def test_repairs_of_a_folder_keep_its_shape(folder: Path) -> None:
    report = check_json("deep", "--fix", "out")
    repairs = {Path(file["path"]).name: file["repair"] for file in report["files"]}
    assert repairs["twice.glb"]["changes"][0]["rule"] == "mesh.duplicate-faces"
    assert (folder / "out" / "twice.glb").is_file()
    assert repairs["torn.glb"]["file"] is None
    assert repairs["torn.glb"]["refused"]
    assert sorted(path.name for path in (folder / "out").rglob("*")) == ["twice.glb"]


@pytest.fixture
def faults(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two files of one name with a hole each, beside a clean one; judged by real workers."""
    monkeypatch.setattr("trellis_assets.runner.check.check_all", check_all)
    for name in ("a/hole.glb", "b/hole.glb"):
        (folder / name).parent.mkdir()
        (folder / name).write_bytes(glb("missing_triangle"))
    return folder


def test_each_finding_names_its_picture(faults: Path) -> None:
    files = ("a/hole.glb", "b/hole.glb", "good.glb", "deep/er/torn.glb")
    (faults / "out/faults").mkdir(parents=True)
    (faults / "out/faults/good.mesh.watertight.png").touch()  # of before it was mended
    report = check_json(*files, "--pictures", "out/faults")
    pictures = {
        file["path"]: [each["picture"] for each in file["findings"]] for file in report["files"]
    }
    one, other = "hole.mesh.watertight.png", "hole-2.mesh.watertight.png"
    assert pictures["a/hole.glb"] == [str(Path("out/faults") / one)]
    assert pictures["b/hole.glb"] == [str(Path("out/faults") / other)]
    assert pictures["good.glb"] == []
    assert set(pictures["deep/er/torn.glb"]) == {None}
    assert sorted(path.name for path in (faults / "out/faults").iterdir()) == [other, one]
    assert (faults / "out/faults" / one).read_bytes().startswith(b"\x89PNG")
    assert [file["undrawn"] for file in report["files"]] == [None] * 4
    said = check("b/hole.glb", "--pictures", "out/faults").output
    assert f"see  {Path('out/faults') / one}" in said


def test_older_pictures_of_the_file_go_and_nothing_else_does(tmp_path: Path) -> None:
    request = CheckRequest("a.glb", tmp_path / "a.glb", {}, pictures=tmp_path / "a")
    older = [tmp_path / name for name in ("a.uv.overlap.png", "a.mesh.winding.12.png")]
    others = [
        tmp_path / name
        for name in (
            "a.png",
            "a.uv.front.png",  # no rule
            "a.uv.overlap.psd",
            "a.uv.overlap.13.png",  # more than a check draws
            "a-2.uv.overlap.png",  # of another file of this name
            "a.uv.overlap.uv.overlap.png",  # of a.uv.overlap.glb
        )
    ]
    new = tmp_path / "a.uv.overlap.2.png"
    for file in (*older, *others, new):
        file.touch()
    without_earlier_pictures(request, Checked("a.glb", problem="no such file"))
    assert sorted(tmp_path.iterdir()) == sorted([*older, *others, new]), "nothing was judged"
    found = Judged(refusal("uv.overlap", "a", "one", "mend it"), picture=str(new))
    assert without_earlier_pictures(request, Checked("a.glb", (found,))).undrawn == ""
    assert sorted(tmp_path.iterdir()) == sorted([*others, new])


def test_an_older_picture_that_stays_is_told(tmp_path: Path) -> None:
    request = CheckRequest("a.glb", tmp_path / "a.glb", {}, pictures=tmp_path / "a")
    (tmp_path / "a.uv.overlap.png").mkdir()  # whoever runs this may remove any file
    said = without_earlier_pictures(request, Checked("a.glb")).undrawn
    assert said.startswith("a.uv.overlap.png cannot be removed: ")


def test_a_folder_that_takes_no_picture_is_refused_before_anything_is_judged(folder: Path) -> None:
    (folder / "taken").write_text("a file")
    done = check("good.glb", "--pictures", "taken")
    assert done.exit_code == 2
    assert "no picture can be written to taken: File exists" in done.output
    assert "Traceback" not in done.output


def test_no_two_files_share_a_picture(tmp_path: Path) -> None:
    files = [Path(name) for name in ("a.glb", "b/A.glb", "a-2.glb", "c/a.glb", "x" * 200 + ".glb")]
    stems = picture_stems(tmp_path, files)
    names = [stem.name for stem in stems if stem]
    assert names == ["a", "A-2", "a-2-2", "a-3", "x" * 100]
