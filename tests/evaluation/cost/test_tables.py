"""Costs as people read them: one unit a column, what is assumed beside it, and sentences that say when and why."""

from typing import Any

import pytest

from evaluation.cost.sentences import assumptions, bill_in_short, bill_sentences, cost_sentences, crossing
from evaluation.cost.tables import bills_table, cost_table, crossings_table, ownership_table, setup_table
from evaluation.results.costs import (
    BillTotals,
    CheapestFrom,
    CostPage,
    CostRow,
    Crossing,
    Scenario,
    SetUpPart,
    TookAndCost,
)

TOOK = TookAndCost(
    seconds=616, answering_s=311, alone_s=57, grading_s=3, prompt_tokens=1_116_484, predicted_s=None,
    predicted_prompt_tokens=None, cost=0.01454,
)  # fmt: skip


def row(total: float, fixed: float, query: float, **fields: Any) -> CostRow:
    base = {
        "fixed": fixed, "update": 0.0, "query": query, "query_ci": (query, query), "storage_month": 0, "total": total,
        "total_error": 0, "totals": [total] * 36, "per_correct": 2e-5, "per_correct_ci": (1.7e-5, 2.5e-5),
        "with_errors": 0.1, "accuracy": 0.5, "wrong": 0.2, "unknown": 0.3, "amortised": total / 120_000, "fits": True,
        "source": "measured use, assumed prices", "assumed": 0.0,
    }  # fmt: skip
    return CostRow.model_validate(base | fields)


HAND = SetUpPart(name="training wordings by hand", amount=121.0, assumed=True, detail="242 at $0.50")
LORA = row(121.2, 121.0, 1.6e-6, setup=(SetUpPart(name="training", amount=0.004), HAND), assumed=121.0)
RAG = row(1.18, 3e-5, 9.8e-6, setup=(SetUpPart(name="indexing the documents", amount=3e-5),))
CROSSING = Crossing(a="lora", b="rag", queries=14_750_446, ci=(14_076_093, 15_492_661), reason="")


def page(**fields: Any) -> CostPage:
    base = {
        "currency": "USD", "scenario": Scenario(), "methods": {"rag": RAG, "lora": LORA}, "break_even": [CROSSING],
        "cheapest_from": [CheapestFrom(queries_per_month=1, method="rag"),
                          CheapestFrom(queries_per_month=1_234_567, method="lora")],
        "pareto": ["rag"], "evaluation": TOOK, "growth": None,
    }  # fmt: skip
    return CostPage.model_validate(base | fields)


def test_one_unit_a_column_and_two_digits() -> None:
    table = cost_table(page())
    assert table.heads == [
        "method", "first year", "of it assumed", "set-up", "a changed document", "a million questions",
        "1,000 right answers", "95% interval",
    ]  # fmt: skip
    assert table.rows[0] == ("rag", "$1.20", "0%", "< $0.01", "$0", "$9.80", "$0.02", "$0.02 to $0.03")
    assert table.rows[1][:6] == ("lora", "$120", "100%", "$120", "$0", "$1.60")
    assert table.note == (
        "In USD, for 10,000 questions a month over 12 months, billed by this machine's seconds (measured use, assumed "
        "prices). Right answers as in the run; each carries its share of everything."
    )


def test_what_only_some_pages_need_is_a_column_of_its_own() -> None:
    priced = cost_table(page(scenario=Scenario(wrong_answer=0.5)))
    assert priced.heads[-1] == "a question with its errors"
    assert priced.rows[0][-1] == "$0.10"
    large = cost_table(page(methods={"rag": RAG, "inject": row(9.0, 1.0, 1e-6, fits=False)}))
    assert [cells[-1] for cells in large.rows] == ["measured use, assumed prices", "does not fit the window"]
    own = cost_table(page(unpriced={"own:mine": "nobody said"}))
    assert own.rows[-1] == ("own:mine", *["n/a"] * 7, "nobody said")


def test_set_up_is_named_part_by_part() -> None:
    table = setup_table(page())
    assert table
    assert table.rows == (
        ("rag", "indexing the documents", "< $0.01", "measured"),
        ("lora", "training wordings by hand", "$120", "assumed: 242 at $0.50"),
        ("lora", "training", "< $0.01", "measured"),
    )
    assert list(assumptions(page())) == [
        "100% of what lora costs is one assumption: training wordings by hand, 242 at $0.50 ($120 of $120); --price "
        "question_by_hand=… sets your own."
    ]
    assert bill_in_short(page(), "lora") == "$120 in the first year, 100% of it assumed"
    assert bill_in_short(page(), "rag") == "$1.20 in the first year"
    assert bill_in_short(page(), "own:mine") == "n/a"


@pytest.mark.parametrize(
    ("queries", "ci", "said", "cells"),
    [
        (14_750_446, (14_076_093, 15_492_661),
         "lora practically never pays off against rag: only after about 15 million questions (120 years at 10,000 a "
         "month); 95% interval: 14 to 15 million.", ("practically never", "practically always")),
        (2195, (2195, None), "lora pays off against rag after about 2,200 questions (less than a month at 10,000 a "
         "month); 95% interval: 2,200 to never.", ("after 2,200", "up to 2,200")),
        (None, None, "lora never pays off against rag: it costs more to set up and keep up, and a question costs no "
         "less.", ("never", "always")),
        (0, (0, None), "lora costs less than rag from the first question.", ("always", "never")),
        (40_000, None, "lora costs less than rag up to about 40,000 questions (4 months at 10,000 a month), and more "
         "after.", ("up to 40,000", "after 40,000")),
    ],
)  # fmt: skip
def test_where_costs_cross(queries: float | None, ci: Any, said: str, cells: tuple[str, str]) -> None:
    found = page(break_even=[Crossing(a="lora", b="rag", queries=queries, ci=ci, reason="")])
    assert crossing(found.break_even[0], found) == said
    matrix = crossings_table(found)
    assert matrix
    assert matrix.rows == (("rag", "", cells[1]), ("lora", cells[0], ""))


def test_the_sentences_in_their_order() -> None:
    said = cost_sentences(page())
    assert [text.partition(" ")[0] for text in said] == ["100%", "lora", "Smallest", "No", "The"]
    assert said[2].endswith("rag up to about 1.2 million questions a month, then lora.")
    assert said[-1] == (
        "The comparison itself took 616 s (answering 311, one question at a time 57, grading 3), $0.01 on this machine"
        ", and read 1.1 million prompt tokens."
    )


def _bill(bill: str, totals: dict[str, float], largest: str) -> BillTotals:
    return BillTotals(bill=bill, totals=totals, largest=dict.fromkeys(totals, largest))  # type: ignore[arg-type]


def test_three_bills_agree_or_say_why_not() -> None:
    bills = (
        _bill("machine", {"inject": 0.5, "rag": 1.2, "lora": 121}, "answering"),
        _bill("gpu", {"inject": 0.1, "rag": 0.2, "lora": 121}, "answering"),
        _bill("api", {"inject": 90, "rag": 13, "lora": 128}, "prompt tokens that are read again"),
    )
    assert list(bill_sentences(page(bills=bills))) == [
        "Billed by this machine's seconds and operations on a rented GPU (projected), the order is the same: inject, "
        "rag and lora, the smallest bill first.",
        "Billed by tokens of a public service, the order is another: rag, inject and lora, the smallest bill first. "
        "inject moves most: $0.50, mostly answering, becomes $90, mostly prompt tokens that are read again.",
    ]
    table = bills_table(page(bills=bills, methods={"inject": RAG, "rag": RAG, "lora": LORA}))
    assert table
    assert table.rows[0] == ("inject", "$0.50", "$0.10", "$90")


def test_a_page_of_an_older_run_has_what_it_knows() -> None:
    older = page(methods={"rag": row(1.2, 0, 1e-5, assumed=None), "lora": row(9.0, 8.0, 1e-6, assumed=None)})
    assert (setup_table(older), bills_table(older)) == (None, None)
    assert cost_table(older).rows[0][2] == "n/a"
    assert ownership_table(older).rows[1][1] == "$9.00"
    assert list(bill_sentences(older)) == []
