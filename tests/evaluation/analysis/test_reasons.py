"""Why a method is recommended: three sentences at most, each with the answers behind it."""

import pytest
from verdict_cases import case, cell, contrast, method, refusing, trained

from evaluation.analysis.choice import choose
from evaluation.analysis.reasons import caveats, why
from evaluation.results.method import Decomposition
from evaluation.results.verdict import Behind

RAG, BOTH = cell(54, 35, 21), cell(52, 1, 57)
ROWS = [contrast("lora+rag", "rag", -2 / 110), contrast("lora+rag", "rag", 36 / 110, "wrong")]
SPLIT = Decomposition(n=110, hits=85, recall=85 / 110, use_given_hit=54 / 85, luck_given_miss=0, accuracy=54 / 110)


def test_errors_reading_and_training_in_this_order() -> None:
    """85 of 110 prompts hold the passage, 54 of these are answered: 31 lost in reading, 25 in finding."""
    kinds = {"paraphrased": cell(39, 0, 16), "held_out": cell(13, 1, 41)}
    methods = {
        "rag": method(RAG, split=SPLIT, causes={"given_not_used": 15, "refused_answerable": 16, "not_retrieved": 25}),
        "lora+rag": method(BOTH, adapted=True, **kinds),
    }
    asked = case(methods, ROWS)
    found = why(asked, choose(asked))
    assert [reason.text for reason in found] == [
        "Where rag does not know, it tends to say “unknown”; lora+rag answers anyway: rag and lora+rag say “unknown” "
        "35 and 1 times and answer wrongly 21 and 57 times.",
        "Reading is the limit: the prompt of rag holds what is needed for 77% of the questions, and 64% of those it "
        "answers right.",
        "Training helps only where it taught: lora+rag answers 71% of the facts it was taught and 24% of the others.",
    ]
    assert [reason.behind for reason in found] == [
        Behind(methods=("lora+rag",), outcome="wrong"),
        Behind(methods=("rag",), cause="refused_answerable"),
        Behind(methods=("lora+rag",), category="held_out"),
    ]


def test_finding_is_the_limit_where_it_loses_more() -> None:
    split = Decomposition(n=100, hits=40, recall=0.4, use_given_hit=0.9, luck_given_miss=0, accuracy=0.36)
    methods = {"rag": method(RAG, split=split, causes={"not_retrieved": 60}), "lora": trained(BOTH)}
    asked = case(methods, [contrast("rag", "lora", 0.2)])
    limit = why(asked, choose(asked))[1]
    assert limit.text.startswith("Finding is the limit: the prompt of rag holds what is needed for 40%")
    assert limit.behind == Behind(methods=("rag",), cause="not_retrieved")


def test_answers_to_what_no_document_says() -> None:
    methods = {
        "rag": method(RAG, refusal=refusing(0.55, 20, 0.3, 0.8)),
        "inject": method(cell(53, 34, 23), context="all", refusal=refusing(0.05, 20, 0.0, 0.2)),
    }
    asked = case(methods, [contrast("inject", "rag", -0.2)])
    found = why(asked, choose(asked))
    assert found[0].text == "rag and inject answer wrongly 21 and 23 times and say “unknown” 35 and 34 times."
    assert found[1].text == (
        "Of 20 questions that no document answers, rag 9 and inject 19 got an answer all the same."
    )
    assert found[1].behind == Behind(methods=("rag", "inject"), category="unanswerable", outcome="wrong")


def test_a_kind_in_which_the_winner_fails_is_not_averaged_away() -> None:
    methods = {
        "rag": method(cell(66, 22, 22), held_out=cell(44, 5, 6), multi_hop=cell(5, 25, 25),
                      refusal=refusing(0.05, 20, 0.0, 0.1)),
        "lora": trained(cell(33, 2, 75), held_out=cell(16, 0, 39), multi_hop=cell(5, 0, 50),
                        refusal=refusing(0.6, 20, 0.4, 0.8)),
    }  # fmt: skip
    asked = case(methods, [contrast("rag", "lora", 0.3)])
    assert caveats(asked, choose(asked)) == [
        "Another method is clearly better than rag on: refusing the unanswerable.",
        "rag is weak on: needs two documents (9% of 55).",
    ]


@pytest.mark.parametrize(("reach", "told"), [(0.1, True), (0.6, False)])
def test_a_kind_that_was_tested_is_told_by_the_test(reach: float, told: bool) -> None:
    """Intervals of five points to each side do not meet at 20 and 60 %; the corrected one may have room for 0."""
    methods = {
        "rag": method(cell(66, 22, 22), paraphrased=cell(11, 22, 22)),
        "lora": trained(cell(33, 2, 75), paraphrased=cell(33, 0, 22)),
    }
    kind = contrast("rag", "lora", -0.4, category="paraphrased", family="secondary", reach=reach)
    asked = case(methods, [contrast("rag", "lora", 0.3), kind])
    assert any("clearly better" in caveat for caveat in caveats(asked, choose(asked))) is told


def test_a_run_without_a_verdict_gives_no_reasons() -> None:
    asked = case({"rag": method(RAG), "lora": trained(BOTH)}, ROWS, failed="prompts")
    assert why(asked, choose(asked)) == []
    assert caveats(asked, choose(asked)) == []
