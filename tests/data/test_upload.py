"""Uploads: what is taken in, what is refused, and that nothing is written anywhere else."""

from pathlib import Path

import pytest

from data.errors import TriviumError
from data.load import load_domain
from data.upload import change_question, folder_for, take_in


def test_documents_and_questions_make_a_domain(tmp_path: Path) -> None:
    questions = b"id,question,answer,document\nq1,When does the shop open?,at 9 | 9,hours.md\n"
    outcome = take_in(
        [("hours.md", b"# Hours\n\nThe shop opens at 9."), ("questions.csv", questions)], tmp_path / "shop"
    )
    assert (outcome.documents, outcome.questions) == (["hours.md"], 1)
    assert load_domain(tmp_path / "shop").questions[0].answers == ("at 9", "9")


@pytest.mark.parametrize(
    "name", ["../evil.md", "a/b.md", "..\\evil.md", "/etc/passwd.md", "..", ".hidden.md", "a\0.md", "a\x1b[2J.md"]
)
def test_names_with_path_parts_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(TriviumError, match="may hold no path"):
        take_in([(name, b"text")], tmp_path / "inside")
    assert list(tmp_path.iterdir()) == []


def test_other_types_and_large_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TriviumError, match=r"type is not read. Known: .md"):
        take_in([("run.exe", b"MZ")], tmp_path / "inside")
    monkeypatch.setattr("data.upload.MAX_BYTES", 8)
    with pytest.raises(TriviumError, match="are read"):
        take_in([("long.md", b"123456789")], tmp_path / "inside")
    assert list(tmp_path.iterdir()) == []


def test_a_broken_file_is_named_and_the_others_come_in(tmp_path: Path) -> None:
    outcome = take_in([("broken.pdf", b"%PDF-1.7 nothing"), ("fine.md", b"Text.")], tmp_path / "d")
    assert outcome.documents == ["fine.md"]
    assert "PDF" in outcome.skipped["broken.pdf"]


def test_nothing_but_broken_files_is_said_without_a_path_of_the_machine(tmp_path: Path) -> None:
    with pytest.raises(TriviumError, match="nothing to import") as caught:
        take_in([("broken.pdf", b"%PDF-1.7 nothing")], tmp_path / "d")
    assert "/tmp" not in str(caught.value)
    assert not (tmp_path / "d").exists()


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", ".ssh", "end.", "a\nb"])
def test_a_domain_lies_directly_in_the_workspace(tmp_path: Path, name: str) -> None:
    assert folder_for(tmp_path, "Night shift 2") == tmp_path / "Night shift 2"
    with pytest.raises(TriviumError, match="no name for a folder"):
        folder_for(tmp_path, name)


def test_a_question_is_changed_in_its_place(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text('{"id": "a", "question": "A?", "answers": ["1"], "meta": {"k": 1}}\n'
                    '{"id": "b", "question": "B?", "answers": []}\n', encoding="utf-8")  # fmt: skip
    change_question(tmp_path, "a", "What is A?", ["one", "1"])
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0] == '{"id": "a", "question": "What is A?", "answers": ["one", "1"], "meta": {"k": 1}}'
    assert '"B?"' in lines[1]
    with pytest.raises(TriviumError, match="it has no question 'c'"):
        change_question(tmp_path, "c", "C?", [])
    with pytest.raises(TriviumError, match="must not be blank"):
        change_question(tmp_path, "a", " ", [])
    assert "What is A?" in path.read_text(encoding="utf-8")


def test_names_that_import_takes_are_taken(tmp_path: Path) -> None:
    names = ["C++ [draft] 100%.md", "Überfahrt #2.md", f"{'long ' * 40}.md"]
    outcome = take_in([(name, f"Text of {name}.".encode()) for name in names], tmp_path / "d")
    assert len(outcome.documents) == 3


def test_of_two_files_of_one_name_the_second_is_skipped_and_named(tmp_path: Path) -> None:
    outcome = take_in([("a.md", b"One."), ("A.md", b"Two.")], tmp_path / "d")
    assert outcome.documents == ["a.md"]
    assert "two files have this name" in outcome.skipped["A.md"]


def test_one_file_that_is_not_read_does_not_keep_the_others_out(tmp_path: Path) -> None:
    questions = b"question,answer\nWhen does it open?,at 9\n"
    files = [("handbook.md", b"It opens at 9."), ("photo.png", b"\x89PNG"), ("questions.csv", questions)]
    outcome = take_in([*files, ("../evil.md", b"x")], tmp_path / "d")
    assert (outcome.documents, outcome.questions) == (["handbook.md"], 1)
    assert "this type is not read" in outcome.skipped["photo.png"]
    assert "may hold no path" in outcome.skipped["../evil.md"]
    assert not (tmp_path / "evil.md").exists()


@pytest.mark.parametrize(
    ("table", "changed"),
    [
        ("question,answer\nWhat is A?,1\nB?,2\n", "question,answer\nWhat is A?,one | 1\nB?,2\n"),
        ('Question;Note;Answer\nA?;"x;y";1\n', 'Question;Note;Answer\nWhat is A?;"x;y";one | 1\n'),
    ],
)
def test_a_question_of_a_table_is_changed_and_no_other_cell(tmp_path: Path, table: str, changed: str) -> None:
    (tmp_path / "questions.csv").write_text(table, encoding="utf-8")
    change_question(tmp_path, "q00002", "What is A?", ["one", "1"])
    assert (tmp_path / "questions.csv").read_text(encoding="utf-8") == changed


def test_a_training_wording_is_changed_in_its_file(tmp_path: Path) -> None:
    (tmp_path / "questions.csv").write_text("question,answer\nB?,2\n", encoding="utf-8")
    (tmp_path / "training.jsonl").write_text('{"id": "t1", "question": "A?", "answers": ["1"]}\n', encoding="utf-8")
    change_question(tmp_path, "t1", "What is A?", ["one"])
    assert '"What is A?"' in (tmp_path / "training.jsonl").read_text(encoding="utf-8")
