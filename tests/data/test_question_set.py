"""Question sets from other forms, and parts of them without a document in common."""

import json
from pathlib import Path

import pytest

from data.errors import TriviumError
from data.progress import silent
from data.question_set import read_question_set, split_by_title
from data.schema import Document, Domain, DomainSettings, Question


def _set(pointers: list[tuple[str, ...]], titles: dict[str, str]) -> Domain:
    documents = [Document(id=name, title=title, text="text") for name, title in titles.items()]
    questions = [
        Question(id=f"q{n}", question=f"Q{n}?", answers=("a",), document_ids=names) for n, names in enumerate(pointers)
    ]
    return Domain(
        folder=Path(), settings=DomainSettings(name="s"), documents=tuple(documents), questions=tuple(questions)
    )


def test_parts_share_no_title() -> None:
    titles = {f"d{n}": f"Article {n // 3}" for n in range(30)}  # ten articles of three paragraphs
    domain = _set([(f"d{n}",) for n in range(30)] * 4, titles)
    parts = split_by_title(domain, {"test": 0.3, "dev": 0.1}, seed=1)
    held = {part: {titles[q.document_ids[0]] for q in questions} for part, questions in parts.items()}
    assert held["test"].isdisjoint(held["dev"])
    assert held["train"].isdisjoint(held["test"] | held["dev"])
    assert {part: len(names) for part, names in held.items()} == {"test": 3, "dev": 1, "train": 6}
    assert sum(map(len, parts.values())) == 120


def test_questions_over_two_documents_keep_their_articles_together() -> None:
    titles = {name: name for name in "abcdef"}
    domain = _set([("a", "b"), ("b", "c"), ("d",), ("e",), ("f",)], titles)
    for seed in range(20):
        parts = split_by_title(domain, {"test": 0.4}, seed)
        assert len({part for part, questions in parts.items() for q in questions if q.id in ("q0", "q1")}) == 1


def test_the_seed_decides() -> None:
    domain = _set([(f"d{n}",) for n in range(40)], {f"d{n}": f"t{n}" for n in range(40)})
    drawn = [{q.id for q in split_by_title(domain, {"test": 0.25}, seed)["test"]} for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_a_set_in_another_form_is_imported(tmp_path: Path) -> None:
    source = tmp_path / "otters"
    source.mkdir()
    (source / "documents.jsonl").write_text(json.dumps({"id": "d1", "title": "Otters", "text": "They swim."}) + "\n")
    row = {"id": "q1", "question": "What do they do?", "answers": ["swim"], "document_ids": ["d1"]}
    (source / "questions.jsonl").write_text(json.dumps(row) + "\n")
    domain = read_question_set(source, silent)
    assert domain.name == "otters"
    assert domain.document(domain.questions[0].document_ids[0]).title == "Otters"


def test_a_set_without_questions_is_told(tmp_path: Path) -> None:
    source = tmp_path / "plain"
    source.mkdir()
    (source / "notes.txt").write_text("They swim.")
    with pytest.raises(TriviumError, match="no question"):
        read_question_set(source, silent)
