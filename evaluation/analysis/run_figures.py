"""One reading of a run's folder: answers with their grades, as all figures are computed from them."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from data.errors import TriviumError
from data.prompt import Passage
from data.schema import Question
from evaluation.analysis.breakdown import Graded, mix_weights
from evaluation.analysis.causes import Supply
from evaluation.cost.prices import PriceBook, prices_for
from evaluation.grading.rules import GradeName
from evaluation.results.schema import ModelFacts
from evaluation.run.folder import RunFolder
from evaluation.run.records import Answer
from evaluation.run.registry import seed_of
from model.operations import Shapes


class RunFigures:
    """Answers of a run by method, training seed and phase, with their questions and grades.

    Raises:
        TriviumError: the run was made by a version that did not record the model's shapes.
    """

    def __init__(self, folder: RunFolder) -> None:
        self.folder, self.record = folder, folder.record()
        self.settings: Mapping[str, Any] = self.record["settings"]
        if "shapes" not in self.record.get("model", {}):
            raise TriviumError(f"{folder.path}: made by an earlier version that measured less. Run it again.")
        known = self.record["model"]["shapes"]
        with folder.in_form():
            self.shapes = Shapes(**known) if known else None  # None: the model shows no weights
            self.chunks = {row["chunk_id"]: Passage(**row) for row in folder.rows("chunks.jsonl")}
            self.seed = int(self.settings["seed"])
        self.questions, self.answers, self.latencies = folder.questions(), folder.answers(), folder.latencies()
        self.ranks = folder.rows("retrieval.jsonl")
        self.scores = folder.scores(self.answers)
        self.graded: dict[tuple[str, int, str], Graded] = {}
        with folder.in_form():
            self.supply = Supply(list(self.chunks.values()))
            for answer in self.answers:
                key = (answer.method, answer.seed, answer.phase)
                grade = GradeName(self.score(answer)["grade"])
                self.graded.setdefault(key, []).append((self.questions[answer.question_id], answer, grade))

    def score(self, answer: Answer) -> Mapping[str, Any]:
        """The answer's line of scores.jsonl."""
        return self.scores[answer.method, answer.seed, answer.phase, answer.question_id]

    def rows(self, name: str, phase: str) -> Graded:
        """Graded answers of a method in a phase, of the first training seed."""
        return self.graded.get((name, seed_of(name, self.seed), phase), [])

    @cached_property
    def model(self) -> ModelFacts:
        """The base model."""
        return ModelFacts(**self.record["model"])

    @cached_property
    def prices(self) -> PriceBook:
        """By which the run is priced."""
        return prices_for(self.model, self.settings["usd_per_hour"], self.settings.get("token_prices", {}))

    @property
    def names(self) -> list[str]:
        """Methods that were asked, in the order of the settings."""
        return [name for name in self.settings["methods"] if self.rows(name, "main")]

    @cached_property
    def asked(self) -> list[Question]:
        """Questions that any method was asked, each once."""
        main = (rows for (_, _, phase), rows in self.graded.items() if phase == "main")
        return list({question.id: question for rows in main for question, _, _ in rows}.values())

    @cached_property
    def weights(self) -> dict[str, float] | None:
        """Weight of an answerable question of each category; None: the domain gives no traffic mix."""
        return mix_weights([q for q in self.asked if q.answerable], self.record["domain"]["mix"])

    @cached_property
    def trained_facts(self) -> frozenset[str] | None:
        """None: training learned from all document text."""
        facts = self.record["training"]["facts"]
        return None if facts is None else frozenset(facts)
