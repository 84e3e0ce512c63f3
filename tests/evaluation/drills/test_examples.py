"""Examples stand in the system message, about facts that are not asked, fewer being a part of more."""

from typing import Any

import pytest

from data.prompt import PROMPT
from evaluation.drills.carry_out import carry_out
from evaluation.drills.examples import COUNTS, Examples, with_examples


@pytest.fixture
def few(bench: Any) -> Any:
    return bench(many=3)  # of eight facts, so that there are others to show


def test_examples_stand_in_the_system_message_as_data() -> None:
    shown = [("What is {x}?", "a {brace}")]
    system, user = with_examples(PROMPT, shown).messages("Answer {briefly}.", "Who?")
    assert system["content"] == (
        "Answer {briefly}. If you do not know the answer, reply with the single word unknown.\n\n"
        "Examples:\n\nQuestion: What is {x}?\nShort answer: a {brace}"
    )
    assert user["content"] == "Question: Who?\nShort answer:"
    assert with_examples(PROMPT, []) == PROMPT


def test_no_fact_that_is_asked_is_shown(few: Any) -> None:
    asked = {question.fact_id for question in few.questions()}
    shown = Examples()._shown(few)
    assert shown
    assert not asked & {question.fact_id for question in shown}
    assert len({question.fact_id for question in shown}) == len(shown)


def test_each_method_sees_them_and_the_prompts_grow(few: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COUNTS, "smoke", (0, 2, 50))
    seen: list[str] = []
    say = few.model.answer
    few.model.answer = lambda messages: seen.append(messages[0]["content"]) or say(messages)
    results = carry_out(Examples(), few)
    assert [(p.method, p.setting) for p in results.points] == [
        ("base", "0 examples"), ("base", "2 examples"), ("rag", "0 examples"), ("rag", "2 examples"),
    ]  # fmt: skip
    assert results.not_applicable == {"more than 5 examples": "the run has no more questions about other facts"}
    assert {text.count("Question:") for text in seen} == {0, 2}
    tokens = [p.figures["tokens of a prompt"] for p in results.points]
    assert tokens[0] < tokens[1]
    assert tokens[2] < tokens[3]


def test_what_does_not_fit_the_window_is_not_applicable(few: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COUNTS, "smoke", (0, 5))
    few.model._window = 135
    results = carry_out(Examples(), few)
    assert "5 examples do not fit the window" in results.not_applicable["rag: 5 examples"]
