"""Fine-tuning for a model behind a server: an adapter trained here and loaded there, or a job of the provider's."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from data.errors import Incapable
from data.schema import Domain, Question
from model.language_model import LanguageModel, TakesAdapters, need

NO_ADAPTERS = (
    "a model behind a server is trained only where --train-with names its weights, or is 'hosted' for a fine-tuning "
    "job of the provider."
)


@dataclass(frozen=True)
class ServedAdapter:
    """What was trained, under the name by which the server answers with it."""

    name: str
    sha256: str
    details: dict[str, Any] = field(default_factory=dict)
    taught: Sequence[Question] | None = None

    def switched_on(self, model: LanguageModel, merged: bool) -> AbstractContextManager[None]:
        return need(model, TakesAdapters, "an adapter").answering_as(self.name)


def chat_examples(domain: Domain, questions: Sequence[Question]) -> list[dict[str, Any]]:
    """Training wordings as conversations: the messages that are asked later, and the answer.

    Raises:
        Incapable: there is none; text alone is nothing that a provider trains on.
    """
    if not any(question.answerable for question in questions):
        raise Incapable(
            "a provider's job learns from questions, and there are no training wordings: `trivium init` drafts some."
        )
    prompt, instruction = domain.settings.prompt, domain.settings.instruction
    return [
        {"messages": [*prompt.messages(instruction, question.question), {"role": "assistant", "content": answer}]}
        for question in questions
        for answer in (_answer(domain, question),)
    ]


def _answer(domain: Domain, question: Question) -> str:
    return question.reference_style or (question.answers[0] if question.answerable else domain.settings.refusal)
