"""Thresholds on the figures of a run, for CI: what is missed is named with its figure."""

from collections.abc import Iterable, Mapping
from math import isfinite, nan
from typing import Any

from data.errors import TriviumError
from data.schema import Category
from evaluation.analysis.compare import Comparison
from evaluation.contest.address import PREFIX
from evaluation.numbers import percent, points_span, share
from evaluation.results.schema import Results
from evaluation.run.registry import method_names

# Where a figure stands in a method's results, and whether the threshold is the least or the most that is allowed.
_FIGURES: dict[str, tuple[tuple[str, ...], str]] = {
    "accuracy": (("overall", "accuracy"), "least"),
    "ci_low": (("overall", "ci_low"), "least"),
    "unanswerable_refused": (("refusal", "unanswerable_refused"), "least"),
    "answerable_refused": (("refusal", "answerable_refused"), "most"),
    "recall_at_3": (("retrieval", "recall_at_3"), "least"),
    "stale": (("stale", "rate"), "most"),
    "latency_p50": (("latency_s", "warm", "p50"), "most"),
    "latency_p95": (("latency_s", "warm", "p95"), "most"),
    "ttft_p50": (("latency_s", "ttft_p50"), "most"),
    "usd_per_query": (("cost", "per_query_usd"), "most"),
    "usd_per_correct": (("cost", "per_correct_usd"), "most"),
    "prepare_s": (("cost", "prepare_s"), "most"),
}
_OF_A_CATEGORY = ("accuracy", "ci_low")
KNOWN = (
    ", ".join(f"METHOD.{name}" for name in _FIGURES)
    + ", METHOD.CATEGORY.accuracy, METHOD.CATEGORY.ci_low, "
    + ("grader.kappa, grader.ci_low")
)


def parse_threshold(text: str) -> tuple[str, float]:
    """ "rag.accuracy=0.6" as its two parts.

    Raises:
        TriviumError: it is not FIGURE=NUMBER.
    """
    name, _, value = text.partition("=")
    try:
        number = float(value)
    except ValueError:
        number = nan
    if not isfinite(number) or number < 0:
        raise TriviumError(f"--require {text}: write FIGURE=NUMBER, for example rag.accuracy=0.6.")
    return name.strip(), number


def _place(name: str, results: Results) -> tuple[tuple[str, ...], str]:
    owner, _, figure = name.partition(".")
    if owner == "grader" and figure in ("kappa", "ci_low"):
        return ("grader", figure), "least"
    if owner in results.methods:
        if figure in _FIGURES:
            path, bound = _FIGURES[figure]
            return ("methods", owner, *path), bound
        category, _, kind = figure.rpartition(".")
        if category in results.methods[owner].categories and kind in _OF_A_CATEGORY:
            return ("methods", owner, "categories", category, kind), "least"
    raise TriviumError(f"the gate asks for '{name}', which this run does not have. Known: {KNOWN}.")


def unknown_figures(names: Iterable[str]) -> list[str]:
    """Those of these names that no run could have: of no method, no figure or no category."""
    return [name for name in names if not _may_be(name)]


def _may_be(name: str) -> bool:
    owner, _, figure = name.partition(".")
    if owner == "grader":
        return figure in ("kappa", "ci_low")
    category, _, kind = figure.rpartition(".")
    known = owner in method_names() or owner.startswith(PREFIX)
    return known and (figure in _FIGURES or (category in [*Category] and kind in _OF_A_CATEGORY))


def missed(results: Results, thresholds: Mapping[str, float]) -> list[str]:
    """A sentence for each threshold that is not met; a figure that was not measured meets none.

    Raises:
        TriviumError: a threshold names no figure of this run.
    """
    sentences = []
    for name, threshold in thresholds.items():
        path, bound = _place(name, results)
        value: Any = results
        for key in path:
            value = value[key] if isinstance(value, Mapping) else getattr(value, key, None)
        if value is None:
            sentences.append(f"{name} was not measured in this run")
        elif not (value >= threshold if bound == "least" else value <= threshold):
            sentences.append(f"{name} is {value:.4g}, required: at {bound} {threshold:.4g}")
    return sentences


def regressions(compared: Comparison, allowed: float | None) -> list[str]:
    """A sentence for each method that lost accuracy against the saved run.

    A loss counts when its whole interval lies below zero, or when it is larger than `allowed` (None: no such limit).
    """
    sentences = []
    for name, row in compared.methods.items():
        if row.ci_high < 0 or (allowed is not None and row.difference < -allowed):
            sentences.append(
                f"{name} fell from {percent(row.accuracy_before)} to {share(row.accuracy_after, row.n_pairs)} "
                f"({points_span(row.ci_low, row.ci_high)} points), {len(row.lost)} answers lost"
            )
    return sentences
