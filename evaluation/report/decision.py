"""The decision as lines of text, in one order for terminal, Markdown and HTML."""

from evaluation.results.verdict import Verdict


def first_lines(verdict: Verdict) -> list[str]:
    """The headline, how sure it is, and what training covered."""
    sure = f"{verdict.badge.text[0].upper()}{verdict.badge.text[1:]}."
    return [verdict.summary, f"{sure} {verdict.how_sure}".strip(), *([verdict.coverage] if verdict.coverage else [])]


def parts(verdict: Verdict) -> list[tuple[str, list[str]]]:
    """What follows below it: titles with sentences, none of them empty."""
    found = [
        ("Why", [reason.text for reason in verdict.why]),
        ("Mind", verdict.caveats),
        ("What would turn it", verdict.turns),
        ("What to run next", verdict.next_run),
    ]
    if not verdict.why:  # of an earlier version, or nothing to recommend
        title = "What was measured" if verdict.badge.how == "failed" else "Why"
        found[0] = (title, [reason for reason in verdict.reasons if reason not in verdict.caveats])
    return [(title, sentences) for title, sentences in found if sentences]
