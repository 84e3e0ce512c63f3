"""Context injection: as many whole documents as window and memory take, the same for every question."""

import random
from collections.abc import Sequence

from data.progress import Progress
from data.prompt import PROMPT, Passage
from data.schema import Domain, Question
from rag.context import Context, ContextFacts, TokenCounter


class Injection:
    """Puts whole documents into the prompt, in a seeded order: each that still fits, whatever was left out before it.

    Args:
        seed: of the order; where the gold document stands matters (Liu et al. 2023, "Lost in the Middle").
        reserve: tokens kept free for the question, the instruction and the answer.
        most: tokens of all documents; None: as many as the window takes.
    """

    refreshes = "prompt"

    def __init__(self, seed: int, reserve: int, most: int | None = None) -> None:
        self.seed, self.reserve, self.most = seed, reserve, most
        self.passages_: tuple[Passage, ...] = ()

    def prepare(self, domain: Domain, model: TokenCounter, progress: Progress) -> ContextFacts:
        """Choose the documents. Details: ids of those `injected` and `left_out`, and `corpus_tokens` of the former."""
        documents = list(domain.documents)
        random.Random(self.seed).shuffle(documents)
        longest = max((model.count_tokens(question.question) for question in domain.questions), default=0)
        window = model.window - self.reserve - longest
        budget = window if self.most is None else min(window, self.most)
        chosen, left_out, used = [], [], 0
        for done, document in enumerate(documents, 1):
            passage = Passage(document.id, f"{document.label}#all", document.title, document.text)
            # Counted apart, pieces can only need more tokens than together: the sum is a safe upper bound.
            size = model.count_tokens(PROMPT.passage.format(title=passage.title, text=passage.text)) + 2
            if used + size <= budget:
                chosen.append(passage)
                used += size
            else:
                left_out.append(document.id)
            progress("filling the window", done, len(documents))
        self.passages_ = tuple(chosen)
        details = {"injected": [p.document_id for p in chosen], "left_out": left_out, "corpus_tokens": used,
                   "limited_by": "window" if budget == window else "inject_tokens"}  # fmt: skip
        return ContextFacts(self.passages_, details)

    def refresh(self, domain: Domain, model: TokenCounter, progress: Progress) -> float | None:
        """Choose anew from the changed documents."""
        self.prepare(domain, model, progress)
        return None  # what it takes is reading the whole prompt again

    @property
    def shared(self) -> tuple[Passage, ...]:
        """All of them: every prompt begins alike."""
        return self.passages_

    @property
    def passages(self) -> tuple[Passage, ...]:
        """The chosen documents, whole."""
        return self.passages_

    def can_be_asked(self, question: Question) -> bool:
        """Anything."""
        return True

    def contexts(self, questions: Sequence[Question]) -> list[Context]:
        """The same for each question."""
        return [Context(self.passages_) for _ in questions]
