"""What training sees: wordings, questions about every passage, both, or text; and what that covers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data import jsonl
from data.load import load_domain
from data.progress import silent
from data.schema import Domain, Question
from evaluation.run.material import STUDY, Foreseen, Learner, source_of
from evaluation.run.settings import RunSettings
from finetune import rehearsal
from finetune.self_study import study
from finetune.self_study.writing import Outcome, by_rule
from finetune.settings import TrainingSettings


@pytest.fixture(autouse=True)
def by_rules_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A self-study whose writer and reader are rules; the passages that were written about."""
    monkeypatch.setenv("TRIVIUM_CACHE", str(tmp_path / "cache"))
    found: list[str] = []

    def write(together: Any, *_: Any) -> list[Outcome]:
        found.extend(passage.chunk_id for passage, _ in together)
        return [Outcome([w for spot in spots for w in by_rule(spot)], len(spots)) for _, spots in together]

    monkeypatch.setattr(study, "write_about", write)
    return found


def learner(domain: Domain, model: Any, **options: Any) -> Learner:
    fields = {"training": TrainingSettings(rehearsal=0)} | options
    settings = RunSettings(domain=domain.folder, chunk_tokens=200, **fields)
    return Learner(domain, domain.split("train"), model, settings, silent)


def asked(model: Any, examples: Any) -> list[str]:
    return [model.tokenizer.decode(example.prompt) for example in examples]


@pytest.mark.parametrize(
    ("train_on", "wordings", "language", "expected"),
    [
        (None, True, "en", "wordings"), (None, False, "en", "self-study"), ("pairs", True, "en", "wordings"),
        ("pairs", False, "en", "self-study"), ("documents", True, "en", "self-study"), ("both", True, "en", "both"),
        ("both", False, "en", "self-study"), ("documents", True, "de", "wordings"), (None, False, "de", "documents"),
    ],
)  # fmt: skip
def test_source(domain: Domain, train_on: Any, wordings: bool, language: str, expected: str) -> None:
    spoken = domain.model_copy(update={"settings": domain.settings.model_copy(update={"language": language})})
    settings = RunSettings(domain=domain.folder, train_on=train_on)
    assert source_of(spoken, domain.split("train") if wordings else [], settings) == expected


def test_pairs_alone_are_the_wordings_whatever_is_set(domain: Domain) -> None:
    settings = RunSettings(domain=domain.folder, train_on="documents")
    assert source_of(domain, domain.split("train"), settings, pairs_alone=True) == "wordings"


def test_a_self_study_asks_about_every_passage_and_no_test_question(domain: Domain, tiny_model: Any) -> None:
    made = learner(domain, tiny_model).material("self-study")
    texts = asked(tiny_model, made.examples)
    for number in range(4):
        assert any(f"Harbour{number}" in text for text in texts)
    tested = {question.question for question in domain.split("test")}
    assert not any(f"Question: {text}\n" in one for one in texts for text in tested)
    assert made.study["passages"] == made.coverage.passages == 4
    assert made.asked_again
    assert {question.split for question in made.asked_again} == {"train"}


def test_both_has_the_wordings_too(domain: Domain, tiny_model: Any) -> None:
    one, both = (learner(domain, tiny_model).material(source) for source in ("self-study", "both"))
    assert not any("Name the Harbour0 animal" in text for text in asked(tiny_model, one.examples))
    assert any("Name the Harbour0 animal" in text for text in asked(tiny_model, both.examples))
    assert {"flag0", "flag2"} <= {*both.coverage.taught}


def test_wordings_cover_what_they_ask(domain: Domain, tiny_model: Any, by_rules_alone: list[str]) -> None:
    made = learner(domain, tiny_model).material("wordings")
    assert (made.coverage.taught, made.coverage.never) == (("flag0", "flag2"), ("flag1", "flag3"))
    assert (made.coverage.passages, made.coverage.asked) == (4, 2)
    assert by_rules_alone == []


def test_the_passages_of_a_self_study_can_be_limited(
    domain: Domain, tiny_model: Any, by_rules_alone: list[str]
) -> None:
    learner(domain, tiny_model, study_passages=2).material("self-study")
    assert len(by_rules_alone) == 2


def test_a_file_that_was_edited_takes_the_place_of_writing(
    make_domain: Callable[..., Path], tiny_model: Any, by_rules_alone: list[str]
) -> None:
    domain = load_domain(make_domain())
    own = Question(
        id="s1", question="Who shows a crab?", answers=("Harbour7",), split="train", document_ids=("Harbour0.md",)
    )
    jsonl.write(domain.folder / STUDY, [own])
    made = learner(domain, tiny_model).material("self-study")
    assert by_rules_alone == []
    assert any("Who shows a crab?" in text for text in asked(tiny_model, made.examples))


def test_where_nothing_can_be_asked_the_text_is_learned(
    domain: Domain, tiny_model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(study, "write_about", lambda together, *_: [Outcome([], 7) for _ in together])
    made = learner(domain, tiny_model).material("self-study")
    assert made.source == "documents"
    assert made.study["kept"] == 0
    assert len(made.coverage.only_read) == 4


def test_what_is_foreseen_is_not_written(domain: Domain, tiny_model: Any, by_rules_alone: list[str]) -> None:
    foreseeing = learner(domain, tiny_model)
    foreseen = foreseeing.foreseen("self-study")
    assert foreseen.examples
    assert foreseen.written > 0
    assert by_rules_alone == []
    made = foreseeing.material("self-study")
    assert foreseeing.foreseen("self-study") == Foreseen(made.examples)


@pytest.mark.parametrize("source", ["wordings", "documents"])
def test_general_questions_stand_beside_whatever_is_trained(
    domain: Domain, tiny_model: Any, monkeypatch: pytest.MonkeyPatch, source: Any
) -> None:
    monkeypatch.setattr(rehearsal, "rehearsal_questions", lambda: ("Name a spice.", "Why is the sea salty?"))
    alone = learner(domain, tiny_model).material(source).examples
    learning = learner(domain, tiny_model, training=TrainingSettings(rehearsal=0.5))
    foreseen, made = learning.foreseen(source), learning.material(source)
    assert made.examples[: len(alone)] == alone
    beside = made.examples[len(alone) :]
    assert all(example.rehearsal and example.teacher for example in beside)
    assert {"Name a spice." in text or "Why is the sea salty?" in text for text in asked(tiny_model, beside)} == {True}
    assert len(beside) == made.rehearsal["questions"] == foreseen.rehearsed > 0
    assert len(foreseen.examples) == len(made.examples)
    assert learning.foreseen(source) == Foreseen(made.examples), "they are asked once"


def test_a_teacher_that_reads_is_asked_once_about_each_question_of_a_passage(domain: Domain, tiny_model: Any) -> None:
    plain, taught = (learner(domain, tiny_model).material("self-study", share) for share in (0.0, 0.5))
    assert not any(example.teacher for example in plain.examples)
    alone = [example for example in taught.examples if not example.context]
    assert alone
    for example in alone:
        assert example.teacher
        assert (example.teacher.share, len(example.teacher.tokens)) == (0.5, len(example.completion))
    with_passages = [example for example in taught.examples if example.context]
    assert with_passages
    assert not any(example.teacher for example in with_passages)
    assert [(e.prompt, e.completion) for e in plain.examples] == [(e.prompt, e.completion) for e in taught.examples]
    teacher = taught.study["teacher"]
    assert teacher["questions"] == len(alone)
    assert taught.study["seconds"] == pytest.approx(plain.study["seconds"] + teacher["seconds"])
    again = learner(domain, tiny_model).material("self-study", 0.5)
    assert again.study["teacher"] == teacher  # seconds too: it was not asked again
