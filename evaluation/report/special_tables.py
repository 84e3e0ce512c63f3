"""Tables of what only some runs ask: a trained reader, changed documents, house style, two documents, several seeds."""

from evaluation.numbers import percent, share, span
from evaluation.report.methods_table import cell_share, refused
from evaluation.report.tables import contrast_tables
from evaluation.results.method import MethodResults, Refresh
from evaluation.results.schema import Results
from evaluation.table import Table, columns, make_table


def _taken_in(refresh: Refresh, method: MethodResults) -> str:
    text = refresh.by if refresh.seconds is None else f"{refresh.by}, {refresh.seconds:.2f} s"
    what = "prefix" if method.extra("virtual_tokens") else "adapter"
    return f"{text} (not the {what}: a training took {method.training.seconds:.0f} s)" if method.training else text


def updated_table(results: Results) -> Table | None:
    """Answers after the documents changed."""
    rows = []
    for name, method in results.methods.items():
        if (stale := method.stale) and method.refresh:
            old = f"{share(stale.rate, stale.n)} ({span(stale.ci_low, stale.ci_high)})"
            new = cell_share(method.categories.get("updated"))
            rows.append([name, new, old, _taken_in(method.refresh, method)])
        elif method.contestant and method.refresh:
            rows.append([name, "n/a", "n/a", method.refresh.by])
    note = (
        f"{results.domain.n_updates} sentences were changed in the documents, index and prompt; adapters and "
        "trained prefixes stayed as they were: no trained method knows of a change until it is trained again. "
        "Seconds are measured for one changed document. They do not count in the overall accuracy."
    )
    heads = columns("method", "new answer", "outdated answer", "one changed document is taken in by")
    return make_table("When documents change", heads, rows, note) if rows else None


def style_table(results: Results) -> Table | None:
    """Answers asked for in the house style."""
    rows = []
    for name, method in results.methods.items():
        if style := method.style:
            parts = (style.styled_training, style.no_styled_training)
            forms = ["n/a" if part is None else share(part.form, part.n) for part in parts]
            rows.append([name, *(share(value, style.n) for value in (style.form, style.content, style.both)), *forms])
    note = (
        "The question spells the style out, the same for every method. Form is a pattern of the domain; content is "
        "graded apart."
    )
    heads = columns("method", "form", "content", "both", "form, fact trained in it", "form, fact not trained in it")
    return make_table("House style", heads, rows, note) if rows else None


def long_answers_table(results: Results) -> Table | None:
    """How much of a full answer is stated, where questions have points."""
    rows = [
        [name, share(long.score, long.n), span(long.ci_low, long.ci_high)]
        for name, method in results.methods.items()
        if (long := method.long_answers)
    ]
    note = "The share of a question's points that an answer states, less the share that it contradicts; the mean."
    return make_table("Long answers", columns("method", "points stated", "95% interval"), rows, note) if rows else None


def multi_hop_table(results: Results) -> Table | None:
    """Questions that need two documents, and whether both were found."""
    rows = []
    for name, method in results.methods.items():
        if halves := method.multi_hop:
            found = method.retrieval.multi_hop if method.retrieval else None
            both = (found.both_at_3, found.both_at_5, found.both_at_10) if found else (None,) * 3
            recall = [share(value, found.n if found else 0) for value in both]
            rows.append([name, cell_share(halves.trained), cell_share(halves.untrained), *recall])
    heads = columns("method", "both facts trained", "others", "both passages among 3", "among 5", "among 10")
    return make_table("Questions over two documents", heads, rows) if rows else None


def reader_table(results: Results) -> Table | None:
    """The model with its trained reader beside the plain one, if both were asked."""
    rows = []
    for name, method in results.methods.items():
        if plain := method.plain:
            own = (results.model.name, method, method.tokens.completion)
            for model, of, tokens in (own, (plain.model, plain, plain.completion_tokens)):
                overall, refusal = of.overall, of.refusal
                over = share(refusal.answerable_refused, refusal.n_answerable)
                interval = span(overall.ci_low, overall.ci_high)
                rows.append([name, model, cell_share(overall), interval, refused(refusal), over, f"{tokens:.1f}"])
    note = (
        "The same prompts. The reader is an adapter that was trained once, on public question sets, to use what stands "
        "in the prompt; no document or question of this domain was part of that (docs/reader.md)."
    )
    heads = columns(
        "method", "model", "right", "95% interval", "“unknown” rightly", "“unknown” wrongly", "answer tokens"
    )
    return make_table("The trained reader and the plain model", heads, rows, note) if rows else None


def decomposition_table(results: Results) -> Table | None:
    """Accuracy of methods that read, split by whether what they needed was in the prompt."""
    rows = []
    for name, method in results.methods.items():
        if split := method.decomposition:
            use = share(split.use_given_hit, split.hits)
            luck = share(split.luck_given_miss, split.n - split.hits)
            rows.append([name, share(split.recall, split.n), use, luck, percent(split.accuracy)])
    note = (
        "Right = found × right when found + not found × right although not found; over questions whose document is "
        "named, each counting once. Found means that the prompt held the evidence."
    )
    heads = columns("method", "passage found", "right when found", "right although not found", "right")
    return make_table("Retrieval and reading", heads, rows, note) if rows else None


def seeds_table(results: Results) -> Table | None:
    """Accuracy after trainings with different seeds, if there was more than one."""
    rows = []
    for name, method in results.methods.items():
        if len(method.seeds) > 1:
            rates = [seed.accuracy for seed in method.seeds if seed.accuracy is not None]
            each = ", ".join(f"{seed.seed}: {percent(seed.accuracy)}" for seed in method.seeds)
            rows.append([name, each, span(min(rates), max(rates)) if rates else "n/a"])
    note = (
        "The same examples in another order from another start. All other figures are those of the first seed; answers "
        "of several seeds are never counted as more questions."
    )
    return make_table("Training seeds", columns("method", "seed: accuracy", "spread"), rows, note) if rows else None


def retention_table(results: Results) -> Table | None:
    """What the trained methods still know of the world, if that was asked."""
    rows = []
    for name, method in results.methods.items():
        if left := method.retention:
            kept, gain = left.kept, method.overall
            before, after = left.perplexity_before, left.perplexity
            foreseen = "n/a" if before is None or after is None else f"{before:.1f} → {after:.1f}"
            interval = span(kept.ci_low, kept.ci_high)
            rows.append([name, cell_share(gain), share(kept.rate, kept.n), interval, str(left.refused),
                         str(left.gained), foreseen])  # fmt: skip
    note = (
        "Questions of general knowledge, asked without documents of the untrained model and of each trained one: of "
        "those that it answered before, how many it still does. Perplexity is that of plain text of no domain; lower "
        "is better."
    )
    heads = columns(
        "method", ("right", "of the domain's questions: what training was for"),
        ("general questions kept", "of those that the untrained model answers right"), "95 % interval",
        ("refused now", 'of these, answered with "unknown" after training'),
        ("new", "answered right after training and not before"), ("perplexity", "before and after training"),
    )  # fmt: skip
    return make_table("What training broke", heads, rows, note) if rows else None


_SHOWN = (0.2, 0.4, 0.6, 0.8, 0.95)  # of the curve of thresholds


def threshold_table(results: Results) -> Table | None:
    """Above which chance of "unknown" each method refuses, where that was set on dev questions."""
    rows = []
    for name, method in results.methods.items():
        if found := method.extra("threshold"):
            points = {point["above"]: point for point in found["curve"]}
            shown = [points[found["above"]], *(points[above] for above in _SHOWN)]
            cells = [" / ".join(percent(p[kind]) for kind in ("right", "unanswerable_refused")) for p in shown]
            rows.append([name, f"{found['above']:g}", *cells, f"{found['answerable']} / {found['unanswerable']}"])
    note = (
        "Answerable dev questions answered right / unanswerable ones refused, at the threshold that was taken and at "
        "others: the one with the highest sum. No test question had a part in it. Dev answers are judged by whether an "
        "accepted answer is in them, and not by the grader."
    )
    heads = columns(
        "method", ("refuses above", 'this chance that the answer is "unknown"'), "there",
        *(f"at {above:g}" for above in _SHOWN), ("dev questions", "answerable / unanswerable"),
    )  # fmt: skip
    return make_table("Where each method refuses", heads, rows, note) if rows else None


def all_tables(results: Results) -> list[Table]:
    """What stands between the kinds of question and the bill, in order."""
    makers = (
        reader_table,
        updated_table,
        style_table,
        long_answers_table,
        multi_hop_table,
        decomposition_table,
        retention_table,
        threshold_table,
        seeds_table,
    )
    optional = [table for make in makers if (table := make(results))]
    return [*optional, *contrast_tables(results)]
