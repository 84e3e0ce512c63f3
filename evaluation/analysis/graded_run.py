"""Every answer of a run with its grade, its cause and what was sent to the model: what stands behind each number."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from data.prompt import Passage, PromptTemplate
from data.schema import Question
from evaluation.analysis.causes import Supply, cause_of
from evaluation.run.folder import RunFolder
from evaluation.run.records import Answer
from evaluation.run.registry import seed_of, spec_of


@dataclass(frozen=True)
class GradedAnswer:
    """An answer with its line of scores.jsonl and, where it is not right, one cause."""

    question: Question
    category: str
    answer: Answer
    score: Mapping[str, Any]
    cause: str | None

    @property
    def grade(self) -> str:
        return str(self.score["grade"])


@dataclass(frozen=True)
class SentPrompt:
    """A prompt as it was sent, in its parts; of a contestant its passages as they came back, and the question."""

    system: str
    passages: tuple[Passage, ...]
    question: str


class GradedRun:
    """Reads a finished run. Answers of the first training seed; `updated` is the pass after documents changed."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder, self.record = folder, folder.record()
        self.questions = folder.questions()
        with folder.in_form():
            self.chunks = {row["chunk_id"]: Passage(**row) for row in folder.rows("chunks.jsonl")}

    @cached_property
    def answers(self) -> list[GradedAnswer]:
        """In the order in which they were given."""
        with self.folder.in_form():
            return list(self._graded())

    def _graded(self) -> Iterator[GradedAnswer]:
        answers = self.folder.answers()
        scores = self.folder.scores(answers)
        supply, seed = Supply(list(self.chunks.values())), int(self.record["settings"]["seed"])
        facts = self.record["training"]["facts"]
        trained = None if facts is None else frozenset(facts)
        for answer in answers:
            if answer.phase not in ("main", "updated") or answer.seed != seed_of(answer.method, seed):
                continue
            question = self.questions[answer.question_id]
            score = scores[answer.method, answer.seed, answer.phase, answer.question_id]
            cause = cause_of(question, answer, score, supply.given(question, answer), trained)
            category = "updated" if answer.phase == "updated" else str(question.category)
            yield GradedAnswer(question, category, answer, score, str(cause) if cause else None)

    def of_question(self, identity: str, phase: str = "main") -> list[GradedAnswer]:
        """What each method answered to one question."""
        return [j for j in self.answers if j.question.id == identity and j.answer.phase == phase]

    def sent(self, answer: Answer) -> SentPrompt:
        """The prompt put together again; the audit checks that its SHA-256 is the one recorded.

        What a contestant puts in front of its own model is not seen.
        """
        template = PromptTemplate(**self.record["prompt"])
        passages = tuple(
            replace(self.chunks[context.chunk_id], score=context.score) for context in answer.contexts
        )  # fmt: skip
        asked = self.questions[answer.question_id].question
        system, user = template.messages(self.record["domain"]["instruction"], asked)
        if spec_of(answer.method).is_contestant:
            return SentPrompt("n/a: what your system tells its model is not seen", passages, asked)
        return SentPrompt(system["content"], passages, user["content"])
