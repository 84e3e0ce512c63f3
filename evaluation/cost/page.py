"""All that is shown of costs, as one table of figures for the command, the report, the app and other tools."""

from collections.abc import Mapping
from typing import Any

from evaluation.cost.crossings import break_even, cheapest_by_volume, growth, pareto_front
from evaluation.cost.ownership import RoadCost, Scenario, all_costs
from evaluation.cost.prices import PriceBook
from evaluation.run.registry import candidates
from evaluation.table import Table


def _row(cost: RoadCost, scenario: Scenario) -> dict[str, Any]:
    right = cost.per_correct(scenario)
    return {
        "fixed": cost.fixed,
        "update": cost.update,
        "query": cost.query,
        "query_ci": [cost.query - 1.96 * cost.query_error, cost.query + 1.96 * cost.query_error],
        "storage_month": cost.storage,
        "total": cost.total(scenario.months, scenario),
        "totals": [cost.total(month, scenario) for month in range(1, 37)],
        "per_correct": right[0] if right else None,
        "per_correct_ci": list(right[1:]) if right else None,
        "with_errors": cost.with_errors(scenario),
        "accuracy": cost.accuracy,
        "wrong": cost.wrong,
        "amortised": cost.amortised(scenario),
        "fits": cost.fits,
        "source": cost.source,
    }


def cost_page(results: Mapping[str, Any], book: PriceBook, scenario: Scenario) -> dict[str, Any]:
    """Everything that the command, the report and the app show of costs."""
    costs = all_costs(results, book, scenario)
    roads = {name: costs[name] for name in candidates(costs)}
    pairs = [(a, b) for i, a in enumerate(roads) for b in list(roads)[i + 1 :]]
    crossings = []
    for a, b in pairs:  # the dearer to set up first: it is the one that has to pay off
        first, second = (a, b) if costs[a].fixed >= costs[b].fixed else (b, a)
        found = break_even(costs[first], costs[second], scenario)
        interval = None if found.low is None else [found.low, found.high]
        crossings.append({"a": found.a, "b": found.b, "queries": found.queries, "ci": interval, "reason": found.reason})
    return {
        "currency": book.currency,
        "scenario": scenario.model_dump(),
        "methods": {name: _row(cost, scenario) for name, cost in costs.items()},
        "break_even": crossings,
        "cheapest_from": [{"queries_per_month": n, "method": name} for n, name in cheapest_by_volume(roads, scenario)],
        "pareto": pareto_front(costs, scenario),
        "evaluation": results["run"]["took"]
        | {"cost": results["run"]["took"]["seconds"] / 3600 * book.of("machine_hour")},
        "growth": vars(grown) if (grown := growth(results, book, scenario)) else None,
    }


def money(value: float | None) -> str:
    """An amount with four digits."""
    if value is None:
        return "n/a"
    if 0 < value < 0.0001:
        return "under 0.0001"
    return f"{value:,.2f}" if value >= 100 or value == 0 else f"{value:.4g}"


def crossing(row: Mapping[str, Any]) -> str:
    """A break-even in words, with its interval."""
    if not row["queries"]:
        return str(row["reason"])
    if row["ci"] is None:
        return f"{row['queries']:,.0f} questions: {row['reason']}"
    low, high = row["ci"]
    end = "never" if high is None else f"{high:,.0f}"
    return f"after {row['queries']:,.0f} questions ({low:,.0f} to {end}); {row['reason']}"


def cost_table(page: Mapping[str, Any]) -> Table:
    """One row a method."""
    scenario = page["scenario"]
    columns = ("method", "set up", "one update", "1,000 questions", f"{scenario['months']} months",
               "1,000 right answers", "95 % interval", "a question with its errors", "where from")  # fmt: skip
    rows = []
    for name, row in page["methods"].items():
        right, low, high = (
            None if value is None else 1000 * value
            for value in (row["per_correct"], *(row["per_correct_ci"] or (None, None)))
        )
        note = row["source"] if row["fits"] else "the corpus does not fit the window"
        cells = (row["fixed"], row["update"], 1000 * row["query"], row["total"], right)
        span = "n/a" if low is None else f"{money(low)} to {'no bound' if high is None else money(high)}"
        rows.append([name, *map(money, cells), span, money(row["with_errors"]), note])
    note = (
        f"In {page['currency']}, for {scenario['queries_per_month']:,.0f} questions and "
        f"{scenario['updates_per_month']:g} changed documents a month, billed by {scenario['bill']}; accuracy as in "
        "the run. A right answer carries its share of everything over these months."
    )
    return Table("What each road costs", note, columns, rows)


def cost_sentences(page: Mapping[str, Any]) -> list[str]:
    """Where roads cross, which is the cheapest when, and which are beaten by none."""
    sentences = [f"{row['a']} against {row['b']}: {crossing(row)}." for row in page["break_even"]]
    steps = [f"{row['method']} from {row['queries_per_month']:,.0f}" for row in page["cheapest_from"]]
    if steps:
        sentences.append(f"The cheapest road over these months, by questions a month: {'; '.join(steps)}.")
    if page["pareto"]:
        sentences.append(f"Beaten by none in both accuracy and cost: {', '.join(page['pareto'])}.")
    sentences.append(_evaluation(page))
    if grown := page["growth"]:
        cached, read_again = (
            "never up to ten million" if tokens is None else f"from {tokens:,.0f}"
            for tokens in (grown["rag_cheaper_from"], grown["rag_cheaper_from_uncached"])
        )
        sentences.append(
            f"As the corpus grows (projected): injection fits the window up to {grown['fits_until']:,.0f} tokens; a "
            f"question costs less with retrieval {cached} tokens on while the injected corpus is cached, "
            f"{read_again} where it is read for each question."
        )
    return sentences


def _evaluation(page: Mapping[str, Any]) -> str:
    """What the comparison itself took, beside what was predicted."""
    took = page["evaluation"]
    parts = f"answering {took['answering_s']:,.0f}, one question at a time {took['alone_s']:,.0f}, grading "
    text = f"The comparison itself took {took['seconds']:,.0f} s ({parts}{took['grading_s']:,.0f}), {page['currency']} "
    text += f"{money(took['cost'])} on this machine, and read {took['prompt_tokens']:,} prompt tokens"
    if took["predicted_s"] is None:
        return text + "."
    return f"{text}; predicted were {took['predicted_s']:,.0f} s and {took['predicted_prompt_tokens']:,} tokens."


def ownership_table(page: Mapping[str, Any]) -> Table:
    """Total cost after some months."""
    months = (1, 3, 6, 12, 24, 36)
    rows = [[name, *(money(row["totals"][month - 1]) for month in months)] for name, row in page["methods"].items()]
    columns = ("method", *(f"{month} months" if month > 1 else "1 month" for month in months))
    return Table("What it costs to own", f"In {page['currency']}, all that came before included.", columns, rows)
