"""The one prompt of all methods. What a method adds is context; nothing else may differ.

The wording, the order and the use of titles were chosen by measurement: docs/prompt.md has the table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from data.prompt_phrases import PHRASES, Phrases

FRAME = ("\ue000", "\ue001")  # stand for system and user text in the rendered frame of a prompt


class Message(TypedDict):
    role: str
    content: str


@dataclass(frozen=True)
class Passage:
    """A piece of a document that a method puts into the prompt."""

    document_id: str
    chunk_id: str
    title: str
    text: str
    score: float | None = None  # of the retriever; None where nothing was ranked


@dataclass(frozen=True)
class PromptTemplate:
    """Wording of the prompt. The context block is the only part that methods fill differently."""

    system: str = "{instruction} If you do not know the answer, reply with the single word unknown."
    context: str = "Documents:\n\n{passages}\n\n"
    passage: str = "{title}\n{text}"
    question: str = "Question: {question}\nShort answer:"

    def messages(self, instruction: str, question: str, passages: Sequence[Passage] = ()) -> list[Message]:
        """System and user message; without passages the context block is absent and nothing else changes.

        Outer spaces go, since many chat templates trim contents and others do not.
        """
        context = ""
        if passages:
            blocks = (self.passage.format(title=passage.title, text=passage.text) for passage in passages)
            context = self.context.format(passages="\n\n".join(blocks))
        return [
            {"role": "system", "content": self.system.format(instruction=instruction).strip()},
            {"role": "user", "content": (context + self.question.format(question=question)).strip()},
        ]


INSTRUCTION = "Answer the question in as few words as possible."  # of a domain that states none
ABSTENTION = "unknown"  # what the prompt permits a model to say
PROMPT = PromptTemplate()
NO_ABSTENTION = PromptTemplate(system="{instruction} Always give your best guess.")  # probe of what the model knows


def prompt_in(language: str) -> PromptTemplate:
    """The prompt of a domain in this language; the English one where there is no other wording."""
    phrases = PHRASES.get(language)
    return PROMPT if phrases is None else _worded(phrases, phrases.permission)


def guessing_in(language: str) -> PromptTemplate:
    """The probe of what a model knows, in this language."""
    phrases = PHRASES.get(language)
    return NO_ABSTENTION if phrases is None else _worded(phrases, phrases.guess)


def _worded(phrases: Phrases, last: str) -> PromptTemplate:
    return PromptTemplate(
        system=f"{{instruction}}{phrases.gap}{last}",
        context=f"{phrases.documents}\n\n{{passages}}\n\n",
        question=f"{phrases.question}{{question}}\n{phrases.answer}",
    )


def refusal_in(language: str) -> str:
    """What the prompt permits a model to say where it does not know the answer."""
    return PHRASES[language].refusal if language in PHRASES else ABSTENTION


def refusal_of(prompt: str) -> str:
    """The refusal in the language in which a prompt is worded."""
    spoken = (phrases for phrases in PHRASES.values() if phrases.permission in prompt or phrases.guess in prompt)
    return next((phrases.refusal for phrases in spoken), ABSTENTION)


def instruction_in(language: str) -> str:
    """The instruction of a domain that states none."""
    return PHRASES[language].instruction if language in PHRASES else INSTRUCTION
