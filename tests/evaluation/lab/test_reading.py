"""Figures of reading, worked out by hand, and what is asked in each condition."""

from pathlib import Path
from typing import Any

import pytest

from data.progress import silent
from data.schema import Domain, Question
from evaluation.grading.grader import Grader
from evaluation.grading.rules import GradeName
from evaluation.lab.reading import (
    Condition,
    ReadingPrompt,
    ReadingReply,
    ReadingSet,
    ask_all,
    difference,
    figures,
    refusal_curve,
)
from model.language_model import Prompt
from model.sampling import Sampling


def _reply(
    number: int, condition: Condition, grade: GradeName, chance: float | None = None, said: str = "x"
) -> ReadingReply:
    answers = () if condition == "unanswerable" else ("x",)
    question = Question(id=f"q{number}", question="Q?", answers=answers)
    return ReadingReply(ReadingPrompt("s", condition, question, ""), said, grade, chance)


RIGHT, WRONG, ABSTAINED = GradeName.CORRECT, GradeName.WRONG, GradeName.ABSTAINED


def test_shares_by_condition() -> None:
    replies = [
        *(_reply(n, "gold", RIGHT, said="two words") for n in range(3)),
        _reply(3, "gold", ABSTAINED, said="unknown"),
        _reply(4, "unanswerable", ABSTAINED),
        _reply(5, "unanswerable", WRONG),
    ]
    found = figures(replies)
    gold = found["gold"]["all sets"]
    assert (gold["n"], gold["right"], gold["share"], gold["abstained"], gold["words"]) == (4, 3, 0.75, 0.25, 1.75)
    assert found["unanswerable"]["s"]["share"] == 0.5
    assert set(found) == {"gold", "unanswerable"}


def test_what_is_gained_is_paired_by_question() -> None:
    before = [_reply(n, "gold", RIGHT if n < 2 else WRONG) for n in range(10)]
    after = [_reply(n, "gold", RIGHT if n > 0 else WRONG) for n in reversed(range(10))]
    assert difference(after, before, 0)["gold"]["difference"] == pytest.approx(0.7)  # one lost, eight gained


def test_the_curve_of_refusals() -> None:
    sure = [_reply(n, "gold", RIGHT if n >= 10 else WRONG, chance=n / 100) for n in range(100)]
    unsure = [_reply(n, "unanswerable", WRONG, chance=0.5 + n / 20) for n in range(10)]  # 0.50, 0.55, … 0.95
    (low, high) = refusal_curve(sure + unsure, (0.05, 0.2))
    assert low["answerable_refused"] == 0.05
    assert low["right"] == 0.85  # 0.10 to 0.94
    assert low["unanswerable_refused"] == 0.1  # only 0.95 lies above 0.94
    assert high["unanswerable_refused"] == 0.4  # 0.80 to 0.95 lie above 0.79
    assert high["right"] == 0.7
    assert refusal_curve(sure) == []
    missed = [_reply(n, "missed", ABSTAINED, chance=0.905 + n / 100) for n in range(10)]  # to 0.995
    (low,) = refusal_curve(sure + unsure + missed, (0.05,))
    assert (low["missed_refused"], low["unanswerable_refused"]) == (0.6, 0.1)  # 0.945 and above
    assert all(reply.right for reply in missed)


def test_each_condition_has_what_its_name_says(domain: Domain, tiny_model: Any, embedder: Any, tmp_path: Path) -> None:
    first = domain.split("test")[0]
    unsaid = Question(id="u", question="Who painted it?", answers=(), document_ids=first.document_ids)
    made = ReadingSet(domain, [first, unsaid], tiny_model, embedder, tmp_path, 10, 0, silent)
    asked = list(made.asked(["gold", "among", "unanswerable", "missed", "closed", "guessed"]))
    prompts = {(one.question.id, one.condition): one.prompt for one in asked}
    conditions = ("gold", "among", "missed", "closed", "guessed")
    assert set(prompts) == {(first.id, c) for c in conditions} | {("u", "unanswerable")}
    assert "shows a otter" in prompts[first.id, "gold"]
    assert not any(animal in prompts[first.id, "gold"] for animal in ("heron", "seal", "puffin")), "no other passage"
    assert prompts[first.id, "gold"].count("The flag of") == 1
    assert prompts[first.id, "among"].count("The flag of") == 4, "the gold passage and the three others of this set"
    assert prompts[first.id, "missed"].count("The flag of") == 2
    assert "otter" not in prompts[first.id, "missed"], "what answers is not there"
    assert "The flag of" not in prompts[first.id, "closed"]
    assert "best guess" in prompts[first.id, "guessed"]
    replies = ask_all(tiny_model, asked, Grader(embedder), silent, Sampling())
    assert [reply.asked for reply in replies] == asked
    word = tiny_model.encode("unknown")
    assert tiny_model.abstention() == word
    for reply in replies:
        alone, _ = tiny_model.generate_one(reply.asked.prompt, Sampling())
        assert reply.answer == alone.text
        if reply.asked.condition in ("gold", "unanswerable", "missed"):
            assert reply.unknown_chance == pytest.approx(tiny_model.chances([reply.asked.prompt], word)[0], rel=1e-4)
        else:
            assert reply.unknown_chance is None


def test_chances_are_those_of_the_model(tiny_model: Any) -> None:
    import torch

    texts = ["Which animal is on the flag?", "Answer", "Which animal is on the flag of Harbour?"]
    prompts, word = [Prompt.plain(text) for text in texts], (7, 9)
    expected = []
    for prompt in prompts:
        after = tiny_model.network(input_ids=torch.tensor([[*tiny_model.encode(prompt), 7]])).logits[0].softmax(-1)
        expected.append(after[-2, 7].item() * after[-1, 9].item())
    assert tiny_model.chances(prompts, word) == pytest.approx(expected, rel=1e-4)
    shared = prompts[::2]
    prefix = tiny_model.prefix_of(shared)
    assert tiny_model.chances(shared, word, prefix) == pytest.approx(expected[::2], rel=1e-4)
