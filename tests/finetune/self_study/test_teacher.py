"""A student is pulled towards what the same model says with the passage before it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from data.progress import silent
from data.schema import Domain
from finetune.examples import Example, Taught, question_examples
from finetune.self_study.teacher import TOP, reading, taught, write_said
from finetune.train import batch_loss
from rag.chunk import chunk


def _logits(model: Any, example: Example) -> torch.Tensor:
    """Of each completion token, by the network alone."""
    ids = torch.tensor([[*example.prompt, *example.completion]])
    with torch.no_grad():
        logits: torch.Tensor = model.network(input_ids=ids, use_cache=False).logits[0, len(example.prompt) - 1 : -1]
    return logits.float()


def test_the_teacher_has_the_passage_and_its_likeliest_tokens_are_kept(
    domain: Domain, tiny_model: Any, tmp_path: Path
) -> None:
    passages = {passage.chunk_id: passage for passage in chunk(domain.documents, tiny_model, 200)}
    questions = [
        question.model_copy(update={"meta": {"passage": f"{question.document_ids[0]}#0"}})
        for question in domain.split("train")
        if question.answerable
    ]
    students = question_examples(domain, questions, tiny_model, 0)
    homes = [passages[question.meta["passage"]] for question in questions]
    readings = [reading(domain, tiny_model, *each) for each in zip(questions, homes, students, strict=True)]
    write_said(tmp_path / "said", tiny_model, readings, [home.chunk_id for home in homes], silent)
    for question, example in zip(questions, taught(tmp_path / "said", students, 0.5), strict=True):
        passage = passages[question.meta["passage"]]
        messages = domain.settings.prompt.messages("Answer briefly.", question.question, (passage,))
        read = replace(example, prompt=tuple(tiny_model.encode(tiny_model.render(messages))))
        chances, tokens = _logits(tiny_model, read).log_softmax(-1).topk(TOP)
        assert example.teacher
        assert example.teacher.share == 0.5
        torch.testing.assert_close(torch.tensor(example.teacher.chances), chances, atol=2e-2, rtol=1e-2)
        kept = torch.tensor(example.teacher.tokens)
        assert torch.equal(kept[:, 0], tokens[:, 0])


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_loss_is_a_mixture_of_the_answer_and_the_divergence(tiny_model: Any, share: float) -> None:
    alone, other = Example((5, 6, 7), (8, 9)), Example((5, 6), (3,), weight=0.5)
    said = Taught(((8, 20), (11, 12)), ((-0.1, -2.0), (-1.0, -1.0)), share)
    logits = _logits(tiny_model, alone).log_softmax(-1)
    plain = [-float(logits[0, 8]), -float(logits[1, 9])]
    expected = []
    for token in range(2):
        weights = torch.tensor(said.chances[token]).exp()
        weights /= weights.sum()
        apart = sum(float(w * (w.log() - logits[token, t])) for w, t in zip(weights, said.tokens[token], strict=True))
        expected.append((1 - share) * plain[token] + share * apart)
    third = -float(_logits(tiny_model, other).log_softmax(-1)[0, 3])
    loss = batch_loss(tiny_model, [replace(alone, teacher=said), other], 0)
    assert float(loss) == pytest.approx((sum(expected) + 0.5 * third) / 2.5, abs=1e-4)
