"""The headline of a verdict: what to take, in one sentence."""

from collections.abc import Callable, Sequence

from evaluation.analysis.choice import Case, Choice, State
from evaluation.analysis.coverage import coverage_needed
from evaluation.analysis.statistics import RANKABLE
from evaluation.numbers import listed, percent, points, price
from evaluation.run.registry import label

LOW = 0.5  # share of the facts asked for that training taught, below which the first sentence says so
ALIKE = 0.05  # difference that reads as "about as many"


def rate(case: Case, name: str, outcome: str) -> float:
    """Share of a method's answers with an outcome: right, unknown or wrong."""
    found: float | None = getattr(case.methods[name].overall.outcomes, outcome).rate
    return found or 0.0


def told(case: Case, names: Sequence[str], outcome: str, each: bool = False) -> str:
    """How many answers of methods had an outcome: "54 and 52 of 110"; shares where counts would mislead."""
    cells = [case.methods[name].overall for name in names]
    if case.weighted or len({cell.scored for cell in cells}) > 1:
        return listed([percent(rate(case, name, outcome)) for name in names])
    count = {"right": "correct", "unknown": "abstained", "wrong": "wrong"}[outcome]
    return f"{listed([f'{getattr(cell, count):,}' for cell in cells])}{'' if each else f' of {cells[0].scored:,}'}"


def runner_up(case: Case, choice: Choice) -> str | None:
    """The method that the recommended one is measured against; of two that are open, the second."""
    first = choice.recommended or case.ranking[0]
    near = [name for name in choice.alike_in_wrong if name != first]
    near += [name for name in choice.alike_in_right if name != first]
    return next(iter([*near, *(name for name in case.ranking if name != first)]), None)


def headline(case: Case, choice: Choice) -> str:
    """What to take, in one sentence."""
    text = _SENTENCES[choice.state](case, choice)
    low = low_coverage(case)
    if low and choice.state not in ("audit failed", "taught facts alone"):
        return f"{low}, {text[0].lower()}{text[1:]}"
    return text


def low_coverage(case: Case) -> str:
    """A clause for the first sentence where training taught little of what was asked; empty where it did not."""
    known = case.coverage
    if known is None or not known.asked or known.facts_taught is None or known.taught / known.asked >= LOW:
        return ""
    return f"With {percent(known.taught / known.asked)} of the facts asked for taught in training"


def _audit(case: Case, choice: Choice) -> str:
    failed = [check.name for check in case.audit.checks if check.passed is False]
    return f"No recommendation: this run fails its audit ({'; '.join(failed)})."


def _alone(case: Case, choice: Choice) -> str:
    if not case.ranking:
        return "No recommendation: no method of this run can be judged."
    only = case.ranking[0]
    cell = case.methods[only].overall
    yardsticks = [name for name, method in case.methods.items() if method.kind == "yardstick"]
    others = f"{listed(yardsticks)} {'is only a yardstick' if len(yardsticks) == 1 else 'are only yardsticks'}: "
    return (
        f"{_start(only)} answers {_answered(case, only)} right ({percent(cell.accuracy)}). "
        f"{others if yardsticks else ''}{'run' if yardsticks else 'Run'} a second method for a comparison."
    )


def _few(case: Case, choice: Choice) -> str:
    asked = case.methods[case.ranking[0]].overall.n_facts
    return f"No recommendation: {asked} facts were asked for, and at least {RANKABLE} are needed to rank methods."


def _taught(case: Case, choice: Choice) -> str:
    name = choice.alike_in_right[0]
    return (
        f"No recommendation: {label(name)} is ahead, but every question was about a fact that it was taught, and "
        "training left out other parts of the documents."
    )


def _open(case: Case, choice: Choice) -> str:
    names = choice.alike_in_wrong or case.ranking[:2]
    return (
        f"No winner yet: {listed([label(name) for name in names])} are too close to call in right answers "
        f"({told(case, names, 'right')}), in wrong ones ({told(case, names, 'wrong')}) and in cost."
    )


def _decided(case: Case, choice: Choice) -> str:
    by: dict[str, Callable[[Case, Choice, str], str]] = {
        "right answers": _by_right, "wrong answers": _by_wrong, "cost": _by_cost, "expected loss": _by_loss,
    }  # fmt: skip
    return by[choice.by](case, choice, choice.recommended or "")


def _take(case: Case, name: str) -> str:
    """The method to take, with the condition under which a trained one is ahead."""
    others = [other for other in case.ranking if not case.methods[other].adapted]
    needed = coverage_needed(case.methods, name, others[0]) if case.methods[name].adapted and others else None
    if needed is None or case.coverage is None:
        return f"Take {label(name)}"
    here = percent(case.coverage.taught / case.coverage.asked) if case.coverage.asked else "n/a"
    return (
        f"Take {label(name)} if training covers more than {percent(needed)} of what your users ask (in this run {here})"
    )


def _by_right(case: Case, choice: Choice, name: str) -> str:
    other = runner_up(case, choice) or ""
    more = rate(case, name, "right") - rate(case, other, "right")
    size = points(more) if case.weighted else f"{_count(case, name) - _count(case, other):,}"
    text = (
        f"{_take(case, name)}: {_answered(case, name)} right, {size} more than {label(other)} "
        f"({told(case, [other], 'right', each=True)})"
    )
    wrong = case.lead(name, other, "wrong")
    if wrong and (wrong.more or wrong.less):
        text += f", {'but more' if wrong.more else 'and fewer'} wrong answers ({_both(case, name, other, 'wrong')})"
    return f"{text}{_at_cost(case, name, other)}."


def _by_wrong(case: Case, choice: Choice, name: str) -> str:
    others = [other for other in choice.alike_in_right if other != name]
    names = [name, *others]
    most = max(rate(case, other, "right") for other in others)
    ahead = rate(case, name, "right") >= most
    alike = abs(rate(case, name, "right") - most) <= ALIKE and len(others) == 1
    right = "and about as many right ones" if alike else "and no fewer right ones"
    if not alike and not ahead:
        right = "with right answers too close to call"
    return (
        f"{_take(case, name)}: fewer wrong answers than {listed([label(other) for other in others])} "
        f"({told(case, names, 'wrong')}) {right} ({told(case, names, 'right', each=True)})"
        f"{_at_cost(case, name, runner_up(case, choice) or name)}."
    )


def _at_cost(case: Case, name: str, other: str) -> str:
    """What the method costs, and what the other would: for $1.20 in the first year (lora $120)."""
    bills = case.costs.methods
    if name not in bills or other not in bills or None in (bills[name].total, bills[other].total):
        return ""
    mine, its = (price(bills[one].total, case.costs.currency) for one in (name, other))
    months = case.costs.scenario.months
    return f", for {mine} {'in the first year' if months == 12 else f'over {months} months'} ({other} {its})"


def _by_cost(case: Case, choice: Choice, name: str) -> str:
    others = [other for other in choice.alike_in_wrong if other != name]
    bills = case.costs.methods
    amounts = [price(bills[other].total, case.costs.currency) for other in others]
    months = case.costs.scenario.months
    return (
        f"{_take(case, name)}: it costs least ({price(bills[name].total, case.costs.currency)} over {months} months, "
        f"{listed([f'{other} {amount}' for other, amount in zip(others, amounts, strict=True)])}); in right answers "
        f"({told(case, [name, *others], 'right')}) and wrong ones ({told(case, [name, *others], 'wrong', each=True)}) "
        f"it is too close to call against {listed([label(other) for other in others])}."
    )


def _by_loss(case: Case, choice: Choice, name: str) -> str:
    scenario, currency = case.costs.scenario, case.costs.currency
    others = [other for other in choice.alike_in_right if other != name]
    losses = {other: price(case.costs.methods[other].with_errors, currency) for other in (name, *others)}
    against = listed([f"{label(other)} {losses[other]}" for other in others])
    return (
        f"At your prices (a wrong answer {price(scenario.wrong_answer, currency)}, an “unknown” "
        f"{price(scenario.no_answer, currency)}) take {label(name)}: with its errors a question costs {losses[name]}"
        f"{', with ' if others else ''}{against}."
    )


_SENTENCES: dict[State, Callable[[Case, Choice], str]] = {
    "decided": _decided,
    "open": _open,
    "audit failed": _audit,
    "nothing to compare": _alone,
    "too few facts": _few,
    "taught facts alone": _taught,
}


def _count(case: Case, name: str) -> int:
    return case.methods[name].overall.correct


def _answered(case: Case, name: str) -> str:
    return f"{told(case, [name], 'right')} {'of the questions' if case.weighted else 'questions'}"


def _both(case: Case, name: str, other: str, outcome: str) -> str:
    return told(case, [name, other], outcome, each=True)


def _start(name: str) -> str:
    text = label(name)
    return f"{text[0].upper()}{text[1:]}"
