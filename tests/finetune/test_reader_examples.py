"""What stands in a reader's prompts, and what it should say to it."""

from pathlib import Path
from typing import Any

import pytest

from data.progress import silent
from data.prompt import PROMPT, Passage
from data.schema import Domain, Question
from finetune.examples import UNKNOWN
from finetune.reader_examples import Mixture, Reading, ReadingMaker, drawn, in_proportion, target_of


def _only(kind: str) -> Mixture:
    shares = {name: float(name == kind) for name in ("gold", "several", "long")}
    if kind == "missing":
        return Mixture(**(shares | {"several": 1.0}), missing=1.0)
    return Mixture(**shares, missing=0.0)


def _readings(domain: Domain, model: Any, embedder: Any, folder: Path, kind: str) -> list[Reading]:
    asked = [q for q in domain.split("test") if q.document_ids]
    return ReadingMaker(domain, model, embedder, folder, _only(kind), silent).readings(asked, "seed")


def _holds(reading: Reading, question: Question) -> bool:
    return any(question.answers[0] in passage.text for passage in reading.passages)


def test_the_gold_passage_alone_answers(domain: Domain, tiny_model: Any, embedder: Any, tmp_path: Path) -> None:
    readings = _readings(domain, tiny_model, embedder, tmp_path, "gold")
    assert len(readings) == 4
    for reading in readings:
        ((question, target),) = reading.targets
        assert {passage.document_id for passage in reading.passages} == set(question.document_ids)
        assert target == question.answers[0]
        assert _holds(reading, question)


def test_others_stand_beside_it_in_any_place(domain: Domain, tiny_model: Any, embedder: Any, tmp_path: Path) -> None:
    readings = _readings(domain, tiny_model, embedder, tmp_path, "several")
    assert sorted(question.id for reading in readings for question, _ in reading.targets) == [
        f"flag{number}-q" for number in range(4)
    ]
    assert len(readings) < 4, "groups share a context"
    places = set()
    for reading in readings:
        names = [passage.document_id for passage in reading.passages]
        assert 1 < len(set(names)) <= 6
        for question, target in reading.targets:
            assert target == question.answers[0]
            assert _holds(reading, question)
            places.add(names.index(question.document_ids[0]))
    assert len(places) > 1


def test_without_its_passage_a_question_is_not_known(
    domain: Domain, tiny_model: Any, embedder: Any, tmp_path: Path
) -> None:
    readings = _readings(domain, tiny_model, embedder, tmp_path, "missing")
    for reading in readings:
        unknown = [question for question, target in reading.targets if target == UNKNOWN]
        assert len(unknown) == 1, "one group is left out"
        assert not _holds(reading, unknown[0])
        assert all(_holds(reading, question) for question, target in reading.targets if target != UNKNOWN)


def test_whole_documents_up_to_a_length(domain: Domain, tiny_model: Any, embedder: Any, tmp_path: Path) -> None:
    for reading in _readings(domain, tiny_model, embedder, tmp_path, "long"):
        ((question, _),) = reading.targets
        assert set(question.document_ids) <= {passage.document_id for passage in reading.passages}
        assert sum(tiny_model.count_tokens(passage.text) for passage in reading.passages) <= 1800


def test_questions_about_one_document_are_read_together(
    domain: Domain, tiny_model: Any, embedder: Any, tmp_path: Path
) -> None:
    first = domain.split("test")[0]
    unsaid = Question(id="u", question="Who painted it?", answers=(), document_ids=first.document_ids)
    readings = ReadingMaker(domain, tiny_model, embedder, tmp_path, _only("gold"), silent).readings(
        [first, unsaid], "seed"
    )
    assert len(readings) == 1
    assert dict((question.id, target) for question, target in readings[0].targets) == {
        first.id: first.answers[0],
        "u": UNKNOWN,
    }
    one, other = readings[0].examples(tiny_model, 0)
    asked = readings[0].targets[0][0]
    expected = tiny_model.render(PROMPT.messages(readings[0].instruction, asked.question, readings[0].passages))
    assert one.prompt == tuple(tiny_model.encode(expected)), "the prompt of all methods"
    assert one.prompt[:100] == other.prompt[:100]
    assert one.completion == (*tiny_model.encode(readings[0].targets[0][1]), 0)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (("polit.", "politician"), "politician"),  # the form that stands there
        (("baker",), None),
        (("no",), "no"),  # need not stand there
        (("a soldier and politician who served in both houses of the parliament for many years",), None),  # too long
        ((), None),
    ],
)
def test_the_target_is_a_form_that_can_be_read(answers: tuple[str, ...], expected: str | None) -> None:
    text = "He was a soldier and politician who served in both houses of the parliament for many years."
    question = Question(id="q", question="What was he?", answers=answers)
    assert target_of(question, [Passage("d", "d#0", "Rankin", text)]) == expected


def test_a_set_is_drawn_with_its_share_of_unanswerable_questions() -> None:
    questions = [Question(id=f"q{n}", question="Q?", answers=("a",) if n % 2 else ()) for n in range(40)]
    chosen = drawn(questions, 20, 0.25, "seed")
    assert [sum(q.answerable for q in chosen), len(chosen)] == [15, 20]
    assert len(drawn(questions[1::2], 10, 0.25, "seed")) == 10, "where none is unanswerable, others take their place"


def test_each_question_is_as_likely_as_another() -> None:
    assert in_proportion([900, 100], 40) == [36, 4]
    assert in_proportion([30, 10], 100) == [30, 10], "no more than there are"
