"""The verdict says what the figures allow, and no more."""

import pytest
from verdict_cases import case, cell, contrast, covered, method, trained

from evaluation.analysis.coverage import coverage_needed
from evaluation.analysis.verdict import describe, make_verdict

TWO = {"rag": method(cell(66, 24, 20)), "lora": trained(cell(43, 2, 65))}


def test_every_part_stands_in_one_structure() -> None:
    rows = [contrast("rag", "lora", 23 / 110), contrast("rag", "lora", -45 / 110, "wrong")]
    verdict = make_verdict(case(TWO, rows, coverage=covered(110, 55)), 250)
    assert (verdict.recommended, verdict.decided_by, verdict.badge.how) == ("rag", "right answers", "sure")
    assert verdict.summary.startswith("Take search (rag): 66 of 110 questions right, 23 more")
    assert verdict.coverage.startswith("Training taught 55 of the 110 facts")
    assert verdict.ranking == ["rag", "lora"]
    assert verdict.reasons == [
        "rag beats lora overall by 21 points (11 to 31) over 110 facts.",
        "rag gives fewer wrong answers than lora overall: 41 points (31 to 51) over 110 facts.",
    ]


def test_the_loser_named_first_changes_nothing() -> None:
    assert describe(contrast("lora", "rag", -0.21)) == "rag beats lora overall by 21 points (11 to 31) over 110 facts."
    assert describe(contrast("lora", "rag", 0.21, "wrong")) == (
        "rag gives fewer wrong answers than lora overall: 21 points (11 to 31) over 110 facts."
    )


def test_too_close_to_call_names_what_could_have_been_seen() -> None:
    """15 points could be seen with 110 facts, 4 points need (15 / 4)² times as many."""
    assert describe(contrast("rag", "lora", 0.04)) == (
        "rag and lora are too close to call overall: rag is 4 points ahead (−6 to 14). With 110 facts this run can "
        "only detect gaps of 15 points or more; to confirm 4 points, ask about 1,500 facts."
    )
    assert describe(contrast("rag", "lora", 0.04, "wrong")) == (
        "rag and lora are too close to call overall in wrong answers: rag gives 4 points more (−6 to 14)."
    )


def test_too_few_facts_are_not_ranked() -> None:
    few = describe(contrast("rag", "lora", 0.3, n_facts=12, verdict="too few facts to rank"))
    assert few == "rag and lora: too few facts to rank (12, 50 are needed)."


def test_a_lead_that_hangs_on_coverage_is_said_to_hang_on_it() -> None:
    """lora .8 and .0, rag .2 and .2: equal where c · .8 = .2, so c = 25 %."""
    methods = {
        "rag": method(cell(22, 44, 44), paraphrased=cell(11, 22, 22), held_out=cell(11, 22, 22)),
        "lora": trained(cell(44, 0, 66), paraphrased=cell(44, 0, 11), held_out=cell(0, 0, 55)),
    }
    rows = [contrast("lora", "rag", 0.2), contrast("rag", "lora", -0.6, category="paraphrased", family="secondary")]
    verdict = make_verdict(case(methods, rows), 250)
    assert verdict.coverage_needed == pytest.approx(0.25)
    assert verdict.reasons[1] == (
        "On facts that training covered, lora is 60 points ahead of rag (50 to 70), with 80% of 55 right; of the other "
        "55 questions it answers 0% (failing on those is expected: a control, not a finding): lora wins overall only "
        "if training covers more than 25% of what your users ask."
    )
    assert "Another method is clearly better than lora on: never seen in training." in verdict.caveats


def test_what_an_adapted_method_with_passages_does_not_answer_is_no_control() -> None:
    methods = {
        "rag": method(cell(44, 44, 22), paraphrased=cell(22, 22, 11), held_out=cell(22, 22, 11)),
        "lora+rag": method(cell(33, 44, 33), adapted=True, paraphrased=cell(33, 0, 22), held_out=cell(5, 25, 25)),
    }
    reasons = " ".join(make_verdict(case(methods, [contrast("lora+rag", "rag", 0.2)]), 250).reasons)
    assert "55 questions it answers 9% (retrieval serves it there as it serves rag)" in reasons
    assert "control" not in reasons


def test_where_no_coverage_helps_it_says_so() -> None:
    methods = {
        "rag": method(cell(54, 28, 28), paraphrased=cell(28, 14, 13), held_out=cell(28, 14, 13)),
        "lora": trained(cell(22, 0, 88), paraphrased=cell(22, 0, 33), held_out=cell(0, 0, 55)),
    }
    rows = [contrast("rag", "lora", 0.3), contrast("rag", "lora", 0.11, category="paraphrased", family="secondary")]
    assert coverage_needed(methods, "lora", "rag") is None
    reasons = make_verdict(case(methods, rows), 250).reasons
    assert "lora is 11 points behind rag (1 to 21)" in reasons[1]
    assert reasons[1].endswith("no coverage would make it win.")


def test_a_training_that_did_not_converge_is_not_judged() -> None:
    methods = {"rag": TWO["rag"], "lora": trained(cell(90, 10, 10), converged=False)}
    verdict = make_verdict(case(methods, [contrast("rag", "lora", -0.2)]), 250)
    assert (verdict.recommended, verdict.coverage, verdict.ranking) == (None, "", ["rag"])
    assert not any("beats" in reason for reason in verdict.reasons)


def test_a_run_that_fails_its_audit_has_no_verdict() -> None:
    verdict = make_verdict(case(TWO, [contrast("rag", "lora", 0.3)], failed="prompts"), 250)
    assert (verdict.recommended, verdict.badge.how) == (None, "failed")
    assert verdict.summary == "No recommendation: this run fails its audit (prompts)."
