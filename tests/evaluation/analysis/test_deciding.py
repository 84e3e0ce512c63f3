"""When the answers of a run until decided decide."""

from typing import Any

import pytest
from verdict_cases import contrast

from data.load import load_domain
from data.schema import Question
from evaluation.analysis.deciding import by_contrasts, decided
from evaluation.run.rounds import Decided

THREE = ("inject", "rag", "lora")


def _by(leads: dict[tuple[str, str], float], widths: float = 0.1, **fields: Any) -> Decided | None:
    rows = [contrast(a, b, difference, reach=widths, **fields) for (a, b), difference in leads.items()]
    return by_contrasts(THREE, rows, smallest=0.05)


@pytest.mark.parametrize(
    ("leads", "widths", "expected"),
    [
        ({("rag", "lora"): 0.2, ("inject", "rag"): -0.3, ("inject", "lora"): -0.1}, 0.1, "ahead"),
        ({("rag", "lora"): 0.05, ("inject", "rag"): -0.3, ("inject", "lora"): -0.25}, 0.1, None),
        ({("rag", "lora"): 0.0, ("inject", "rag"): -0.3, ("inject", "lora"): -0.3}, 0.04, "alike"),
        ({("rag", "lora"): 0.02, ("inject", "rag"): -0.3, ("inject", "lora"): -0.28}, 0.04, None),
    ],
)
def test_ahead_of_all_or_alike_with_those_it_is_not_ahead_of(
    leads: dict[tuple[str, str], float], widths: float, expected: str | None
) -> None:
    assert _by(leads, widths) == expected


def test_a_few_facts_decide_nothing() -> None:
    leads = {("rag", "lora"): 0.4, ("inject", "rag"): -0.4, ("inject", "lora"): -0.01}
    assert _by(leads, n_facts=49, verdict="too few facts to rank") is None


def test_a_training_that_failed_does_not_compete(make_domain: Any, make_run: Any, right: Any) -> None:
    """lora knows every question but its own training wordings; rag is then ahead of the other that is left."""
    domain = load_domain(make_domain(facts=60))

    def forgets(question: Question) -> str:
        return "a stone" if question.split == "train" else right(question)

    def never(question: Question) -> str:
        return "a stone"

    asked = [question for question in domain.split("test") if question.answerable]
    settings = {"until_decided": True, "smallest": 5.0}
    failed = make_run("failed", domain, {"rag": right, "inject": never, "lora": forgets}, **settings)
    assert decided(failed, failed.rows("scores.jsonl"), asked) == "ahead"
    learned = make_run("learned", domain, {"rag": right, "inject": never, "lora": right}, **settings)
    assert decided(learned, learned.rows("scores.jsonl"), asked) is None
    assert decided(learned, learned.rows("scores.jsonl"), asked[:40]) is None
