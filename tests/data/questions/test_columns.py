"""Names of columns: one spelling, and the surest of one role first."""

import pytest

from data.questions.columns import column, roles_of


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Ground Truth", "ground_truth"), ("ground-truth", "ground_truth"), ("expectedOutput", "expected_output"),
        (" QUESTION ", "question"), ("\ufeffquestion", "question"), ("", ""), ("Unnamed: 0", ""), ("index", ""),
        ("level_0", ""), ("__index_level_0__", ""), ("userInput", "user_input"), ("Frage", "question"),
            ("RÉPONSE", "answer"), ("質問", "question"), ("回答", "answer"), ("Fragebogen", "fragebogen"),
    ],
)  # fmt: skip
def test_one_spelling(name: str, plain: str) -> None:
    assert column(name) == plain


@pytest.mark.parametrize(
    ("columns", "question", "answer"),
    [
        (["question", "answer", "ground_truth"], "question", "ground_truth"),
        (["question", "answer", "reference"], "question", "reference"),
        (["question", "answers", "expected_output"], "question", "expected_output"),
        (["input", "actual_output", "expected_output"], "input", "expected_output"),
        (["user_input", "response", "reference"], "user_input", "reference"),
        (["question", "response"], "question", ""),
        (["question", "output", "prediction"], "question", ""),
        (["instruction", "output"], "instruction", "output"),
        (["instruction", "context", "response"], "instruction", "response"),
        (["input", "output"], "input", "output"),
        (["query", "input", "answer"], "query", "answer"),
        (["prompt", "completion"], "prompt", "completion"),
    ],
)
def test_what_can_only_be_a_reference_wins(columns: list[str], question: str, answer: str) -> None:
    for order in (columns, columns[::-1]):
        roles = roles_of(order)
        assert (roles.question, roles.answer) == (question, answer)


def test_a_choice_is_told_with_both_names() -> None:
    told = list(roles_of(["question", "answer", "ground_truth", "contexts", "reference_contexts", "topic"]).sentences())
    assert "the column ground_truth is read, answer beside it is not" in told
    assert "the column reference_contexts is read, contexts beside it is not" in told
    assert "columns that are not read: topic" in told


def test_one_column_a_role_needs_no_words() -> None:
    assert list(roles_of(["id", "question", "answer", "split"]).sentences()) == []
