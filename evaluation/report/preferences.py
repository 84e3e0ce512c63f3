"""What tuning on preferences changed, as the report of a run tells it."""

from collections.abc import Sequence
from pathlib import Path

from evaluation.numbers import duration, percent, points_span, signed_points
from evaluation.report.sections import ReportSection
from evaluation.results.preference import OVERALL, Change, PreferenceChange, Preferred, read_preferences
from evaluation.table import Table, columns, make_table, text_columns
from evaluation.words import kind_words


def title_of(change: PreferenceChange) -> str:
    """Which tuning it is."""
    if change.best_of:
        return (
            f"{change.method}, best of {change.best_of} by a reward model of {change.by or 'everybody'}'s preferences"
        )
    further = f", further from the tuning on those of {change.after}" if change.after else ""
    return f"{change.method}, tuned on preferences of {change.by or 'everybody'}{further}"


def _share(name: str, change: Change | None) -> list[str]:
    if change is None:
        return [name, "0", "n/a", "n/a", "n/a"]
    span = points_span(change.ci_low, change.ci_high)
    return [
        name, f"{change.n:,}", percent(change.before), percent(change.after),
        f"{signed_points(change.difference)} points ({span})",
    ]  # fmt: skip


def _number(name: str, change: Change, unit: str) -> list[str]:
    moved = f"{change.difference:+.1f} {unit} ({change.ci_low:+.1f} to {change.ci_high:+.1f})"
    return [name, f"{change.n:,}", f"{change.before:.1f}", f"{change.after:.1f}", moved]


def _preferred(preferred: Preferred | None) -> list[list[str]]:
    """The line of the reward model; the answers from before are even with themselves."""
    if preferred is None:
        return []
    share, low, high = preferred.share, preferred.share.ci_low - 0.5, preferred.share.ci_high - 0.5
    moved = f"{signed_points(share.mean - 0.5)} points ({points_span(low, high)})"
    return [["preferred by the reward model", f"{share.n:,}", "50%", percent(share.mean), moved]]


def change_table(change: PreferenceChange) -> Table:
    """Behaviour, then knowledge, before and after."""
    rows = [
        *_preferred(change.preferred),
        _share("in house form", change.form),
        _share("refuses", change.refused),
        _number("words of an answer", change.words, "words"),
        *(
            _share("right" if kind == OVERALL else f"right: {kind_words(kind)}", one)
            for kind, one in change.right.items()
        ),
        _share("general questions right", change.general),
    ]
    if change.perplexity_before is not None and change.perplexity_after is not None:
        early, late = change.perplexity_before, change.perplexity_after
        rows.append(["perplexity of plain text", "1", f"{early:.1f}", f"{late:.1f}", f"{late - early:+.1f}"])
    if kl := change.kl:
        span = f"{kl.ci_low:.2f} to {kl.ci_high:.2f}"
        rows.append(["drift from the start, nats a token", f"{kl.n:,}", "0", f"{kl.mean:.2f}", span])
    heads = columns("held-out questions", "n", "before", "after", "difference (95 % interval)")
    return make_table(title_of(change), heads, rows, _note(change))


def _note(change: PreferenceChange) -> str:
    recipe = ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in change.settings.items())
    if change.best_of:
        return f"No weight was changed; {change.pairs} preferences about {change.questions} questions ({recipe})."
    return (
        f"DPO on {change.pairs} preferences about {change.questions} questions ({recipe}): {change.steps} steps, "
        f"{duration(change.seconds)} of training on the clock. No ranking saw a question that is counted here."
        f"{_judged(change.preferred)}"
    )


def _judged(preferred: Preferred | None) -> str:
    if preferred is None:
        return ""
    told = "" if preferred.tells else ", which is no better than chance and says nothing"
    return f" Preferred: the answer after against that from before, by {preferred.judge}{told}."


def _examples(change: PreferenceChange) -> Table:
    rows = [[one.question, one.before, one.after] for one in change.examples]
    return make_table(f"Examples: {title_of(change)}", text_columns("question", "before", "after"), rows)


def preference_sections(run: Path) -> list[ReportSection]:
    """One section for all tunings; none where no model was tuned."""
    known = read_preferences(run)
    changes: Sequence[PreferenceChange] = known.changes
    if not changes and not known.rewards:
        return []
    tables = tuple(table for change in changes for table in (change_table(change), _examples(change)))
    sentences = tuple(f"{title_of(change)}: {change.sentence}" for change in changes)
    rewards = tuple(f"{one.method}, preferences of {one.by or 'everybody'}: {one.sentence}" for one in known.rewards)
    return [ReportSection("Preferences", tables, (*sentences, *rewards))]
