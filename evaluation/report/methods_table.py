"""The main table: one row a method, candidates apart from yardsticks; and the rows that a run shows as it goes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from evaluation.cost.tables import assumed_share, demand, span_of
from evaluation.numbers import percent, price, seconds, share, span
from evaluation.results.method import MethodResults
from evaluation.results.rates import Cell, Refusal
from evaluation.results.schema import Results
from evaluation.run.registry import spec_of
from evaluation.table import Column, Table, columns, make_table

TRAINED, REST = "trained on", "not trained on"
HELP = {
    "right": "answerable questions that were answered correctly",
    "95% interval": "of the share answered correctly; the unit is the fact, not the question",
    "unknown": 'answerable questions to which the answer was "unknown"',
    "wrong": "answerable questions that were answered wrongly",
    TRAINED: "right on facts that were taught as a question, asked in other words",
    REST: "right on facts that training did not teach",
    "makes up": "unanswerable questions that got an answer all the same",
    "s alone": "seconds for one question asked by itself, the median, with everything loaded",
    "s to prepare": "before the first question: indexing, training, reading what all prompts share",
}
PROGRESS = columns("method", *((head, HELP[head]) for head in list(HELP)[:7]),
                   ("s / question", "measured on this machine, in batches"), "s to prepare")  # fmt: skip


def cell_share(cell: Cell | None) -> str:
    """Accuracy with its denominator."""
    return share(cell.accuracy, cell.scored) if cell else "n/a"


def refused(refusal: Refusal) -> str:
    """Unanswerable questions refused, with their number."""
    return share(refusal.unanswerable_refused, refusal.n_unanswerable)


def made_up(refusal: Refusal) -> int:
    """How many unanswerable questions got an answer."""
    return round(refusal.n_unanswerable * (1 - (refusal.unanswerable_refused or 0.0)))


def in_seconds(value: float | None) -> str:
    """Seconds in two digits, without the unit."""
    return seconds(value).removesuffix(" s")


def progress_row(name: str, method: MethodResults | None) -> list[str]:
    """The row of a method that has just been asked everything; None: it could not be asked."""
    if method is None:
        return [name, *["n/a"] * (len(PROGRESS) - 1)]
    overall, refusal = method.overall, method.refusal
    makes_up = None if refusal.unanswerable_refused is None else 1 - refusal.unanswerable_refused
    return [
        name,
        cell_share(overall),
        span(overall.ci_low, overall.ci_high),
        percent(overall.outcomes.unknown.rate),
        percent(overall.outcomes.wrong.rate),
        cell_share(method.categories.get("paraphrased")),
        cell_share(method.categories.get("held_out")),
        share(makes_up, refusal.n_unanswerable),
        in_seconds(method.cost.per_query_s),
        in_seconds(method.cost.prepare_s),
    ]


@dataclass(frozen=True)
class Counted:
    """Counts of one column; the denominator stands in its head where it is the same for all methods."""

    head: str
    counts: Mapping[str, tuple[int, int, float | None]]  # by method: count, of how many, share
    weighted: bool = False

    @property
    def common(self) -> int | None:
        sizes = {n for _, n, _ in self.counts.values() if n}
        return next(iter(sizes)) if len(sizes) == 1 else None

    def column(self) -> Column:
        return Column(f"{self.head}, of {self.common:,}" if self.common else self.head, HELP[self.head])

    def text(self, name: str) -> str:
        count, n, rate = self.counts.get(name, (0, 0, None))
        if not n or rate is None:
            return "n/a"
        if self.weighted:
            return f"{percent(rate)}" if self.common else f"{percent(rate)} of {n:,}"
        return f"{count:,} ({percent(rate)})" if self.common else f"{count:,} of {n:,} ({percent(rate)})"


def _counted(results: Results) -> Iterator[Counted]:
    methods, weighted = results.methods, results.domain.weighted
    fields = {"right": "correct", "unknown": "abstained", "wrong": "wrong"}
    for outcome, field in fields.items():
        counts = {
            name: (int(getattr(m.overall, field)), m.overall.scored, getattr(m.overall.outcomes, outcome).rate)
            for name, m in methods.items()
        }
        yield Counted(outcome, counts, weighted)
    trained = any(method.adapted for method in methods.values())
    for head, kind in ((TRAINED, "paraphrased"), (REST, "held_out")):
        cells = {name: m.categories[kind] for name, m in methods.items() if kind in m.categories}
        if cells and trained:
            yield Counted(head, {name: (c.correct, c.scored, c.accuracy) for name, c in cells.items()})
    refusals = {name: m.refusal for name, m in methods.items() if m.refusal.n_unanswerable}
    if refusals:
        yield Counted("makes up", {
            name: (made_up(r), r.n_unanswerable, made_up(r) / r.n_unanswerable) for name, r in refusals.items()
        })  # fmt: skip


def _table(results: Results, title: str, names: list[str], note: str) -> Table:
    """Counts, interval, bill and seconds of these methods, most right answers first."""
    asked = [name for name in names if name in results.methods]
    asked.sort(key=lambda name: -(results.methods[name].overall.accuracy or 0.0))
    counted, page = list(_counted(results)), results.costs
    interval = Column("95% interval", HELP["95% interval"])
    heads = [Column("method", align="left"), counted[0].column(), interval, *(one.column() for one in counted[1:])]
    heads += [
        Column(span_of(page.scenario.months), f"everything included: {demand(page)}"),
        Column("of it assumed", "share behind which no measurement stands: training wordings written by hand"),
        Column("s alone", HELP["s alone"]),
        Column("s to prepare", HELP["s to prepare"]),
    ]
    rows = []
    for name in asked:
        method, bill = results.methods[name], page.methods.get(name)
        cells = [one.text(name) for one in counted]
        overall = method.overall
        rows.append([
            name, cells[0], span(overall.ci_low, overall.ci_high), *cells[1:],
            price(bill.total if bill else None, page.currency), assumed_share(bill) if bill else "n/a",
            in_seconds(method.latency_s.warm.p50), in_seconds(method.cost.prepare_s),
        ])  # fmt: skip
    rows += [[name, *["n/a"] * (len(heads) - 1)] for name in names if name not in results.methods]
    return make_table(title, tuple(heads), rows, note)


def _kinds(results: Results) -> dict[str, str]:
    """The kind of each method, those that could not be asked last."""
    asked = {name: str(method.kind) for name, method in results.methods.items()}
    return asked | {name: spec_of(name).kind for name in results.not_applicable}


def methods_table(results: Results) -> Table:
    """The methods that can be recommended, most right answers first."""
    weighted = " Shares are weighted by the domain's traffic mix." if results.domain.weighted else ""
    paid = f"the machine is priced at ${results.run.usd_per_hour:g} an hour (assumed)"
    if results.costs.scenario.bill == "api":
        paid = "tokens are those that the server counted, at list prices"
        paid += f" (n/a: {results.costs.model_unpriced})" if results.costs.model_unpriced else ""
    note = (
        f"Costs include everything, for {demand(results.costs)}; {paid}. Right, unknown and wrong count answerable "
        "questions."
    )
    names = [name for name, kind in _kinds(results).items() if kind != "yardstick"]
    return _table(results, "Methods", names, note + weighted)


def yardsticks_table(results: Results) -> Table | None:
    """Bare model and ceiling, which only show what the figures of the others mean; None where none was asked."""
    names = [name for name, kind in _kinds(results).items() if kind == "yardstick"]
    note = "Not to be chosen: they show what the figures of the methods mean."
    return _table(results, "Yardsticks", names, note) if names else None
