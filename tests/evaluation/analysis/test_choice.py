"""Which method is recommended: right answers, then wrong ones, then cost; or expected loss at the user's prices."""

from collections.abc import Mapping

import pytest
from verdict_cases import bill, case, cell, contrast, covered, method, trained

from evaluation.analysis.choice import choose, least_extra_loss
from evaluation.results.costs import Scenario
from evaluation.results.method import MethodResults

RAG, BOTH, LORA = cell(54, 35, 21), cell(52, 1, 57), cell(38, 2, 70)
THREE = {"rag": method(RAG), "lora+rag": method(BOTH, adapted=True), "lora": trained(LORA)}


def test_more_right_answers_decide_first() -> None:
    """22 points with an interval of ten to each side; more wrong answers do not matter then."""
    methods = {"rag": method(cell(62, 0, 48)), "lora": trained(cell(38, 70, 2))}
    found = choose(case(methods, [contrast("rag", "lora", 24 / 110), contrast("rag", "lora", 46 / 110, "wrong")]))
    assert (found.recommended, found.by, found.certain) == ("rag", "right answers", True)
    assert found.alike_in_right == ["rag"]


def test_where_right_answers_are_alike_fewer_wrong_ones_decide() -> None:
    """As measured on the sample domain: right 54, 52, 38 cannot be told apart, wrong 21, 57, 70 can."""
    rows = [
        contrast("rag", "lora", 16 / 110, reach=0.16), contrast("lora+rag", "rag", -2 / 110, reach=0.16),
        contrast("rag", "lora", -49 / 110, "wrong"), contrast("lora+rag", "rag", 36 / 110, "wrong"),
    ]  # fmt: skip
    found = choose(case(THREE, rows, {"rag": bill(1.2), "lora": bill(0.1), "lora+rag": bill(0.1)}))
    assert (found.recommended, found.by, found.certain) == ("rag", "wrong answers", True)
    assert found.alike_in_right == ["rag", "lora+rag", "lora"]


def test_a_method_with_fewer_right_answers_is_out_however_few_are_wrong() -> None:
    methods = {"rag": method(cell(60, 0, 50)), "shy": method(cell(5, 105, 0))}
    rows = [contrast("rag", "shy", 55 / 110), contrast("rag", "shy", 50 / 110, "wrong")]
    assert choose(case(methods, rows)).recommended == "rag"


def test_where_both_are_alike_the_smaller_bill_decides() -> None:
    methods = {"rag": method(cell(54, 30, 26)), "lora": trained(cell(52, 30, 28))}
    rows = [contrast("rag", "lora", 2 / 110), contrast("rag", "lora", -2 / 110, "wrong")]
    found = choose(case(methods, rows, {"rag": bill(1.2), "lora": bill(121.0)}))
    assert (found.recommended, found.by, found.certain) == ("rag", "cost", False)
    assert choose(case(methods, rows, {"rag": bill(1.2), "lora": bill(0.4)})).recommended == "lora"


def test_bills_that_may_be_equal_decide_nothing() -> None:
    """1.20 and 1.50, each known to 0.25: the difference to sqrt(2) · 0.25 = 0.354."""
    methods = {"rag": method(cell(54, 30, 26)), "lora": trained(cell(52, 30, 28))}
    rows = [contrast("rag", "lora", 2 / 110), contrast("rag", "lora", -2 / 110, "wrong")]
    found = choose(case(methods, rows, {"rag": bill(1.2, error=0.25), "lora": bill(1.5, error=0.25)}))
    assert (found.state, found.recommended) == ("open", None)
    assert choose(case(methods, rows, {"rag": bill(1.2, error=0.25), "lora": bill(1.6, error=0.25)})).by == "cost"
    assert choose(case(methods, rows, {"rag": bill(1.2)})).state == "open", "a bill that nobody knows"
    assert choose(case(methods, rows, {"rag": bill(1.2, fits=False), "lora": bill(9)})).state == "open"


PRICED = Scenario(wrong_answer=1.0, no_answer=0.25)


def _priced(scenario: Scenario) -> Mapping[str, object]:
    rates = {"rag": RAG, "lora+rag": BOTH, "lora": LORA}
    return {
        name: bill(1.2, of.wrong / 110, of.abstained / 110, scenario=scenario) for name, of in rates.items()
    }  # fmt: skip


def test_the_users_prices_decide_by_expected_loss() -> None:
    """rag .1909 + .25 · .3182 = .2705 a question, lora+rag .5182 + .25 · .0091 = .5205."""
    rows = [
        contrast("rag", "lora", 16 / 110), contrast("lora+rag", "rag", -2 / 110),
        contrast("rag", "lora", -49 / 110, "wrong"), contrast("lora+rag", "rag", 36 / 110, "wrong"),
    ]  # fmt: skip
    asked = case(THREE, rows, _priced(PRICED), PRICED)  # type: ignore[arg-type]
    found = choose(asked)
    assert (found.recommended, found.by, found.certain) == ("rag", "expected loss", True)
    # Worst ends: wrong 36/110 - .1, right -2/110 + .1, so .75 · .2273 - .25 · .0818 = .15.
    assert least_extra_loss(asked, "lora+rag", "rag") == pytest.approx(0.75 * (36 / 110 - 0.1) - 0.25 * (0.1 - 2 / 110))
    dear = Scenario(wrong_answer=0.1, no_answer=1.0)
    assert choose(case(THREE, rows, _priced(dear), dear)).recommended == "lora+rag", "unknowns dear"  # type: ignore[arg-type]


def test_an_expected_loss_that_is_not_established_is_still_the_choice_but_not_certain() -> None:
    methods = {"rag": method(cell(50, 10, 50)), "lora": trained(cell(50, 8, 52))}
    rows = [contrast("rag", "lora", 0.0), contrast("rag", "lora", -2 / 110, "wrong")]
    scenario = Scenario(wrong_answer=1.0)
    bills = {"rag": bill(1.2, 50 / 110, scenario=scenario), "lora": bill(1.2, 52 / 110, scenario=scenario)}
    found = choose(case(methods, rows, bills, scenario))
    assert (found.recommended, found.by, found.certain) == ("rag", "expected loss", False)


def test_yardsticks_and_trainings_that_failed_are_never_chosen() -> None:
    methods: dict[str, MethodResults] = {
        "oracle": method(cell(100, 5, 5), kind="yardstick"),
        "lora": trained(cell(90, 10, 10), converged=False),
        "rag": method(cell(60, 25, 25)),
        "theirs": method(cell(30, 40, 40), kind="contestant"),
    }
    asked = case(methods, [contrast("rag", "theirs", 30 / 110)])
    assert asked.ranking == ["rag", "theirs"]
    assert choose(asked).recommended == "rag"


def test_a_contestant_can_be_recommended() -> None:
    methods = {"rag": method(cell(30, 40, 40)), "theirs": method(cell(60, 25, 25), kind="contestant")}
    assert choose(case(methods, [contrast("rag", "theirs", -30 / 110)])).recommended == "theirs"


def test_no_recommendation_rests_on_taught_facts_alone() -> None:
    """All that was asked was taught, and training left passages out; not so where it saw them all."""
    methods = {"rag": method(cell(30, 40, 40)), "lora": trained(cell(90, 10, 10))}
    rows = [contrast("rag", "lora", -60 / 110)]
    found = choose(case(methods, rows, coverage=covered(110, 110)))
    assert (found.state, found.recommended) == ("taught facts alone", None)
    whole = covered(110, 110, passages=80, passages_seen=80)
    assert choose(case(methods, rows, coverage=whole)).recommended == "lora"
    assert choose(case(methods, rows, coverage=covered(110, 55))).recommended == "lora"
    assert choose(case(methods, [contrast("rag", "lora", 60 / 110)], coverage=covered(110, 110))).recommended is None


@pytest.mark.parametrize(("n", "state"), [(49, "too few facts"), (50, "decided")])
def test_too_few_facts_are_not_ranked(n: int, state: str) -> None:
    methods = {"rag": method(cell(n - 1, 0, 1)), "lora": trained(cell(1, 0, n - 1))}
    assert choose(case(methods, [contrast("rag", "lora", 0.9)])).state == state


def test_a_run_that_fails_its_audit_recommends_nothing() -> None:
    methods = {"rag": method(cell(60, 25, 25)), "lora": trained(cell(30, 40, 40))}
    assert choose(case(methods, [contrast("rag", "lora", 0.3)], failed="prompts")).state == "audit failed"
