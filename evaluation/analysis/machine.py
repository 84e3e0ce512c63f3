"""Whether the machine did other work while it was measured."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any

from evaluation.results.schema import Speed
from evaluation.run.records import Answer
from model.speed import QUIET


def machine_speed(record: Mapping[str, Any], answers: Sequence[Answer]) -> Speed | None:
    """How much longer than on a quiet machine work took; None where the run did not look.

    Whether it was busy goes by all work of a method together, so that no short piece makes a busy machine.
    """
    prepared = [
        (method, entry["prepare_s"], entry["prepare_calibrated_s"])
        for method, seeds in record["methods"].items()
        for entry in seeds.values()
        if "prepare_calibrated_s" in entry
    ]
    if not prepared:
        return None
    batches = {(a.method, a.seed, a.phase, a.batch): a.slowdown for a in answers}
    asked = [(a.method, seconds, seconds / a.slowdown) for a in answers if (seconds := a.retrieval_s + a.generation_s)]
    clock, quiet = defaultdict[str, float](float), defaultdict[str, float](float)
    for method, on_clock, calibrated in (*prepared, *asked):
        clock[method] += on_clock
        quiet[method] += calibrated
    most = max((clock[method] / quiet[method] for method in clock if quiet[method]), default=1.0)
    return Speed(samples=len(batches), median=median(batches.values() or [1.0]), most=most, busy=most > QUIET)


def about_the_machine(speed: Speed | None) -> Iterator[str]:
    """One sentence where the machine was busy."""
    if speed and speed.busy:
        yield (
            f"The machine was busy: work took up to {speed.most:.1f} times as long as on a quiet one. Seconds and "
            "costs are corrected for that, and their intervals are wider; a run on a quiet machine gives exact ones."
        )


def about_several_machines(answered_by: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """One sentence where processes on machines of different kinds answered.

    Args:
        answered_by: of the run's record, one for each time that it was begun or went on with actors.
    """
    kinds = sorted({kind for one in answered_by for kind in one["kinds"]})
    if len(kinds) > 1:
        yield (
            f"Answers came from machines of different kinds ({', '.join(kinds)}), which round differently: a few "
            "answers may depend on which one gave them, and seconds are those of the one that did."
        )
