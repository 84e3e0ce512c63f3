"""What a run was made with is compared with what lies there now, and what differs is said by its name."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file, save_file
from typer.testing import CliRunner

from data.errors import TriviumError
from data.load import load_domain
from evaluation.cli.main import app
from evaluation.run.identity import FOR_ONE_QUESTION, changes, other_versions, refuse_another
from evaluation.run.settings import RunSettings


@pytest.fixture
def model(tiny_model_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_model_folder, tmp_path / "model"))


@pytest.fixture
def run(model: Path, make_domain: Callable[..., Path], make_run: Any, right: Any) -> Any:
    made = make_run("mine", load_domain(make_domain()), {"base": right, "rag": right}, model=str(model))
    for name in ("report.html", "report.md"):
        (made.path / name).write_text("", encoding="utf-8")
    return made


def _told(run: Any, **parts: Any) -> str:
    settings = RunSettings.model_validate(run.record()["settings"])
    with pytest.raises(TriviumError) as caught:
        refuse_another(
            run, load_domain(settings.domain), settings.model_copy(update=parts.pop("settings", {})), **parts
        )
    return str(caught.value)


def _change_weight(model: Path) -> None:
    tensors = load_file(model / "model.safetensors")
    tensors["model.norm.weight"] *= -2
    save_file(tensors, model / "model.safetensors", {"format": "pt"})


def test_the_same_again_is_the_same(run: Any) -> None:
    settings = RunSettings.model_validate(run.record()["settings"])
    refuse_another(run, load_domain(settings.domain), settings)


def test_weights_and_template(run: Any, model: Path) -> None:
    _change_weight(model)
    assert f"the model {model} is another one (weights)" in _told(run)
    (model / "chat_template.jinja").write_text("{{ messages }}", encoding="utf-8")
    assert "(weights, template)" in _told(run, parts=FOR_ONE_QUESTION)


def test_documents_questions_and_domain_settings_by_name(run: Any, tmp_path: Path) -> None:
    domain = tmp_path / "domain"
    with (domain / "documents" / "Harbour1.md").open("a", encoding="utf-8") as file:
        file.write(" New.")
    (domain / "documents" / "Extra.md").write_text("More to read.", encoding="utf-8")
    rows = [json.loads(line) for line in (domain / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
    kept = [row | ({"answers": ["a gull"]} if row["id"] == "flag3-q" else {}) for row in rows if row["id"] != "none-q"]
    (domain / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in kept), encoding="utf-8")
    (domain / "domain.toml").write_text('name = "Harbours"\ninstruction = "Be brief."\n', encoding="utf-8")
    told = _told(run)
    for phrase in ("1 document changed (Harbour1.md)", "1 document added (Extra.md)", "1 question changed (flag3-q)",
                   "1 question gone (none-q)", "domain.toml says something else (instruction)"):  # fmt: skip
        assert phrase in told


def test_settings_by_name_with_both_values(run: Any) -> None:
    told = _told(run, settings={"top_k": 5, "methods": ("rag",)})
    assert "top_k was 2 and is 5" in told
    assert "methods was base, rag and is rag" in told


def test_one_question_needs_what_index_and_adapter_were_made_from(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "domain" / "questions.jsonl"
    text = path.read_text(encoding="utf-8")
    settings = RunSettings.model_validate(run.record()["settings"])
    path.write_text(text.replace("Who paints the flags?", "Who sews the flags?"), encoding="utf-8")
    refuse_another(run, load_domain(settings.domain), settings, FOR_ONE_QUESTION)
    path.write_text(text.replace("Name the Harbour0 animal.", "Say the Harbour0 animal."), encoding="utf-8")
    assert "1 training question changed (flag0-t2)" in _told(run, parts=FOR_ONE_QUESTION)


def test_what_is_not_known_is_not_compared() -> None:
    known = {"model": {"weights": "a"}, "documents": {"a.md": "1"}}
    assert list(changes({}, known)) == list(changes(known, {})) == []
    assert list(changes(known, known | {"model": {}})) == []


def test_versions_that_differ_are_named() -> None:
    record = {"versions": {"python": "3.0", "torch": "2.1", "trivium": "1.0"}}
    assert other_versions(record, {"torch": "2.2", "trivium": "1.0", "peft": "9"}) == "torch 2.1, now 2.2"


@pytest.mark.parametrize(
    ("now", "named"),
    [
        ({"torch": "2.1", "trivium": "1.2.10"}, ""),
        ({"torch": "2.1", "trivium": "1.3.9"}, "trivium 1.2.9, now 1.3.9"),
        ({"torch": "2.1.1", "trivium": "1.2.10"}, "torch 2.1, now 2.1.1"),
    ],
)
def test_a_patch_of_the_program_itself_can_be_passed_over(now: dict[str, str], named: str) -> None:
    record = {"versions": {"torch": "2.1", "trivium": "1.2.9"}}
    assert other_versions(record, now, patches=False) == named
    assert "trivium 1.2.9" in other_versions(record, {"trivium": "1.2.10"}), "named where nothing is decided by it"


def test_a_finished_run_is_not_shown_for_other_weights(run: Any, model: Path, tmp_path: Path) -> None:
    command = ["run", str(tmp_path / "domain"), "--out", str(run.path), "--model", str(model), "--methods", "base,rag"]
    command += ["--device", "cpu"]
    _change_weight(model)
    said = CliRunner().invoke(app, command)
    assert said.exit_code != 0
    assert "is finished" not in said.output
    assert "is another one (weights)" in str(said.exception or said.output)


def test_a_question_is_not_asked_of_other_weights(run: Any, model: Path) -> None:
    _change_weight(model)
    said = CliRunner().invoke(app, ["ask", "Which animal?", "--run", str(run.path)])
    assert said.exit_code != 0
    assert "is another one (weights)" in str(said.exception or said.output)
