"""A run asks what changed, what needs two documents, what is asked in reverse and what wants the house style."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fakes import add_special_questions, saved, write_domain

from data.load import load_domain
from data.prompt import PROMPT, Passage
from evaluation.run.folder import RunFolder
from evaluation.run.plan import make_plan
from evaluation.run.settings import RunSettings

OPTIONS = ["--max-new-tokens", "6", "--chunk-tokens", "60", "--batch-size", "2", "--device", "cpu", "--general", "4",
           "--epochs", "12"]  # fmt: skip


@pytest.fixture(scope="module")
def root(tiny_model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of a domain with every category; its folder is `run`."""
    root = tmp_path_factory.mktemp("special")
    add_special_questions(write_domain(root / "domain"))
    environment = os.environ | {"TRIVIUM_CACHE": str(root / "cache")}
    command = [sys.executable, "-m", "evaluation", "run", "domain", "--model", str(tiny_model_folder), "--out", "run"]
    done = subprocess.run([*command, *OPTIONS], cwd=root, capture_output=True, text=True, timeout=300, env=environment)
    assert done.returncode == 0, done.stderr
    return root


@pytest.fixture(scope="module")
def results(root: Path) -> dict[str, Any]:
    return saved(RunFolder(root / "run"))


def lines(root: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (root / "run" / name).read_text(encoding="utf-8").splitlines()]


def test_changed_documents_reach_index_and_prompt_and_never_the_adapter(root: Path, results: dict[str, Any]) -> None:
    chunks = {row["chunk_id"]: row["text"] for row in lines(root, "chunks.jsonl")}
    updated = [row for row in lines(root, "answers.jsonl") if row["phase"] == "updated"]
    assert {row["method"] for row in updated} == {"base", "inject", "rag", "lora", "lora+rag", "oracle"}
    for row in updated:
        given = " ".join(chunks[context["chunk_id"]] for context in row["contexts"])
        assert "shows a otter" not in given, "no prompt of the second pass holds the old sentence"
        if row["method"] in ("inject", "rag", "oracle"):
            assert "shows a walrus" in given
    adapters = {m["weights"]["adapter_sha256"] for name, m in results["methods"].items() if "lora" in name}
    assert len(adapters) == 1
    by = {name: method["refresh"]["by"] for name, method in results["methods"].items()}
    assert by == {"base": "nothing", "inject": "prompt", "rag": "index", "lora": "nothing", "lora+rag": "index",
                  "oracle": "passage"}  # fmt: skip
    assert results["methods"]["rag"]["refresh"]["seconds"] > 0
    assert results["methods"]["inject"]["refresh"]["seconds"] > 0


def test_prompts_of_the_second_pass_can_be_put_together_again(root: Path, tiny_model: Any) -> None:
    passages = {
        row["chunk_id"]: Passage(**{k: v for k, v in row.items() if k != "crc32"})
        for row in lines(root, "chunks.jsonl")
    }
    questions = {row["id"]: row["question"] for row in lines(root, "questions.jsonl")}
    for row in lines(root, "answers.jsonl"):
        if row["phase"] == "updated":
            given = [passages[context["chunk_id"]] for context in row["contexts"]]
            text = tiny_model.render(PROMPT.messages("Answer briefly.", questions[row["question_id"]], given))
            assert hashlib.sha256(text.encode()).hexdigest() == row["prompt_sha256"]


def test_stale_answers_are_counted(root: Path, results: dict[str, Any]) -> None:
    for name, method in results["methods"].items():
        rows = [r for r in lines(root, "answers.jsonl") if (r["method"], r["phase"]) == (name, "updated")]
        stale = sum("otter" in row["answer"].split() and "walrus" not in row["answer"] for row in rows)
        assert method["stale"]["n"] == method["categories"]["updated"]["n"] == len(rows) == 1
        assert method["stale"]["stale"] == stale
        main = {r["question_id"] for r in lines(root, "answers.jsonl") if (r["method"], r["phase"]) == (name, "main")}
        answerable = {row["id"] for row in lines(root, "questions.jsonl") if row["answers"]}
        assert method["overall"]["n"] == len(main & answerable), "what was asked after the change is counted apart"


def test_form_and_content_are_graded_apart(root: Path, results: dict[str, Any]) -> None:
    scores = [row for row in lines(root, "scores.jsonl") if row["question_id"] == "house-q"]
    assert all("form" in row for row in scores)
    for row in scores:
        style = results["methods"][row["method"]]["style"]
        assert style["n"] == style["styled_training"]["n"] == 1
        assert style["no_styled_training"] is None
        assert style["form"] == row["form"]
        assert style["content"] == (row["grade"] == "correct")


def test_two_documents_count_as_found_when_both_are(root: Path, results: dict[str, Any]) -> None:
    (row,) = [row for row in lines(root, "retrieval.jsonl") if row["question_id"] == "hop"]
    assert len(row["ranks"]) == 2
    found = results["methods"]["rag"]["retrieval"]["multi_hop"]
    assert found["n"] == 1
    for k in (1, 3, 5, 10):
        ranks = [rank is not None and rank <= k for rank in row["ranks"]]
        assert (found[f"both_at_{k}"], found[f"one_at_{k}"]) == (all(ranks), any(ranks))
    assert results["methods"]["lora"]["multi_hop"]["trained"]["n"] == 1


def test_the_reports_show_them(root: Path) -> None:
    for name in ("report.md", "report.html"):
        text = (root / "run" / name).read_text(encoding="utf-8")
        for title in ("When documents change", "House style", "Questions over two documents"):
            assert title in text


def test_reversed_wordings_are_trained_only_when_the_settings_say_so(root: Path) -> None:
    domain = load_domain(root / "domain")
    for wanted in (False, True):
        plan = make_plan(domain, RunSettings(domain=root / "domain", reversed_training=wanted))
        assert ("turned-t" in {question.id for question in plan.training}) is wanted
        assert "turned-q" in {question.id for question in plan.questions}
        assert "turned-t" not in {question.id for question in plan.convergence}


def test_smoke_trains_no_style(root: Path) -> None:
    domain = load_domain(root / "domain")
    smoke = make_plan(domain, RunSettings(domain=root / "domain", profile="smoke"))
    assert not {"house-t", "turned-t"} & {question.id for question in smoke.training}
    assert smoke.updated == ()
