"""A run that was tampered with, or went wrong, is told from one that did not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fakes import saved

from data.load import load_domain
from evaluation.analysis.results import build_results
from evaluation.grading.score import score_answers
from evaluation.results.file import read_results
from evaluation.run.folder import RunFolder


@pytest.fixture
def folder(make_domain: Any, make_run: Any, right: Any) -> RunFolder:
    domain = load_domain(make_domain())
    made: RunFolder = make_run(
        "mine", domain, {"base": lambda q: "unknown", "rag": right, "lora": lambda q: "heron", "oracle": right}
    )
    return made


def _change(folder: RunFolder, change: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    """Results after each answer was changed."""
    rows = [change(row) for row in folder.rows("answers.jsonl")]
    folder.write_rows("answers.jsonl", rows)
    folder.write_rows("scores.jsonl", score_answers(folder))
    return build_results(folder).model_dump(mode="json")


def _failed(results: dict[str, Any]) -> str:
    return " | ".join(check["name"] for check in results["audit"]["checks"] if check["passed"] is False)


def test_an_honest_run_passes(folder: RunFolder) -> None:
    results = build_results(folder).model_dump(mode="json")
    assert [check["passed"] for check in results["audit"]["checks"]] == [True] * 4
    assert not results["verdict"]["summary"].startswith("No recommendation: this run fails")


def test_swapped_labels_are_caught(folder: RunFolder) -> None:
    swap = {"rag": "lora", "lora": "rag"}
    results = _change(folder, lambda row: row | {"method": swap.get(row["method"], row["method"])})
    assert "context" in _failed(results)
    assert "weights" in _failed(results)
    assert results["verdict"]["recommended"] is None
    assert results["verdict"]["summary"].startswith("No recommendation: this run fails its audit")


def test_base_and_lora_swapped_are_caught_by_the_adapter(folder: RunFolder) -> None:
    """Their prompts are the same, byte for byte: only the weights tell them apart."""
    swap = {"base": "lora", "lora": "base"}
    main = [row for row in folder.rows("answers.jsonl") if row["phase"] == "main"]
    folder.write_rows("answers.jsonl", main)
    results = _change(folder, lambda row: row | {"method": swap.get(row["method"], row["method"])})
    assert _failed(results) == "base weights unchanged, adapters only where named"


def test_another_prompt_is_caught(folder: RunFolder) -> None:
    results = _change(folder, lambda row: row | ({"prompt_sha256": "0"} if row["method"] == "rag" else {}))
    assert "prompts are identical" in _failed(results)
    reasons = " ".join(results["verdict"]["reasons"])
    failed = "Audit failed: prompts are identical but for their context (prompts that differ from the one template"
    assert failed in reasons


def test_a_passage_that_no_one_else_had_is_caught(folder: RunFolder) -> None:
    """The oracle reads another question's document."""
    other = [{"document_id": "Harbour3.md", "chunk_id": "Harbour3.md#0", "score": None}]
    chunks = {row["chunk_id"] for row in folder.rows("chunks.jsonl")}
    assert "Harbour3.md#0" in chunks
    results = _change(folder, lambda row: row | ({"contexts": other} if row["method"] == "oracle" else {}))
    assert "context" in _failed(results)


def test_changed_base_weights_are_caught(folder: RunFolder) -> None:
    record = folder.record()
    record["methods"]["lora"]["0"]["fingerprint_after"] = "g"
    folder.save_record(record)
    assert "base weights unchanged" in _failed(build_results(folder).model_dump(mode="json"))


def test_a_question_left_out_or_asked_twice_is_caught(folder: RunFolder) -> None:
    rows = folder.rows("answers.jsonl")
    first = next(row for row in rows if row["method"] == "rag")
    mine = [row for row in rows if row is not first]
    fewer = [row | {"batch_rows": row["batch_rows"] - (row["method"] == "rag")} for row in mine]
    folder.write_rows("answers.jsonl", fewer)
    folder.write_rows("scores.jsonl", score_answers(folder))
    assert "every method was asked the same questions" in _failed(build_results(folder).model_dump(mode="json"))


def test_the_oracle_is_not_asked_what_has_no_gold_passage(folder: RunFolder) -> None:
    rows = folder.rows("answers.jsonl")
    left_out = next(row["question_id"] for row in rows if row["method"] == "oracle")
    kept = [row for row in rows if (row["method"], row["question_id"]) != ("oracle", left_out)]
    kept = [row | {"batch_rows": row["batch_rows"] - (row["method"] == "oracle")} for row in kept]
    folder.write_rows("answers.jsonl", kept)
    assert "every method was asked the same questions" in _failed(_change(folder, lambda row: row))
    record = folder.record()
    for entry in record["methods"]["oracle"].values():
        entry["details"]["without_gold"] = [left_out]
    folder.save_record(record)
    results = _change(folder, lambda row: row)
    assert not _failed(results)
    assert f"oracle: the {len({row['question_id'] for row in kept if row['method'] == 'oracle'})} that" in str(results)


def test_answers_shuffled_between_questions_drop_to_chance(make_run: Any, right: Any) -> None:
    """The sample domain, every answer right; then each answer stands under another question."""
    domain = load_domain(Path(__file__).parents[3] / "data" / "orrin_ferries")
    folder = make_run("all-right", domain, {"base": lambda q: "unknown", "rag": right}, profile="smoke")
    before = saved(folder)["methods"]["rag"]["overall"]
    assert before["accuracy"] == 1
    rows = folder.rows("answers.jsonl")
    answerable = {row["id"] for row in folder.rows("questions.jsonl") if row["answers"]}
    mine = [row for row in rows if row["method"] == "rag" and row["question_id"] in answerable]
    moved = [row["answer"] for row in mine[1:] + mine[:1]]
    for row, answer in zip(mine, moved, strict=True):
        row["answer"] = answer
    folder.write_rows("answers.jsonl", rows)
    folder.write_rows("scores.jsonl", score_answers(folder))
    after = build_results(folder).model_dump(mode="json")["methods"]["rag"]["overall"]
    assert after["accuracy"] < 0.05
    assert after["n"] == before["n"] == 110


def test_the_report_shows_the_audit(folder: RunFolder) -> None:
    from evaluation.report.render import html, markdown

    for text in (html(read_results(folder)), markdown(read_results(folder))):
        assert "prompts are identical but for their context" in text
        assert "passed" in text
        for check in saved(folder)["audit"]["checks"]:
            assert check["detail"] in text
