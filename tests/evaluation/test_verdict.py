"""The verdict says what the figures allow, and no more."""

from typing import Any

import pytest

from evaluation.verdict import describe, make_verdict


def row(**fields: Any) -> dict[str, Any]:
    base = {"a": "rag", "b": "lora", "category": "overall", "family": "primary", "n_facts": 110, "verdict": "a"}
    base |= {"difference": 0.21, "ci_low": 0.14, "ci_high": 0.28, "minimum_detectable": 0.12}
    return base | fields


def method(accuracy: float, n_facts: int = 110, converged: bool = True) -> dict[str, Any]:
    return {"overall": {"accuracy": accuracy, "n": n_facts, "n_facts": n_facts}, "converged": converged}


AUDIT: dict[str, Any] = {"warnings": []}


def test_a_clear_lead() -> None:
    verdict = make_verdict({"rag": method(0.6), "lora": method(0.39)}, [row()], AUDIT)
    assert verdict["recommended"] == "rag"
    assert verdict["summary"] == "rag answers best here: 60% of 110 answerable questions, 21 points ahead of lora."
    assert verdict["reasons"] == ["rag beats lora by 21 points (14 to 28) over 110 facts."]


def test_the_loser_named_first_changes_nothing() -> None:
    text = describe(row(a="lora", b="rag", difference=-0.21, ci_low=-0.28, ci_high=-0.14, verdict="b"))
    assert text == "rag beats lora by 21 points (14 to 28) over 110 facts."


def test_too_close_to_call_names_what_could_have_been_seen() -> None:
    close = row(difference=0.04, ci_low=-0.05, ci_high=0.13, verdict="too close to call")
    verdict = make_verdict({"rag": method(0.5), "lora": method(0.46)}, [close], AUDIT)
    assert verdict["recommended"] is None
    assert verdict["summary"].startswith("Too close to call between rag and lora")
    assert "+4 points (-5 to 13); with 110 facts this run could have seen 12 points" in verdict["reasons"][0]


def test_too_few_facts_are_not_ranked() -> None:
    verdict = make_verdict({"rag": method(0.9, 12), "lora": method(0.1, 12)}, [row(n_facts=12)], AUDIT)
    assert verdict["recommended"] is None
    assert "Too few facts to rank: 12" in verdict["summary"]
    assert "too few facts to rank (12, 50 are needed)" in verdict["reasons"][0]


def cells(trained: float, held_out: float) -> dict[str, Any]:
    def cell(value: float) -> dict[str, Any]:
        return {"accuracy": value, "n": 55, "ci_low": value - 0.05, "ci_high": value + 0.05}

    return {"paraphrased": cell(trained), "held_out": cell(held_out)}


def test_a_lead_that_hangs_on_coverage_is_said_to_hang_on_it() -> None:
    """lora .8 and .0, rag .2 and .2: equal where c · .8 = .2, so c = 25 %."""
    methods = {
        "rag": method(0.3) | {"categories": cells(0.2, 0.2)},
        "lora": method(0.4) | {"categories": cells(0.8, 0.0)},
    }
    verdict = make_verdict(methods, [row(a="lora", b="rag", difference=0.1, ci_low=0.02, ci_high=0.18)], AUDIT)
    assert verdict["coverage_needed"] == pytest.approx(0.25)
    assert "only if training covers more than 25% of what is asked" in verdict["reasons"][-1]
    assert "fails on held_out" in verdict["summary"]


def test_a_training_that_did_not_converge_is_not_judged() -> None:
    verdict = make_verdict({"rag": method(0.3), "lora": method(0.9, converged=False)}, [row()], AUDIT)
    assert verdict["recommended"] is None
    assert "fewer than two" in verdict["summary"]
