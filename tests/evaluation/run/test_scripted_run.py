"""A whole run on the scripted model: what a model cannot show is n/a with the reason, everywhere alike."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fakes import write_domain

from data.errors import TriviumError
from evaluation.cli.main import app


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
