"""From documents to drafted questions that wait for a person, or to training wordings beside the user's questions."""

import re
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from data import jsonl
from data.documents import read_documents
from data.errors import TriviumError
from data.language import sure_language
from data.leaks import find_leaks
from data.load import DRAFTS, TRAINING, question_file, read_questions
from data.lock import changing_domain
from data.progress import Progress
from data.schema import Document, Question
from data.settings import read_settings
from evaluation.drafting.draft import Draft, Drafting, add_tags
from model.language_model import LanguageModel
from rag.embed import Embedder


def _rows(draft: Draft, number: int, seconds: float) -> dict[str, Any]:
    """A draft as a line of a file. `seconds`: what writing one wording took, for the bill of fine-tuning."""
    candidate = draft.candidate
    return {
        "id": f"draft-{number:04d}",
        "question": draft.question,
        "answers": [candidate.span.text],
        "document_ids": [candidate.document.id],
        "evidence": candidate.evidence,
        "wordings": draft.wordings,
        "meta": {"drafted": True, "kind": candidate.span.kind, "writing_s": seconds, **draft.tags},
    }


def training_rows(drafts: Iterable[dict[str, Any]], with_question: bool) -> list[dict[str, Any]]:
    """Training wordings of drafts; `with_question`: their first wording too, where it is not asked as a test."""
    rows = []
    for draft in drafts:
        wordings = [draft["question"]] * with_question + draft["wordings"]
        common = {key: draft[key] for key in ("answers", "document_ids", "evidence", "meta")}
        rows += [
            {"id": f"{draft['id']}-t{number}", "question": text, "fact_id": draft["id"], "split": "train", **common}
            for number, text in enumerate(wordings, 1)
        ]
    return rows


def without_leaks(
    rows: Sequence[dict[str, Any]], test: Sequence[Question], documents: Sequence[Document]
) -> list[dict[str, Any]]:
    """Training rows of which no test wording is a copy, also with names and values masked."""
    left = list(rows)
    while leaks := find_leaks([Question.model_validate(row) for row in left], test, documents):
        seen = {leak.train_id for leak in leaks}
        left = [row for row in left if row["id"] not in seen]
    return left


def write_rows(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    jsonl.write(path, rows)


def own_questions(folder: Path) -> list[Question]:
    """The user's questions; none where the domain has no file of them yet."""
    try:
        return read_questions(question_file(folder))
    except TriviumError:
        if (folder / "questions.jsonl").exists() or (folder / "questions.csv").exists():
            raise
        return []


def check_language(language: str) -> None:
    """Raises TriviumError where drafting would write nonsense: its rules, examples and small writer are English."""
    if language != "en":
        raise TriviumError(
            f"questions are drafted in English only, and the language of this domain is '{language}'. Let a model that "
            "writes it make questions from your documents, and import them: docs/drafting.md shows how."
        )


def _next_number(folder: Path) -> int:
    """The first number of a draft that no question, training wording or draft of the domain has had."""
    names = ("questions.jsonl", TRAINING, DRAFTS)
    used = (
        str(row.get(key, ""))
        for name in names
        for row in jsonl.read_objects(folder / name)
        for key in ("id", "fact_id")
    )
    return 1 + max((int(found[1]) for text in used if (found := re.match(r"draft-(\d+)", text))), default=0)


def draft_domain(
    folder: Path,
    writer: LanguageModel,
    compared: LanguageModel,
    embedder: Embedder,
    wanted: int,
    seed: int,
    progress: Progress,
) -> dict[str, Any]:
    """Draft from all documents of a domain. Without questions of its own it gets drafts.jsonl, for a person to review;
    with them training.jsonl, so that fine-tuning learns what the documents say and none of the questions.

    Returns:
        What was proposed, kept and dropped (reason: count), and the file written.

    Raises:
        TriviumError: another process changes the domain, or nothing could be drafted.
    """
    with changing_domain(folder, "init"):
        return _draft(folder, writer, compared, embedder, wanted, seed, progress)


def _draft(
    folder: Path, writer: LanguageModel, compared: LanguageModel, embedder: Embedder, wanted: int, seed: int,
    progress: Progress,
) -> dict[str, Any]:  # fmt: skip
    settings = read_settings(folder / "domain.toml")
    check_language(settings.language)
    documents = list(read_documents(folder / "documents"))
    check_language(sure_language([document.text for document in documents]))
    test = [question for question in own_questions(folder) if question.split == "test"]
    started = time.perf_counter()
    drafting = Drafting(writer, embedder, documents, [question.question for question in test])
    drafts = list(add_tags(drafting.run(wanted, seed, progress), compared, settings.instruction, progress))
    if not drafts:
        raise TriviumError(f"{folder}: no question could be drafted from these documents.")
    each = (time.perf_counter() - started) / sum(1 + len(draft.wordings) for draft in drafts)
    path = folder / (TRAINING if test else DRAFTS)
    old = jsonl.read_objects(path)
    rows = [_rows(draft, number, round(each, 3)) for number, draft in enumerate(drafts, _next_number(folder))]
    made = without_leaks(training_rows(rows, with_question=True), test, documents) if test else rows
    known = {(row["question"], row["evidence"]) for row in old}
    kept = [row for row in made if (row["question"], row["evidence"]) not in known]
    write_rows(path, [*old, *kept])
    return {
        "file": str(path),
        "documents": len(documents),
        "proposed": drafting.proposed,
        "kept": len(drafts),
        "wordings": len(kept) if test else sum(1 + len(draft.wordings) for draft in drafts),
        "dropped": {str(reason): n for reason, n in drafting.dropped.most_common()},
        "known": sum(draft.tags["known"] for draft in drafts),
        "read": sum(draft.tags["read"] for draft in drafts),
    }
