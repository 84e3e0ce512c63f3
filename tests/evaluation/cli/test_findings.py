"""What is known of a domain travels: said before the run, kept in it, shown in results and reports; errors stop it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from data.errors import CheckFailed
from data.load import load_domain
from evaluation.cli.main import app
from evaluation.cli.run import _with_findings
from evaluation.drafting.check_domain import findings_before
from evaluation.report.render import html, markdown
from evaluation.results.file import read_results
from evaluation.run.plan import make_plan
from evaluation.run.settings import RunSettings


def _add(path: Path, **row: Any) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")


def _known(folder: Path, **settings: Any) -> Any:
    domain = load_domain(folder)
    return domain, make_plan(domain, RunSettings(domain=folder, **settings))


def test_from_the_domain_into_results_and_reports(make_domain: Callable[..., Path], make_run: Any, right: Any) -> None:
    folder = make_domain()
    twin = {"question": "Which animal is on the flag of Harbour1?", "answers": ["heron"]}
    _add(folder / "questions.jsonl", id="twin", **twin)
    (folder / "domain.toml").write_text('name = "H"\n[gate]\n"rag.acuracy" = 0.5\n', encoding="utf-8")
    folder_run = make_run("mine", _with_findings(*_known(folder)), {"base": right, "rag": right})
    results = read_results(folder_run)
    by_place = {finding.place: finding for finding in results.findings}
    assert "it counts once" in by_place["twin"].sentence
    assert by_place["domain.toml"].sentence == "[gate] asks for 'rag.acuracy', which no run has"
    assert any("too few facts to rank methods" in finding.sentence for finding in results.findings)
    assert folder_run.record()["findings"][0]["severity"] == "warning"
    for text in (markdown(results), html(results)):
        assert "Known before the run" in text
        assert "it counts once. Delete one of them." in text


def test_the_audits_warnings_are_findings_too_and_stand_once(
    make_domain: Callable[..., Path], make_run: Any, right: Any
) -> None:
    results = read_results(make_run("mine", load_domain(make_domain()), {"rag": right, "lora": lambda _: "a stone"}))
    told = [finding.sentence for finding in results.findings if finding.place == "audit"]
    assert (
        told
        == [text for text in results.audit.warnings if text.startswith("The training of lora did not converge")]
        != []
    )
    assert markdown(results).count(told[0][:60]) == 1


def test_an_error_stops_the_run_before_the_work(make_domain: Callable[..., Path], tmp_path: Path) -> None:
    folder = make_domain()
    _add(folder / "questions.jsonl", id="misquoted", question="How deep?", answers=["9 m"], evidence="It is 9 m deep.",
         document_ids=["Harbour0.md"])  # fmt: skip
    with pytest.raises(CheckFailed, match="1 error, the first: misquoted: its evidence does not stand in Harbour0"):
        _with_findings(*_known(folder))
    said = CliRunner().invoke(app, ["run", str(folder), "--out", str(tmp_path / "r"), "--methods", "base"])
    assert said.exit_code != 0
    assert "misquoted: its evidence does not stand in" in said.output
    assert not (tmp_path / "r").exists()


def test_check_tells_the_same(make_domain: Callable[..., Path]) -> None:
    folder = make_domain()
    said = CliRunner().invoke(app, ["check", str(folder), "--no-model", "--json"])
    told = [(row["severity"], row["place"], row["sentence"]) for row in json.loads(said.output)["findings"]]
    assert told == [(f.severity, f.place, f.sentence) for f in findings_before(*_known(folder))] != []


def test_a_sample_too_small_to_rank(make_domain: Callable[..., Path]) -> None:
    folder = make_domain(facts=60, trained=False)
    domain, plan = _known(folder)
    assert not any("this run asks for" in finding.sentence for finding in findings_before(domain, plan))
    few = plan.__class__(**{**vars(plan), "questions": plan.questions[:9]})
    told = [finding.sentence for finding in findings_before(domain, few) if "this run asks" in finding.sentence]
    assert told == ["this run asks for 9 of 60 facts, too few to rank methods: 50 are needed"]


@pytest.mark.parametrize("name", ["rag.acc", "rga.accuracy", "rag.hold_out.accuracy", "grader.n", "accuracy"])
def test_a_threshold_that_no_run_has(make_domain: Callable[..., Path], name: str) -> None:
    folder = make_domain()
    known = '"rag.accuracy" = 0.5\n"lora+rag.held_out.ci_low" = 0.1\n"grader.kappa" = 0.6\n'
    (folder / "domain.toml").write_text(f'name = "H"\n[gate]\n{known}"{name}" = 0.1\n', encoding="utf-8")
    found = [f.sentence for f in findings_before(*_known(folder)) if f.place == "domain.toml"]
    assert found == [f"[gate] asks for '{name}', which no run has"]


def _rewritten(folder: Path, change: Any) -> Any:
    """The domain with its answerable questions changed by a function from rows to rows."""
    path = folder / "questions.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    changed = change([row for row in rows if row["answers"]])
    path.write_text("".join(json.dumps(row) + "\n" for row in changed), encoding="utf-8")
    return load_domain(folder)


def test_questions_given_twice_make_no_verdict(make_domain: Callable[..., Path], make_run: Any, right: Any) -> None:
    def twice(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return rows + [row | {"id": f"{row['id']}-again", "fact_id": f"{row['fact_id']}-again"} for row in rows]

    domain = _rewritten(make_domain(facts=28, trained=False), twice)
    results = read_results(make_run("twice", domain, {"rag": right, "inject": lambda _: "a stone"}))
    assert results.methods["rag"].overall.n == 28
    assert results.verdict.recommended is None
    (told,) = [finding for finding in results.findings if "counts once" in finding.sentence]
    assert told.sentence.startswith("28 questions have the same wording as another")
    assert told.place.startswith("flag0-q-again, flag1-q-again, ")
    assert told.place.endswith("flag9-q-again and 18 more")


def test_repeating_the_question_is_no_reason_to_recommend(make_domain: Callable[..., Path], make_run: Any) -> None:
    def either(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [row | {"question": f"In {row['fact_id']}, {row['answers'][0]} or mole?"} for row in rows]

    domain = _rewritten(make_domain(facts=60, trained=False), either)
    told = _with_findings(*_known(domain.folder))
    results = read_results(make_run("echo", told, {"rag": lambda q: q.question, "inject": lambda _: "no"}))
    assert results.verdict.recommended is None
    assert any("60 questions name an accepted answer" in finding.sentence for finding in results.findings)
