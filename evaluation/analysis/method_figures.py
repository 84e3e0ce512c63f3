"""All figures of one method: how well it answers, why it fails, what it used and took."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from data.errors import TriviumError
from data.schema import Category
from evaluation.analysis.breakdown import SCORED, Graded, cell, latency_cell
from evaluation.analysis.categories import (
    long_answer_figures,
    multi_hop_figures,
    refusal_figures,
    stale_figures,
    style_figures,
)
from evaluation.analysis.causes import cause_of, decomposition
from evaluation.analysis.contestant_figures import contestant_figures
from evaluation.analysis.ranking import retrieval_metrics
from evaluation.analysis.retention import retention
from evaluation.analysis.run_figures import RunFigures
from evaluation.analysis.verdict import CONVERGED
from evaluation.cost.bill import measured_bill
from evaluation.cost.usage import CORRECTION_ERROR, usage_of
from evaluation.grading.rules import GradeName
from evaluation.results.method import (
    Decomposition,
    LossPoint,
    MethodResults,
    PlainModel,
    Preparation,
    Refresh,
    Retrieval,
    SeedAccuracy,
    Tokens,
    Training,
    Weights,
)
from evaluation.results.rates import Cell
from evaluation.run.folder import RunFolder
from evaluation.run.mending import damaged_adapters
from evaluation.run.registry import spec_of


def method_figures(run: RunFigures, name: str) -> MethodResults:
    """The figures of a method of the first training seed, from its answers, scores and measurements."""
    spec, graded, updated = spec_of(name), run.rows(name, "main"), run.rows(name, "updated")
    answerable, unanswerable = _by_answerable(graded)
    overall = cell(answerable, run.weights)
    return MethodResults(
        kind=spec.kind,
        context=spec.context,
        adapted=spec.adapted,
        overall=overall,
        categories=_categories([*answerable, *updated], len(answerable)),
        refusal=refusal_figures(unanswerable, answerable),
        style=style_figures(graded, run.scores, run.record["training"]["styled_facts"]),
        stale=stale_figures(updated, run.scores),
        long_answers=long_answer_figures(graded, run.scores),
        multi_hop=multi_hop_figures(graded, run.trained_facts),
        causes=_causes(run, [*graded, *updated]),
        decomposition=_decomposition(run, answerable),
        latency_s=latency_cell([line for line in run.latencies if line.method == name]),
        **(contestant_figures if spec.is_contestant else _own_figures)(run, name, graded, overall),
    )


def _own_figures(run: RunFigures, name: str, graded: Graded, overall: Cell) -> dict[str, Any]:
    """What is known of a method of Trivium's own beside its answers."""
    return {
        "retrieval": _retrieval(run, name),
        "tokens": _tokens(graded),
        "plain": _plain(run, name),
        **_convergence(run, name),
        "retention": retention(run, name),
        **_measured(run, name, graded, overall),
    }


def _retrieval(run: RunFigures, name: str) -> Retrieval | None:
    """How well the method's retriever ranks; None if it searches nothing."""
    spec = spec_of(name)
    own = spec.retriever or name
    rows = [row for row in run.ranks if row.get("retriever", own) == own]
    return retrieval_metrics(rows) if spec.context == "search" else None


def _by_answerable(graded: Graded) -> tuple[Graded, Graded]:
    return [row for row in graded if row[0].answerable], [row for row in graded if not row[0].answerable]


def _categories(rows: Graded, first_updated: int) -> dict[str, Cell]:
    """Cells by category, in the order of `Category`; rows from `first_updated` on were asked after the change."""
    by_category: dict[str, Graded] = {}
    for place, row in enumerate(rows):
        kind = Category.UPDATED if place >= first_updated else row[0].category
        by_category.setdefault(str(kind), []).append(row)
    return {str(kind): cell(by_category[str(kind)]) for kind in Category if str(kind) in by_category}


def _tokens(graded: Graded) -> Tokens:
    return Tokens(
        prompt=float(np.mean([answer.prompt_tokens for _, answer, _ in graded])),
        cached=float(np.mean([answer.cached_tokens for _, answer, _ in graded])),
        completion=float(np.mean([answer.completion_tokens for _, answer, _ in graded])),
    )


def _plain(run: RunFigures, name: str) -> PlainModel | None:
    """The same questions and prompts, answered by the model without its trained reader."""
    graded = run.rows(name, "plain")
    if not graded:
        return None
    answerable, unanswerable = _by_answerable(graded)
    return PlainModel(
        model=run.record["model"]["plain_name"],
        fingerprint=run.record["model"]["plain_fingerprint"],
        overall=cell(answerable, run.weights),
        categories=_categories(answerable, len(answerable)),
        refusal=refusal_figures(unanswerable, answerable),
        completion_tokens=float(np.mean([answer.completion_tokens for _, answer, _ in graded])),
    )


def _causes(run: RunFigures, graded: Graded) -> dict[str, int]:
    """One cause for each answer that is not right, those of the second pass included."""
    found = (cause_of(q, a, run.score(a), run.supply.given(q, a), run.trained_facts) for q, a, _ in graded)
    return dict(Counter(str(cause) for cause in found if cause))


def _decomposition(run: RunFigures, answerable: Graded) -> Decomposition | None:
    """Accuracy of a method that reads, by whether what it needed was in its prompt; None for the others."""
    if not any(answer.contexts for _, answer, _ in answerable):
        return None
    return decomposition([
        (given, grade is GradeName.CORRECT)
        for question, answer, grade in answerable
        if grade in SCORED and (given := run.supply.given(question, answer)) is not None
    ])  # fmt: skip


def _convergence(run: RunFigures, name: str) -> dict[str, Any]:
    """Whether the training wordings were learned, and the accuracy after each training."""
    if not spec_of(name).adapted:
        return {}
    trainings = {seed: rows for (m, seed, phase), rows in run.graded.items() if m == name and phase == "main"}
    checks = (rows for (_, seed, phase), rows in run.graded.items() if (seed, phase) == (run.seed, "convergence"))
    check = cell(next(checks, []))  # the adapter is the same in every method that uses it
    return {
        "convergence": check,
        "converged": check.accuracy >= CONVERGED if check.accuracy is not None else None,
        "seeds": tuple(
            SeedAccuracy(seed=seed, accuracy=cell(_by_answerable(rows)[0], run.weights).accuracy)
            for seed, rows in sorted(trainings.items())
        ),
    }


def _measured(run: RunFigures, name: str, graded: Graded, overall: Cell) -> dict[str, Any]:
    """What the method used and took."""
    entries = run.record["methods"].get(name, {})
    entry = entries.get(str(run.seed), {"prepare_s": 0.0, "details": {}, "memory_peak_bytes": None})
    details: Mapping[str, Any] = entry["details"]
    training = details.get("training") or {}
    disk = details.get("disk_bytes", 0) + details.get("adapter_bytes", 0)
    clock, prepared = entry["prepare_s"], entry.get("prepare_calibrated_s", entry["prepare_s"])
    wrong = CORRECTION_ERROR * (clock / prepared - 1) if prepared else 0.0
    answers = [answer for _, answer, _ in graded]
    usage = usage_of(answers, details, run.shapes, run.record["training"], disk, wrong)
    spent = (entry.get("wall_s"), entry.get("processor_s"))
    paid = run.prices if run.model.bill == "api" else None
    price = run.settings["usd_per_hour"]
    bill = measured_bill(usage, overall, prepared, price, *spent, tokens_by=paid, tuned=spec_of(name).adapted)
    refreshed = "refreshed_by" in details
    return {
        "throughput_qps": 1 / bill.per_query_s if bill.per_query_s else None,
        "refresh": Refresh(by=details["refreshed_by"], seconds=details["refresh_s"]) if refreshed else None,
        "memory_peak_bytes": entry["memory_peak_bytes"],
        "disk_bytes": disk,
        "usage": usage,
        "cost": bill,
        "weights": Weights(
            fingerprint_before=entry.get("fingerprint_before"),
            fingerprint_after=entry.get("fingerprint_after"),
            trained_parameters=training.get("trained_parameters", 0),
            adapter_sha256=details.get("adapter_sha256"),
        ),
        "preparation": Preparation(**{key: value for key, value in details.items() if key != "training"}),
        "training": Training(**training, curve=training_curve(run.folder, details.get("adapter_sha256")))
        if training
        else None,
    }


def training_curve(folder: RunFolder, trained: str | None) -> Sequence[LossPoint]:
    """The loss by step of a method's first training, from the record of what was trained.

    Args:
        trained: the digest by which that is found.
    """
    for _, damage in damaged_adapters(folder):
        raise TriviumError(damage)
    names = (path.relative_to(folder.path) for path in folder.path.glob("adapters/[!.]*/training.json"))
    records = (folder.json(str(name)) for name in sorted(names))
    kept: list[Any] = next((record["curve"] for record in records if record.get("sha256") == trained), [])
    return tuple(LossPoint.model_validate(point) for point in kept)
