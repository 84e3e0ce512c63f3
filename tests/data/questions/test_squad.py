"""SQuAD with offsets that are right, wrong or missing."""

import json
from pathlib import Path
from typing import Any

import pytest

from data.errors import TriviumError
from data.questions.reader import read_material
from data.questions.source import Material

TEXT = "Low water was at six. The second low water is at six too. Dogs go free."


def _read(tmp_path: Path, answers: Any, **more: Any) -> Material:
    asked = {"id": 7, "question": "When?", "answers": answers, **more}
    article = {"title": "Tides_of_Tarsa", "paragraphs": [{"context": TEXT, "qas": [asked]}]}
    path = tmp_path / "s.json"
    path.write_text(json.dumps({"version": "v2.0", "data": [article]}), encoding="utf-8")
    material = read_material(path, known={})
    assert material is not None
    return material


@pytest.mark.parametrize(
    ("start", "sentence", "moved"),
    [
        (17, "Low water was at six.", False),
        (49, "The second low water is at six too.", False),
        (48, "The second low water is at six too.", True),
        (60, "The second low water is at six too.", True),
        (0, "Low water was at six.", True),
        (9999, "The second low water is at six too.", True),
        (-5, "Low water was at six.", True),
        (None, "Low water was at six.", True),
        ("17", "Low water was at six.", True),
    ],
)
def test_the_sentence_of_the_answer_is_the_evidence(tmp_path: Path, start: Any, sentence: str, moved: bool) -> None:
    material = _read(tmp_path, [{"text": "six", "answer_start": start}])
    assert material.questions[0]["evidence"] == [sentence]
    assert any("found by their text" in str(note) for note in material.notes) is moved


def test_an_answer_that_stands_nowhere_gives_no_evidence_and_a_note(tmp_path: Path) -> None:
    material = _read(tmp_path, [{"text": "seven", "answer_start": 3}])
    assert "evidence" not in material.questions[0]
    assert material.questions[0]["answers"] == ["seven"]
    assert any("do not stand in their paragraph" in str(note) for note in material.notes)


def test_impossible_as_text_is_read(tmp_path: Path) -> None:
    assert _read(tmp_path, [], is_impossible="True").questions[0]["answers"] == []
    assert _read(tmp_path, [{"text": "six"}], is_impossible="False").questions[0]["answers"] == ["six"]


@pytest.mark.parametrize(
    "article",
    [{"paragraphs": [{"context": "x"}]}, {"paragraphs": 1}, {"paragraphs": [{"context": "x", "qas": [1]}]}, 5],
)
def test_a_part_that_is_missing_is_named(tmp_path: Path, article: Any) -> None:
    path = tmp_path / "s.json"
    path.write_text(json.dumps({"data": [{"paragraphs": []}, article]}), encoding="utf-8")
    with pytest.raises(TriviumError, match=r"s\.json, article 2: it looks like SQuAD"):
        read_material(path)
