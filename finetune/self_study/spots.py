"""Where a passage says something that can be asked for: its sentences, and the values and names that rules find."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from data.prompt import Message, Passage
from data.sentences import sentences
from data.spans import DANGLING, Span, answer_spans

SYSTEM = "Write one question about the text. Its answer is given, or stands in the text."  # what a writer is asked
_WORDS = range(4, 60)  # of a sentence
_BETWEEN = re.compile(r",? and |, ")  # members of a list


@dataclass(frozen=True)
class Spot:
    """A sentence of a passage and what in it is to be asked for; None: whatever the writer finds."""

    passage: Passage
    sentence: str  # an exact quote
    before: str  # the sentence before, which may say who "she" is
    span: Span | None

    @property
    def answer(self) -> str:
        """What is to be asked for; empty where that is open."""
        return self.span.text if self.span else ""

    @property
    def text(self) -> str:
        """What a writer has to read: the title and the sentence, with the one before where it needs that."""
        return text_of(self.passage.title, self.before, self.sentence)

    def messages(self) -> list[Message]:
        """What a writer is asked."""
        return asked_of_a_writer(self.text, self.answer)


def text_of(title: str, before: str, sentence: str) -> str:
    """Title and sentence in one line, with the sentence before where this one does not say what it is about."""
    begun = f"{before} " if before and DANGLING.match(sentence) else ""
    return " ".join(f"{title.rstrip('.')}. {begun}{sentence}".split())


def asked_of_a_writer(text: str, answer: str) -> list[Message]:
    """System and user message of one question to be written; with an empty answer the writer chooses what to ask."""
    wanted = f"Answer: {answer}\n" if answer else ""
    return [
        {"role": "system", "content": SYSTEM},
        {"role": "user", "content": f"Text: {text}\n{wanted}Question:"},
    ]


def with_lists(sentence: str, spans: Sequence[Span]) -> list[Span]:
    """The spans and, where three or more of one kind stand in a row, the list that they make.

    Of names the last two can be one span, joined by "and".

    >>> sentence = "We sail to Vennick, Tarsa and Ollay."
    >>> [span.text for span in with_lists(sentence, answer_spans(sentence))]
    ['Vennick', 'Tarsa and Ollay', 'Vennick, Tarsa and Ollay']
    """
    found, run = list(spans), list(spans[:1])
    for span in [*spans[1:], None]:
        if span and span.kind == run[-1].kind and _BETWEEN.fullmatch(sentence[run[-1].end : span.start]):
            run.append(span)
            continue
        if len(run) > 2 or (len(run) == 2 and " and " in run[-1].text):
            start, end = run[0].start, run[-1].end
            found.append(Span(sentence[start:end], "list", start, end))
        run = [span] if span else []
    return found


def spots_of(passage: Passage, language: str = "en") -> Iterator[Spot]:
    """All spots of a passage in the order of its text: each sentence first as a whole, then by its values and names."""
    before = ""
    for sentence in sentences(passage.text, language):
        if len(sentence.split()) in _WORDS:
            yield Spot(passage, sentence, before, None)
            for span in with_lists(sentence, answer_spans(sentence)):
                yield Spot(passage, sentence, before, span)
        before = sentence


def of_passages(passages: Iterable[Passage], language: str = "en") -> dict[str, list[Spot]]:
    """Spots by the passage's id."""
    return {passage.chunk_id: list(spots_of(passage, language)) for passage in passages}
