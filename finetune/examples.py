"""What fine-tuning sees: training wordings with their answers, or the documents' own text."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from data.prompt import Message, Passage
from data.schema import Document, Domain, Question

TEXT_TOKENS = 256  # length of a piece of document text


class Renderer(Protocol):
    """What makes examples of text: the base model."""

    def render(self, messages: list[Message]) -> str:
        """Messages as the text that the model reads."""

    def encode(self, text: str) -> list[int]:
        """Token ids of rendered text."""

    def count_tokens(self, text: str) -> int:
        """How many tokens the text has by itself."""


# Cuts documents into passages of at most so many tokens of a model: `rag.chunk.chunk`.
Cut = Callable[[Iterable[Document], Renderer, int], Iterable[Passage]]


@dataclass(frozen=True)
class Taught:
    """What a teacher gives each completion token: its likeliest tokens and their logarithmic chances."""

    tokens: tuple[tuple[int, ...], ...]
    chances: tuple[tuple[float, ...], ...]
    share: float  # of the loss that goes by this; the rest goes by the completion itself


@dataclass(frozen=True)
class Example:
    """Token ids of a prompt (no loss) and of what the model should say after it (loss)."""

    prompt: tuple[int, ...]
    completion: tuple[int, ...]
    weight: float = 1.0  # of each completion token in the loss
    context: int = 0  # examples with the same number other than 0 have the same passages, which are read once for all
    teacher: Taught | None = None
    rehearsal: int = 0  # other than 0: a general question (finetune/rehearsal.py), of the kind with this number


def question_examples(domain: Domain, questions: Iterable[Question], model: Renderer, end: int) -> list[Example]:
    """The prompt is byte for byte the one that is asked later.

    The completion is the first accepted answer, or the answer in the house style where the question asks for that.
    """
    examples = []
    for question in questions:
        prompt = model.render(domain.settings.prompt.messages(domain.settings.instruction, question.question))
        answer = question.reference_style or (question.answers[0] if question.answerable else domain.settings.refusal)
        examples.append(Example(tuple(model.encode(prompt)), (*model.encode(answer), end)))
    return examples


def text_examples(domain: Domain, model: Renderer, end: int, cut: Cut) -> list[Example]:
    """Every document in pieces, learned word by word: all there is when a domain brings no training wordings."""
    pieces = cut(domain.documents, model, TEXT_TOKENS)
    texts = [model.encode(f"{piece.title}\n{piece.text}") for piece in pieces]
    # The first token of a piece has nothing before it to be predicted from.
    return [Example((ids[0],), (*ids[1:], end)) for ids in texts if ids]


def training_examples(
    domain: Domain, wordings: Sequence[Question], model: Renderer, end: int, cut: Cut
) -> tuple[str, list[Example]]:
    """Examples of the training wordings, or of the documents' text where there are none.

    Args:
        end: token id that ends an answer.
        cut: cuts the documents into pieces of `TEXT_TOKENS` tokens; used only where there are no wordings.

    Returns:
        ("wordings", …) or ("documents", …).
    """
    if any(question.answerable for question in wordings):
        return "wordings", question_examples(domain, wordings, model, end)
    return "documents", text_examples(domain, model, end, cut)
