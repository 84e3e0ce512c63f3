"""What stands in a reader's prompts, and what it should say to it."""

from collections.abc import Callable
from typing import Any

import pytest

from data.prompt import ABSTENTION, PROMPT, Passage
from data.schema import Domain, Question
from finetune.reader_examples import Mixture, Reading, ReadingMaker, limit_unanswerable, readings_of, target_of

MakeMaker = Callable[[Domain, Mixture], ReadingMaker]


def _only(kind: str) -> Mixture:
    shares = {name: float(name == kind) for name in ("gold", "several", "long")}
    if kind == "missing":
        return Mixture(**(shares | {"several": 1.0}), missing=1.0)
    return Mixture(**shares, missing=0.0, foreign=0)


def _readings(make_maker: MakeMaker, domain: Domain, kind: str) -> list[Reading]:
    asked = [q for q in domain.split("test") if q.document_ids]
    return make_maker(domain, _only(kind)).readings(asked, "seed")


def _holds(reading: Reading, question: Question) -> bool:
    return any(question.answers[0] in passage.text for passage in reading.passages)


def test_the_gold_passage_alone_answers(make_maker: MakeMaker, domain: Domain) -> None:
    readings = _readings(make_maker, domain, "gold")
    assert len(readings) == 4
    for reading in readings:
        ((question, target),) = reading.targets
        assert {passage.document_id for passage in reading.passages} == set(question.document_ids)
        assert target == question.answers[0]
        assert _holds(reading, question)


def test_others_stand_beside_it_in_any_place(make_maker: MakeMaker, domain: Domain) -> None:
    readings = _readings(make_maker, domain, "several")
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


def test_without_its_passage_a_question_is_not_known(make_maker: MakeMaker, domain: Domain) -> None:
    readings = _readings(make_maker, domain, "missing")
    for reading in readings:
        unknown = [question for question, target in reading.targets if target == ABSTENTION]
        assert len(unknown) == 1, "one group is left out"
        assert not _holds(reading, unknown[0])
        assert all(_holds(reading, question) for question, target in reading.targets if target != ABSTENTION)


def test_whole_documents_up_to_a_length(make_maker: MakeMaker, domain: Domain, tiny_model: Any) -> None:
    for reading in _readings(make_maker, domain, "long"):
        ((question, _),) = reading.targets
        assert set(question.document_ids) <= {passage.document_id for passage in reading.passages}
        assert sum(tiny_model.count_tokens(passage.text) for passage in reading.passages) <= 1800


def test_questions_about_one_document_are_read_together(make_maker: MakeMaker, domain: Domain, tiny_model: Any) -> None:
    first = domain.split("test")[0]
    unsaid = Question(id="u", question="Who painted it?", answers=(), document_ids=first.document_ids)
    readings = make_maker(domain, _only("gold")).readings([first, unsaid], "seed")
    assert len(readings) == 1
    assert dict((question.id, target) for question, target in readings[0].targets) == {
        first.id: first.answers[0],
        "u": ABSTENTION,
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


def test_an_unknown_answer_counts_what_it_is_told_to(make_maker: MakeMaker, domain: Domain, tiny_model: Any) -> None:
    for reading in _readings(make_maker, domain, "missing"):
        for example, (_, target) in zip(reading.examples(tiny_model, 0, 0.25), reading.targets, strict=True):
            assert example.weight == (0.25 if target == ABSTENTION else 1.0)


def test_a_passage_is_asked_about_others_of_its_title(make_maker: MakeMaker, domain: Domain) -> None:
    documents = [document.model_copy(update={"title": "Flags"}) for document in domain.documents]
    titled = domain.with_documents(documents)
    mixture = Mixture(gold=1, several=0, long=0, foreign=2)
    asked = [q for q in titled.split("test") if q.document_ids]
    for maker, besides in ((titled, 2), (domain, 0)):
        readings = make_maker(maker, mixture).readings(asked, "seed")
        assert len(readings) == 4
        for reading in readings:
            (own, target), *foreign = reading.targets
            assert target == own.answers[0]
            assert [said for _, said in foreign] == [ABSTENTION] * besides
            assert not any(_holds(reading, question) for question, _ in foreign)


def test_unanswerable_questions_are_a_share_at_most() -> None:
    questions = [Question(id=f"q{n}", question="Q?", answers=("a",) if n % 2 else ()) for n in range(40)]
    chosen = limit_unanswerable(questions, 0.2, "seed")
    assert [sum(q.answerable for q in chosen), len(chosen)] == [20, 25]
    assert len(limit_unanswerable(questions, 0.6, "seed")) == 40, "no more than there are"
    assert len(limit_unanswerable(questions[1::2], 0.2, "seed")) == 20


def test_only_what_stands_in_its_documents_can_be_read(make_maker: MakeMaker, domain: Domain) -> None:
    first = domain.split("test")[0]
    counted = Question(id="c", question="How many flags are there?", answers=("four",), document_ids=first.document_ids)
    unsaid = Question(id="u", question="Who painted it?", answers=(), document_ids=first.document_ids)
    maker = make_maker(domain, Mixture())
    assert maker.readable([first, counted, unsaid]) == [first, unsaid]


def test_readings_take_the_tokens_they_are_given(make_maker: MakeMaker, domain: Domain, tiny_model: Any) -> None:
    asked = [q for q in domain.split("test") if q.document_ids]
    maker = make_maker(domain, _only("gold"))
    once = maker.readings(asked, "seed")
    assert [reading.tokens(tiny_model) for reading in once] == [_length(reading, tiny_model) for reading in once]
    made = readings_of(maker, asked, 2.5 * sum(reading.tokens(tiny_model) for reading in once), "seed")
    assert 9 <= len(made) <= 11, "all four twice, and about half of them again"
    assert readings_of(maker, [], 100, "seed") == []


def _length(reading: Reading, model: Any) -> int:
    """Tokens that are read for one question."""
    (example,) = reading.examples(model, 0)
    return len(example.prompt) + len(example.completion)
