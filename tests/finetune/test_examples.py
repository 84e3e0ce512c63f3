"""Training sees training wordings in exactly the prompt that is asked later, and no other question."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from data.load import load_domain
from data.prompt import PROMPT
from data.schema import Domain
from finetune.examples import training_examples
from rag.chunk import chunk


def test_wordings_with_their_answers_and_unknown(domain: Domain, tiny_model: Any) -> None:
    source, examples = training_examples(domain, domain.split("train"), tiny_model, 0, chunk)
    assert source == "wordings"
    decoded = [(tiny_model.tokenizer.decode(e.prompt), tiny_model.tokenizer.decode(e.completion)) for e in examples]
    train = domain.split("train")
    expected = [tiny_model.render(PROMPT.messages("Answer briefly.", q.question)) for q in train]
    assert [prompt for prompt, _ in decoded] == expected
    assert [answer for _, answer in decoded] == [(q.answers[0] if q.answers else "unknown") + "<|end|>" for q in train]


def test_a_styled_wording_teaches_the_answer_in_its_form(domain: Domain, tiny_model: Any) -> None:
    styled = domain.split("train")[0].model_copy(update={"reference_style": "Harbours: an otter. Bye."})
    _, (example,) = training_examples(domain, [styled], tiny_model, 0, chunk)
    assert tiny_model.tokenizer.decode(example.completion) == "Harbours: an otter. Bye.<|end|>"


def test_without_training_wordings_all_document_text_is_learned(
    make_domain: Callable[..., Path], tiny_model: Any
) -> None:
    domain = load_domain(make_domain(trained=False))
    source, examples = training_examples(domain, [], tiny_model, 0, chunk)
    assert source == "documents"
    text = " ".join(tiny_model.tokenizer.decode((*e.prompt, *e.completion)) for e in examples)
    for document in domain.documents:
        assert document.text in text
    assert not any(question.question in text for question in domain.questions)
