"""Questions asked one at a time, all methods in turns: a machine that gets slower meanwhile is slower for all."""

from collections.abc import Sequence

from data.progress import Progress
from data.schema import Question
from evaluation.run.contestant import Contestant
from evaluation.run.methods import Method
from evaluation.run.records import Latency
from evaluation.run.settings import Profile

STEP = "one question at a time, all methods in turns"
AnyMethod = Method | Contestant
Turn = tuple[AnyMethod, Question]


def _turns(methods: Sequence[tuple[AnyMethod, Sequence[Question]]], count: int, most: int) -> list[Turn]:
    """The first question of every method, then the second: `count` of each, spread as widely as `most` would be."""
    chosen = [(method, questions[:: max(1, len(questions) // most)][:count]) for method, questions in methods]
    return [(method, mine[place]) for place in range(count) for method, mine in chosen if place < len(mine)]


def latencies_in_turns(
    methods: Sequence[tuple[AnyMethod, Sequence[Question]]], limits: Profile, progress: Progress
) -> list[Latency]:
    """Seconds of single questions, first cold (each as in a new process), then warm (with all prefixes read).

    What a contestant has read ahead is not known, so it is asked warm alone; answers from a file have no seconds.

    Args:
        methods: prepared, with the questions that each can be asked.
    """
    timed = [pair for pair in methods if pair[0].timed]
    ordered = sorted(timed, key=lambda pair: len(pair[0].prefix_))  # what the last one reads, the longest, is kept
    own = [pair for pair in ordered if pair[0].runs_here]
    cold = _turns(own, limits.latency_cold, limits.latency_warm)
    warm = _turns(ordered, limits.latency_warm, limits.latency_warm)
    lines: list[Latency] = []
    for turns, is_cold in ((cold, True), (warm, False)):
        if not is_cold:
            for method, _ in own[:-1] if cold else own:  # the last cold question has read the last one's
                method.read_prefix(progress)
        for method, question in turns:
            progress(STEP, len(lines), len(cold) + len(warm))
            if (line := method.measure(question, is_cold)) is not None:
                lines.append(line)
    progress(STEP, len(lines), len(cold) + len(warm))
    return lines
