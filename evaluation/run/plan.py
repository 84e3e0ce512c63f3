"""Which questions a run asks, and which facts it trains: drawn by seed, before anything is computed."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import ceil

from data.schema import Category, Domain, Question
from evaluation.run.settings import RunSettings

FIRST_ROUND, ROUND = 50, 25  # facts; no method is ranked by fewer than 50
UNKNOWN_SHARE = 0.1  # most unanswerable wordings for each answerable one that training sees


@dataclass(frozen=True)
class Plan:
    """The questions of all methods, and the training wordings that show whether training converged."""

    questions: tuple[Question, ...]
    updated: tuple[Question, ...]  # asked again after the documents changed
    training: tuple[Question, ...]  # wordings that fine-tuning sees; none: it learns from the documents' text
    convergence: tuple[Question, ...]  # asked of the adapted methods only
    trained_facts: frozenset[str] | None  # None: the domain has no training wordings, its text is trained
    categories: dict[str, Category]  # by question id
    rounds: tuple[int, ...] = ()  # of a run until decided: after how many questions it looks at the answers

    def until(self, asked: int) -> "Plan":
        """The same with the first so many of the questions in rounds, and all that have no answer."""
        last = self.rounds[-1] if self.rounds else 0
        kept = tuple(end for end in self.rounds if end <= asked)
        return replace(self, questions=self.questions[:asked] + self.questions[last:], rounds=kept)

    @property
    def tested(self) -> list[Question]:
        """All that is asked, before and after the documents changed, but the training wordings asked again."""
        return [question for question in (*self.questions, *self.updated) if question.split == "test"]


def _one_wording(questions: Iterable[Question], seed: str) -> list[Question]:
    """One question of each fact, drawn by seed, in the order of the facts."""
    by_fact: dict[str, list[Question]] = {}
    for question in questions:
        by_fact.setdefault(question.fact_id, []).append(question)
    draw = random.Random(seed)
    return [draw.choice(wordings) for wordings in by_fact.values()]


def _drawn(questions: list[Question], limit: int, seed: str) -> list[Question]:
    """At most `limit` questions, drawn by seed, in their own order."""
    if len(questions) <= limit:
        return questions
    places = sorted(random.Random(seed).sample(range(len(questions)), limit))
    return [questions[place] for place in places]


def _training(domain: Domain, facts: frozenset[str] | None, settings: RunSettings) -> list[Question]:
    """Training wordings of these facts (None: all), and the unanswerable ones, so that refusing is not unlearned.

    Styled wordings are left out where the profile asks for no style, reversed ones unless the settings want them.
    """
    left_out = set() if settings.reversed_training else {Category.REVERSED}
    if settings.limits.limits is not None and Category.STYLE not in settings.limits.limits:
        left_out.add(Category.STYLE)
    rows = [question for question in domain.split("train") if question.category not in left_out]
    taught = [question for question in rows if question.answerable and (not facts or question.fact_id in facts)]
    unknown = [question for question in rows if not question.answerable]
    return taught + _drawn(unknown, ceil(UNKNOWN_SHARE * len(taught)), f"unknown {settings.seed}")


def make_plan(domain: Domain, settings: RunSettings) -> Plan:
    """Draw the questions of a run."""
    profile, seed = settings.limits, settings.seed
    by_category: dict[Category, list[Question]] = {}
    for question in domain.split("test"):
        by_category.setdefault(domain.category(question), []).append(question)
    by_category[Category.UPDATED] = domain.updated_questions()
    plain = [q for q in domain.split("train") if q.answerable and q.category in (None, Category.TRAINED)]
    if profile.limits is None and plain:
        by_category[Category.TRAINED] = plain
    chosen: dict[Category, list[Question]] = {}
    for category, questions in by_category.items():
        limit = len(questions) if profile.limits is None else profile.limits.get(category, 0)
        wordings = questions
        if profile.one_wording or category is Category.TRAINED:
            wordings = _one_wording(questions, f"wording {seed} {category}")
        chosen[category] = _drawn(wordings, limit, f"draw {seed} {category}")
    facts = domain.trained_facts or None
    drafted = any(question.meta.get("drafted") for question in plain)  # from all documents, so all of them are trained
    if facts and profile.train_sampled_only and not drafted:
        facts = frozenset(question.fact_id for question in chosen.get(Category.PARAPHRASED, [])) or facts
    training = tuple(_training(domain, facts, settings)) if facts else ()
    check = [question for question in plain if facts and question.fact_id in facts]
    ordered = [q for category in Category if category is not Category.UPDATED for q in chosen.get(category, [])]
    if settings.train_on in ("documents", "both"):  # a self-study asks about every passage
        facts = None
    held_out = {Category.HELD_OUT: Category.PARAPHRASED} if facts is None else {}
    plan = Plan(
        questions=tuple(ordered),
        updated=tuple(chosen[Category.UPDATED]),
        training=training,
        convergence=tuple(_one_wording(check, f"convergence {seed}")),
        trained_facts=facts,
        categories={
            q.id: held_out.get(category, category) for category, questions in chosen.items() for q in questions
        },
    )
    return _in_rounds(plan, seed) if settings.until_decided else plan


def _in_rounds(plan: Plan, seed: int) -> Plan:
    """Answerable questions in random order, those about one fact together; the others stand behind them."""
    by_fact: dict[str, list[Question]] = {}
    for question in plan.questions:
        if question.answerable:
            by_fact.setdefault(question.fact_id, []).append(question)
    facts = list(by_fact)
    random.Random(f"rounds {seed}").shuffle(facts)
    drawn, ends = [], []
    for number, fact in enumerate(facts, 1):
        drawn += by_fact[fact]
        if number == len(facts) or (number >= FIRST_ROUND and (number - FIRST_ROUND) % ROUND == 0):
            ends.append(len(drawn))
    unanswerable = [question for question in plan.questions if not question.answerable]
    return replace(plan, questions=(*drawn, *unanswerable), rounds=tuple(ends))
