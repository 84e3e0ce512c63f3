"""Which questions a run asks, and which facts it trains: drawn by seed, before anything is computed."""

import random
from collections.abc import Iterable
from dataclasses import dataclass

from data.schema import Category, Domain, Question
from evaluation.settings import RunSettings


@dataclass(frozen=True)
class Plan:
    """The questions of all methods, and the training wordings that show whether training converged."""

    questions: tuple[Question, ...]
    convergence: tuple[Question, ...]  # asked of the adapted methods only
    trained_facts: frozenset[str] | None  # None: the domain has no training wordings, its text is trained
    categories: dict[str, Category]  # by question id


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


def make_plan(domain: Domain, settings: RunSettings) -> Plan:
    """Draw the questions of a run."""
    profile, seed = settings.limits, settings.seed
    by_category: dict[Category, list[Question]] = {}
    for question in domain.split("test"):
        by_category.setdefault(domain.category(question), []).append(question)
    answerable_training = [question for question in domain.split("train") if question.answerable]
    if profile.limits is None and answerable_training:
        by_category[Category.TRAINED] = answerable_training
    chosen: dict[Category, list[Question]] = {}
    for category, questions in by_category.items():
        limit = len(questions) if profile.limits is None else profile.limits.get(category, 0)
        wordings = questions
        if profile.one_wording or category is Category.TRAINED:
            wordings = _one_wording(questions, f"wording {seed} {category}")
        chosen[category] = _drawn(wordings, limit, f"draw {seed} {category}")
    facts = domain.trained_facts or None
    if facts and profile.train_sampled_only:
        facts = frozenset(question.fact_id for question in chosen.get(Category.PARAPHRASED, []))
    check = [question for question in answerable_training if facts and question.fact_id in facts]
    ordered = [question for category in Category for question in chosen.get(category, [])]
    return Plan(
        questions=tuple(ordered),
        convergence=tuple(_one_wording(check, f"convergence {seed}")),
        trained_facts=facts,
        categories={q.id: category for category, questions in chosen.items() for q in questions},
    )
