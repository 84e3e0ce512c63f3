"""A person labels a sample of a run's answers, blind to method and grade; the report prints the agreement."""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from rich.console import Console

from data import jsonl
from data.lock import append_alone
from data.schema import Question
from evaluation.grading.agreement import Agreement, agreement
from evaluation.grading.rules import GradeName
from evaluation.grading.score import LABELS
from evaluation.run.folder import REPORTS, RESULTS, SCORES, AnswerKey, RunFolder
from evaluation.run.records import Answer

LEAST = 20  # labels of a sample; below that an agreement says nothing: of one label it is 1 or 0, without a doubt
KEYS = "[y] right  [n] not right  [s]kip  [q]uit and keep what is done"


class Label(BaseModel):
    """One line of labels.jsonl; a later one about the same answer replaces it.

    Args:
        drawn: by chance, so that it counts for the agreement, or because it was doubtful.
        withdrawn: nothing is said of this answer any more.
    """

    model_config = ConfigDict(frozen=True)

    question_id: str
    answer: str
    correct: bool
    drawn: Literal["sample", "doubtful"] = "sample"
    withdrawn: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return self.question_id, self.answer


def read_labels(folder: RunFolder) -> list[Label]:
    """What people said of answers, each once; of an answer that was judged again, the last word."""
    labels = jsonl.read_models(folder.path / LABELS, Label, torn=True)
    last = {label.key: label for label in labels}.values()
    return [label for label in last if not label.withdrawn]


def keep_label(folder: RunFolder, label: Label) -> None:
    """Add a person's decision; it is on the disk when this returns."""
    append_alone(folder.path / LABELS, label)


def withdraw_label(folder: RunFolder, key: tuple[str, str]) -> None:
    """Take back what a person said of an answer, by a line of its own: what others say meanwhile is not touched."""
    keep_label(folder, Label(question_id=key[0], answer=key[1], correct=False, withdrawn=True))


def not_counted_yet(folder: RunFolder) -> bool:
    """Whether something was said of answers since they were graded last, up to the reports."""
    labels = folder.path / LABELS
    made = [path for name in (SCORES, RESULTS, *REPORTS) if (path := folder.path / name).exists()]
    return labels.exists() and any(labels.stat().st_mtime > path.stat().st_mtime for path in made)


def draw(folder: RunFolder, size: int, seed: int, doubtful: bool) -> list[tuple[Question, str]]:
    """Answers to label that were not labelled yet: a random sample, or all on which the grader itself was in doubt.

    An answer that several methods gave word for word is labelled once. Unanswerable questions need no person.
    """
    questions = folder.questions()
    given = folder.answers()
    rows = folder.scores(given)
    with folder.in_form():
        drawn = _drawn(given, questions, rows, seed, doubtful)
    labelled = {label.key for label in read_labels(folder)}
    wanted = drawn if doubtful else drawn[:size]
    return [(questions[identity], text) for identity, text in wanted if (identity, text) not in labelled]


def _drawn(
    given: Sequence[Answer], questions: Mapping[str, Question], rows: Mapping[AnswerKey, Mapping[str, Any]], seed: int,
    doubtful: bool,
) -> list[tuple[str, str]]:  # fmt: skip
    """Question id and text of the answers that a person can judge, each text once, in an order drawn by seed."""
    answers = [
        (answer.question_id, answer.answer)
        for answer in given
        if answer.phase in ("main", "updated") and questions[answer.question_id].answerable
        and (not doubtful or rows[answer.method, answer.seed, answer.phase, answer.question_id]["doubtful"])
    ]  # fmt: skip
    return list(dict.fromkeys(random.Random(seed).sample(answers, len(answers))))


def _show(console: Console, question: Question, answer: str, place: int, total: int) -> None:
    console.print(f"\n{place} of {total}", style="dim", markup=False)
    console.print(f"Question: {question.question}", style="bold", markup=False, highlight=False)
    console.print(f"Accepted: {' | '.join(question.answers)}", markup=False, highlight=False)
    for quote in question.evidence:
        console.print(f"Document: {quote}", markup=False, highlight=False)
    console.print(f"Answer:   {answer or '(nothing)'}", style="bold", markup=False, highlight=False)


def _choice(ask: Callable[[str], str]) -> str:
    while (choice := ask(f"{KEYS}: ").strip().lower()[:1]) not in ("y", "n", "s", "q"):
        pass
    return choice


def review_answers(
    folder: RunFolder, ask: Callable[[str], str], console: Console, size: int, seed: int, doubtful: bool
) -> int:
    """Go through the drawn answers; each label is kept at once. Returns how many were labelled."""
    todo = draw(folder, size, seed, doubtful)
    done = 0
    for place, (question, answer) in enumerate(todo, 1):
        _show(console, question, answer, place, len(todo))
        choice = _choice(ask)
        if choice == "q":
            break
        if choice != "s":
            label = Label(
                question_id=question.id, answer=answer, correct=choice == "y",
                drawn="doubtful" if doubtful else "sample",
            )  # fmt: skip
            keep_label(folder, label)
            done += 1
    return done


def agreement_of(scored: Iterable[tuple[str, str, str]], labels: Sequence[Label], seed: int = 0) -> Agreement | None:
    """Agreement of the grader with the randomly drawn labels; None where there is none.

    Args:
        scored: question id, answer and the grader's own grade.
    """
    grades = {(identity, answer): grade for identity, answer, grade in scored}
    known = [label for label in labels if label.drawn == "sample" and label.key in grades]
    if not known:
        return None
    right = [grades[label.key] == GradeName.CORRECT for label in known]
    return agreement(right, [label.correct for label in known], [label.question_id for label in known], seed)


def figures(found: Agreement | None) -> dict[str, Any]:
    """What results.json says of the grader: how many labels there are, and from `LEAST` on how far they agree."""
    if found is None or found.n < LEAST:
        nothing = {"kappa": None, "ci_low": None, "ci_high": None, "warning": ""}
        return nothing | {"labels": found.n if found else 0}
    keys = ("kappa", "ci_low", "ci_high", "precision", "recall")
    return {key: getattr(found, key) for key in keys} | {"labels": found.n, "warning": found.warning}
