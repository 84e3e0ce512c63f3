"""Notes: the later one holds, and an empty one takes back."""

from pathlib import Path

from evaluation.grading.notes import Note, keep_note, read_notes
from evaluation.run.folder import RunFolder


def test_a_later_note_replaces_an_earlier_one_and_an_empty_one_takes_it_back(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    assert read_notes(folder) == {}
    keep_note(folder, Note(text="of the run"))
    keep_note(folder, Note(question_id="q", phase="main", text="odd", tags=("a", "b")))
    keep_note(folder, Note(question_id="q", phase="main", starred=True))
    assert read_notes(folder)["q", "main"] == Note(question_id="q", phase="main", starred=True)
    keep_note(folder, Note(question_id="q", phase="main"))
    assert list(read_notes(folder)) == [("", "")]
