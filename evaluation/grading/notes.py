"""What people note while they read: of a run as a whole, or of one question in it. No figure depends on it."""

from pydantic import BaseModel, ConfigDict

from data import jsonl
from data.lock import append_alone
from evaluation.run.folder import RunFolder

NOTES = "notes.jsonl"


class Note(BaseModel):
    """One line of notes.jsonl; a later one about the same thing replaces it."""

    model_config = ConfigDict(frozen=True)

    question_id: str = ""  # empty: the run itself
    phase: str = ""
    text: str = ""
    tags: tuple[str, ...] = ()
    starred: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return self.question_id, self.phase

    @property
    def empty(self) -> bool:
        return not (self.text or self.tags or self.starred)


def read_notes(folder: RunFolder) -> dict[tuple[str, str], Note]:
    """The notes that hold now, by what they are about: id of a question and phase, both empty for the run."""
    found = {note.key: note for note in jsonl.read_models(folder.path / NOTES, Note, torn=True)}
    return {key: note for key, note in found.items() if not note.empty}


def keep_note(folder: RunFolder, note: Note) -> None:
    """Write a note down; an empty one takes back what was noted before."""
    append_alone(folder.path / NOTES, note)
