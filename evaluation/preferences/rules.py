"""Rules that rank answers in place of a person, named as what they are."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from data.errors import TriviumError
from data.schema import Domain, Question
from evaluation.grading.grader import Grader
from evaluation.grading.rules import GradeName, has_form
from evaluation.preferences.candidates import Candidates
from evaluation.preferences.rankings import Ranking

HOUSE_FORM, PLAIN_FORM, SHORTEST_RIGHT, RANDOM = "house-form", "plain-form", "shortest-right", "random"
RULES = {
    HOUSE_FORM: "answers in the domain's house form before others; each answer is also offered put into that form",
    PLAIN_FORM: "the reverse of house-form: answers in that form last",
    RANDOM: "the answers that house-form ranks, in an order drawn by chance: for comparison",
    SHORTEST_RIGHT: "right answers before others, the shortest first",
}
_BY = "rule:"
BY_FORM = frozenset(f"{_BY}{rule}" for rule in (HOUSE_FORM, PLAIN_FORM, RANDOM))  # what they rank is form and no more


@dataclass(frozen=True)
class HouseForm:
    """The house form as a domain's own examples write it: what stands before and after the answer."""

    before: str
    after: str
    pattern: str

    def put(self, answer: str) -> str:
        """An answer in the form; nothing of what it says changes."""
        bare = answer.strip()
        return bare if self.has(bare) else f"{self.before}{bare.rstrip('.')}{self.after}"

    def has(self, answer: str) -> bool:
        return has_form(self.pattern, answer)


def house_form(domain: Domain) -> HouseForm:
    """Read off the training questions that show an answer in the house style.

    Raises:
        TriviumError: none does, or the answer does not stand in it word for word.
    """
    pattern = domain.settings.style.get("pattern", "")
    for question in domain.split("train") if pattern else ():
        answer = next((a for a in question.answers if a in question.reference_style), "")
        if answer:
            before, _, after = question.reference_style.partition(answer)
            found = HouseForm(before, after, pattern)
            if found.has(found.put("seven")):
                return found
    raise TriviumError(
        f"{domain.folder}: the rule needs a house style: [style] pattern in domain.toml and a training question with a "
        "reference_style that holds its answer."
    )


def with_forms(candidates: Sequence[Candidates], form: HouseForm) -> list[Candidates]:
    """The first answer of each question as the method gives it, and the same answer in the form."""
    return [
        one.model_copy(update={
            "answers": (first := one.answers[0], form.put(first)),
            "sources": (one.sources[0], f"{one.sources[0]}, put into the house form"),
        })
        for one in candidates
        if one.answers and not form.has(one.answers[0])
    ]  # fmt: skip


Ranks = Callable[[Sequence[Candidates]], list[tuple[int, ...] | None]]


def _by_form(form: HouseForm, first: bool) -> Ranks:
    def ranks(candidates: Sequence[Candidates]) -> list[tuple[int, ...] | None]:
        return [tuple(1 if form.has(answer) == first else 2 for answer in one.answers) for one in candidates]

    return ranks


def _by_chance(seed: int) -> Ranks:
    def ranks(candidates: Sequence[Candidates]) -> list[tuple[int, ...] | None]:
        return [
            tuple(random.Random(f"{seed} {one.question_id}").sample(range(1, len(one.answers) + 1), len(one.answers)))
            for one in candidates
        ]

    return ranks


def _by_length_of_right(grader: Grader, questions: dict[str, Question]) -> Ranks:
    def ranks(candidates: Sequence[Candidates]) -> list[tuple[int, ...] | None]:
        items = [(questions[one.question_id], answer) for one in candidates for answer in one.answers]
        grades = iter(grader.grade(items))
        return [_shortest_first(one.answers, [next(grades).grade for _ in one.answers]) for one in candidates]

    return ranks


def _shortest_first(answers: Sequence[str], grades: Sequence[GradeName]) -> tuple[int, ...] | None:
    """Right answers by their length in characters, all others behind them; None where none is right."""
    lengths = sorted({len(answer) for answer, grade in zip(answers, grades, strict=True) if _is_right(grade)})
    if not lengths:
        return None
    return tuple(
        lengths.index(len(answer)) + 1 if _is_right(grade) else len(lengths) + 1
        for answer, grade in zip(answers, grades, strict=True)
    )


def _is_right(grade: GradeName) -> bool:
    return grade is GradeName.CORRECT


def check_rule(rule: str, domain: Domain) -> None:
    """Raises TriviumError where there is no such rule, or the domain has no house style for it."""
    if rule not in RULES:
        raise TriviumError(f"--by-rule {rule}: there is no such rule; choose one of {', '.join(RULES)}.")
    if rule != SHORTEST_RIGHT:
        house_form(domain)


def ranked_by_rule(
    rule: str, candidates: Sequence[Candidates], domain: Domain, grader: Grader, seed: int, budget: int | None
) -> list[Ranking]:
    """What a rule says of these answers; questions on which it has nothing to say are left out.

    Raises:
        TriviumError: there is no such rule, or the domain has no house style.
    """
    check_rule(rule, domain)
    if rule == SHORTEST_RIGHT:
        shown = [one for one in candidates if len(one.answers) > 1]
        ranks = _by_length_of_right(grader, {question.id: question for question in domain.questions})
    else:
        form = house_form(domain)
        shown = with_forms(candidates, form)
        ranks = _by_chance(seed) if rule == RANDOM else _by_form(form, first=rule == HOUSE_FORM)
    found = [
        Ranking(
            question_id=one.question_id, question=one.question, answers=one.answers, ranks=given, by=f"{_BY}{rule}",
            kind="rule",
        )
        for one, given in zip(shown, ranks(shown), strict=True)
        if given is not None and len(set(given)) > 1
    ]  # fmt: skip
    return found if budget is None else found[:budget]
