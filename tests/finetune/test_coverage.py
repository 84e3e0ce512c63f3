"""A fact was taught as a question, only read in training, or never seen."""

from typing import Any

from data.prompt import Passage
from data.schema import Question
from finetune.coverage import coverage_of

TEXTS = ("The quay is 62 metres long. The cat is called Barnacle.", "The crane lifts 12 tonnes.", "Mail comes at 9:40.")
PASSAGES = [Passage(f"{n}.md", f"{n}.md#0", "T", text) for n, text in enumerate(TEXTS)]


def asked(fact: str, answer: str, document: int, evidence: str, **more: Any) -> Question:
    fields = {"id": f"{fact}-q", "question": f"About {fact}?", "answers": (answer,), "fact_id": fact}
    return Question(**fields | {"document_ids": (f"{document}.md",), "evidence": (evidence,)} | more)


QUESTIONS = [
    asked("quay", "62 metres", 0, "The quay is 62 metres long."),
    asked("cat", "Barnacle", 0, "The cat is called Barnacle."),
    asked("crane", "12 tonnes", 1, "The crane lifts 12 tonnes."),
    asked("mail", "9:40", 2, "Mail comes at 9:40."),
    Question(id="none", question="Who?", answers=()),
]


def test_each_fact_is_of_one_kind() -> None:
    wording = asked("quay", "62 metres", 0, "The quay is 62 metres long.", id="quay-t", split="train")
    found = coverage_of(QUESTIONS, [wording], PASSAGES, read={"1.md#0"})
    assert (found.taught, found.only_read, found.never) == (("quay",), ("cat", "crane"), ("mail",))
    assert (found.passages, found.asked, found.read) == (3, 1, 2)


def test_a_question_of_another_name_teaches_by_its_answer_and_sentence() -> None:
    written = asked("study-1", "12 tonnes", 1, TEXTS[1], id="s", split="train")
    elsewhere = asked("study-2", "9:40", 1, TEXTS[1], id="t", split="train")
    assert coverage_of(QUESTIONS, [written, elsewhere], PASSAGES, ()).taught == ("crane",)


def test_without_training_nothing_was_seen() -> None:
    found = coverage_of(QUESTIONS, [], PASSAGES, ())
    assert found.never == ("quay", "cat", "crane", "mail")
    assert found.as_dict()["facts"] == {"taught": [], "read": [], "never": ["quay", "cat", "crane", "mail"]}


def test_a_fact_that_changes_later_was_taught_as_it_was() -> None:
    """A self-study reads the documents before they change; the new value, asked last, takes nothing of that away."""
    written = asked("study-1", "12 tonnes", 1, TEXTS[1], id="s", split="train")
    changed = asked("crane", "15 tonnes", 1, "The crane lifts 15 tonnes.", id="crane-new")
    assert coverage_of([*QUESTIONS, changed], [written], PASSAGES, ()).taught == ("crane",)
