"""What would turn a recommendation, and which run would settle what is open."""

import pytest
from verdict_cases import bill, case, cell, contrast, covered, method, trained

from evaluation.analysis.certainty import facts_needed
from evaluation.analysis.choice import choose
from evaluation.analysis.turning import next_run, turns

RAG, BOTH = cell(54, 35, 21), cell(52, 1, 57)
ROWS = [contrast("lora+rag", "rag", -2 / 110), contrast("lora+rag", "rag", 36 / 110, "wrong")]


def told(asked: object, start: str) -> str:
    found = [text for text in turns(asked, choose(asked)) if text.startswith(start)]  # type: ignore[arg-type]
    return found[0] if found else ""


def test_coverage_volume_and_the_price_of_errors() -> None:
    """lora+rag 39 and 13 of 55, rag 24 and 30: c · 15 = (1 - c) · 17, c = 17/32 = 53 %.

    Bills 12 + 1e-5 a question and 1 + 1e-4: equal at 11 / 9e-5 = 122,222 questions, 1.02 times what a year asks.
    Errors: 36 fewer wrong answers against 34 more unknowns, 1.06.
    """
    kinds = {"paraphrased": cell(24, 20, 11), "held_out": cell(30, 15, 10)}
    both = {"paraphrased": cell(39, 0, 16), "held_out": cell(13, 1, 41)}
    methods = {"rag": method(RAG, **kinds), "lora+rag": method(BOTH, adapted=True, **both)}
    bills = {"rag": bill(13.0, fixed=1.0), "lora+rag": bill(13.2, fixed=12.0)}
    asked = case(methods, ROWS, bills, coverage=covered(110, 55))
    assert turns(asked, choose(asked)) == [
        "Coverage: lora+rag answers more than rag where training covers more than 53% of what your users ask (in this "
        "run 50%).",
        "Volume: rag costs less at 10,000 questions a month ($13 and $13 over 12 months); lora+rag pays off after "
        "about 120,000 questions (12 months at 10,000 a month).",
        "Price of errors: lora+rag would be the better one only where an “unknown” costs you more than 1.1 times what "
        "a wrong answer costs.",
    ]


def test_what_takes_a_lifetime_never_pays_off() -> None:
    """(121 - 0) / (1e-5 - 0.2e-5) = 15.1 million questions, 126 years."""
    methods = {"rag": method(RAG), "lora+rag": method(BOTH, adapted=True)}
    bills = {"rag": bill(1.2), "lora+rag": bill(121.24, fixed=121.0)}
    text = told(case(methods, ROWS, bills), "Volume")
    assert text.endswith(
        "lora+rag practically never pays off: only after about 15 million questions (130 years at 10,000 a month)."
    )


def test_volume_below_which_the_other_costs_less() -> None:
    """rag 1e-4 a question and nothing before, lora 6 before and 1e-5 each: equal at 66,667, 5,600 a month."""
    methods = {"lora": trained(RAG), "rag": method(BOTH)}
    rows = [contrast("lora", "rag", 2 / 110), contrast("lora", "rag", -36 / 110, "wrong")]
    text = told(case(methods, rows, {"lora": bill(7.2, fixed=6.0), "rag": bill(12.0)}), "Volume")
    assert text.endswith("; below about 5,600 a month rag does.")
    same = told(case(methods, rows, {"lora": bill(1.0), "rag": bill(12.0)}), "Volume")
    assert same.endswith(", and at any other volume.")


def test_prices_of_errors() -> None:
    worse = {"rag": method(cell(70, 0, 40)), "lora": trained(cell(40, 60, 10))}
    rows = [contrast("rag", "lora", 30 / 110), contrast("rag", "lora", 30 / 110, "wrong")]
    # A question costs 1e-4 more with lora, and 30 / 110 fewer are wrong: .00037, under a cent.
    text = told(case(worse, rows, {"rag": bill(12.0), "lora": bill(24.0)}), "Price")
    assert text == (
        "Price of errors: where a wrong answer costs you a cent and an “unknown” nothing, lora is the better one "
        "(27 points fewer wrong answers)."
    )
    better = {"rag": method(cell(70, 0, 40)), "lora": trained(cell(40, 5, 65))}
    assert "none turns it" in told(case(better, rows[:1]), "Price")


def test_facts_needed_follow_from_what_could_be_seen() -> None:
    """15 points could be seen with 110 facts, 5 points need nine times as many."""
    assert facts_needed(contrast("rag", "lora", 0.05)) == 990
    assert facts_needed(contrast("rag", "lora", 0.0)) is None


@pytest.mark.parametrize(
    ("difference", "facts", "expected"),
    [
        (0.1, 250, "To tell rag and lora apart in right answers, ask about 250 facts (now 110): trivium run DOMAIN "
                   "--profile standard asks about all 250 of the domain."),
        (0.1, 120, "To tell rag and lora apart in right answers, ask about 250 facts (now 110); the domain has 120."),
        (0.02, 250, "No run of a reasonable size will tell rag and lora apart in right answers: 2 points would take "
                    "6,200 facts. Treat them as alike."),
        (0.3, 250, ""),
    ],
)  # fmt: skip
def test_the_next_run(difference: float, facts: int, expected: str) -> None:
    """.15 found with 110 facts: .1 takes 247.5, .02 takes 6,188."""
    methods = {"rag": method(RAG), "lora": trained(BOTH)}
    asked = case(methods, [contrast("rag", "lora", difference, reach=0.15)], {"rag": bill(1), "lora": bill(9)})
    assert next_run(asked, choose(asked), facts) == ([expected] if expected else [])


def test_the_next_run_where_nothing_could_be_compared() -> None:
    alone = case({"base": method(BOTH, kind="yardstick"), "rag": method(RAG)})
    assert next_run(alone, choose(alone), 250) == ["trivium run DOMAIN --methods base,rag,inject,lora"]
    few = case({"rag": method(cell(10, 0, 2)), "lora": trained(cell(2, 0, 10))})
    assert next_run(few, choose(few), 250) == [
        "To rank methods, ask about 50 facts (now 12): trivium run DOMAIN --profile standard asks about all 250 of "
        "the domain."
    ]
    failed = case({"rag": method(RAG)}, failed="prompts")
    assert "audit" in next_run(failed, choose(failed), 250)[0]
