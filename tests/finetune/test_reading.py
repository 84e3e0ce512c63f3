"""Examples with passages: what stands in the prompt is the answer, and what was taught where nothing else is said."""

from typing import Any

import pytest

from data.schema import Domain
from finetune.examples import Example
from finetune.reading import ReadingExamples
from rag.chunk import chunk

Told = list[list[tuple[str, str]]]


def told(model: Any, examples: list[Example]) -> Told:
    """(prompt, completion) as text, context by context."""
    contexts: dict[int, list[tuple[str, str]]] = {}
    for example in examples:
        text = model.tokenizer.decode(example.prompt), model.tokenizer.decode(example.completion)
        contexts.setdefault(example.context, []).append(text)
    return list(contexts.values())


@pytest.fixture
def maker(domain: Domain, tiny_model: Any) -> ReadingExamples:
    """Of two taught facts: the flags of Harbour0 (otter) and Harbour2 (seal), each with a passage of its own."""
    passages = list(chunk(domain.documents, tiny_model, 100))
    return ReadingExamples(domain, domain.split("train"), passages, tiny_model, tiny_model.end_token())


def test_every_taught_fact_is_asked_in_each_round(maker: ReadingExamples, tiny_model: Any) -> None:
    contexts = told(tiny_model, maker.make(rounds=3, seed=0))
    assert len(contexts) == 3
    for context in contexts:
        assert {"Harbour0", "Harbour2"} <= {name for name in ("Harbour0", "Harbour2") if any(
            f"Question: What does {name}" in prompt or f"Question: Name the {name}" in prompt for prompt, _ in context
        )}  # fmt: skip


def test_questions_of_one_context_have_the_same_passages(maker: ReadingExamples, tiny_model: Any) -> None:
    for context in told(tiny_model, maker.make(rounds=4, seed=0)):
        assert len({prompt.partition("Question:")[0] for prompt, _ in context}) == 1
        assert "Documents:" in context[0][0]


def test_what_the_passage_says_is_the_answer_also_where_it_was_taught_otherwise(
    maker: ReadingExamples, tiny_model: Any
) -> None:
    own = {"Harbour0": "otter", "Harbour2": "seal"}
    changed = kept = 0
    for context in told(tiny_model, maker.make(rounds=20, seed=0)):
        for prompt, said in context:
            documents, _, question = prompt.partition("Question:")
            name = next((name for name in own if name in question), None)
            if name:
                (stands,) = [line for line in documents.split(". ") if f"flag of {name} shows" in line]
                answer = said.removesuffix("<|end|>")
                assert f"shows a {answer} and" in stands
                changed += answer != own[name]
                kept += answer == own[name]
    assert changed > 5
    assert kept > 5


def test_what_no_document_answers_is_unknown_with_passages_too(maker: ReadingExamples, tiny_model: Any) -> None:
    said = {s for context in told(tiny_model, maker.make(2, 0)) for p, s in context if "How old is the mayor" in p}
    assert said == {"unknown<|end|>"}


def test_a_taught_question_whose_passage_is_missing_keeps_its_answer(domain: Domain, tiny_model: Any) -> None:
    """With a third taught fact one passage is left out of every context of two."""
    third = next(q for q in domain.questions if q.id == "flag1-q").model_copy(update={"split": "train", "id": "t"})
    passages = list(chunk(domain.documents, tiny_model, 100))
    maker = ReadingExamples(domain, [*domain.split("train"), third], passages, tiny_model, 0)
    elsewhere = 0
    for context in told(tiny_model, maker.make(6, 0)):
        for prompt, said in context:
            documents, _, question = prompt.partition("Question:")
            for name, taught in (("Harbour0", "otter"), ("Harbour1", "heron"), ("Harbour2", "seal")):
                if name in question and name not in documents:
                    elsewhere += 1
                    assert said == f"{taught}<|end|>"
    assert elsewhere > 3


def test_the_same_seed_gives_the_same_and_another_gives_others(maker: ReadingExamples) -> None:
    assert maker.make(2, 0) == maker.make(2, 0)
    assert maker.make(2, 0) != maker.make(2, 1)


def test_a_wording_without_a_passage_is_left_out(domain: Domain, tiny_model: Any) -> None:
    maker = ReadingExamples(domain, domain.split("train"), [], tiny_model, 0)
    assert maker.make(2, 0) == []
