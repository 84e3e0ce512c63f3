"""A person accepts or rejects drafted questions; what is accepted becomes the domain's test questions."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from rich.console import Console

from data import jsonl
from data.documents import read_documents
from data.errors import TriviumError
from data.files import together
from data.load import DRAFTS, TRAINING
from data.lock import changing_domain
from data.schema import Question
from evaluation.drafting.draft_domain import own_questions, training_rows, without_leaks

KEYS = "[a]ccept  [r]eject  [e]dit the question  [q]uit and keep what is done"


class _Draft(BaseModel):
    """What a line of drafts.jsonl must have; people edit them."""

    model_config = ConfigDict(extra="allow")

    id: str
    question: str
    answers: Annotated[list[str], Field(min_length=1)]
    document_ids: Annotated[list[str], Field(min_length=1)]
    evidence: str | list[str]
    wordings: list[str]
    meta: dict[str, Any]


def read_drafts(folder: Path) -> list[dict[str, Any]]:
    """The drafts on which nobody has decided yet.

    Raises:
        TriviumError: there are none, or a line is not a draft; names file, line and field.
    """
    path = folder / DRAFTS
    if not path.exists():
        raise TriviumError(f"{folder}: there are no drafts. `trivium init {folder} --documents FOLDER` makes some.")
    asked = {question.id for question in own_questions(folder)}  # a kill may have come between two files
    drafts = [line.model(_Draft).model_dump() for line in jsonl.lines(path)]
    return [draft for draft in drafts if draft["id"] not in asked]


def _show(console: Console, draft: dict[str, Any], place: int, total: int) -> None:
    console.print(f"\n{place} of {total}  {draft['document_ids'][0]}", style="dim", markup=False)
    console.print(f"Evidence: {draft['evidence']}", markup=False, highlight=False)
    console.print(f"Question: {draft['question']}", style="bold", markup=False, highlight=False)
    console.print(f"Answer:   {draft['answers'][0]}", style="bold", markup=False, highlight=False)


def _decided(draft: dict[str, Any], ask: Callable[[str], str]) -> bool | None:
    """True accepted, False rejected, None: the person wants to stop."""
    while True:
        choice = ask(f"{KEYS}: ").strip().lower()[:1]
        if choice in ("a", "r", "q"):
            return {"a": True, "r": False, "q": None}[choice]
        if choice == "e" and (text := ask("Question: ").strip()):
            draft["question"] = text
            draft["meta"]["edited"] = True
            return True


def review_drafts(
    folder: Path, ask: Callable[[str], str], console: Console, accept_all: bool = False
) -> tuple[int, int]:
    """Go through the drafts of a domain; what was decided is kept, also when the session is interrupted.

    Returns:
        Accepted and rejected in this session.
    """
    if accept_all:
        with changing_domain(folder, "review"):
            drafts = read_drafts(folder)
            _keep(folder, [_reviewed(draft, by_person=False) for draft in drafts], [])
        return len(drafts), 0
    drafts = read_drafts(folder)
    accepted = decided = 0
    for place, draft in enumerate(drafts, 1):
        _show(console, draft, place, len(drafts))
        decision = _decided(draft, ask)
        if decision is None:
            break
        if decide(folder, draft, decision):
            accepted, decided = accepted + decision, decided + 1
        else:
            console.print("Decided elsewhere meanwhile; that stays.", markup=False, highlight=False)
    return accepted, decided - accepted


def _reviewed(draft: dict[str, Any], by_person: bool) -> dict[str, Any]:
    return draft | {"meta": draft["meta"] | {"reviewed": by_person}}


def decide(folder: Path, draft: dict[str, Any], accepted: bool) -> bool:
    """Keep one decision of a person: an accepted draft becomes a test question, either leaves the drafts.

    Returns:
        Whether it is on the disk; not where another process has decided on this draft meanwhile.
    """
    with changing_domain(folder, "review"):
        drafts = read_drafts(folder)
        left = [other for other in drafts if other["id"] != draft["id"]]
        if len(left) == len(drafts):
            return False
        _keep(folder, [_reviewed(draft, by_person=True)] if accepted else [], left)
        return True


def _keep(folder: Path, accepted: list[dict[str, Any]], left: list[dict[str, Any]]) -> None:
    """Test questions into questions.jsonl, their other wordings into training.jsonl unless they leak, all at once."""
    questions = folder / "questions.jsonl"
    old = [question.model_dump(mode="json", exclude_defaults=True) for question in own_questions(folder)]
    new = [{key: value for key, value in draft.items() if key != "wordings"} for draft in accepted]
    tests = [Question.model_validate(row) for row in (*old, *new)]
    with together() as files:
        if new:
            wordings = [*jsonl.read_objects(folder / TRAINING), *training_rows(accepted, with_question=False)]
            trained = list({row["id"]: row for row in wordings}.values())  # after a kill some are there already
            kept = without_leaks(trained, tests, list(read_documents(folder / "documents")))
            files.write_text(folder / TRAINING, jsonl.text_of(kept))
            rows = (question.model_dump(mode="json", exclude_defaults=True) for question in tests)
            files.write_text(questions, jsonl.text_of(rows))
        files.write_text(folder / DRAFTS, jsonl.text_of(left))
