"""A person accepts or rejects drafted questions; what is accepted becomes the domain's test questions."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console

from data.documents import read_documents
from data.errors import TriviumError
from data.load import DRAFTS, TRAINING
from data.schema import Question
from evaluation.drafting.draft_domain import own_questions, training_rows, without_leaks, write_rows

KEYS = "[a]ccept  [r]eject  [e]dit the question  [q]uit and keep what is done"


def read_drafts(folder: Path) -> list[dict[str, Any]]:
    path = folder / DRAFTS
    if not path.exists():
        raise TriviumError(f"{folder}: there are no drafts. `trivium init {folder} --documents FOLDER` makes some.")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


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
    drafts = read_drafts(folder)
    documents = list(read_documents(folder / "documents"))
    accepted: list[dict[str, Any]] = []
    total, at = len(drafts), 0
    try:
        for at, draft in enumerate(drafts):  # where it stopped is needed below
            if not accept_all:
                _show(console, draft, at + 1, total)
            decision = True if accept_all else _decided(draft, ask)
            if decision is None:
                break
            if decision:
                accepted.append(draft | {"meta": draft["meta"] | {"reviewed": not accept_all}})
        else:
            at = total
    finally:
        _save(folder, accepted, documents)
        write_rows(folder / DRAFTS, drafts[at:])
    return len(accepted), at - len(accepted)


def decide(folder: Path, draft: dict[str, Any], accepted: bool) -> None:
    """Keep one decision of a person: an accepted draft becomes a test question, either leaves the drafts."""
    left = [other for other in read_drafts(folder) if other["id"] != draft["id"]]
    chosen = [draft | {"meta": draft["meta"] | {"reviewed": True}}] if accepted else []
    _save(folder, chosen, list(read_documents(folder / "documents")))
    write_rows(folder / DRAFTS, left)


def _save(folder: Path, accepted: list[dict[str, Any]], documents: list[Any]) -> None:
    """Test questions into questions.jsonl, their other wordings into training.jsonl unless they leak."""
    old = [question.model_dump(mode="json", exclude_defaults=True) for question in own_questions(folder)]
    new = [{key: value for key, value in draft.items() if key != "wordings"} for draft in accepted]
    tests = [Question.model_validate(row) for row in (*old, *new)]
    if not tests:
        return
    path = folder / TRAINING
    trained = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
    write_rows(
        folder / "questions.jsonl", [question.model_dump(mode="json", exclude_defaults=True) for question in tests]
    )
    write_rows(path, without_leaks([*trained, *training_rows(accepted, with_question=False)], tests, documents))
