"""Questions about a passage: by rule from its sentences, and by a writer where the reader then answers them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from data.leaks import near_pairs, normalised
from data.prompt import PROMPT, Passage
from data.spans import gap_request, in_place_question, question_start
from data.written_questions import why_unclear
from finetune.self_study.spots import Spot
from model.language_model import LanguageModel, Prompt, prefix_of
from model.sampling import Sampling

ALIKE = 0.8  # share of words in common from which on two questions about one answer count as one
_ANSWER_WORDS = 8  # most words of an answer that the reader found by itself
_GREEDY = Sampling(max_new_tokens=28, refuse_above=1.0)  # a writer refuses nothing
WAYS = (_GREEDY, *(_GREEDY.model_copy(update={"temperature": 0.8, "top_p": 0.95, "seed": seed}) for seed in (1, 2)))


PROMPTS_A_SPOT = 2 * len(WAYS)  # about as many are written and read


@dataclass(frozen=True)
class Written:
    """A question with its answer, as it was made."""

    spot: Spot
    question: str
    answer: str
    kind: str  # in place, gap, asked, open, list
    writer: str  # rule, or the name of a model


@dataclass
class Outcome:
    """What became of all that was written about some passages."""

    kept: list[Written] = field(default_factory=list)
    proposed: int = 0


def by_rule(spot: Spot) -> Iterator[Written]:
    """The sentence itself as a question and with a gap, where rules are sure of them."""
    if spot.span is None or spot.span.kind == "list":
        return
    if question := in_place_question(spot.sentence, spot.span):
        yield Written(spot, question, spot.answer, "in place", "rule")
    if request := gap_request(spot.sentence, spot.span):
        yield Written(spot, request, spot.answer, "gap", "rule")


@dataclass(frozen=True)
class Writer:
    """A model that asks about sentences.

    Args:
        switched_on: opens the state in which the model writes (an adapter of its own), where it has one.
    """

    model: LanguageModel
    name: str
    switched_on: Callable[[], AbstractContextManager[None]] = nullcontext

    def proposals(self, spots: Sequence[Spot]) -> list[Written]:
        """Questions for each spot: with the beginning that suits the answer, the likeliest one, and others drawn."""
        asked: list[tuple[Spot, str, Sampling]] = []
        for spot in spots:
            if spot.span and spot.span.kind != "list":
                asked.append((spot, question_start(spot.sentence, spot.span), _GREEDY))
            asked += [(spot, "", way) for way in WAYS]
        written: list[Written] = []
        for way in WAYS:
            mine = [(spot, start) for spot, start, sampling in asked if sampling == way]
            for (spot, start), text in zip(mine, self._complete(mine, way), strict=True):
                question = f"{start} {text}".strip()
                kind = "open" if spot.span is None else "list" if spot.span.kind == "list" else "asked"
                written.append(Written(spot, question, spot.answer, kind, self.name))
        return written

    def _complete(self, asked: Sequence[tuple[Spot, str]], sampling: Sampling) -> list[str]:
        prompts = [_begun(self.model.render(spot.messages()), start) for spot, start in asked]
        return said_to(self.model, prompts, sampling)


def _begun(prompt: Prompt, start: str) -> Prompt:
    """A prompt whose answer begins with these words, which are text and no control tokens."""
    return Prompt((*prompt.pieces, start, ""), prompt.messages) if start else prompt


def said_to(model: LanguageModel, prompts: Sequence[Prompt], sampling: Sampling) -> list[str]:
    """What the model says to each prompt; what they share is read once."""
    said = [""] * len(prompts)
    if prompts:
        for batch in model.generate(prompts, sampling, prefix_of(model, prompts)):
            for place, answer in batch:
                said[place] = answer.text.strip()
    return said


def agrees(said: str, answer: str) -> bool:
    """Whether two answers are the same, or one is a part of the other and both have the same numbers."""
    one, other = normalised(said), normalised(answer)
    inside = one and other and (f" {one} " in f" {other} " or f" {other} " in f" {one} ")
    numbers = [{word for word in text.split() if any(c.isdigit() for c in word)} for text in (one, other)]
    return bool(inside) and numbers[0] == numbers[1]


class Reading:
    """The model that reads a passage and says what answers a question there."""

    def __init__(self, model: LanguageModel, instruction: str) -> None:
        self.model, self.instruction = model, instruction

    def answers(self, passage: Passage, questions: Sequence[str]) -> list[str]:
        """What it says to each question with the passage in its prompt."""
        prompts = [self.model.render(PROMPT.messages(self.instruction, text, (passage,))) for text in questions]
        return said_to(self.model, prompts, Sampling())


def write_about(
    passages: Sequence[tuple[Passage, Sequence[Spot]]], surroundings: dict[str, str], writer: Writer, reading: Reading
) -> list[Outcome]:
    """Questions about each passage; what a writer asks is kept where the reader gives the wanted answer back.

    Args:
        surroundings: title and text of each document.
    """
    with writer.switched_on():
        proposals = writer.proposals([spot for _, spots in passages for spot in spots])
    outcomes = []
    for passage, spots in passages:
        own = set(spots)
        mine = [written for written in proposals if written.spot in own]
        told = surroundings[passage.document_id]
        clear = [w for w in _distinct(mine) if not why_unclear(w.question, w.answer, told)]
        said = reading.answers(passage, [written.question for written in clear])
        kept = [read for written, text in zip(clear, said, strict=True) if (read := _read(written, text, passage))]
        ruled = [written for spot in spots for written in by_rule(spot)]
        outcomes.append(Outcome(_unlike([*ruled, *kept]), len(mine) + len(ruled)))
    return outcomes


def _distinct(written: Sequence[Written]) -> list[Written]:
    """Each question once."""
    return list({(normalised(w.question), w.answer): w for w in reversed(written)}.values())[::-1]


def _read(written: Written, said: str, passage: Passage) -> Written | None:
    """The question with its answer where the reader confirms it; an open one gets the answer that the passage says."""
    if written.answer:
        return written if agrees(said, written.answer) else None
    answer = said.strip(" .")
    stands = answer and answer in passage.text and len(answer.split()) <= _ANSWER_WORDS
    clear = stands and f" {normalised(answer)} " not in f" {normalised(written.question)} "
    return Written(written.spot, written.question, answer, written.kind, written.writer) if clear else None


def _unlike(written: Sequence[Written]) -> list[Written]:
    """Without those that nearly equal an earlier one with the same answer."""
    kept: list[Written] = []
    for one in written:
        same = [other.question for other in kept if normalised(other.answer) == normalised(one.answer)]
        if not near_pairs(same, [one.question], ALIKE):
            kept.append(one)
    return kept
