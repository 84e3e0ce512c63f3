"""Do the intervals and tests keep their promises? Simulated runs with known truth.

    python -m benchmarks.statistics            # everything, about twenty minutes
    python -m benchmarks.statistics --repeats 200

Answers to the wordings of one fact agree with correlation rho: each wording is answered as the fact is with
probability sqrt(rho), else on its own.
"""

import argparse
from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from statsmodels.stats.proportion import proportion_confint

from evaluation.analysis.simultaneous import Pairs, simultaneous
from evaluation.analysis.statistics import rate_interval

RATES = (0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95)
FACTS = (10, 20, 50, 100, 200, 500)
WORDINGS = ((1, 0.0), (2, 0.0), (2, 0.5), (2, 0.8), (4, 0.0), (4, 0.5), (4, 0.8))
SHARES = ((0.2, 0.5, 0.3), (0.05, 0.9, 0.05), (0.02, 0.05, 0.93), (0.3, 0.65, 0.05))  # unknown, right, wrong
Bools = NDArray[np.bool_]
Ints = NDArray[np.int_]


def answers(rng: np.random.Generator, rate: float, facts: int, wordings: int, rho: float) -> Bools:
    """Right or wrong, shape (facts, wordings)."""
    alike = rng.random((facts, wordings)) < np.sqrt(rho)
    own = rng.random((facts, wordings)) < rate
    return np.where(alike, rng.random((facts, 1)) < rate, own)


def two_methods(
    rng: np.random.Generator, both: float, only_a: float, only_b: float, facts: int, wordings: int, rho: float
) -> tuple[Bools, Bools]:
    """Paired answers of two methods whose wordings agree within a fact, each of shape (facts, wordings)."""
    shares = [both, only_a, only_b, 1 - both - only_a - only_b]
    fact, own = rng.choice(4, (facts, 1), p=shares), rng.choice(4, (facts, wordings), p=shares)
    outcome = np.where(rng.random((facts, wordings)) < np.sqrt(rho), fact, own)
    return np.isin(outcome, (0, 1)), np.isin(outcome, (0, 2))


def _names(facts: int, wordings: int) -> list[int]:
    return np.repeat(np.arange(facts), wordings).tolist()


def _over_questions(right: Bools, names: list[int]) -> tuple[float, float]:
    low, high = proportion_confint(right.sum(), len(right), method="wilson")
    return float(low), float(high)


def _over_facts(right: Bools, names: list[int]) -> tuple[float, float]:
    facts = len(set(names))
    low, high = proportion_confint(right.mean() * facts, facts, method="wilson")
    return float(low), float(high)


def _cluster_bootstrap(right: Bools, names: list[int]) -> tuple[float, float]:
    sums = np.bincount(names, right)
    rates = np.random.default_rng(0).choice(sums, (2000, len(sums))).sum(axis=1) / len(right)
    low, high = np.quantile(rates, [0.025, 0.975])
    return float(low), float(high)


INTERVALS: dict[str, Callable[[Bools, list[int]], tuple[float, float]]] = {
    "Wilson, effective number (used)": rate_interval,
    "Wilson over questions": _over_questions,
    "Wilson over facts": _over_facts,
    "bootstrap of facts": _cluster_bootstrap,
}


def coverage_of_rates(repeats: int, seed: int) -> pd.DataFrame:
    """How often each kind of interval of a rate holds the true rate, on the same answers."""
    rng = np.random.default_rng(seed)
    rows = []
    for (wordings, rho), facts, rate in product(WORDINGS, FACTS, RATES):
        names = _names(facts, wordings)
        held = dict.fromkeys(INTERVALS, 0)
        for _ in range(repeats):
            right = answers(rng, rate, facts, wordings, rho).ravel()
            for name, interval in INTERVALS.items():
                low, high = interval(right, names)
                held[name] += low <= rate <= high
        rows += [
            {"interval": name, "wordings": wordings, "rho": rho, "facts": facts, "coverage": count / repeats}
            for name, count in held.items()
        ]
    return pd.DataFrame(rows)


def coverage_of_differences(repeats: int, seed: int) -> pd.DataFrame:
    """How often the interval of a paired difference holds the true one."""
    rng = np.random.default_rng(seed)
    rows = []
    cases = ((0.3, 0.1, 0.1), (0.4, 0.2, 0.05), (0.05, 0.05, 0.05), (0.2, 0.3, 0.1), (0.85, 0.05, 0.02))
    for (wordings, rho), facts, case in product(WORDINGS, FACTS, cases):
        names, truth = _names(facts, wordings), case[1] - case[2]
        held = 0
        for number in range(repeats):
            a, b = two_methods(rng, *case, facts, wordings, rho)
            (found,) = simultaneous([Pairs(a.ravel(), b.ravel(), names)], number)
            held += found.ci_low <= truth <= found.ci_high
        rows.append({"wordings": wordings, "rho": rho, "facts": facts, "case": str(case), "coverage": held / repeats})
    return pd.DataFrame(rows)


def outcomes(rng: np.random.Generator, shares: Sequence[float], facts: int, wordings: int, rho: float) -> Ints:
    """0 unknown, 1 right, 2 wrong, shape (facts, wordings)."""
    alike = rng.random((facts, wordings)) < np.sqrt(rho)
    fact, own = rng.choice(3, (facts, 1), p=shares), rng.choice(3, (facts, wordings), p=shares)
    return np.where(alike, fact, own)


def _claims(pairs: Sequence[tuple[Ints, Ints]], names: list[int], seed: int) -> list[bool]:
    """Which contrasts of one family a run would claim: right answers of each pair, then wrong ones."""
    family = [Pairs((a == kind).ravel(), (b == kind).ravel(), names) for kind in (1, 2) for a, b in pairs]
    return [row.ahead for row in simultaneous(family, seed)]


def false_claims(
    runs: int, shares: Sequence[float], kept: float, facts: int, wordings: int, rho: float, seed: int
) -> float:
    """Share of runs that claim any difference in the primary family although all four methods are equally good.

    Args:
        shares: of unknown, right and wrong answers.
        kept: share of facts in which a method answers as all others do.
    """
    rng = np.random.default_rng(seed)
    names = _names(facts, wordings)
    claimed = 0
    for number in range(runs):
        base = outcomes(rng, shares, facts, wordings, rho)
        rag, lora, inject, both = (
            np.where(rng.random((facts, 1)) < kept, base, outcomes(rng, shares, facts, wordings, rho)) for _ in range(4)
        )
        claimed += any(_claims([(rag, lora), (inject, rag), (both, rag)], names, number))
    return claimed / runs


def power(runs: int, wordings: int, rho: float, seed: int) -> float:
    """Share of runs that find a difference of 15 points over 150 facts with 25 % discordant pairs, the other two
    contrasts of the family being null; what is not right is wrong."""
    rng = np.random.default_rng(seed)
    names = _names(150, wordings)
    found = 0
    for number in range(runs):
        true = two_methods(rng, 0.4, 0.20, 0.05, 150, wordings, rho)
        nulls = [two_methods(rng, 0.4, 0.125, 0.125, 150, wordings, rho) for _ in range(2)]
        found += _claims([(2 - a.astype(int), 2 - b.astype(int)) for a, b in (true, *nulls)], names, number)[0]
    return found / runs


def _show(title: str, frame: pd.DataFrame) -> None:
    print(f"{title}: mean coverage {frame.coverage.mean():.3f}, lowest cell {frame.coverage.min():.3f}")
    shown = frame.pivot_table(index=["wordings", "rho"], columns="facts", values="coverage", margins=True)
    print(shown.round(3).to_string(), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=200, help="simulated cells for each case of coverage")
    parser.add_argument("--runs", type=int, default=2000, help="simulated runs for false claims and power")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    rates = coverage_of_rates(given.repeats, given.seed)
    for name in INTERVALS:
        _show(f"95 % interval of a rate, {name}", rates[rates.interval == name])
    _show("95 % interval of a difference", coverage_of_differences(given.repeats, given.seed))
    for shares, kept, facts, (wordings, rho) in product(SHARES, (0.5, 0.9), (50, 110), ((1, 0.0), (4, 0.5))):
        share = false_claims(given.runs, shares, kept, facts, wordings, rho, given.seed)
        case = (
            f"unknown, right, wrong {shares}, {kept:.0%} answered alike, {facts} facts, {wordings} wordings, rho {rho}"
        )
        print(f"equal methods, {case}: {share:.1%} of {given.runs} runs claim", flush=True)
    for wordings, rho in ((1, 0.0), (2, 0.5), (4, 0.8)):
        share = power(given.runs, wordings, rho, given.seed)
        print(f"15 points over 150 facts, 25 % discordant, {wordings} wordings, rho {rho}: found in {share:.1%}")


if __name__ == "__main__":
    main()
