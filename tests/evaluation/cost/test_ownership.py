"""The cost model against sums written out here, by another hand, from the same results and prices."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from evaluation.cost.crossings import break_even, growth, pareto_front
from evaluation.cost.ownership import MethodCost, method_cost
from evaluation.cost.page import cost_page
from evaluation.cost.prices import NAMES, PriceBook, read_prices
from evaluation.cost.usage import USAGE
from evaluation.results.costs import Scenario, Took
from evaluation.results.method import MethodResults, Usage
from evaluation.results.rates import Cell, Outcomes, Rate
from evaluation.results.schema import DomainFacts, Measured, ModelFacts, RunFacts
from model.operations import Shapes

LINEAR, VOCABULARY, ATTENTION = 1000, 500, 40


def _method(accuracy: float, context: str, adapted: bool = False, **usage: float) -> MethodResults:
    """Usage that is the same for all questions, but for the written tokens, whose mean has a standard error of 1."""
    covariance = [[0.0] * len(USAGE) for _ in USAGE]
    covariance[USAGE.index("written")][USAGE.index("written")] = 1.0
    names = (*USAGE, "prefix_tokens", "prefix_s", "prefix_operations", "index_s", "training_s",
             "training_tokens", "training_operations",
             "writing_s", "wordings_by_hand", "disk_bytes")  # fmt: skip
    n = 100
    right = round(accuracy * n)
    unknown = Rate(n=n, rate=None, ci_low=None, ci_high=None)  # as in runs of version 3
    overall: dict[str, Any] = {"n": n, "correct": right, "wrong": n - right - 10, "abstained": 10, "unscored": 0}
    overall |= {"outcomes": Outcomes(right=unknown, unknown=unknown, wrong=unknown)}
    overall |= {"accuracy": accuracy, "ci_low": accuracy - 0.1, "ci_high": accuracy + 0.1}
    used = Usage.model_validate(dict.fromkeys(names, 0) | {"covariance": covariance} | usage)
    return MethodResults.model_construct(
        kind="yardstick" if context == "gold" else "candidate", context=context, adapted=adapted,
        overall=Cell.model_construct(**overall), usage=used,
    )  # fmt: skip


@pytest.fixture
def results() -> Measured:
    methods = {
        "inject": _method(0.5, "all", read=30, cached=4000, written=5, generation_s=0.4, operations=1e6,
                          prefix_tokens=4000,
                          prefix_s=20),
        "rag": _method(0.6, "search", read=300, cached=40, written=5, retrieval_s=0.1, generation_s=0.5, operations=2e6,
                       prefix_tokens=40, prefix_s=0.2, index_s=8, disk_bytes=2e9),
        "lora": _method(0.4, "none", True, read=30, cached=40, written=6, generation_s=0.1, operations=4e5,
                        prefix_tokens=40,
                        prefix_s=0.2, training_s=200, training_tokens=50_000, training_operations=1e9, writing_s=36,
                        wordings_by_hand=10),
    }  # fmt: skip
    shapes = Shapes(linear=LINEAR, vocabulary=VOCABULARY, attention=ATTENTION)
    took = Took(seconds=7200, answering_s=60, alone_s=30, grading_s=10, prompt_tokens=1000, predicted_s=None,
                predicted_prompt_tokens=None)  # fmt: skip
    return Measured.model_construct(
        methods=methods | {"oracle": _method(0.9, "gold")},
        model=ModelFacts.model_construct(parameters=2000, window=8192, shapes=shapes),
        run=RunFacts.model_construct(took=took),
        domain=DomainFacts.model_construct(corpus_tokens=3900, n_documents=20, question_tokens=12),
    )


@pytest.fixture
def book() -> PriceBook:
    return read_prices()


def test_this_machines_bill(results: Measured, book: PriceBook) -> None:
    second = 0.085 / 3600
    rag = method_cost("rag", results, book, Scenario())
    assert rag.fixed == pytest.approx(8.2 * second)
    assert rag.query == pytest.approx(0.6 * second)
    assert rag.update == pytest.approx(8 / 20 * second)
    assert rag.storage == pytest.approx(2 * 0.023)
    lora = method_cost("lora", results, book, Scenario())
    assert lora.fixed == pytest.approx((0.2 + 200 + 36) * second + 10 * 0.50)
    assert lora.update == pytest.approx(200 * second + (36 * second + 5) / 20)
    inject = method_cost("inject", results, book, Scenario())
    assert (inject.fixed, inject.update) == (pytest.approx(20 * second), pytest.approx(20 * second))
    missed = method_cost("inject", results, book, Scenario(cache_hits=0.9))
    assert missed.query == pytest.approx((0.4 + 0.1 * 20) * second)
    for name, own in (("rag", rag), ("lora", lora)):
        other = method_cost(name, results, book, Scenario(cache_hits=0.0))
        assert other.query == own.query, "only what is injected can be missing from a cache"


def test_what_set_up_consists_of(results: Measured, book: PriceBook) -> None:
    """lora: .2 s for the prefix, 200 s of training, 36 s of drafting, 10 wordings by hand at .50, which are assumed."""
    second = 0.085 / 3600
    lora = method_cost("lora", results, book, Scenario(updates_per_month=2, months=10))
    assert {part.name: part.amount for part in lora.setup} == pytest.approx({
        "reading what all prompts share": 0.2 * second, "training": 200 * second,
        "drafting training wordings": 36 * second, "training wordings by hand": 5.0,
    })  # fmt: skip
    assert [part.detail for part in lora.setup if part.assumed] == ["10 at $0.50"]
    assert lora.assumed == pytest.approx(5.0 * (1 + 20 / 20)), "and again for each of 20 changed of 20 documents"
    assert sum(part.amount for part in lora.setup) == pytest.approx(lora.fixed)
    assert lora.largest == "changed documents"
    assert method_cost("lora", results, book, Scenario()).largest == "training wordings by hand"
    rag = method_cost("rag", results, book, Scenario())
    assert ([part.name for part in rag.setup], rag.assumed) == (
        ["indexing the documents", "reading what all prompts share"], 0,
    )  # fmt: skip
    assert rag.largest == "answering"


def test_shares_of_outcomes_follow_the_traffic_mix(results: Measured, book: PriceBook) -> None:
    """Counts say 30 of 100 wrong; weighted by the mix it is 45 %."""
    rate = Rate(n=100, rate=0.45, ci_low=0.3, ci_high=0.6)
    mixed = Outcomes(right=rate, unknown=rate.model_copy(update={"rate": 0.05}), wrong=rate)
    rag = results.methods["rag"]
    overall = rag.overall.model_copy(update={"outcomes": mixed})
    methods = results.methods | {"rag": rag.model_copy(update={"overall": overall})}
    found = method_cost("rag", results.model_copy(update={"methods": methods}), book, Scenario())
    assert (found.wrong, found.abstained) == (0.45, 0.05)


def test_what_does_not_fit_the_window_is_in_no_comparison(results: Measured, book: PriceBook) -> None:
    page = cost_page(results, book, Scenario(corpus_tokens=39_000))
    assert not page.methods["inject"].fits
    assert "inject" not in {name for row in page.break_even for name in (row.a, row.b)}
    assert "inject" not in [*page.pareto, *(step.method for step in page.cheapest_from)]
    assert all("inject" not in bill.totals for bill in page.bills)


def test_the_three_bills_are_those_of_their_own_scenarios(results: Measured, book: PriceBook) -> None:
    page = cost_page(results, book, Scenario(queries_per_month=500, months=3))
    assert [bill.bill for bill in page.bills] == ["machine", "gpu", "api"]
    for bill in page.bills:
        there = cost_page(results, book, Scenario(queries_per_month=500, months=3, bill=bill.bill))
        assert bill.totals == {name: row.total for name, row in there.methods.items()}
    without = results.model.model_copy(update={"shapes": None, "unknown": "a server"})
    page = cost_page(results.model_copy(update={"model": without}), book, Scenario())
    assert [bill.bill for bill in page.bills] == ["machine", "api"]


def test_how_far_a_total_may_be_wrong(results: Measured, book: PriceBook) -> None:
    """On a service's bill one written token of standard error: 1.96 · 120,000 · 1.60 / 1e6."""
    page = cost_page(results, book, Scenario(bill="api"))
    assert page.methods["rag"].total_error == pytest.approx(1.96 * 120_000 * 1.60e-6)


def test_a_public_services_bill(results: Measured, book: PriceBook) -> None:
    scenario = Scenario(bill="api", cache_hits=0.8)
    inject = method_cost("inject", results, book, scenario)
    cached = 0.8 * 0.10 + 0.2 * 0.40
    assert inject.query == pytest.approx((30 * 0.40 + 4000 * cached + 5 * 1.60) / 1e6)
    assert inject.query_error == pytest.approx(1.60 / 1e6), "one written token"
    assert inject.fixed == pytest.approx(4000 * 0.40 / 1e6)
    rag = method_cost("rag", results, book, scenario)
    assert rag.query == pytest.approx((340 * 0.40 + 5 * 1.60 + 12 * 0.02) / 1e6), "40 tokens are too few for a cache"
    assert rag.fixed == pytest.approx(3900 * 0.02 / 1e6)
    lora = method_cost("lora", results, book, scenario)
    assert lora.query == pytest.approx((70 * 0.80 + 6 * 3.20) / 1e6)
    assert lora.fixed == pytest.approx(50_000 * 5.00 / 1e6 + 36 * 0.085 / 3600 + 5)


def test_operations_on_a_gpu(results: Measured, book: PriceBook) -> None:
    rate = 2.0 / 3600 / 2e14
    lora = method_cost("lora", results, book, Scenario(bill="gpu"))
    assert lora.query == pytest.approx(4e5 * rate)
    larger = method_cost("lora", results, book, Scenario(bill="gpu", model_size=20_000))
    assert larger.query == pytest.approx(10 * 4e5 * rate)
    assert (lora.source, larger.source) == ("projected", "projected")


def test_a_growing_corpus(results: Measured, book: PriceBook) -> None:
    """Twice the documents: the prefix grows, retrieval's prompt does not; four times no longer fits the window."""
    double, four = (Scenario(corpus_tokens=3900 * times) for times in (2, 4))

    def operations(cached: int) -> float:  # 30 tokens read behind `cached`, 5 written
        reading = 2 * LINEAR * 30 + 4 * ATTENTION * 30 * (cached + 30)
        seen = sum(cached + 30 + n for n in range(1, 5))
        return reading + 2 * LINEAR * 4 + 4 * ATTENTION * seen + 2 * VOCABULARY * 5

    second = 0.085 / 3600
    inject = method_cost("inject", results, book, double)
    assert inject.query == pytest.approx(0.4 * operations(8000) / operations(4000) * second)
    once = [2 * LINEAR * n + 4 * ATTENTION * n * n for n in (4000, 8000)]
    assert inject.fixed == pytest.approx(20 * once[1] / once[0] * second)
    assert inject.fits
    assert not method_cost("inject", results, book, four).fits
    rag = method_cost("rag", results, book, double)
    assert rag.query == method_cost("rag", results, book, Scenario()).query
    assert rag.fixed == pytest.approx((16 + 0.2) * second)


def test_where_retrieval_overtakes_injection(results: Measured, book: PriceBook) -> None:
    found = growth(results, book, Scenario(bill="api"))
    assert found is not None
    assert found.fits_until == pytest.approx((8192 - 30 - 5) * 3900 / 4000)
    # A question with retrieval costs 340 · .40 + 12 · .02 and 5 · 1.60; injected: 30 · .40, the prefix, 5 · 1.60. A
    # prefix under 1,024 tokens is not cached and costs .40 a token, a cached one .10.
    small = (340 - 30) * 0.40 + 12 * 0.02
    assert found.rag_cheaper_from_uncached == pytest.approx(small / 0.40 * 3900 / 4000, rel=0.05)
    assert found.rag_cheaper_from == found.rag_cheaper_from_uncached
    machine = growth(results, book, Scenario())
    assert machine is not None
    assert machine.rag_cheaper_from is not None
    assert machine.rag_cheaper_from_uncached is not None
    assert machine.rag_cheaper_from_uncached < 3900 < machine.rag_cheaper_from, "0.4 s cached against 0.6 s and 20 s"
    without = {name: method for name, method in results.methods.items() if name != "rag"}
    assert growth(results.model_copy(update={"methods": without}), book, Scenario()) is None


def test_totals_and_a_right_answer(results: Measured, book: PriceBook) -> None:
    scenario = Scenario(queries_per_month=1000, updates_per_month=4, months=6, wrong_answer=0.5, no_answer=0.1)
    rag = method_cost("rag", results, book, scenario)
    second = 0.085 / 3600
    total = 8.2 * second + 6 * (1000 * 0.6 * second + 4 * 0.4 * second + 0.046)
    assert rag.total(6, scenario) == pytest.approx(total)
    each = total / 6000
    assert rag.per_correct(scenario) == pytest.approx((each / 0.6, each / 0.7, each / 0.5))
    unsure = replace(rag, accuracy_low=0.0).per_correct(scenario)
    assert unsure == pytest.approx((each / 0.6, each / 0.7, None)), "an accuracy that may be 0 has no upper bound"
    assert rag.with_errors(scenario) == pytest.approx(each + 0.5 * 0.3 + 0.1 * 0.1)


def _bill(
    name: str, fixed: float, query: float, error: float = 0, update: float = 0, accuracy: float = 0.5
) -> MethodCost:
    return MethodCost(name, fixed, update, query, error, 0, accuracy, 0.4, 0.6, 0.3, 0.2, "")


def test_where_two_methods_cross() -> None:
    scenario = Scenario(months=10, updates_per_month=3)
    found = break_even(_bill("lora", 10, 1, 0.3), _bill("rag", 4, 3, 0.4), scenario)
    assert found.queries == pytest.approx(3)
    assert found.ci == (pytest.approx(6 / 2.98), pytest.approx(6 / 1.02))  # 1.96 · 0.5 either way
    kept_up = break_even(_bill("lora", 10, 1, update=2), _bill("rag", 4, 3, update=1), scenario)
    assert kept_up.queries == pytest.approx((6 + 30 * 1) / 2)
    unsure = break_even(_bill("lora", 10, 1, 1), _bill("rag", 4, 2, 1), scenario)
    assert unsure.ci == (pytest.approx(6 / (1 + 1.96 * 2**0.5)), None)
    never = break_even(_bill("lora", 10, 3), _bill("rag", 4, 3), scenario)
    assert (never.queries, "never" in never.reason) == (None, True)
    at_once = break_even(_bill("lora", 1, 1), _bill("rag", 4, 3), scenario)
    assert (at_once.queries, at_once.reason) == (0, "lora is cheaper from the first question")
    until = break_even(_bill("lora", 1, 3), _bill("rag", 4, 1), scenario)
    assert (until.queries, until.reason) == (1.5, "lora is cheaper until then, rag after")


def test_the_front_leaves_out_what_another_beats() -> None:
    bills = [_bill("a", 0, 1, accuracy=0.3), _bill("b", 0, 2, accuracy=0.2), _bill("c", 0, 3, accuracy=0.6)]
    assert pareto_front({bill.method: bill for bill in bills}, Scenario()) == ["a", "c"]


@pytest.mark.parametrize("bill", ["machine", "gpu", "api"])
def test_a_price_changes_only_what_depends_on_it(results: Measured, book: PriceBook, bill: str) -> None:
    depends = {
        "machine_hour": {"machine": {"inject", "rag", "lora"}, "gpu": {"rag", "lora"}, "api": {"lora"}},
        "gpu_hour": {"gpu": {"inject", "rag", "lora"}},
        "gpu_operations": {"gpu": {"inject", "rag", "lora"}},
        "token_in": {"api": {"inject", "rag"}},
        "token_out": {"api": {"inject", "rag"}},
        "token_cached": {"api": {"inject"}},
        "token_cache_write": {"api": {"inject"}},
        "tuned_token_in": {"api": {"lora"}},
        "tuned_token_out": {"api": {"lora"}},
        "training_token": {"api": {"lora"}},
        "embedding_token": {"api": {"rag"}},
        "storage": {"machine": {"rag"}, "gpu": {"rag"}, "api": {"rag"}},
        "question_by_hand": {"machine": {"lora"}, "gpu": {"lora"}, "api": {"lora"}},
    }
    scenario = Scenario(bill=bill, updates_per_month=1)  # type: ignore[arg-type]
    before = cost_page(results, book, scenario).methods
    for name in NAMES:
        after = cost_page(results, book.changed(name, 2 * book.of(name) + 1), scenario).methods
        changed = {method for method in before if before[method].total != after[method].total}
        assert changed == depends[name].get(bill, set()), name


def test_a_run_of_the_base_alone_has_no_method_to_compare(results: Measured, book: PriceBook) -> None:
    base = results.methods["rag"].model_copy(update={"kind": "yardstick", "context": "none"})
    page = cost_page(results.model_copy(update={"methods": {"base": base}}), book, Scenario())
    assert (page.cheapest_from, page.break_even, page.growth) == ([], [], None)
    assert page.pareto == [], "a yardstick is no choice"
    assert page.evaluation.cost == pytest.approx(2 * book.of("machine_hour"))


def test_the_page_leaves_the_oracle_out(results: Measured, book: PriceBook) -> None:
    page = cost_page(results, book, Scenario())
    assert set(page.methods) == {"inject", "rag", "lora"}
    assert page.pareto
    volumes = [step.queries_per_month for step in page.cheapest_from]
    assert volumes == sorted(volumes)
    for number, step in enumerate(page.cheapest_from):
        there = Scenario(queries_per_month=step.queries_per_month)
        totals = {name: method_cost(name, results, book, there).total(12, there) for name in page.methods}
        assert min(totals, key=lambda name: totals[name]) == step.method, number


@pytest.mark.parametrize(
    "wrong",
    [{"queries_per_month": 0}, {"queries_per_month": float("nan")}, {"updates_per_month": -1}, {"months": 0},
     {"months": 37}, {"wrong_answer": float("inf")}, {"cache_hits": 1.5}, {"model_size": 0}, {"corpus_tokens": -5}],
)  # fmt: skip
def test_an_impossible_scenario_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Scenario(**wrong)
