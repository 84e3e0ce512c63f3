"""Questions that no document answers, made from those that one does, with another name in the place of theirs."""

import random
import re
from collections.abc import Iterator, Sequence

from data.leaks import normalised
from data.schema import Document, Question
from data.sentences import sentences
from data.spans import answer_spans
from data.written_questions import content_words

_TOLD = 0.5  # share of a question's words that a sentence with the name may hold before it could answer


def names_of(documents: Sequence[Document], language: str = "en") -> dict[str, bool]:
    """Names in the documents, and whether each stands behind "the"."""
    found: dict[str, bool] = {}
    for document in documents:
        for sentence in sentences(document.text, language):
            for span in answer_spans(sentence):
                if span.kind == "name":
                    found.setdefault(span.text, sentence[: span.start].lower().endswith("the "))
    return found


class NearMisses:
    """Swaps names, and checks against every sentence that nothing answers the new question."""

    def __init__(self, documents: Sequence[Document], language: str = "en") -> None:
        self.names = names_of(documents, language)
        told = (
            f"{document.title} {sentence}" for document in documents for sentence in sentences(document.text, language)
        )
        self.sentences = [(f" {normalised(text)} ", set(content_words(text))) for text in told]

    def make(self, questions: Sequence[Question], limit: int, seed: int) -> list[Question]:
        """At most so many, each from another question, drawn by seed."""
        draw = random.Random(f"near misses {seed}")
        order = [question for question in questions if question.meta.get("kind") != "gap"]
        draw.shuffle(order)
        made: list[Question] = []
        for question in order:
            if len(made) == limit:
                break
            swapped = next(self._swapped(question.question, draw), None)
            if swapped:
                made.append(_unanswered(question, swapped))
        return made

    def _swapped(self, text: str, draw: random.Random) -> Iterator[str]:
        """The question about other names of the same form, as far as nothing answers it."""
        for name, definite in self.names.items():
            place = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)
            if not place:
                continue
            alike = [n for n, d in self.names.items() if d is definite and len(n.split()) == len(name.split())]
            for other in draw.sample(alike, min(8, len(alike))):
                swapped = text[: place.start()] + other + text[place.end() :]
                if normalised(other) not in normalised(text) and not self._answered(swapped, other):
                    yield swapped

    def _answered(self, question: str, name: str) -> bool:
        """Whether a sentence with the name speaks of what is asked."""
        about, said = set(content_words(question)) - set(content_words(name)), f" {normalised(name)} "
        return any(said in text and len(about & words) >= _TOLD * len(about) for text, words in self.sentences)


def _unanswered(question: Question, text: str) -> Question:
    meta = question.meta | {"kind": "near miss"}
    changed = {"id": f"{question.id}-miss", "fact_id": f"{question.id}-miss", "question": text, "answers": ()}
    return question.model_copy(update=changed | {"evidence": (), "meta": meta})
