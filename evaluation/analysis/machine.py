"""Whether the machine did other work while it was measured."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from statistics import harmonic_mean, median
from typing import Any

from evaluation.results.schema import Speed
from evaluation.run.records import Answer
from model.speed import QUIET


def machine_speed(record: Mapping[str, Any], answers: Sequence[Answer]) -> Speed | None:
    """How much longer than on a quiet machine work took; None where the run did not look.

    Single samples are noisy, so whether it was busy goes by the mean of a method's answers and of its preparation.
    """
    samples = [float(sample["slowdown"]) for sample in record.get("speed", [])]
    if not samples:
        return None
    by_method: dict[str, list[float]] = defaultdict(list)
    for answer in answers:
        by_method[answer.method].append(answer.slowdown)
    means = [harmonic_mean(slowdowns) for slowdowns in by_method.values()]
    for entry in (entry for seeds in record["methods"].values() for entry in seeds.values()):
        if calibrated := entry.get("prepare_calibrated_s"):
            means.append(entry["prepare_s"] / calibrated)
    most = max(means, default=1.0)
    return Speed(samples=len(samples), median=median(samples), most=most, busy=most > QUIET)


def about_the_machine(speed: Speed | None) -> Iterator[str]:
    """One sentence where the machine was busy."""
    if speed and speed.busy:
        yield (
            f"The machine was busy: work took up to {speed.most:.1f} times as long as on a quiet one. Seconds and "
            "costs are corrected for that, and their intervals are wider; a run on a quiet machine gives exact ones."
        )
