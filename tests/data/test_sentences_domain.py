"""Typed sentences become a domain whose test wordings are never trained."""

from pathlib import Path

import pytest

from data.errors import TriviumError
from data.leaks import find_leaks
from data.load import load_domain
from data.sentences_domain import TaughtSentence, suggested, write_sentences


@pytest.mark.parametrize(
    ("sentence", "answer", "question"),
    [
        ("The quay is 62 metres long.", "62 metres", "The quay is how many metres long?"),
        ("The bridge over the Vessa was built in 1871.", "1871", "The bridge over the Vessa was built in what year?"),
        ("The harbour cat is called Barnacle.", "Barnacle", "The harbour cat is called what?"),
        ("Nobody knows the way home.", "home", "Nobody knows the way what?"),
    ],
)
def test_an_answer_and_a_question_are_suggested(sentence: str, answer: str, question: str) -> None:
    assert suggested(sentence) == TaughtSentence(sentence, answer, question)


def test_what_is_asked_is_not_what_is_trained(tmp_path: Path) -> None:
    rows = [suggested("The harbour cat is called Barnacle."), suggested("The quay is 62 metres long.")]
    write_sentences(rows, tmp_path / "d")
    domain = load_domain(tmp_path / "d")
    assert [q.question for q in domain.split("test")] == [row.question for row in rows]
    trained = domain.split("train")
    assert len(trained) == 6
    assert trained[0].question == "Fill the gap: The harbour cat is called …."
    assert all(q.answers == (rows[0].answer,) for q in trained[:3])
    assert find_leaks(trained, domain.split("test"), domain.documents) == []
    assert domain.documents[0].text.endswith("The harbour cat is called Barnacle.")


def test_an_answer_that_is_not_in_its_sentence_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TriviumError, match="does not stand in"):
        write_sentences([TaughtSentence("The cat sleeps.", "dog", "Who sleeps?")], tmp_path / "d")
    with pytest.raises(TriviumError, match="no sentence"):
        write_sentences([], tmp_path / "d")
