"""The nouns of the program: documents, questions, facts that change, and the domain that holds them."""

from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator


class Category(StrEnum):
    """What kind of question it is, and so what a right answer proves."""

    TRAINED = "trained"  # a training wording asked again
    PARAPHRASED = "paraphrased"  # a trained fact in a wording never trained
    REVERSED = "reversed"  # a trained fact asked the other way round
    MULTI_HOP = "multi_hop"  # needs two documents
    HELD_OUT = "held_out"  # in the documents, in no training example
    UPDATED = "updated"  # asked after the documents changed
    UNANSWERABLE = "unanswerable"  # in no document
    STYLE = "style"  # asks for the house form


Split = Literal["train", "dev", "test"]


class Document(BaseModel):
    """One document as plain text. `id` is its path below documents/."""

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    text: str


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
    evidence: str = ""  # exact quote from the document
    distractors: tuple[str, ...] = ()  # other values of the same attribute: naming one is a wrong answer
    reference_style: str = ""  # the answer in the house form
    meta: dict[str, Any] = Field(default_factory=dict)  # anything else that the owner wants to keep

    @field_validator("question", "id")
    @classmethod
    def _not_blank(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("must not be blank")
        return value.strip()

    @field_validator("answers")
    @classmethod
    def _no_blank_answer(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(not answer.strip() for answer in value):
            raise ValueError("an accepted answer is blank; for an unanswerable question use []")
        return value

    @model_validator(mode="before")
    @classmethod
    def _fact_defaults_to_id(cls, values: Any) -> Any:
        if isinstance(values, dict) and not values.get("fact_id"):
            values = {**values, "fact_id": values.get("id", "")}
        return values

    @property
    def answerable(self) -> bool:
        return bool(self.answers)


class DomainSettings(BaseModel):
    """The content of domain.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    description: str = ""
    licence: str = ""
    instruction: str = "Answer the question in as few words as possible."
    mix: dict[Category, float] = Field(default_factory=dict)  # share of each category in real traffic
    style: dict[str, str] = Field(default_factory=dict)  # pattern = regular expression of the house form
    gate: dict[str, float] = Field(default_factory=dict)


class Domain(BaseModel):
    """A folder with documents and questions, read and checked."""

    model_config = ConfigDict(frozen=True)

    folder: Path
    settings: DomainSettings
    documents: tuple[Document, ...]
    questions: tuple[Question, ...]

    @property
    def name(self) -> str:
        return self.settings.name

    def split(self, split: Split) -> list[Question]:
        return [question for question in self.questions if question.split == split]

    def document(self, document_id: str) -> Document:
        return next(document for document in self.documents if document.id == document_id)

    @property
    def trained_facts(self) -> frozenset[str]:
        """Facts for which the domain brings training wordings."""
        return frozenset(q.fact_id for q in self.split("train") if q.answerable)

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
