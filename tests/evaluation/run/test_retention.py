"""General questions of no domain, and the loss on plain text."""

from pathlib import Path
from typing import Any

import pytest
import torch

from data.leaks import find_leaks, near_pairs
from data.schema import Domain, Question
from evaluation.run.registry import spec_of
from evaluation.run.retention import TEMPLATE, asks_general, general_questions, neutral_loss
from evaluation.run.settings import RunSettings
from finetune.rehearsal import rehearsal_questions
from model.language_model import Prompt


def settings(domain: Domain, **options: Any) -> RunSettings:
    return RunSettings(domain=domain.folder, **options)


def test_there_are_many_questions_and_each_is_asked_once(domain: Domain) -> None:
    questions = general_questions(settings(domain))
    assert len(questions) > 200
    assert len({question.question for question in questions}) == len({question.id for question in questions})
    assert len({question.question for question in questions}) == len(questions)
    assert all(question.answers and question.answers[0].strip() for question in questions)


def test_a_run_asks_as_many_as_it_wants_and_the_smallest_profile_none(domain: Domain) -> None:
    every = general_questions(settings(domain))
    some = general_questions(settings(domain, general=7, profile="smoke"))
    assert len(some) == 7
    assert some == general_questions(settings(domain, general=7, seed=3))
    assert {question.id for question in some} < {question.id for question in every}
    assert general_questions(settings(domain, profile="smoke")) == []


@pytest.mark.parametrize(
    ("method", "seed", "asked"),
    [("base", 0, True), ("lora", 0, True), ("lora", 1, False), ("lora+rag", 0, False), ("rag", 0, False)],
)
def test_the_untrained_model_and_each_first_training_are_asked(
    domain: Domain, method: str, seed: int, asked: bool
) -> None:
    assert asks_general(spec_of(method), settings(domain), seed) is asked
    assert not asks_general(spec_of(method), settings(domain, profile="smoke"), seed)


def test_no_question_is_rehearsed_that_is_asked(domain: Domain) -> None:
    asked = general_questions(settings(domain))
    rehearsed = [Question(id=f"r{n}", question=text, answers=("?",)) for n, text in enumerate(rehearsal_questions())]
    assert find_leaks(rehearsed, asked, []) == []
    assert near_pairs([q.question for q in rehearsed], [q.question for q in asked], 0.6) == {}
    copied = [asked[3].model_copy(update={"id": "copy"}), *rehearsed]
    assert [leak.test_id for leak in find_leaks(copied, asked[3:4], [])] == [asked[3].id]


def test_the_prompt_speaks_of_no_domain() -> None:
    system, user = TEMPLATE.messages("Answer about ferries.", "Who?")
    assert "ferries" not in system["content"]
    assert "unknown" not in system["content"]
    assert user["content"].startswith("Question: Who?")


def test_loss_is_that_of_the_library(tiny_model: Any, tmp_path: Path) -> None:
    found = neutral_loss(tiny_model)
    text = (Path(__file__).parents[3] / "evaluation/run/general.toml").read_text(encoding="utf-8")
    ids = tiny_model.encode(text.partition('neutral = """')[2].partition('"""')[0].strip())
    begun = tiny_model.encode(Prompt.plain(tiny_model.decode(ids[:8])))
    whole = torch.tensor([[*begun, *ids[8:]]])
    labels = torch.tensor([[-100] * len(begun) + ids[8:]])
    with torch.no_grad():
        expected = float(tiny_model.network(input_ids=whole, labels=labels).loss)
    assert found == pytest.approx(expected, rel=1e-4)
