"""How sure a verdict is: its badge, one line of intervals, and what training covered."""

from evaluation.analysis.choice import Case, Choice, State
from evaluation.analysis.headline import rate, runner_up
from evaluation.numbers import about, listed, percent, points, points_span
from evaluation.results.schema import Ending
from evaluation.results.verdict import Badge, Contrast, Coverage, How


def badge(case: Case, choice: Choice) -> Badge:
    """How sure the recommendation is, in a few words."""
    how, text = _BADGES[choice.state] if choice.state != "decided" else _of_decision(case, choice)
    return Badge(how=how, text=text)


_BADGES: dict[State, tuple[How, str]] = {
    "open": ("open", "undecided"),
    "audit failed": ("failed", "audit failed"),
    "nothing to compare": ("open", "nothing to compare with"),
    "too few facts": ("open", "too few facts"),
    "taught facts alone": ("open", "rests on taught facts alone"),
}


def _of_decision(case: Case, choice: Choice) -> tuple[How, str]:
    if choice.by == "expected loss":
        return ("sure", "sure: lowest expected loss") if choice.certain else ("likely", "likely: lowest expected loss")
    if choice.by == "cost":
        return "likely", "by cost; right and wrong answers undecided"
    text = {"right answers": "more right answers", "wrong answers": "fewer wrong answers; right ones undecided"}
    if exploratory(case, choice):
        return "likely", f"likely: {text[choice.by]} (an exploratory comparison)"
    return "sure", f"sure: {text[choice.by]}"


def exploratory(case: Case, choice: Choice) -> bool:
    """Whether a difference that decided was not among those named before the run."""
    outcome = "right" if choice.by == "right answers" else "wrong"
    name, against = choice.recommended or "", choice.alike_in_right
    others = case.ranking if outcome == "right" else against
    rows = [row for row in case.contrasts if row.outcome == outcome and row.category == "overall"]
    return any(
        row.family == "secondary" for row in rows if name in (row.a, row.b) and {row.a, row.b} <= {name, *others}
    )


def how_sure(case: Case, choice: Choice) -> str:
    """One line: what is established between the two methods in front, what is not, and what this run could detect."""
    if choice.state in ("audit failed", "nothing to compare", "too few facts"):
        return ""
    first = choice.recommended or case.ranking[0]
    second = runner_up(case, choice) or first
    sure, unsure = [], []
    for outcome, word in (("wrong", "fewer"), ("right", "more")):
        lead = case.lead(first, second, "wrong" if outcome == "wrong" else "right")
        if lead is None:
            continue
        if lead.more or lead.less:
            better = lead.more is (outcome == "right")
            ends = lead.ends if lead.difference > 0 else (-lead.ends[1], -lead.ends[0])
            than = f"{word if better else 'more' if outcome == 'wrong' else 'fewer'} {outcome} answers than {second}"
            sure.append(f"{points(lead.difference)} {than} ({points_span(*ends)})")
        else:
            unsure.append(f"{outcome} answers ({percent(rate(case, first, outcome))} and "
                          f"{percent(rate(case, second, outcome))})")  # fmt: skip
    text = f"With 95% confidence{_corrected(case)}: {listed(sure)}." if sure else ""
    right = case.lead(first, second, "right")
    if right and unsure:
        text += f"{' ' if sure else ''}Undecided: {listed(unsure)}; {detectable(right.row, first_word=False)}"
    return text


def how_it_ended(ending: Ending | None) -> str:
    """How many questions a run until decided asked, and why it ended; empty for another run."""
    if ending is None:
        return ""
    asked = f"{ending.asked:,} of {ending.planned:,} answerable questions"
    if ending.why == "all asked":
        return f"The run asked all {asked.partition(' of ')[2]} and was not decided on the way."
    least = points(ending.smallest / 100)
    why = {
        "ahead": "one method was ahead of all others",
        "alike": f"no difference of {least} or more can be left between the methods in front",
    }[ending.why]
    return f"The run asked {asked}, in random order, and ended there because {why}."


def _corrected(case: Case) -> str:
    n = sum(row.family == "primary" for row in case.contrasts)
    return f", corrected for {n} comparisons" if n > 1 else ""


def detectable(row: Contrast, first_word: bool = True) -> str:
    """What such a run can detect in right answers, and how many facts the difference that was seen would take."""
    text = f"{'With' if first_word else 'with'} {row.n_facts} facts this run can only detect gaps of "
    text += f"{points(row.minimum_detectable)} or more"
    if row.verdict in ("a", "b") or (needed := facts_needed(row)) is None:
        return f"{text}."
    return f"{text}; to confirm {points(row.difference)}, ask about {about(needed)} facts."


def facts_needed(row: Contrast) -> int | None:
    """Facts with which a run would find a difference as large as the one seen in 80 % of cases; None where it is 0.

    From the minimum detectable difference, which falls with the root of the number of facts.
    """
    if not round(row.difference, 6):
        return None
    return -int(-(row.n_facts * (row.minimum_detectable / row.difference) ** 2) // 1)


def coverage_sentence(known: Coverage | None) -> str:
    """What training covered of what was asked and of the documents; empty where nothing was trained."""
    if known is None or not known.asked:
        return ""
    if known.facts_taught is None:
        return (
            f"Training read the text of all documents and was taught none of it as a question: the {known.asked} facts "
            "asked for were only read."
        )
    text = f"Training taught {known.taught} of the {known.asked} facts asked for ({percent(known.taught / known.asked)}"
    text += f"), {known.facts_taught} of the domain's {known.facts}"
    if known.passages_seen is not None and known.passages:
        text += f", from {known.passages_seen} of {known.passages} passages of the documents"
    return f"{text}."
