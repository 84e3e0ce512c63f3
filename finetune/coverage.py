"""What a training saw of each thing that is asked: taught as a question, only read, or never seen."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from data.gold import GoldPassages
from data.leaks import normalised
from data.prompt import Passage
from data.schema import Question


@dataclass(frozen=True)
class Coverage:
    """Facts that are asked for, by what training saw of them, and the share of the corpus that it saw."""

    passages: int  # of all documents
    asked: int  # of these, with a question of their own in training
    read: int  # … that stood in training in some way: as text, beside a question, or asked about
    taught: tuple[str, ...]  # facts: a training question has their answer from their sentence
    only_read: tuple[str, ...]  # facts whose passages training read, and asked nothing about them
    never: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """For run.json."""
        return {
            "passages": self.passages, "passages_asked": self.asked, "passages_read": self.read,
            "facts": {"taught": list(self.taught), "read": list(self.only_read), "never": list(self.never)},
        }  # fmt: skip


def _quotes(question: Question) -> list[str]:
    return [normalised(quote) for quote in question.evidence]


class _Taught:
    """Whether a training question teaches what another asks."""

    def __init__(self, taught: Iterable[Question]) -> None:
        self.facts: set[str] = set()
        self.told: dict[tuple[str, str], list[list[str]]] = {}  # quotes by document and answer
        for question in taught:
            if question.answerable:
                self.facts.add(question.fact_id)
                for name in question.document_ids:
                    for answer in question.answers:
                        self.told.setdefault((name, normalised(answer)), []).append(_quotes(question))

    def __call__(self, question: Question) -> bool:
        """The same fact; or one of its answers, taught from a sentence that its evidence holds or lies in."""
        if question.fact_id in self.facts:
            return True
        own = _quotes(question)
        told = (self.told.get((name, normalised(a)), ()) for name in question.document_ids for a in question.answers)
        return any(
            mine in other or other in mine for quotes in told for their in quotes for other in their for mine in own
        )


def coverage_of(
    asked: Iterable[Question], taught: Sequence[Question], passages: Sequence[Passage], read: Collection[str]
) -> Coverage:
    """What training saw of these questions.

    Args:
        asked: of several about one fact the first counts; what is asked after documents changed comes last.
        taught: questions that training has.
        passages: of all documents.
        read: ids of passages that stood in training as they are; those of taught questions count besides.
    """
    gold, teaches = GoldPassages(passages), _Taught(taught)
    about = {passage.chunk_id for question in taught for passage in gold.of(question)}
    seen = about | set(read)
    kinds: dict[str, list[str]] = {"taught": [], "read": [], "never": []}
    facts: dict[str, Question] = {}
    for question in asked:
        if question.answerable:
            facts.setdefault(question.fact_id, question)
    for question in facts.values():
        own = {passage.chunk_id for passage in gold.of(question)}
        kinds["taught" if teaches(question) else "read" if own and own <= seen else "never"].append(question.fact_id)
    taught_facts, read_facts, never = map(tuple, kinds.values())
    return Coverage(len(passages), len(about), len(seen), taught_facts, read_facts, never)
