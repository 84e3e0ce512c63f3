"""Each rule drops what it is for, and lets a good question through."""

import pytest

from data.written_questions import Dropped, recovered, why_dropped

EVIDENCE = "The quay at Port Skene is 62 metres long and was opened in 1911."
DOCUMENT = f"Port guide: Port Skene\n{EVIDENCE} The harbour master is Morag Tennent."


@pytest.mark.parametrize(
    ("question", "answer", "expected"),
    [
        ("How many metres long is the quay at Port Skene?", "62 metres", None),
        ("State in what year the quay at Port Skene was opened.", "1911", None),
        ("Port Skene?", "1911", Dropped.NO_QUESTION),
        ("Is it? How long is the quay at Port Skene?", "62 metres", Dropped.NO_QUESTION),
        ("Why is the quay 62 metres long, and when is what?", "62 metres", Dropped.TELLS_ANSWER),
        ("How many metres long is it in the text?", "62 metres", Dropped.NO_SUBJECT),
        ("How many metres long is the quay at Dover?", "62 metres", Dropped.INVENTED),
        ("How many sailors paint a wonderful quay at Port Skene?", "62 metres", Dropped.INVENTED),
        ("In what year was the quay at Port Skene opened?", "62 metres", Dropped.NOT_RECOVERED),
    ],
)
def test_rules(question: str, answer: str, expected: Dropped | None) -> None:
    assert why_dropped(question, answer, EVIDENCE, DOCUMENT) is expected


def test_words_from_another_clause_do_not_count() -> None:
    evidence = "A parcel abroad costs 9 pounds, whatever it weighs, and takes two weeks."
    question = "How many weeks does a parcel abroad take?"
    surroundings = f"Post\n{evidence}"
    assert why_dropped(question, "two weeks", evidence, surroundings, " and takes two weeks.") is Dropped.OTHER_CLAUSE
    assert why_dropped(question, "two weeks", evidence, surroundings) is None


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How many metres long is the quay?", "62 metres"),
        ("When was the quay opened?", "1911"),
        ("Where is the quay that was opened in 1911?", "Port Skene"),
        ("What percentage of Port Skene was opened in 1911 and is 62 metres long?", None),
    ],
)
def test_the_rule_reads_the_answer_from_the_evidence(question: str, answer: str | None) -> None:
    assert recovered(question, EVIDENCE) == answer
