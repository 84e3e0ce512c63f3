"""The tables of every run below the main one: kinds of question, causes, time and memory, differences, audit."""

from evaluation.analysis.causes import CAUSE_NAMES
from evaluation.analysis.statistics import RANKABLE
from evaluation.numbers import megabytes, percent, points_span, seconds, share, signed_points, span
from evaluation.report.methods_table import refused
from evaluation.results.method import MethodResults
from evaluation.results.rates import Cell
from evaluation.results.schema import Results
from evaluation.results.verdict import Contrast
from evaluation.table import Column, Table, columns, make_table, text_columns
from evaluation.words import kind_words


def _kind_cell(cell: Cell | None) -> str:
    if cell is None:
        return "n/a"
    text = f"{cell.correct} of {cell.scored} ({percent(cell.accuracy)}, {span(cell.ci_low, cell.ci_high)})"
    return text if cell.n_facts >= RANKABLE else f"{text}, too few to rank"


def categories_table(results: Results) -> Table:
    """Right answers by kind of question, and what was refused."""
    rows = []
    for name, method in results.methods.items():
        kinds = [_kind_cell(method.categories.get(kind)) for kind in results.categories]
        refusal = method.refusal
        rows.append([name, *kinds, refused(refusal), share(refusal.answerable_refused, refusal.n_answerable)])
    read = results.coverage is not None and results.coverage.facts_taught is None
    heads = columns(
        "method", *(kind_words(kind, read) for kind in results.categories),
        ("“unknown” rightly", "unanswerable questions to which the answer was “unknown”"),
        ("“unknown” wrongly", "answerable questions to which the answer was “unknown”"),
    )  # fmt: skip
    return make_table("By kind of question", heads, rows)


def causes_table(results: Results) -> Table | None:
    """How many answers of each method were not right for each cause; None if all were right."""
    methods = results.methods
    found = [cause for cause in CAUSE_NAMES if any(cause in method.causes for method in methods.values())]
    rows = [[CAUSE_NAMES[cause], *(str(m.causes.get(cause, 0)) for m in methods.values())] for cause in found]
    updated = ", including those after the updates" if "updated" in results.categories else ""
    note = f"One cause for each answer that is not right{updated}."
    return make_table("Why answers were not right", columns("cause", *methods), rows, note) if rows else None


def _resources(method: MethodResults) -> list[str]:
    alone, tokens = method.latency_s, method.tokens
    return [
        seconds(method.cost.prepare_s),
        seconds(method.cost.per_query_s),
        seconds(alone.cold.p50),
        f"{seconds(alone.warm.p50)} / {seconds(alone.warm.p95)}",
        seconds(alone.ttft_p50),
        "n/a" if tokens.prompt is None else f"{tokens.prompt:,.0f} ({tokens.cached:,.0f})",
        "n/a" if tokens.completion is None else f"{tokens.completion:.1f}",
        megabytes(method.memory_peak_bytes),
        megabytes(method.disk_bytes),
    ]


def resources_table(results: Results) -> Table:
    """Seconds, tokens, memory and disk of each method."""
    heads = columns(
        "method", "set-up", ("s / question", "in batches"), ("cold (p50)", "one question, as in a new process"),
        ("warm (p50 / p95)", "one question at a time, with the shared prefix read"),
        ("first token, warm", "median of the time to the first token"), "prompt tokens (cached)", "answer tokens",
        "peak memory", "disk",
    )  # fmt: skip
    rows = [[name, *_resources(method)] for name, method in results.methods.items()]
    return make_table("Time, tokens and memory", heads, rows)


def p_value(value: float) -> str:
    """A corrected p-value in two digits; 10,000 samples show none below .001 exactly."""
    return "< 0.001" if value < 0.001 else f"{value:.2g}"


def _contrast_row(row: Contrast) -> list[str]:
    """The one that does better stands first: more right answers, or fewer wrong ones."""
    turned = (row.difference < 0) is (row.outcome == "right") and row.difference != 0
    first, second, sign = (row.b, row.a, -1) if turned else (row.a, row.b, 1)
    low, high = sorted((sign * row.ci_low, sign * row.ci_high))
    decided = f"{first}: {'more right' if row.outcome == 'right' else 'fewer wrong'}"
    return [
        f"{first} − {second}",
        f"{row.outcome} answers",
        "all" if row.category == "overall" else kind_words(row.category),
        f"{signed_points(sign * row.difference)} points",
        points_span(low, high),
        f"{row.n_pairs} ({row.n_facts} facts)",
        p_value(row.p_value),
        f"{row.minimum_detectable * 100:.0f} points",
        decided if row.verdict in ("a", "b") else row.verdict,
    ]


_NOTES = {
    "primary": "Named before the run and corrected together: the intervals hold all at once with 95% confidence (max-t "
    "over a bootstrap of facts, Westfall & Young 1993), and p belongs to them. The one that does better stands first.",
    "secondary": "All other pairs, and the named ones by kind of question: a second family, corrected by itself. "
    "What shows up here is a question for the next run, not a result.",
}
_NOTES_UNTIL_DECIDED = {
    "primary": "All pairs, named before the run: the intervals hold all at once with 95% confidence, whenever the run "
    "ended (by betting, Waudby-Smith & Ramdas 2024; corrected by Bonferroni), and p belongs to them. The one that does "
    "better stands first.",
    "secondary": "By kind of question: a second family, corrected by itself in the same way. What shows up here is a "
    "question for the next run, not a result.",
}


def contrast_tables(results: Results) -> list[Table]:
    """The primary family, and the exploratory one."""
    heads = (
        *text_columns("methods", "of", "questions about"),
        *columns("difference", ("95% interval", "all of a table hold together"), "questions",
                 ("p", "corrected for the comparisons of its table"),
                 ("detectable", "the gap that a run like this detects in 80 of 100 cases")),
        *text_columns("verdict"),
    )  # fmt: skip
    of_old = "Made by an earlier version: intervals are single ones, p is corrected by Holm's method. "
    old = "" if all(row.simultaneous for row in results.contrasts) else of_old
    notes = _NOTES if results.run.ending is None else _NOTES_UNTIL_DECIDED
    titles = {"primary": "Differences", "secondary": "Exploratory differences"}
    found = []
    for family, title in titles.items():
        rows = [_contrast_row(row) for row in results.contrasts if row.family == family]
        if rows:
            found.append(make_table(title, heads, rows, old or notes[family]))
    return found


def audit_table(results: Results) -> Table:
    """The checks of the run's own files."""
    marks = {True: "passed", False: "FAILED", None: "n/a"}
    rows = [[check.name, marks[check.passed], check.detail] for check in results.audit.checks]
    return make_table("Audit", text_columns("check", "result", "detail"), rows, "Made from the run's files alone.")


def accuracy_table(results: Results) -> Table:
    """Every accuracy as plain numbers, for other programs."""
    heads = tuple(map(Column, ("method", "category", "n", "n_facts", "accuracy", "ci_low", "ci_high")))
    rows = []
    for name, method in results.methods.items():
        for category, cell in {"overall": method.overall, **method.categories}.items():
            if cell.accuracy is not None:
                figures = (cell.n, cell.n_facts, cell.accuracy, cell.ci_low, cell.ci_high)
                rows.append([name, category, *map(str, figures)])
    return make_table("Accuracy", heads, rows)
