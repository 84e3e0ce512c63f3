"""What training sees of a domain: its training wordings, questions about every passage (self-study), or both."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Any, Literal

from data import jsonl
from data.gold import GoldPassages
from data.leaks import find_leaks
from data.progress import Progress
from data.prompt import Passage
from data.schema import Domain, Question
from evaluation.run.plan import UNKNOWN_SHARE
from evaluation.run.settings import RunSettings
from finetune.coverage import Coverage, coverage_of
from finetune.examples import Example, question_examples, text_examples
from finetune.reading import ReadingExamples
from finetune.rehearsal import foreseen_rehearsal, kept_rehearsal, obtain_rehearsal
from finetune.self_study.near_misses import NearMisses
from finetune.self_study.spots import spots_of
from finetune.self_study.study import Study, kept_study, obtain_study, questions_of
from finetune.self_study.teacher import obtain_teaching
from finetune.self_study.writers import writer_of
from finetune.self_study.writing import PROMPTS_A_SPOT, Writer, by_rule
from model.language_model import Trainable
from model.registry import load_model
from model.weights import WRITER_FOLDER
from rag.chunk import chunk

Source = Literal["wordings", "self-study", "both", "documents"]
STUDY = "self_study.jsonl"  # in a domain's folder: questions made before, perhaps edited, taken instead of new ones
ASKED_AGAIN = 55  # questions of a self-study by which it is seen whether training converged
_KEPT = 3  # questions that are kept for each that rules make
WRITES = "en"  # the language in which questions are written


@dataclass(frozen=True)
class Material:
    """Examples, and where they are from."""

    source: Source
    examples: tuple[Example, ...]
    coverage: Coverage  # of what the domain's test questions ask for
    study: dict[str, Any] = field(default_factory=dict)  # what making the questions of a self-study took
    rehearsal: dict[str, Any] = field(default_factory=dict)  # how many general questions, and what asking them took
    asked_again: tuple[Question, ...] | None = None  # do they show that training converged? None: those of the plan


@dataclass(frozen=True)
class Foreseen:
    """What training will see, as far as that can be told before anything is written or asked."""

    examples: Sequence[Example]
    written: int = 0  # prompts that a writer is still to be given
    rehearsed: int = 0  # general questions that the base model is still to be asked


def source_of(domain: Domain, wordings: Sequence[Question], settings: RunSettings, pairs_alone: bool = False) -> Source:
    """What training sees. In a language in which no questions are written, text takes the place of a self-study.

    Args:
        pairs_alone: whether the method is trained on the domain's training wordings whatever the settings say.
    """
    has_wordings = any(question.answerable for question in wordings)
    wanted = "pairs" if pairs_alone else settings.train_on or ("pairs" if has_wordings else "documents")
    can_study = domain.settings.language == WRITES
    if has_wordings and (wanted == "pairs" or not can_study):
        return "wordings"
    if not can_study:
        return "documents"
    return "both" if has_wordings and wanted == "both" else "self-study"


def _added(study: Mapping[str, Any], teacher: Mapping[str, Any]) -> dict[str, Any]:
    """What a self-study took, with what asking its teacher took."""
    seconds = {name: study.get(name, 0.0) + teacher[name] for name in ("seconds", "calibrated_s")}
    return {**study, **seconds, "teacher": dict(teacher)}


class Learner:
    """Makes the material of one domain for one model.

    Args:
        wordings: of the domain, that training may see.
    """

    def __init__(
        self, domain: Domain, wordings: Sequence[Question], model: Trainable, settings: RunSettings, progress: Progress
    ) -> None:
        self.domain, self.wordings, self.model = domain, list(wordings), model
        self.settings, self.progress = settings, progress
        self.passages = list(chunk(domain.documents, model, settings.chunk_tokens))

    def material(self, source: Source, distillation: float = 0.0) -> Material:
        """Examples of questions alone and with passages, or of the documents' text; general questions beside them.

        Args:
            distillation: share of the loss of questions alone that goes by what the model says with their passage.
        """
        taught = self._of_the_domain(source, distillation)
        if not self.settings.training.rehearsal:
            return taught
        known = obtain_rehearsal(self.model, self.progress)
        return replace(taught, examples=(*taught.examples, *known.examples), rehearsal=known.record)

    def _of_the_domain(self, source: Source, distillation: float = 0.0) -> Material:
        tested = [*self.domain.split("test"), *self.domain.updated_questions()]
        if source == "documents":
            examples = text_examples(self.domain, self.model, self.model.end_token(), chunk)
            everything = [passage.chunk_id for passage in self.passages]
            return Material(source, tuple(examples), coverage_of(tested, [], self.passages, everything))
        study = None if source == "wordings" else self._study()
        asked = self._own_wordings(source)
        details: dict[str, Any] = {}
        if study:
            own = self._without_leaks(study.questions, tested)
            asked += own
            details = study.record | {"reused": study.reused, "leaks": len(study.questions) - len(own)}
            asked += self._near_misses(own, asked)
        if not any(question.answerable for question in asked):
            return replace(self._of_the_domain("documents"), study=details)  # nothing could be asked about
        examples = question_examples(self.domain, asked, self.model, self.model.end_token())
        if distillation:
            examples, took = self._with_teacher(asked, examples, distillation)
            details = _added(details, took) | {"distillation": distillation}
        if self.settings.training.reading:
            examples += self._reading(asked)
        again = tuple(self._asked_again(asked)) if study else None
        covered = coverage_of(tested, asked, self.passages, ())
        return Material(source, tuple(examples), covered, details, asked_again=again)

    def _with_teacher(
        self, asked: Sequence[Question], examples: Sequence[Example], share: float
    ) -> tuple[list[Example], dict[str, Any]]:
        """The examples, those of which a passage is known with what the model says that has it."""
        by_id, gold = {passage.chunk_id: passage for passage in self.passages}, GoldPassages(self.passages)
        homes = [
            by_id.get(question.meta.get("passage", "")) or next(iter(gold.of(question)), None) for question in asked
        ]
        known = [place for place, home in enumerate(homes) if home]
        pairs = [(asked[place], home) for place, home in enumerate(homes) if home]
        students = [examples[place] for place in known]
        teaching = obtain_teaching(self.domain, self.model, pairs, students, share, self.progress)
        told = dict(zip(known, teaching.examples, strict=True))
        return [told.get(place, example) for place, example in enumerate(examples)], teaching.record

    def _asked_again(self, asked: Sequence[Question]) -> list[Question]:
        """One question of some facts, drawn by the run's seed; gaps, which nobody asks, where there is nothing else."""
        draw = random.Random(f"asked again {self.settings.seed}")
        plain = [question for question in asked if question.answerable and not question.reference_style]
        shuffled = [question for question in plain if question.meta.get("kind") != "gap"] or plain
        draw.shuffle(shuffled)
        return list({question.fact_id: question for question in shuffled}.values())[:ASKED_AGAIN]

    def foreseen(self, source: Source) -> Foreseen:
        """About as many examples as there will be; those that are not made yet are stood in for."""
        taught = self._foreseen_of_the_domain(source)
        if not self.settings.training.rehearsal:
            return taught
        known = kept_rehearsal(self.model)
        beside = known.examples if known else foreseen_rehearsal(self.model)
        return replace(taught, examples=(*taught.examples, *beside), rehearsed=0 if known else len(beside))

    def _foreseen_of_the_domain(self, source: Source) -> Foreseen:
        """Questions that are not written yet are stood in for by those that rules make."""
        if source not in ("self-study", "both") or (self.domain.folder / STUDY).exists():
            return Foreseen(self._of_the_domain(source).examples)
        passages, writer = self.studied_passages(), self._writer()
        if kept_study(self.domain, passages, self.model, writer):
            return Foreseen(self._of_the_domain(source).examples)
        spots = [spot for passage in passages for spot in spots_of(passage)]
        asked = (
            self._own_wordings(source)
            + [question for spot in spots for question in questions_of(by_rule(spot))] * _KEPT
        )
        examples = question_examples(self.domain, asked, self.model, self.model.end_token())
        return Foreseen(examples, written=PROMPTS_A_SPOT * len(spots))

    def studied_passages(self) -> list[Passage]:
        """All passages, or as many as a self-study may have, drawn by the run's seed."""
        limit, draw = self.settings.study_passages, random.Random(f"study {self.settings.seed}")
        if len(self.passages) <= limit:
            return self.passages
        places = sorted(draw.sample(range(len(self.passages)), limit))
        return [self.passages[place] for place in places]

    def _study(self) -> Study:
        file = self.domain.folder / STUDY
        if file.exists():
            questions = tuple(jsonl.read_models(file, Question))
            return Study(
                questions, {"writer": STUDY, "kept": len(questions), "seconds": 0.0, "calibrated_s": 0.0}, True
            )
        return obtain_study(self.domain, self.studied_passages(), self.model, self._writer(), self.progress)

    def _writer(self) -> Writer:
        return writer_of(self.model, self.settings.writer, WRITER_FOLDER, load_model)

    def _own_wordings(self, source: Source) -> list[Question]:
        return [] if source == "self-study" else list(self.wordings)

    def _without_leaks(self, questions: Sequence[Question], tested: Sequence[Question]) -> list[Question]:
        """Written questions of which no test wording is a copy, also with names and values masked."""
        seen = {leak.train_id for leak in find_leaks(questions, tested, self.domain.documents)}
        left = [question for question in questions if question.id not in seen]
        return self._without_leaks(left, tested) if seen else left

    def _near_misses(self, own: Sequence[Question], asked: Sequence[Question]) -> list[Question]:
        """Unanswerable questions, as many as training may have beside those that the domain brings."""
        answerable = sum(question.answerable for question in asked)
        limit = ceil(UNKNOWN_SHARE * answerable) - (len(asked) - answerable)
        made = NearMisses(self.domain.documents).make(own, max(0, limit), self.settings.seed)
        tested = [*self.domain.split("test"), *self.domain.updated_questions()]
        return self._without_leaks(made, tested)

    def _reading(self, asked: Sequence[Question]) -> list[Example]:
        """The same for all training seeds of a run."""
        maker = ReadingExamples(self.domain, asked, self.passages, self.model, self.model.end_token())
        return maker.make(self.settings.training.reading, self.settings.seed)
