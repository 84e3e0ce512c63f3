"""What a reader is trained on: questions with passages that answer them, or do not, in the prompt of all methods."""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from data.gold import GoldPassages
from data.leaks import normalised
from data.prompt import ABSTENTION, INSTRUCTION, PROMPT, Message, Passage
from data.schema import Domain, Question
from finetune.examples import Example, Renderer
from model.decoding.prefix import common_prefix

INSTRUCTIONS = (
    INSTRUCTION,
    "Answer the question about {title} in a few words.",
    "Answer briefly.",
)  # the first as often as the others together: it is the default of a domain
_RANKED = 64  # passages among which others for a context are looked for
_GOLD = 6  # most passages of the documents that a group is about
_WORDS = 12  # of a target; longer ones teach what the instruction forbids


class Mixture(BaseModel):
    """Shares of what stands in the prompts. docs/reader.md has the measurement behind each."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    gold: float = Field(0.5, ge=0)  # of the groups: with the passages that answer, alone
    several: float = Field(0.45, ge=0)  # with the passages of other groups that retrieval takes for relevant, any order
    long: float = Field(0.05, ge=0)  # with whole documents, up to `long_tokens`
    missing: float = Field(0.25, ge=0, le=1)  # of the groups among others: without their own passages, so not known
    foreign: int = Field(2, ge=0)  # questions about other documents of its title that a passage alone is asked besides
    unanswerable: float = Field(0.45, ge=0, lt=1)  # of the questions of a set, at most
    unknown: float = Field(0.75, ge=0)  # what a token of an unknown answer counts in the loss; any other counts 1
    closed: float = Field(0.07, ge=0)  # questions without context, beside each with one; target: the base's own answer
    together: int = Field(10, ge=1)  # most questions of one group, about the same documents
    passages: int = Field(6, ge=2)  # most passages of groups that share a context, which is then read once
    long_tokens: int = Field(1800, ge=200)


@dataclass(frozen=True)
class Reading:
    """Questions about one context, with what should be said."""

    instruction: str
    passages: tuple[Passage, ...]
    targets: tuple[tuple[Question, str], ...]

    def messages(self) -> list[list[Message]]:
        """System and user message of each question, in their order."""
        return [PROMPT.messages(self.instruction, question.question, self.passages) for question, _ in self.targets]

    def examples(self, model: Renderer, end: int, unknown: float = 1.0) -> list[Example]:
        """Token ids; what the prompts share is the same for all.

        Args:
            unknown: what a token of an unknown answer counts in the loss, where any other counts 1.
        """
        return [
            Example(
                tuple(model.encode(model.render(messages))),
                (*model.encode(target), end),
                unknown if target == ABSTENTION else 1.0,
            )
            for messages, (_, target) in zip(self.messages(), self.targets, strict=True)
        ]

    def tokens(self, model: Renderer) -> int:
        """How many are read: what the prompts share once, and each question with what should be said."""
        examples = self.examples(model, 0)
        shared = common_prefix([example.prompt for example in examples])
        return shared + sum(len(example.prompt) + len(example.completion) - shared for example in examples)


def target_of(question: Question, passages: Iterable[Passage]) -> str | None:
    """The first accepted form that stands in the passages, yes or no; None where there is none of few words."""
    text = normalised(" ".join(f"{passage.title} {passage.text}" for passage in passages))
    for answer in question.answers:
        stands = f" {normalised(answer)} " in f" {text} " or normalised(answer) in ("yes", "no")
        if stands and len(answer.split()) <= _WORDS:
            return answer
    return None


# The k best passages of each question, best first.
Search = Callable[[Sequence[Question], int], Sequence[Sequence[Passage]]]


class ReadingMaker:
    """Makes readings from questions of one set.

    Args:
        passages: all of the domain's documents.
        search: finds those that distract.
    """

    def __init__(
        self, domain: Domain, model: Renderer, passages: Iterable[Passage], search: Search, mixture: Mixture
    ) -> None:
        self.domain, self.model, self.search, self.mixture = domain, model, search, mixture
        passages = list(passages)
        self.gold = GoldPassages(passages)
        self.chunks: dict[str, list[Passage]] = {}
        for passage in passages:
            self.chunks.setdefault(passage.document_id, []).append(passage)

    def readable(self, questions: Sequence[Question]) -> list[Question]:
        """Those that have an accepted form in their own documents (not what is to be counted, say), or no answer."""
        found = []
        for question in questions:
            own = [passage for name in question.document_ids for passage in self.chunks[name]]
            if not question.answerable or target_of(question, own):
                found.append(question)
        return found

    def readings(self, questions: Sequence[Question], seed: str) -> list[Reading]:
        """Contexts drawn by seed, in any order, each with all questions that it is read for."""
        draw = random.Random(seed)
        groups = self._groups(questions, draw)
        self._of_title: dict[str, list[Question]] = {}
        for question in questions:
            if question.answerable:
                self._of_title.setdefault(self._title(question), []).append(question)
        kinds = ("gold", "several", "long")
        drawn_kinds = draw.choices(kinds, [getattr(self.mixture, kind) for kind in kinds], k=len(groups))
        made = [self._alone(g, kind, draw) for g, kind in zip(groups, drawn_kinds, strict=True) if kind != "several"]
        made += self._shared([g for g, kind in zip(groups, drawn_kinds, strict=True) if kind == "several"], draw)
        draw.shuffle(made)
        return [reading for reading in made if reading.targets]

    def _title(self, question: Question) -> str:
        return self.domain.document(question.document_ids[0]).title

    def _foreign(self, group: Sequence[Question], passages: Sequence[Passage], draw: random.Random) -> list[Question]:
        """Questions about other documents of the same title; none of their accepted forms stands in the passages."""
        of_title, own = self._of_title.get(self._title(group[0]), []), {passage.document_id for passage in passages}
        looked_at = draw.sample(of_title, min(len(of_title), 4 * self.mixture.foreign))
        found = [q for q in looked_at if not own & set(q.document_ids) and target_of(q, passages) is None]
        return found[: self.mixture.foreign]

    def _groups(self, questions: Sequence[Question], draw: random.Random) -> list[list[Question]]:
        """Up to `together` questions about the same documents."""
        by_documents: dict[tuple[str, ...], list[Question]] = {}
        for question in questions:
            by_documents.setdefault(question.document_ids, []).append(question)
        groups, size = [], self.mixture.together
        for asked in by_documents.values():
            draw.shuffle(asked)
            groups += [asked[at : at + size] for at in range(0, len(asked), size)]
        draw.shuffle(groups)
        return groups

    def _alone(self, group: Sequence[Question], kind: str, draw: random.Random) -> Reading:
        """One group with its passages, or with whole documents."""
        passages = self._gold(group)
        if kind == "gold":
            return self._reading([group, self._foreign(group, passages, draw)], passages, draw)
        passages = self._whole(group, draw)
        draw.shuffle(passages)
        return self._reading([group], passages, draw)

    def _shared(self, groups: Sequence[list[Question]], draw: random.Random) -> list[Reading]:
        """Groups whose passages stand together in one context, each being the distraction of the others."""
        ranked = self.search([group[0] for group in groups], _RANKED) if groups else []
        about: dict[str, list[int]] = {}  # groups by document
        for number, group in enumerate(groups):
            for name in group[0].document_ids:
                about.setdefault(name, []).append(number)
        done: set[int] = set()
        made = []
        for number, found in enumerate(ranked):
            if number not in done:
                least = len(self._gold(groups[number])) + 1
                size = draw.randint(least, max(least, self.mixture.passages))
                near = [n for p in found for n in about.get(p.document_id, ())]
                chosen = self._companions([number, *near], size, groups, done)
                made.append(self._mixed(chosen, found, size, draw))
        return made

    def _companions(
        self, numbers: Iterable[int], size: int, groups: Sequence[list[Question]], done: set[int]
    ) -> list[list[Question]]:
        """Of these groups the first and those that are not done and whose passages still fit; they are done then."""
        chosen: list[list[Question]] = []
        for number in dict.fromkeys(numbers):
            passages = len(self._gold(groups[number]))
            if number not in done and (not chosen or passages <= size):
                done.add(number)
                chosen.append(groups[number])
                size -= passages
        return chosen

    def _mixed(
        self, groups: Sequence[Sequence[Question]], ranked: Sequence[Passage], size: int, draw: random.Random
    ) -> Reading:
        """One context of the groups' passages, filled up with others; now and then one group's own are left out."""
        passages = [passage for group in groups for passage in self._gold(group)]
        taken = {name for group in groups for name in group[0].document_ids}
        spare = [passage for passage in ranked if passage.document_id not in taken]
        passages += spare[: max(0, size - len(passages))]
        passages = list({passage.chunk_id: passage for passage in passages}.values())
        if draw.random() < self.mixture.missing:
            left_out = {passage.chunk_id for passage in self._gold(draw.choice(groups))}
            passages = [passage for passage in passages if passage.chunk_id not in left_out] or passages
        draw.shuffle(passages)
        return self._reading(groups, passages, draw)

    def _reading(
        self, groups: Sequence[Sequence[Question]], passages: Sequence[Passage], draw: random.Random
    ) -> Reading:
        """What should be said to each question: an accepted form that stands there, or that it is not known.

        A question whose passages are there but hold no accepted form (it asks to count, say) is left out.
        """
        given = {passage.document_id for passage in passages}
        targets = []
        for question in (question for group in groups for question in group):
            target = target_of(question, passages)
            if not question.answerable or (target is None and not given & set(question.document_ids)):
                target = ABSTENTION
            if target:
                targets.append((question, target))
        instruction = draw.choices(INSTRUCTIONS, [2, 1, 1])[0].format(title=self._title(groups[0][0]))
        return Reading(instruction, tuple(passages), tuple(targets))

    def _gold(self, group: Sequence[Question]) -> list[Passage]:
        """The gold passages of the group's questions and the first of each document without any; all, where none is."""
        own = [passage for name in group[0].document_ids for passage in self.chunks[name]]
        wanted = {passage.chunk_id for question in group for passage in self.gold.of(question)}
        holding = [passage for passage in own if passage.chunk_id in wanted]
        held = {p.document_id for p in holding}
        missing = [self.chunks[name][0] for name in group[0].document_ids if name not in held]
        return ([*holding, *missing] if holding else own)[:_GOLD]

    def _whole(self, group: Sequence[Question], draw: random.Random) -> list[Passage]:
        """Whole documents, the group's own and others, up to a length drawn by seed."""
        own = list(group[0].document_ids)
        others = [name for name in self.chunks if name not in own]
        names = own + draw.sample(others, min(len(others), 24))
        room = draw.randint(400, self.mixture.long_tokens)
        passages: list[Passage] = []
        for name in names:
            document = self.domain.document(name)
            room -= self.model.count_tokens(document.text) + 12
            if room < 0 and passages:
                break
            passages.append(Passage(name, document.label, document.title, document.text))
        return passages


def only_of(domain: Domain, questions: Sequence[Question]) -> Domain:
    """The same set with no other documents than those of the questions: what is kept out is in no prompt."""
    names = {name for question in questions for name in question.document_ids}
    return domain.with_documents(document for document in domain.documents if document.id in names)


def limit_unanswerable(questions: Sequence[Question], unanswerable: float, seed: str) -> list[Question]:
    """All that can be answered, and so many of the others that they are this share at most."""
    sure = [question for question in questions if question.answerable]
    unsure = [question for question in questions if not question.answerable]
    most = round(len(sure) * unanswerable / (1 - unanswerable))
    return sure + random.Random(seed).sample(unsure, min(len(unsure), most))


def readings_of(maker: ReadingMaker, questions: Sequence[Question], tokens: float, seed: str) -> list[Reading]:
    """Contexts that take about so many tokens to read. When all questions had their turn, they get new contexts."""
    made: list[Reading] = []
    read, turn = 0, 0
    while read < tokens and (fresh := maker.readings(questions, f"{seed} {turn}")):
        for reading in fresh:
            if read < tokens:
                made.append(reading)
                read += reading.tokens(maker.model)
        turn += 1
    return made
