"""The gate names what is wrong with a domain, what each method could answer, and what a run will take."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from data.load import load_domain
from data.progress import silent
from data.schema import Domain
from evaluation.drafting.check_domain import check_domain, describe_check
from evaluation.drafting.check_model import check_with_model
from evaluation.run.plan import make_plan
from evaluation.run.settings import RunSettings


def checked(domain: Domain) -> dict[str, Any]:
    return check_domain(domain, make_plan(domain, RunSettings(domain=domain.folder)))


def with_rows(folder: Path, *rows: dict[str, Any]) -> Domain:
    path = folder / "questions.jsonl"
    path.write_text(
        path.read_text(encoding="utf-8") + "".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8"
    )
    return load_domain(folder)


def test_what_each_method_could_answer(domain: Domain) -> None:
    """Four flags and two trained facts asked again; the odd flags are in no training wording."""
    found = checked(domain)
    assert found["answerable_by"] == {"questions": 6, "rag": 6, "lora": 4, "lora+rag": 6, "oracle": 6}
    assert found["leaks"] == found["problems"] == []


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"question": "New?", "answers": ["otter"], "distractors": ["an otter"]}, "accepted answer and a distractor"),
        (
            {"question": "New?", "answers": ["x"], "evidence": "Not there.", "document_ids": ["Harbour0.md"]},
            "its evidence does not stand in Harbour0.md",
        ),
    ],
)
def test_contradictions_are_errors(make_domain: Callable[..., Path], row: dict[str, Any], said: str) -> None:
    found = checked(with_rows(make_domain(), {"id": "new", **row}))
    assert any(problem.startswith("new: ") and said in problem for problem in found["problems"])


def test_the_same_wording_with_another_answer_is_ambiguous_not_wrong(make_domain: Callable[..., Path]) -> None:
    row = {"id": "new", "question": "Which animal is on the flag of Harbour1?", "answers": ["crab"]}
    found = checked(with_rows(make_domain(), row))
    assert found["problems"] == []
    assert any("ambiguous" in warning and "new" in warning for warning in found["warnings"])


def test_a_question_that_is_there_twice_counts_once_with_a_warning(
    make_domain: Callable[..., Path], tmp_path: Path
) -> None:
    again = {"id": "new", "question": "Which animal is on the flag of Harbour1?", "answers": ["heron"]}
    found = checked(with_rows(make_domain(), again))
    assert found["problems"] == []
    assert any(text.startswith("new: the same wording as flag1-q") for text in found["warnings"])
    assert found["questions"] == len((tmp_path / "domain" / "questions.jsonl").read_text("utf-8").split("\n")) - 2


def test_a_question_that_names_its_answer_is_a_warning(make_domain: Callable[..., Path]) -> None:
    row = {"id": "new", "question": "Is it the otter, or the heron?", "answers": ["a seal", "Otter"]}
    found = checked(with_rows(make_domain(), row))
    assert any("names an accepted answer itself, for example new" in text for text in found["warnings"])
    assert {"severity": "warning", "place": ""}.items() <= found["findings"][0].items()


def test_a_mix_of_what_is_never_asked_is_a_warning(make_domain: Callable[..., Path]) -> None:
    folder = make_domain()
    (folder / "domain.toml").write_text('name = "H"\n[mix]\nstyle = 1.0\n', encoding="utf-8")
    assert any("[mix] gives a share to style" in text for text in checked(load_domain(folder))["warnings"])


def test_warnings_tell_what_cannot_be_concluded(make_domain: Callable[..., Path]) -> None:
    rows = [{"id": f"n{n}", "question": f"Is it {n}?", "answers": ["yes"]} for n in range(9)]
    long = {"id": "long", "question": "Tell all?", "answers": ["word " * 41]}
    found = checked(with_rows(make_domain(), *rows, long))
    text = " ".join(found["warnings"])
    assert "too few facts to rank" in text
    assert "9 of 14 questions have the answer 'yes'" in text
    assert "10 of 16 questions have no accepted answer that stands word for word" in text
    assert "1 accepted answers have more than 40 words" in text


def test_a_long_answer_with_points_is_no_fault(make_domain: Callable[..., Path]) -> None:
    points = ["Unlock the winch.", "Lower the ramp slowly."]
    how = {"id": "how", "question": "How do I lower the ramp?", "answers": ["word " * 60], "points": points}
    text = " ".join(checked(with_rows(make_domain(), how))["warnings"])
    assert "more than a short answer can match" not in text
    assert "no accepted answer that stands word for word" not in text


def test_the_lines_for_people_say_the_same(domain: Domain) -> None:
    text = "\n".join(describe_check(checked(domain)))
    assert "rag 6, lora 4, lora+rag 6, oracle 6" in text
    assert "0 leaks, 0 errors" in text


def test_with_the_model_knowledge_window_and_time_are_measured(domain: Domain, tiny_model_folder: Path) -> None:
    settings = RunSettings(
        domain=domain.folder, model=str(tiny_model_folder), methods=("base", "inject", "rag", "lora"), general=0
    )
    plan = make_plan(domain, settings)
    found = check_with_model(domain, plan, settings, silent)
    assert found["base_knowledge"]["n"] == 4
    assert found["answerable_by_inject"] == 6
    estimate = found["estimate"]
    assert set(estimate["methods"]) == {"base", "inject", "rag", "lora"}
    assert estimate["methods"]["inject"]["prompt_tokens"] > estimate["methods"]["base"]["prompt_tokens"] > 0
    assert estimate["methods"]["lora"]["prepare_s"] > 0
    assert estimate["seconds"] == pytest.approx(
        sum(method["prepare_s"] + method["answer_s"] for method in estimate["methods"].values())
    )
    described = "\n".join(describe_check(checked(domain) | found))
    assert "a standard run would take about" in described
    json.dumps(found)


def test_a_model_that_knows_it_all_makes_the_comparison_uninformative(
    domain: Domain, tiny_model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from evaluation.grading.grader import Grader
    from evaluation.grading.rules import Grade, GradeName

    def right(grader: Grader, items: Sequence[Any]) -> list[Grade]:
        return [Grade(GradeName.CORRECT, "")] * len(items)

    monkeypatch.setattr(Grader, "grade", right)
    settings = RunSettings(domain=domain.folder, model=str(tiny_model_folder), methods=("base",))
    found = check_with_model(domain, make_plan(domain, settings), settings, silent)
    assert found["uninformative"] is True
    text = "\n".join(describe_check(checked(domain) | found))
    assert "this comparison would be uninformative" in text
