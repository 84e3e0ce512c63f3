"""How well a model uses what stands in its prompt: the gold passage, others beside it, one that does not answer."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from data.gold import GoldPassages
from data.leaks import normalised
from data.progress import Progress
from data.prompt import NO_ABSTENTION, PROMPT, Passage
from data.schema import Domain, Question
from evaluation.analysis.simultaneous import Pairs, simultaneous
from evaluation.analysis.statistics import rate_interval
from evaluation.grading.grader import Grader
from evaluation.grading.rules import GradeName
from model.language_model import Logits, Prompt, prefix_of
from model.sampling import Sampling
from rag.embed import Embedder
from rag.retrieve import TOP_K, Retrieval

Condition = Literal["gold", "among", "unanswerable", "missed", "closed", "guessed"]
CONDITIONS: dict[Condition, str] = {
    "gold": "the gold passage in the prompt",
    "among": "four others beside it, in any order",
    "unanswerable": "the passage of a question that it does not answer",
    "missed": "what is retrieved, without what answers",
    "closed": "no context",
    "guessed": "no context, told to guess",
}
DISTRACTORS = 4
_REFUSED: tuple[Condition, ...] = ("unanswerable", "missed")  # where the abstention is right


@dataclass(frozen=True)
class ReadingPrompt:
    """A question of a set with what stands in its prompt."""

    set: str
    condition: Condition
    question: Question
    prompt: Prompt


@dataclass(frozen=True)
class ReadingReply:
    """An answer and its grade; `unknown_chance` is that of an answer that begins like the abstention."""

    asked: ReadingPrompt
    answer: str
    grade: GradeName
    unknown_chance: float | None

    @property
    def right(self) -> bool:
        wanted = GradeName.ABSTAINED if self.asked.condition in _REFUSED else GradeName.CORRECT
        return self.grade is wanted

    def row(self) -> dict[str, Any]:
        """A line for other tools."""
        asked = self.asked
        return {"set": asked.set, "condition": asked.condition, "question_id": asked.question.id,
                "question": asked.question.question, "accepted": list(asked.question.answers), "answer": self.answer,
                "grade": str(self.grade), "unknown_chance": self.unknown_chance}  # fmt: skip


class ReadingSet:
    """Questions of one set, with the passages that can be put beside them.

    Args:
        limit: questions of each condition, drawn by seed.
    """

    def __init__(
        self, domain: Domain, questions: Sequence[Question], model: Logits, embedder: Embedder, folder: Path,
        limit: int, seed: int, progress: Progress,
    ) -> None:  # fmt: skip
        self.domain, self.model, self.seed = domain, model, seed
        draw = random.Random(f"reading {seed}")
        pointed = [question for question in questions if question.document_ids]
        groups = [[q for q in pointed if q.answerable is kind] for kind in (True, False)]
        self.answerable, self.unanswerable = (draw.sample(group, min(limit, len(group))) for group in groups)
        self.retrieval = Retrieval(embedder, folder)
        self.chunks: dict[str, list[Passage]] = {}
        passages = self.retrieval.prepare(domain, model, progress).chunks
        self.gold = GoldPassages(passages)
        for passage in passages:
            self.chunks.setdefault(passage.document_id, []).append(passage)

    def _gold(self, question: Question, ranked: Sequence[Passage]) -> list[Passage]:
        """The gold passages; without evidence the best ranked of each document, and so for an unanswerable question."""
        if quoting := self.gold.quoting(question):
            return quoting
        gold = self.gold.of(question)
        places = {passage.chunk_id: place for place, passage in enumerate(ranked)}
        found = []
        for name in question.document_ids:
            own = [p for p in gold if p.document_id == name] or self.chunks[name]
            found.append(min(own, key=lambda p: places.get(p.chunk_id, len(places))))
        return found

    def asked(self, conditions: Sequence[Condition]) -> Iterator[ReadingPrompt]:
        """Every question in every condition."""
        questions = [*self.answerable, *self.unanswerable]
        found = self.retrieval.ranked(questions, 24)
        draw = random.Random(f"places {self.seed}")
        for question, context in zip(questions, found, strict=True):
            gold = self._gold(question, context.passages)
            held = {passage.chunk_id for passage in gold}
            among = [*gold, *[p for p in context.passages if p.chunk_id not in held][:DISTRACTORS]]
            draw.shuffle(among)
            contexts = {"gold": gold, "among": among, "closed": [], "guessed": []}
            if missed := [p for p in context.passages if p.chunk_id not in held and not _holds(p, question)][:TOP_K]:
                contexts["missed"] = missed
            if not question.answerable:
                contexts = {"unanswerable": gold}
            for condition in conditions:
                if condition in contexts:
                    template = NO_ABSTENTION if condition == "guessed" else PROMPT
                    instruction = self.domain.settings.instruction
                    messages = template.messages(instruction, question.question, contexts[condition])
                    yield ReadingPrompt(self.domain.name, condition, question, self.model.render(messages))


def _holds(passage: Passage, question: Question) -> bool:
    """Whether an accepted form stands in the passage."""
    text = f" {normalised(passage.text)} "
    return any(f" {normalised(answer)} " in text for answer in question.answers)


def _by_context(asked: Sequence[ReadingPrompt]) -> list[list[int]]:
    """Places of the prompts that are the same up to their question."""
    groups: dict[str, list[int]] = {}
    for place, one in enumerate(asked):
        groups.setdefault(one.prompt.rpartition(one.question.question)[0], []).append(place)
    return list(groups.values())


def ask_all(
    model: Logits, asked: Sequence[ReadingPrompt], grader: Grader, progress: Progress, sampling: Sampling
) -> list[ReadingReply]:
    """Answers and grades, in the order of the questions. A context is read once for all that is asked about it."""
    answers: dict[int, str] = {}
    chances: dict[int, float] = {}
    for group in _by_context(asked):
        prompts = [asked[place].prompt for place in group]
        prefix = prefix_of(model, prompts)
        for batch in model.generate(prompts, sampling, prefix):
            answers |= {group[place]: answer.text for place, answer in batch}
            progress("answering", len(answers), len(asked))
        watched = [place for place in group if asked[place].condition in ("gold", *_REFUSED)]
        found = model.chances([asked[place].prompt for place in watched], model.abstention(), prefix)
        chances |= dict(zip(watched, found, strict=True))
    grades = grader.grade([(one.question, answers[place]) for place, one in enumerate(asked)], progress)
    return [
        ReadingReply(one, answers[place], grade.grade, chances.get(place))
        for place, (one, grade) in enumerate(zip(asked, grades, strict=True))
    ]


def _rate(replies: Sequence[ReadingReply], flags: Sequence[bool]) -> dict[str, Any]:
    low, high = rate_interval(flags, [f"{r.asked.set} {r.asked.question.fact_id}" for r in replies])
    return {"n": len(flags), "right": sum(flags), "share": sum(flags) / len(flags), "ci_low": low, "ci_high": high}


def figures(replies: Sequence[ReadingReply]) -> dict[str, dict[str, Any]]:
    """Share right by condition, for all sets together and each, with words an answer and the share of abstentions."""
    out: dict[str, dict[str, Any]] = {}
    for condition in CONDITIONS:
        mine = [r for r in replies if r.asked.condition == condition and r.grade is not GradeName.UNSCORED]
        for name in ("all sets", *dict.fromkeys(r.asked.set for r in mine)):
            rows = [r for r in mine if name in ("all sets", r.asked.set)]
            if rows:
                cell = _rate(rows, [r.right for r in rows])
                cell["abstained"] = sum(r.grade is GradeName.ABSTAINED for r in rows) / len(rows)
                cell["words"] = sum(len(r.answer.split()) for r in rows) / len(rows)
                out.setdefault(condition, {})[name] = cell
    return out


def difference(replies: Sequence[ReadingReply], before: Sequence[ReadingReply], seed: int) -> dict[str, dict[str, Any]]:
    """What the second model answers more than the first, by condition, over the same questions."""
    known = {(r.asked.set, r.asked.condition, r.asked.question.id): r.right for r in before}
    out: dict[str, dict[str, Any]] = {}
    for condition in CONDITIONS:
        rows = [r for r in replies if r.asked.condition == condition]
        if rows:
            keys = [(r.asked.set, r.asked.condition, r.asked.question.id) for r in rows]
            facts = [f"{r.asked.set} {r.asked.question.fact_id}" for r in rows]
            (found,) = simultaneous([Pairs([r.right for r in rows], [known[key] for key in keys], facts)], seed)
            out[condition] = {"difference": found.difference, "ci_low": found.ci_low, "ci_high": found.ci_high}
    return out


def refusal_curve(
    replies: Sequence[ReadingReply], points: Sequence[float] = (0.05, 0.1, 0.15, 0.2, 0.3, 0.5)
) -> list[Any]:
    """For each share of answerable questions refused, what the same threshold refuses and leaves.

    A question counts as refused where the chance that the answer begins like the abstention is above the threshold.

    Returns:
        [{threshold, answerable_refused, right, unanswerable_refused, missed_refused}]; `right` of the answerable ones,
        refused or not; of the last two those that were asked, nothing at all where neither was.
    """
    known = {
        condition: [(r.unknown_chance, r.right) for r in replies
                    if r.asked.condition == condition and r.unknown_chance is not None]
        for condition in ("gold", *_REFUSED)
    }  # fmt: skip
    sure, refused = known.pop("gold"), {condition: pairs for condition, pairs in known.items() if pairs}
    if not sure or not refused:
        return []
    highest = sorted((chance for chance, _ in sure), reverse=True)
    curve = []
    for point in points:
        threshold = highest[min(len(sure) - 1, int(point * len(sure)))]
        shares = {f"{c}_refused": sum(chance > threshold for chance, _ in pairs) / len(pairs)
                  for c, pairs in refused.items()}  # fmt: skip
        curve.append({
            "threshold": threshold,
            "answerable_refused": sum(chance > threshold for chance, _ in sure) / len(sure),
            "right": sum(right and chance <= threshold for chance, right in sure) / len(sure),
        } | shares)  # fmt: skip
    return curve
