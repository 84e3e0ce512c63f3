"""The nouns of the program: documents, questions, facts that change, and the domain that holds them."""

import re
from collections.abc import Collection, Iterable
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from data.findings import Finding
from data.patterns import problem_of
from data.prompt import INSTRUCTION, PromptTemplate, guessing_in, instruction_in, prompt_in, refusal_in
from data.text_cleaning import clean_text
from data.updates import apply


class Category(StrEnum):
    """What kind of question it is, and so what a right answer proves."""

    TRAINED = "trained"  # a training wording asked again
    PARAPHRASED = "paraphrased"  # a trained fact in a wording never trained
    REVERSED = "reversed"  # a trained fact asked in reverse
    MULTI_HOP = "multi_hop"  # needs two documents
    HELD_OUT = "held_out"  # in the documents, in no training example
    UPDATED = "updated"  # asked after the documents changed
    UNANSWERABLE = "unanswerable"  # in no document
    STYLE = "style"  # asks for the house style


Split = Literal["train", "dev", "test"]


class Document(BaseModel):
    """One document as plain text. `id` is its path below documents/."""

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    text: str
    revision: int = 0  # how often it was changed since the domain was read

    @property
    def label(self) -> str:
        """What passages of this version are named after."""
        return f"{self.id}@{self.revision}" if self.revision else self.id


def _lines(rubric: Any) -> tuple[str, ...]:
    """The points of a rubric: its lines without bullets or numbers."""
    lines = rubric.splitlines() if isinstance(rubric, str) else ()
    return tuple(bare for line in lines if (bare := re.sub(r"^\s*(?:[-*•]|\d+[.)])\s*", "", line).strip()))


class Question(BaseModel):
    """One question. Only `id`, `question` and `answers` are required."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1)
    question: str = Field(min_length=1)
    answers: tuple[str, ...]  # accepted forms; empty = no document answers it
    fact_id: str = ""  # several wordings of one fact share it; the question's own id when absent
    category: Category | None = None  # absent: follows from the training wordings (see `Domain.category`)
    split: Split = "test"
    document_ids: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()  # exact quotes; a question that needs two documents has one for each
    stale_answers: tuple[str, ...] = ()  # what was right before the documents changed (category updated)
    distractors: tuple[str, ...] = ()  # other values of the same attribute: naming one is a wrong answer
    points: tuple[str, ...] = ()  # facts that a full, long answer must state; graded by the share that it does
    rubric: str = ""  # the same as one text, a point a line
    reference_style: str = ""  # the answer in the house style
    needs: tuple[str, ...] = ()  # facts that a multi-hop question puts together
    meta: dict[str, Any] = Field(default_factory=dict)  # anything else that the owner wants to keep

    @field_validator("fact_id")
    @classmethod
    def _without_outer_spaces(cls, value: str) -> str:
        return value.strip()  # as an id is, which it may be

    @field_validator("question", "id")
    @classmethod
    def _not_blank(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("must not be blank")
        return value.strip()

    @field_validator("evidence", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return ((value,) if value else ()) if isinstance(value, str) else value

    @field_validator("answers")
    @classmethod
    def _no_blank_answer(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(not answer.strip() for answer in value):
            raise ValueError("an accepted answer is blank; for an unanswerable question use []")
        return value

    @field_validator("points")
    @classmethod
    def _no_blank_point(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(not point.strip() for point in value):
            raise ValueError("a point is blank")
        return value

    @model_validator(mode="before")
    @classmethod
    def _points_are_an_answer(cls, values: Any) -> Any:
        """A question with points and without accepted answers has one: all points, as a text."""
        if isinstance(values, dict) and not values.get("answers"):
            points = values.get("points") or _lines(values.get("rubric"))
            if points and isinstance(points, list | tuple) and all(isinstance(point, str) for point in points):
                values = {**values, "answers": (" ".join(point.strip() for point in points),)}
        return values

    @model_validator(mode="before")
    @classmethod
    def _fact_defaults_to_id(cls, values: Any) -> Any:
        if isinstance(values, dict) and not values.get("fact_id"):
            values = {**values, "fact_id": values.get("id", "")}
        return values

    @property
    def answerable(self) -> bool:
        return bool(self.answers)

    @property
    def all_points(self) -> tuple[str, ...]:
        """The facts that a full answer states; empty where a short answer is asked for."""
        return self.points or _lines(self.rubric)

    def covered_by(self, facts: Collection[str] | None) -> bool:
        """Whether a training on these facts (None: on all document text) saw everything that the answer needs."""
        return facts is None or all(fact in facts for fact in self.needs or (self.fact_id,))


class Update(BaseModel):
    """One line of updates.jsonl: a sentence that changes, and what the fact's answer was and becomes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fact_id: str = Field(min_length=1)
    document_id: str = Field(min_length=1)
    old: str = Field(min_length=1)  # stands in the document exactly once
    new: str
    answers: tuple[str, ...] = Field(min_length=1)
    stale_answers: tuple[str, ...] = Field(min_length=1)


Share = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]


class DomainSettings(BaseModel):
    """The content of domain.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    description: str = ""
    licence: str = ""
    language: str = Field(default="en", pattern="^[a-z]{2,3}$")  # ISO 639, of documents and questions
    instruction: str = INSTRUCTION  # or the same in the domain's language
    mix: dict[Category, Share] = Field(default_factory=dict)  # of each category in real traffic
    style: dict[Literal["pattern"], str] = Field(default_factory=dict)  # regular expression of the house style
    gate: dict[str, Share] = Field(default_factory=dict)  # thresholds of `trivium gate`: docs/comparing.md

    @model_validator(mode="before")
    @classmethod
    def _usual_instruction(cls, values: Any) -> Any:
        if isinstance(values, dict) and "instruction" not in values:
            values = {**values, "instruction": instruction_in(str(values.get("language", "en")))}
        return values

    @field_validator("name", "description", "licence", "instruction")
    @classmethod
    def _as_one_writes(cls, value: str) -> str:
        return clean_text(value)

    @property
    def prompt(self) -> PromptTemplate:
        return prompt_in(self.language)

    @property
    def guessing(self) -> PromptTemplate:
        """The prompt without the permission to say that the answer is not known."""
        return guessing_in(self.language)

    @property
    def refusal(self) -> str:
        """The word that the prompt permits for that."""
        return refusal_in(self.language)

    @field_validator("mix")
    @classmethod
    def _sums_to_something(cls, value: dict[Category, float]) -> dict[Category, float]:
        if value and not sum(value.values()):
            raise ValueError("all shares are 0; give at least one category a share")
        return value

    @field_validator("style")
    @classmethod
    def _a_regular_expression(cls, value: dict[str, str]) -> dict[str, str]:
        if problem := problem_of(value.get("pattern", "")):
            raise ValueError(problem)
        return value


class Domain(BaseModel):
    """A folder with documents and questions, read and checked."""

    model_config = ConfigDict(frozen=True)

    folder: Path
    settings: DomainSettings
    documents: tuple[Document, ...]
    questions: tuple[Question, ...]
    updates: tuple[Update, ...] = ()
    findings: tuple[Finding, ...] = ()  # what a person should know of it before a run

    @property
    def name(self) -> str:
        return self.settings.name

    def split(self, split: Split) -> list[Question]:
        return [question for question in self.questions if question.split == split]

    @cached_property
    def _by_id(self) -> dict[str, Document]:
        return {document.id: document for document in self.documents}

    def document(self, document_id: str) -> Document:
        return self._by_id[document_id]

    @cached_property
    def trained_facts(self) -> frozenset[str]:
        """Facts for which the domain brings training wordings. Kept: a domain with other questions is made anew."""
        return frozenset(q.fact_id for q in self.questions if q.split == "train" and q.answerable)

    @cached_property
    def _updates_applied(self) -> tuple[dict[str, str], list[str]]:
        return apply({document.id: document.text for document in self.documents}, self.updates)

    def updated(self) -> "Domain":
        """The same domain with all updates applied to its documents."""
        texts, _ = self._updates_applied
        documents = tuple(
            document.model_copy(update={"text": texts[document.id], "revision": document.revision + 1})
            if texts[document.id] != document.text
            else document
            for document in self.documents
        )
        return self.with_documents(documents)

    def with_documents(self, documents: Iterable[Document]) -> "Domain":
        """The same domain with these documents; made anew, because a copy would keep what was looked up before."""
        return Domain(
            folder=self.folder, settings=self.settings, documents=tuple(documents), questions=self.questions,
            updates=self.updates, findings=self.findings,
        )  # fmt: skip

    def updated_questions(self) -> list[Question]:
        """Test questions about what changed: those of category updated, and each changed fact's plain wordings."""
        changed = {update.fact_id: update for update in self.updates}
        became = {update.fact_id: text for update, text in zip(self.updates, self._updates_applied[1], strict=True)}
        asked = []
        for question in self.split("test"):
            category, update = self.category(question), changed.get(question.fact_id)
            if category is Category.UPDATED:
                asked.append(question)
            elif update and category in (Category.PARAPHRASED, Category.HELD_OUT):
                asked.append(question.model_copy(update={
                    "id": f"{question.id}-updated",
                    "category": Category.UPDATED,
                    "answers": update.answers,
                    "stale_answers": update.stale_answers,
                    "document_ids": (update.document_id,),
                    "evidence": (became[update.fact_id],),
                    "distractors": tuple(d for d in question.distractors if d not in update.answers),
                }))  # fmt: skip
        return asked

    def category(self, question: Question) -> Category:
        """The stated category, or the one that follows from what training covers.

        Without any training wording in the domain, fine-tuning learns from all document text, so every answerable
        question asks for something trained in a wording never trained.
        """
        if question.category:
            return question.category
        if not question.answerable:
            return Category.UNANSWERABLE
        if question.split == "train":
            return Category.TRAINED
        covered = not self.trained_facts or question.fact_id in self.trained_facts
        return Category.PARAPHRASED if covered else Category.HELD_OUT
