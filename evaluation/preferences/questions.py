"""Which questions are ranked, and which are held out to measure what the rankings change."""

import random
from collections.abc import Collection, Sequence

from data.errors import TriviumError
from data.leaks import normalised
from data.schema import Category, Domain, Question
from evaluation.preferences.rankings import Ranking


def _one_a_fact_first(questions: Sequence[Question], seed: int) -> list[Question]:
    """In an order drawn by seed: first one question of each fact, then the second of each, and so on."""
    shuffled = random.Random(seed).sample(list(questions), len(questions))
    turn: dict[str, int] = {}
    turns = []
    for question in shuffled:
        turn[question.fact_id] = turn.get(question.fact_id, 0) + 1
        turns.append(turn[question.fact_id])
    return [question for _, question in sorted(zip(turns, shuffled, strict=True), key=lambda pair: pair[0])]


def to_rank(domain: Domain, seed: int) -> list[Question]:
    """Questions to rank, in order: those kept for development and training; of a domain without any, half of the rest.

    Wordings that ask for a form or in reverse are left out: what they ask for is no matter of preference.

    Raises:
        TriviumError: the domain has no question to spare.
    """
    own = [q for q in domain.questions if q.split != "test" and domain.category(q) not in _LEFT_OUT]
    if own:
        return _one_a_fact_first(own, seed)
    tested = [q for q in domain.split("test") if domain.category(q) not in _LEFT_OUT]
    facts = sorted({question.fact_id for question in tested})
    half = set(random.Random(f"rank {seed}").sample(facts, len(facts) // 2))
    if not half:
        raise TriviumError(f"{domain.folder}: preferences need at least two questions about different things.")
    return _one_a_fact_first([question for question in tested if question.fact_id in half], seed)


_LEFT_OUT = (Category.STYLE, Category.REVERSED, Category.UPDATED)


def held_out(domain: Domain, rankings: Sequence[Ranking], limit: int | None, seed: int) -> list[Question]:
    """Test questions that no ranking saw, as many of each kind as fit its share; drawn by seed.

    Where test questions were ranked, all others about the same facts are left out, too.
    """
    ranked = {ranking.question_id for ranking in rankings}
    wordings = {normalised(ranking.question) for ranking in rankings}
    known = {q.fact_id for q in domain.split("test") if q.id in ranked}
    free = [
        question
        for question in domain.split("test")
        if question.fact_id not in known
        and normalised(question.question) not in wordings
        and domain.category(question) not in _LEFT_OUT
    ]
    return free if limit is None or limit >= len(free) else _evenly(free, limit, seed)


def _evenly(questions: Sequence[Question], limit: int, seed: int) -> list[Question]:
    """In their own order; each kind keeps its share."""
    kept: Collection[int] = set(random.Random(f"held out {seed}").sample(range(len(questions)), limit))
    return [question for place, question in enumerate(questions) if place in kept]
