"""What would turn a recommendation (coverage, volume, price of errors), and which run would settle what is open."""

from collections.abc import Iterator

from evaluation.analysis.certainty import facts_needed
from evaluation.analysis.choice import Case, Choice
from evaluation.analysis.coverage import coverage_needed
from evaluation.analysis.headline import rate, runner_up
from evaluation.analysis.statistics import RANKABLE
from evaluation.numbers import about, listed, percent, points, price, volume
from evaluation.results.costs import CostRow
from evaluation.run.registry import example_of

MOST_FACTS = 20  # times as many as were asked: what needs more than that is told as out of reach
LONG = 100  # years; what pays off later than that is told as never


def turns(case: Case, choice: Choice) -> list[str]:
    """What would make another method the better one."""
    first = choice.recommended
    second = runner_up(case, choice) if first else None
    if first is None or second is None:
        return []
    return [*_coverage(case, first), *_volume(case, first, second), *_errors(case, first, second)]


def _coverage(case: Case, first: str) -> Iterator[str]:
    """From which share of taught facts on a trained method would be ahead in right answers, or behind."""
    known = case.coverage
    here = f" (in this run {percent(known.taught / known.asked)})" if known and known.asked and known.taught else ""
    adapted = case.methods[first].adapted
    for other in case.ranking:
        if other == first or case.methods[other].adapted == adapted:
            continue
        trained, plain = (first, other) if adapted else (other, first)
        needed = coverage_needed(case.methods, trained, plain)
        if needed is not None:
            yield (
                f"Coverage: {trained} answers more than {plain} where training covers more than {percent(needed)} of "
                f"what your users ask{here}."
            )
            if adapted:
                return


def _volume(case: Case, first: str, second: str) -> Iterator[str]:
    """From how many questions on the other one costs less over the scenario's months."""
    rows, scenario = case.costs.methods, case.costs.scenario
    bills = {name: rows[name].total for name in (first, second) if name in rows}
    if len(bills) < 2 or None in bills.values():
        return
    cheaper, dearer = sorted(bills, key=lambda name: bills[name] or 0.0)
    at = _crossing(rows[cheaper], rows[dearer], scenario.queries)
    now = f"{about(scenario.queries_per_month)} questions a month"
    both = f"{price(bills[cheaper], case.costs.currency)} and {price(bills[dearer], case.costs.currency)}"
    text = f"Volume: {cheaper} costs less at {now} ({both} over {scenario.months} months)"
    if at is None:
        yield f"{text}, and at any other volume."
    elif (side := "above" if at > scenario.queries else "below") == "above":
        asked = volume(at, scenario.queries_per_month)
        late = at / scenario.queries_per_month / 12 > LONG
        pays = "practically never pays off: only" if late else "pays off"
        yield f"{text}; {dearer} {pays} after {asked}."
    else:
        yield f"{text}; {side} about {about(at / scenario.months)} a month {dearer} does."


def _crossing(cheaper: CostRow, dearer: CostRow, queries: float) -> float | None:
    """Questions over the scenario's months at which both bills are equal; None where no volume makes them so."""
    rest = [(row.amortised - row.query) * queries for row in (cheaper, dearer)]  # all but the questions
    saved = cheaper.query - dearer.query
    at = (rest[1] - rest[0]) / saved if saved else 0.0
    return at if at > 0 else None


def _errors(case: Case, first: str, second: str) -> Iterator[str]:
    """At which price of a wrong answer, or of an "unknown" beside it, the other one costs less with its errors."""
    rows = case.costs.methods
    wrong = rate(case, second, "wrong") - rate(case, first, "wrong")
    unknown = rate(case, first, "unknown") - rate(case, second, "unknown")
    if wrong > 0 and unknown > 0:
        yield (
            f"Price of errors: {second} would be the better one only where an “unknown” costs you more than "
            f"{wrong / unknown:.1f} times what a wrong answer costs."
        )
    elif wrong > 0:
        yield f"Price of errors: none turns it, {first} gives fewer wrong answers and no more unknowns."
    elif wrong < 0 and first in rows and second in rows:
        worth = (rows[second].amortised - rows[first].amortised) / -wrong
        floor = f" more than {price(worth, case.costs.currency)}" if worth >= 0.01 else ""
        yield (
            f"Price of errors: where a wrong answer costs you{floor or ' a cent'} and an “unknown” nothing, {second} "
            f"is the better one ({points(wrong)} fewer wrong answers)."
        )


def next_run(case: Case, choice: Choice, facts: int) -> list[str]:
    """What to run to settle what is open; `facts` are those that the domain has."""
    if choice.state == "audit failed":
        return ["Run again: what failed the audit is named under “How fair it was”."]
    if choice.state == "nothing to compare":
        known = [example_of("all"), example_of("search"), example_of("none", adapted=True)]
        missing = [name for name in known if name not in case.methods]
        return [f"trivium run DOMAIN --methods {','.join([*case.methods, *missing])}"] if missing else []
    if choice.state == "taught facts alone":
        return ["Ask about facts that training left out: questions with split = test and no training wording."]
    asked = case.methods[case.ranking[0]].overall.n_facts
    if choice.state == "too few facts":
        return [_more(RANKABLE, asked, facts, "rank methods")]
    return list(_open_differences(case, choice, asked, facts))


def _open_differences(case: Case, choice: Choice, asked: int, facts: int) -> Iterator[str]:
    """For the two methods in front: what it would take to tell their right answers apart."""
    first, second = choice.recommended or case.ranking[0], runner_up(case, choice)
    lead = case.lead(first, second, "right") if second else None
    if lead is None or lead.more or lead.less:
        return
    needed = facts_needed(lead.row)
    if needed is None or needed > MOST_FACTS * asked:
        size = points(lead.difference)
        told = f"{about(needed)} facts" if needed else "any number of facts"
        yield (
            f"No run of a reasonable size will tell {listed([first, second or ''])} apart in right answers: {size} "
            f"would take {told}. Treat them as alike."
        )
        return
    yield _more(needed, asked, facts, f"tell {first} and {second} apart in right answers")


def _more(needed: int, asked: int, facts: int, purpose: str) -> str:
    """Where the facts for a larger run come from."""
    text = f"To {purpose}, ask about {about(needed)} facts (now {asked})"
    if facts >= needed > asked:
        return f"{text}: trivium run DOMAIN --profile standard asks about all {facts} of the domain."
    return f"{text}; the domain has {facts}."
