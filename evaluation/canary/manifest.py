"""What was planted: every invented sentence, where it stands and what it becomes. Secret from the systems asked."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from data.errors import TriviumError
from data.jsonl import problem
from data.schema import Question
from data.sealed import read_sealed

FILE = "canaries.json"
# What a system has when it is asked: the first state, the second in its place, nothing any more, nothing at any time.
Given = Literal["before", "after", "no-more", "never"]


class Canary(BaseModel):
    """One invented sentence.

    Args:
        words: of its document that stand before it.
        changed, changed_answer: what sentence and answer are in the second state; empty where they stay.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    document: str
    words: int
    sentence: str
    question: str
    answer: str
    changed: str = ""
    changed_answer: str = ""

    def as_question(self) -> Question:
        """As a question of a domain."""
        return Question(
            id=self.id, question=self.question, answers=(self.answer,), document_ids=(self.document,),
            evidence=(self.sentence,),
        )  # fmt: skip


class Manifest(BaseModel):
    """Everything that a check needs to know."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int
    language: str
    documents: dict[str, int]  # those with canaries, and their words
    canaries: tuple[Canary, ...]


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a folder that `trivium canary plant` wrote.

    Raises:
        TriviumError: there is none, or it is damaged.
    """
    path = folder / FILE
    if not path.exists():
        raise TriviumError(f"{folder}: there is no {FILE}. `trivium canary plant DOCUMENTS OUT` writes one into OUT.")
    try:
        return Manifest.model_validate(read_sealed(path))
    except ValidationError as error:
        raise TriviumError(f"{path}: {problem(error)}. Plant again into another folder.") from error
    except ValueError as error:
        raise TriviumError(f"{path}: not what was written ({error}). Plant again into another folder.") from error
