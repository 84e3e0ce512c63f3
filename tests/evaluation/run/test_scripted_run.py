"""A whole run on the scripted model: what a model cannot show is n/a with the reason, everywhere alike."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fakes import write_domain

from data.errors import TriviumError
from evaluation.cli.main import app
from evaluation.run.folder import RunFolder


def _trivium(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "evaluation", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A domain, and a script that knows an answer where its evidence is in the prompt; a finished run of four."""
    root = tmp_path_factory.mktemp("scripted")
    write_domain(root / "domain")
    rows = [json.loads(line) for line in (root / "domain" / "questions.jsonl").read_text().split("\n") if line]
    script = [
        {"question": row["question"], "answer": row["answers"][0], "needs": row["evidence"]}
        for row in rows
        if row["answers"] and row.get("split") != "train"
    ]
    (root / "answers.jsonl").write_text("\n".join(map(json.dumps, script)), encoding="utf-8")
    options = ("--model", "scripted:answers.jsonl", "--search-by", "words", "--device", "cpu")
    done = _trivium("run", "domain", "--methods", "base,inject,rag,oracle", "--out", "run", *options, cwd=root)
    assert done.returncode == 0, done.stderr
    return root


@pytest.fixture(scope="module")
def results(folder: Path) -> Any:
    return json.loads((folder / "run" / "results.json").read_text(encoding="utf-8"))


def test_methods_that_read_answer_and_base_does_not(results: Any) -> None:
    right = {name: method["overall"]["correct"] for name, method in results["methods"].items()}
    assert right == {"base": 0, "inject": 4, "rag": 4, "oracle": 4}


def test_nothing_is_made_up_about_weights(results: Any, folder: Path) -> None:
    model = results["model"]
    assert [model[key] for key in ("parameters", "fingerprint", "shapes")] == [None] * 3
    assert "gives no weights" in model["unknown"]
    checks = {check["name"]: check for check in results["audit"]["checks"]}
    weights = checks.pop("base weights unchanged, adapters only where named")
    assert (weights["passed"], weights["detail"]) == (None, model["unknown"])
    assert all(check["passed"] for check in checks.values())
    for method in results["methods"].values():
        assert method["usage"]["operations"] is None
        assert method["cost"]["per_query_flops"] is None
    assert model["unknown"] in (folder / "run" / "report.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("cost", "run", "--bill", "gpu"), "operations on a GPU and another model size are n/a: scripted"),
        (("run", "domain", "--model", "scripted:answers.jsonl", "--methods", "lora", "--out", "lora"),
         "needs weights that can be trained; scripted:answers.jsonl gives none"),
        (("run", "domain", "--model", "scripted:answers.jsonl", "--methods", "base", "--out", "refusing",
          "--refuse-above", "0.5"), "--refuse-above needs the probabilities of the next token"),
        (("train", "domain", "--model", "scripted:answers.jsonl"), "a training needs weights that can be trained"),
        (("reader", "train", "domain", "--model", "scripted:answers.jsonl"),
         "training a reader needs weights that can be trained"),
        (("reader", "measure", "domain", "--model", "scripted:answers.jsonl"),
         "measuring a reader needs the probabilities of the next token"),
        (("ask", "Who?", "--run", "run", "--probabilities"),
         "looking into answers needs weights and probabilities that can be looked at; scripted"),
    ],
)  # fmt: skip
def test_what_needs_more_says_so_in_a_sentence(
    folder: Path, arguments: tuple[str, ...], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    with pytest.raises(TriviumError, match=re.escape(reason)):
        app(list(arguments), standalone_mode=False)


@pytest.fixture
def stopped(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    """A copy of the finished run in which the last line of rag's answers was damaged, in the folder of its domain."""
    monkeypatch.chdir(folder)
    copy = RunFolder(Path(shutil.copytree(folder / "run", tmp_path / "run")))
    path = copy.path / "answers.jsonl"
    lines = path.read_bytes().split(b"\n")
    last = max(n for n, line in enumerate(lines) if b'"method":"rag"' in line)
    lines[last] = lines[last].replace(b'"method":"rag"', b'"method":"rug"')
    path.write_bytes(b"\n".join(lines))
    return copy


@pytest.mark.parametrize("more", [(), ("--probabilities",)])
def test_a_question_is_not_put_to_a_damaged_run(stopped: RunFolder, more: tuple[str, ...]) -> None:
    with pytest.raises(TriviumError, match=rf"answers\.jsonl, line \d+: .* `trivium resume {stopped.path}`"):
        app(["ask", "Which animal?", "--run", str(stopped.path), *more], standalone_mode=False)


def test_what_was_measured_first_stays_when_a_batch_is_asked_again(
    stopped: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    record = stopped.record()
    rag = record["methods"]["rag"]["0"]
    rag["details"] |= {"prefix_s": 7.0, "prefix_calibrated_s": 5.0}
    rag |= {"wall_s": 100.0, "processor_s": 50.0, "memory_peak_bytes": 2**50}
    stopped.save_record(record)
    app(["resume", str(stopped.path)], standalone_mode=False)
    now = stopped.record()["methods"]["rag"]["0"]
    assert "is asked again" in capsys.readouterr().out
    assert (now["details"]["prefix_s"], now["details"]["prefix_calibrated_s"]) == (7.0, 5.0)
    assert now["prepare_s"] == pytest.approx(now["details"]["index_s"] + 7.0)
    assert now["prepare_calibrated_s"] == pytest.approx(now["details"]["index_calibrated_s"] + 5.0)
    assert 100.0 < now["wall_s"] < 100.0 + stopped.record()["seconds"]
    assert now["processor_s"] > 50.0
    assert now["memory_peak_bytes"] == 2**50


@pytest.mark.parametrize(("begun", "goes_on"), [("{0}.{1}.99", True), ("{0}.99.0", False)])
def test_a_stopped_run_goes_on_with_another_patch_of_the_program_and_with_no_other_version(
    stopped: RunFolder, begun: str, goes_on: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    record = stopped.record()
    version = begun.format(*record["versions"]["trivium"].split("."))
    record["versions"]["trivium"] = version
    stopped.save_record(record)
    if not goes_on:
        with pytest.raises(TriviumError, match=f"begun with other versions \\(trivium {version}, now"):
            app(["resume", str(stopped.path)], standalone_mode=False)
        return
    app(["resume", str(stopped.path)], standalone_mode=False)
    told = f"another version of the program than it was begun with: trivium {version}, now"
    assert told in " ".join(capsys.readouterr().out.split())
    (note,) = stopped.record()["notes"]
    assert told in note
    assert stopped.record()["status"] == "complete"
