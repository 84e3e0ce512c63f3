"""The verdict says what the figures allow, and no more."""

from typing import Any

import pytest

from evaluation.analysis.verdict import describe, facts_needed, make_verdict
from evaluation.results.method import MethodResults
from evaluation.results.rates import Cell, Refusal
from evaluation.results.schema import Audit, AuditCheck, Contrast


def row(**fields: Any) -> Contrast:
    base = {"a": "rag", "b": "lora", "category": "overall", "family": "primary", "n_facts": 110, "verdict": "a"}
    base |= {"difference": 0.21, "ci_low": 0.14, "ci_high": 0.28, "minimum_detectable": 0.12}
    return Contrast.model_construct(**base | fields)


def cell(accuracy: float | None, n: int = 55) -> Cell:
    known = accuracy is not None
    low, high = (accuracy - 0.05, accuracy + 0.05) if known else (None, None)
    return Cell.model_construct(accuracy=accuracy, n=n, n_facts=n, ci_low=low, ci_high=high)


NOTHING_REFUSED = Refusal.model_construct(ci_low=None, ci_high=None)


def method(
    accuracy: float | None, n_facts: int = 110, converged: bool = True, refusal: Refusal = NOTHING_REFUSED,
    context: str = "search", adapted: bool = False, **categories: float,
) -> MethodResults:  # fmt: skip
    return MethodResults.model_construct(
        kind="candidate", context=context, adapted=adapted, overall=cell(accuracy, n_facts), converged=converged,
        refusal=refusal, categories={name: cell(value) for name, value in categories.items()},
    )  # fmt: skip


def lora(accuracy: float | None, n_facts: int = 110, **fields: Any) -> MethodResults:
    return method(accuracy, n_facts, context="none", adapted=True, **fields)


AUDIT = Audit.model_construct(warnings=[], checks=[])


def test_a_clear_lead() -> None:
    verdict = make_verdict({"rag": method(0.6), "lora": lora(0.39)}, [row()], AUDIT)
    assert verdict.recommended == "rag"
    expected = "rag answers best here: 60% of 110 answerable questions, 21 points (14 to 28) ahead of lora."
    assert verdict.summary == expected
    assert verdict.reasons == ["rag beats lora overall by 21 points (14 to 28) over 110 facts."]


def test_the_loser_named_first_changes_nothing() -> None:
    text = describe(row(a="lora", b="rag", difference=-0.21, ci_low=-0.28, ci_high=-0.14, verdict="b"))
    assert text == "rag beats lora overall by 21 points (14 to 28) over 110 facts."


def test_too_close_to_call_names_what_could_have_been_seen() -> None:
    """12 points could be seen with 110 facts, 4 points need (12 / 4)² times as many."""
    close = row(difference=0.04, ci_low=-0.05, ci_high=0.13, verdict="too close to call")
    verdict = make_verdict({"rag": method(0.5), "lora": lora(0.46)}, [close], AUDIT)
    assert verdict.recommended is None
    assert verdict.summary == (
        "Too close to call between rag and lora: rag answers 50% of 110 answerable questions, 4 points more, and this "
        "run could only have detected a gap of 12 points or more."
    )
    assert verdict.reasons[0] == (
        "rag and lora are too close to call overall: rag is 4 points ahead (-5 to 13), and with 110 facts this run "
        "could only have detected a gap of 12 points or more; detecting a gap of 4 points would take 990 facts."
    )
    assert facts_needed(row(difference=0.0)) is None


def test_too_few_facts_are_not_ranked() -> None:
    verdict = make_verdict({"rag": method(0.9, 12), "lora": lora(0.1, 12)}, [row(n_facts=12)], AUDIT)
    assert verdict.recommended is None
    assert "Too few facts to rank: 12" in verdict.summary
    assert "too few facts to rank (12, 50 are needed)" in verdict.reasons[0]


def test_a_lead_that_hangs_on_coverage_is_said_to_hang_on_it() -> None:
    """lora .8 and .0, rag .2 and .2: equal where c · .8 = .2, so c = 25 %."""
    methods = {
        "rag": method(0.2, paraphrased=0.2, held_out=0.2),
        "lora": lora(0.4, paraphrased=0.8, held_out=0.0),
    }
    rows = [
        row(a="lora", b="rag", difference=0.1, ci_low=0.02, ci_high=0.18),
        row(category="paraphrased", family="secondary", difference=-0.6, ci_low=-0.7, ci_high=-0.5, verdict="b"),
    ]
    verdict = make_verdict(methods, rows, AUDIT)
    assert verdict.coverage_needed == pytest.approx(0.25)
    assert verdict.reasons[-1] == (
        "On facts that training covered, lora is 60 points ahead of rag (50 to 70), with 80% of 55 right; of the other "
        "55 questions it answers 0% (failing on those is expected: a control, not a finding): lora wins overall only "
        "if training covers more than 25% of what your users ask."
    )
    assert "another method is clearly better on held_out" in verdict.summary


def test_what_an_adapted_method_with_passages_does_not_answer_is_no_control() -> None:
    methods = {
        "rag": method(0.4, paraphrased=0.4, held_out=0.4),
        "lora+rag": method(0.3, adapted=True, paraphrased=0.6, held_out=0.1),
    }
    reasons = " ".join(make_verdict(methods, [row(a="lora+rag", b="rag")], AUDIT).reasons)
    assert "55 questions it answers 10% (retrieval serves it there as it serves rag)" in reasons
    assert "control" not in reasons


def test_where_no_coverage_helps_it_says_so() -> None:
    methods = {
        "rag": method(0.5, paraphrased=0.5, held_out=0.5),
        "lora": lora(0.2, paraphrased=0.4, held_out=0.0),
    }
    covered = row(category="paraphrased", family="secondary", difference=0.1, ci_low=0.02, ci_high=0.18)
    verdict = make_verdict(methods, [row(), covered], AUDIT)
    assert verdict.coverage_needed is None
    assert "lora is 10 points behind rag (2 to 18)" in verdict.reasons[-1]
    assert verdict.reasons[-1].endswith("no coverage would make it win.")


def test_a_category_in_which_the_winner_fails_is_not_averaged_away() -> None:
    methods = {
        "rag": method(0.6, held_out=0.8, multi_hop=0.1, refusal=Refusal.model_construct(ci_low=0.0, ci_high=0.1)),
        "lora": lora(0.3, held_out=0.3, multi_hop=0.1, refusal=Refusal.model_construct(ci_low=0.4, ci_high=0.8)),
    }  # fmt: skip
    summary = make_verdict(methods, [row()], AUDIT).summary
    assert "another method is clearly better on refusing the unanswerable" in summary
    assert "it is weak on multi_hop (10% of 55)" in summary
    assert "held_out" not in summary


def test_a_training_that_did_not_converge_is_not_judged() -> None:
    verdict = make_verdict({"rag": method(0.3), "lora": lora(0.9, converged=False)}, [row()], AUDIT)
    assert verdict.recommended is None
    assert "fewer than two" in verdict.summary
    assert not any("beats" in reason for reason in verdict.reasons)


def test_a_method_without_any_score_is_not_ranked() -> None:
    verdict = make_verdict({"rag": method(0.3), "lora": lora(None)}, [], AUDIT)
    assert "fewer than two" in verdict.summary


def test_a_run_that_fails_its_audit_has_no_verdict() -> None:
    failed = AuditCheck(name="prompts", passed=False, detail="x")
    audit = Audit.model_construct(warnings=[], checks=[failed])
    verdict = make_verdict({"rag": method(0.6), "lora": lora(0.39)}, [row()], audit)
    assert verdict.recommended is None
    assert verdict.summary == "No verdict: this run fails its audit (prompts)."
