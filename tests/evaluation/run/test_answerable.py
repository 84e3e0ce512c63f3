"""One rule for what a method was given the means to answer."""

import json
from typing import Any

import pytest

from data.load import load_domain
from data.schema import Question
from evaluation.results.file import read_results
from evaluation.run.answerable import Means, can_answer, count_answerable
from evaluation.run.registry import spec_of

TRAINED = Question(id="a", question="?", answers=("x",), fact_id="a", document_ids=("one",))
HELD_OUT = Question(id="b", question="?", answers=("y",), fact_id="b", document_ids=("two",))
UNNAMED = Question(id="c", question="?", answers=("z",), fact_id="c")
UNKNOWN = Question(id="d", question="?", answers=())
ALL = [TRAINED, HELD_OUT, UNNAMED, UNKNOWN]


def means(**fields: Any) -> Means:
    given: dict[str, Any] = {"trained_facts": {"a"}, "has_gold": lambda question: bool(question.document_ids)}
    return Means(**given | fields)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("base", [False, False, False]),
        ("inject", [True, True, True]),
        ("rag", [True, True, True]),
        ("lora", [True, False, False]),
        ("lora+rag", [True, True, True]),
        ("oracle", [True, True, False]),
    ],
)
def test_by_method(name: str, expected: list[bool]) -> None:
    assert [can_answer(spec_of(name), question, means()) for question in ALL] == [*expected, False]


def test_of_a_corpus_that_did_not_fit_only_the_documents_that_did() -> None:
    given = means(injected=["one"], left_out=True)
    found = [can_answer(spec_of("inject"), question, given) for question in ALL]
    assert found == [True, False, None, False]
    assert count_answerable(spec_of("inject"), ALL, given) == 1
    assert count_answerable(spec_of("inject"), [UNNAMED], given) is None


def test_an_adapter_trained_on_documents_saw_every_fact() -> None:
    assert count_answerable(spec_of("lora"), ALL, means(trained_facts=None)) == 3


def test_no_method_was_given_the_means_to_answer_more_than_it_was_asked(
    make_domain: Any, make_run: Any, right: Any
) -> None:
    """Two of the six answerable questions name no document, so the oracle is not asked them."""
    folder = make_domain()
    rows = [json.loads(line) for line in (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
    for row in rows:
        if row["id"] in ("flag1-q", "flag3-q"):
            row.update(document_ids=[], evidence=[])
    (folder / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    run = make_run("two-unnamed", load_domain(folder), {"rag": right, "oracle": right})
    results = read_results(run)
    asked = results.methods["oracle"].overall.n
    assert asked < results.methods["rag"].overall.n
    assert results.audit.answerable_by["oracle"] == asked
