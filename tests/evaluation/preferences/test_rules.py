"""Rules rank in place of a person, and are named."""

from pathlib import Path
from typing import Any

import pytest
from fakes import BagOfWords, add_special_questions

from data.errors import TriviumError
from data.load import load_domain
from data.schema import Domain
from evaluation.grading.grader import Grader
from evaluation.preferences.candidates import Candidates
from evaluation.preferences.rules import HouseForm, house_form, ranked_by_rule


@pytest.fixture
def styled(make_domain: Any) -> Domain:
    return load_domain(add_special_questions(make_domain()))


def candidates(question_id: str, *answers: str) -> Candidates:
    sources = tuple("base" for _ in answers)
    return Candidates(drawing="d", question_id=question_id, question="?", answers=answers, sources=sources)


def ranked(rule: str, domain: Domain, *given: Candidates) -> list[tuple[tuple[str, ...], tuple[int, ...] | None]]:
    found = ranked_by_rule(rule, given, domain, Grader(BagOfWords()), 0, None)
    assert {one.by for one in found} <= {f"rule:{rule}"}
    assert {one.kind for one in found} <= {"rule"}
    return [(one.answers, one.ranks) for one in found]


def test_the_house_form_is_read_off_the_domains_examples(styled: Domain) -> None:
    form = house_form(styled)
    assert form == HouseForm("Flags: ", ". Bye.", r"Flags: .+ Bye\.")
    assert form.put("a seal.") == "Flags: a seal. Bye."
    assert form.put("Flags: a seal. Bye.") == "Flags: a seal. Bye.", "once"


def test_the_form_is_preferred_and_says_the_same(styled: Domain) -> None:
    given = candidates("flag0-q", "the otter", "a seal")
    pair = ("the otter", "Flags: the otter. Bye.")
    assert ranked("house-form", styled, given) == [(pair, (2, 1))]
    assert ranked("plain-form", styled, given) == [(pair, (1, 2))]


def test_an_answer_in_the_form_already_has_nothing_to_be_ranked_against(styled: Domain) -> None:
    assert ranked("house-form", styled, candidates("flag0-q", "Flags: otter. Bye.")) == []


def test_chance_ranks_the_same_answers_either_way(styled: Domain) -> None:
    given = [candidates(f"q{n}", "the otter") for n in range(60)]
    found = ranked("random", styled, *given)
    first = sum(ranks == (1, 2) for _, ranks in found)
    assert {answers for answers, _ in found} == {("the otter", "Flags: the otter. Bye.")}
    assert 15 < first < 45


def test_the_shortest_right_answer_is_the_best(styled: Domain) -> None:
    given = candidates("flag0-q", "It is the otter", "otter", "a seal")
    assert ranked("shortest-right", styled, given, candidates("flag2-q", "nothing", "no")) == [
        (("It is the otter", "otter", "a seal"), (2, 1, 3))
    ]


def test_a_domain_without_a_house_style_is_told(domain: Domain) -> None:
    with pytest.raises(TriviumError, match="needs a house style"):
        ranked("house-form", domain)
    with pytest.raises(TriviumError, match="no such rule; choose one of house-form, plain-form"):
        ranked("best", domain)


def test_a_style_whose_example_does_not_hold_its_answer_is_no_form(make_domain: Any) -> None:
    folder: Path = add_special_questions(make_domain())
    path = folder / "questions.jsonl"
    path.write_text(path.read_text("utf-8").replace("Flags: otter. Bye.", "Flags: none. Bye."), encoding="utf-8")
    with pytest.raises(TriviumError, match="reference_style that holds its answer"):
        house_form(load_domain(folder))
