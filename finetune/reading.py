"""Reading while trained: taught questions with passages beside those without, so that an adapter goes on reading.

An adapter that saw questions alone answers them from memory, whatever stands in its prompt. Here some come with their
passage and another one; in a share of them another value stands in the passage, and that value is the answer: what is
in the prompt counts. And some come with passages that do not hold the answer: then what was taught counts.
"""

import random
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from data.gold import GoldPassages
from data.prompt import Passage
from data.schema import Domain, Question
from data.spans import answer_spans
from finetune.examples import Example, Renderer

CHANGED = 0.5  # share of the questions with their passage in which it says something else than was taught
ASKED = 3  # most questions about one passage in one context
TOGETHER = 2  # passages in one prompt, as retrieval gives by default


@dataclass(frozen=True)
class _Context:
    """Passages, and what is asked of them with what should be said."""

    passages: tuple[Passage, ...]
    asked: tuple[tuple[Question, str], ...]


def _places(text: str, where: str) -> list[int]:
    """Where a text stands as whole words."""
    return [found.start() for found in re.finditer(rf"(?<!\w){re.escape(text)}(?!\w)", where)]


def _kind(text: str) -> str:
    """What kind of value a text is: a quantity, a year, a name …"""
    spans = answer_spans(f"It is {text}.")
    return spans[0].kind if len(spans) == 1 and spans[0].text == text else f"{len(text.split())} words"


class ReadingExamples:
    """Makes examples with passages from training wordings.

    Args:
        wordings: that training sees; the unanswerable ones among them are asked of any passages.
        passages: of all documents.
    """

    def __init__(
        self, domain: Domain, wordings: Sequence[Question], passages: Sequence[Passage], model: Renderer, end: int
    ) -> None:
        self.domain, self.model, self.end = domain, model, end
        gold = GoldPassages(passages)
        self.unknown = [question for question in wordings if not question.answerable]
        self.taught: dict[str, list[Question]] = {}
        self.homes: dict[str, Passage] = {}  # of each fact
        for question in wordings:
            if question.answerable and not question.reference_style and (held := gold.of(question)):
                self.taught.setdefault(question.fact_id, []).append(question)
                self.homes.setdefault(question.fact_id, held[0])
        self.values: dict[str, list[str]] = {}  # of each kind, to put in another's place
        for questions in self.taught.values():
            answer = questions[0].answers[0]
            self.values.setdefault(_kind(answer), []).append(answer)

    def make(self, rounds: int, seed: int) -> list[Example]:
        """Every passage of a taught fact `rounds` times, with questions; those of one context carry its number."""
        made: list[Example] = []
        contexts = [context for turn in range(rounds) for context in self._contexts(random.Random(f"{seed} {turn}"))]
        for number, context in enumerate(contexts, 1):
            made += self._examples(context, number)
        return made

    def _examples(self, context: _Context, number: int) -> list[Example]:
        settings, examples = self.domain.settings, []
        for question, said in context.asked:
            messages = settings.prompt.messages(settings.instruction, question.question, context.passages)
            prompt = tuple(self.model.encode(self.model.render(messages)))
            examples.append(Example(prompt, (*self.model.encode(said), self.end), context=number))
        return examples

    def _contexts(self, draw: random.Random) -> list[_Context]:
        """Facts of every passage, each in a wording drawn by seed, those of two passages together."""
        by_passage: dict[str, list[Question]] = {}
        for fact, questions in self.taught.items():
            by_passage.setdefault(self.homes[fact].chunk_id, []).append(draw.choice(questions))
        groups = [draw.sample(questions, min(ASKED, len(questions))) for questions in by_passage.values()]
        draw.shuffle(groups)
        return [self._context(groups[at : at + TOGETHER], draw) for at in range(0, len(groups), TOGETHER)]

    def _context(self, groups: Sequence[Sequence[Question]], draw: random.Random) -> _Context:
        passages, asked = [], []
        for questions in groups:
            passage = self.homes[questions[0].fact_id]
            for question in questions:
                shared = {form for other in questions if other is not question for form in other.answers}
                passage, said = self._perhaps_changed(passage, question, shared, draw)
                asked.append((question, said))
            passages.append(passage)
        draw.shuffle(passages)
        return _Context(tuple(passages), (*asked, *self._elsewhere(passages, draw)))

    def _perhaps_changed(
        self, passage: Passage, question: Question, shared: Collection[str], draw: random.Random
    ) -> tuple[Passage, str]:
        """The passage as it is or with another value in the answer's place, and what it says then.

        Args:
            shared: answers of other questions about the passage, which stay.
        """
        answer = next((form for form in question.answers if len(_places(form, passage.text)) == 1), "")
        known = (*question.distractors, *self.values.get(_kind(answer), ()))
        others = [value for value in known if value not in passage.text]
        if not answer or answer in shared or not others or draw.random() >= CHANGED:
            return passage, question.answers[0]
        other = draw.choice(others)
        (start,) = _places(answer, passage.text)
        return replace(passage, text=passage.text[:start] + other + passage.text[start + len(answer) :]), other

    def _elsewhere(self, passages: Sequence[Passage], draw: random.Random) -> list[tuple[Question, str]]:
        """A taught question whose passage is not there, and one that no document answers."""
        names = {passage.chunk_id for passage in passages}
        facts = [fact for fact, passage in self.homes.items() if passage.chunk_id not in names]
        found = [draw.choice(self.taught[draw.choice(facts)])] if facts else []
        asked = [(question, question.answers[0]) for question in found]
        if self.unknown:
            asked.append((draw.choice(self.unknown), self.domain.settings.refusal))
        return asked
