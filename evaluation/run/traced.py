"""The prompt of one question as it was made: what the model reads, and where its passages come from."""

import hashlib
from dataclasses import dataclass

from data.prompt import Passage
from data.schema import Question
from model.language_model import Prompt


@dataclass(frozen=True)
class TracedPrompt:
    """The prompt of one question as it is sent, the passages in it, and the ranking that they were taken from."""

    question: Question
    text: Prompt
    passages: tuple[Passage, ...] = ()
    seconds: float = 0.0  # of finding the passages
    ranking: tuple[Passage, ...] = ()  # best first; of retrieval alone

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()
