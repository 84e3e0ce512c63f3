"""How long do users wait, and what does an answer cost, when questions come by chance and one machine answers them?

Arrivals are a Poisson stream. Every answer is given by the model and timed; only the time in which nobody waits is
skipped, so that a stream of one question a minute takes seconds. Caching of the prefix, batching and weights in 8 bits
are each measured on their own.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any, ClassVar

import numpy as np

from data.schema import Question
from evaluation.drills.bench import Bench
from evaluation.drills.drill import Drill
from evaluation.drills.figures import Found, capital, right
from evaluation.drills.measured import Measured, Point, Reply
from evaluation.drills.rounded import Rounded, why_not
from evaluation.numbers import price, seconds
from evaluation.results.drill import Curve, CurvePoint, DrillTable
from evaluation.run.methods import Method
from evaluation.run.registry import label
from evaluation.run.traced import TracedPrompt
from model.language_model import Generation, LanguageModel, PrefixSharing, offers
from model.speed import meter_of

RATES = {"smoke": (10, 100), "full": (1, 10, 100)}  # questions a minute
MANY = {"smoke": 12, "full": 60}  # questions of a stream
BATCH = 16  # questions that are answered together at most
FLOOD = "all at once"
ALONE, CACHED, BATCHED, ROUNDED = "one at a time, nothing cached", "prefix cached", "batches", "8-bit weights"
Serve = Callable[[Sequence[int]], float]  # answers these questions together; returns the seconds


@dataclass(frozen=True)
class Served:
    """What became of a stream: the wait of each question, from its arrival to its answer, and the machine's time."""

    waits: Sequence[float]
    elapsed: float  # from the first arrival to the last answer
    busy: float  # in which the machine answered


def arrivals(many: int, a_minute: float | None, seed: str) -> list[float]:
    """When questions come: exponential gaps (a Poisson stream), or all at once where no rate is given."""
    if a_minute is None:
        return [0.0] * many
    draw = random.Random(seed)
    return list(accumulate(draw.expovariate(a_minute / 60) for _ in range(many)))


def stream(times: Sequence[float], serve: Serve, most: int) -> Served:
    """Serve questions in the order in which they come; the clock jumps to the next one where nobody waits.

    Args:
        most: questions that are answered together; those that come meanwhile wait.
    """
    clock, busy, at, waits = times[0], 0.0, 0, []
    while at < len(times):
        clock = max(clock, times[at])
        there = [place for place in range(at, min(at + most, len(times))) if times[place] <= clock]
        spent = serve(there)
        clock, busy, at = clock + spent, busy + spent, at + len(there)
        waits += [clock - times[place] for place in there]
    return Served(waits, clock - times[0], busy)


class Traffic(Drill):
    """Streams of questions at several rates, each way of serving on its own."""

    name: ClassVar[str] = "traffic"
    title: ClassVar[str] = "Traffic"

    def __init__(self) -> None:
        self._rounded = Rounded()

    def points(self, bench: Bench) -> list[Point]:
        found, many = [], MANY[bench.size]
        shares = offers(bench.model, PrefixSharing) is not None
        for name in bench.compared():
            read = bench.work(name, many).tokens
            alone = replace(bench.work(name, 0), alone=many, shared=read, times=many)
            found.append(Point(name, ALONE, work=alone))
            if shares:
                found.append(Point(name, CACHED, work=alone))
            else:
                bench.leave_out(f"{name}: {CACHED}", f"{bench.model.name} shares no prefixes")
            found.append(Point(name, BATCHED, work=replace(alone, alone=2 * many, times=2 * many)))
            if why := why_not(bench, name):
                bench.leave_out(f"{name}: {ROUNDED}", why)
            else:
                found.append(Point(name, ROUNDED, work=replace(alone, seconds=10.0)))
        return found

    def settings(self, bench: Bench) -> dict[str, str | int | float | None]:
        return {"questions": MANY[bench.size], "most_in_a_batch": BATCH, "usd_per_hour": bench.settings.usd_per_hour}

    def measure(self, bench: Bench, point: Point) -> Measured:
        questions, method = bench.questions(MANY[bench.size]), bench.method(point.method)
        prompts = method.trace(questions)
        model = self._rounded.model(bench, "8bit") if point.setting == ROUNDED else bench.model  # without its reader
        desk = _Desk(bench, method, model, prompts, point.setting)
        figures: dict[str, float | None] = {}
        with method.weights():
            desk.warm_up()
            for rate in (*RATES[bench.size], None):
                times = arrivals(len(prompts), rate, f"traffic {bench.seed}")
                served = stream(times, desk.serve, BATCH if point.setting == BATCHED else 1)
                figures |= _figures(rate, served, bench.settings.usd_per_hour)
        return Measured(desk.replies(questions), figures)

    def tables(self, found: Found) -> list[DrillTable]:
        names = list(dict.fromkeys(_place(key) for point in found.points for key in point.figures))
        rows = [
            [p.method, p.setting, right(p), *(_cell(p.figures, place) for place in names),
             price(p.figures.get(f"usd / 1,000, {FLOOD}"), "USD")]
            for p in found.points
        ]  # fmt: skip
        heads = ["method", "served", "right", *(f"{place}: p50, p95" for place in names), "1,000 answers (assumed)"]
        note = (
            "Seconds from arrival to answer, waiting included, on a quiet machine. The price is that of the machine "
            "while it answers without a break; at a lower rate the machine waits, and is paid all the same. Weights in "
            "8 bits answer without the trained reader, if the model has one."
        )
        return [DrillTable(title="Waiting", heads=heads, rows=rows, note=note)]

    def curves(self, found: Found) -> list[Curve]:
        dots = [
            CurvePoint(series=f"{p.method}, {p.setting}", x=_place(key), y=value)
            for p in found.points
            for key, value in p.figures.items()
            if key.startswith("p95") and value
        ]
        return [Curve(title="The wait of one question in twenty (p95)", x="questions", y="seconds", points=dots,
                      log_y=True, percent=False)]  # fmt: skip

    def sentences(self, found: Found) -> list[str]:
        out = []
        for name in found.methods:
            waits = {p.setting: p.figures for p in found.of(name)}
            parts = [f"{setting} {seconds(figures.get(f'p95, {FLOOD}'))}" for setting, figures in waits.items()]
            prices = [f"{setting} {price(figures.get(f'usd / 1,000, {FLOOD}'), 'USD')}"
                      for setting, figures in waits.items()]  # fmt: skip
            out.append(f"{capital(label(name))}, all questions at once, 19 of 20 wait at most: {'; '.join(parts)}.")
            out.append(f"{capital(label(name))}, 1,000 answers at an assumed price: {'; '.join(prices)}.")
        return out

    def finished(self, bench: Bench) -> None:
        self._rounded.forget()


class _Desk:
    """Answers questions of one stream after the other, in one way."""

    def __init__(
        self, bench: Bench, method: Method, model: LanguageModel, prompts: Sequence[TracedPrompt], way: str
    ) -> None:
        self.bench, self.method, self.model, self.prompts, self.way = bench, method, model, prompts, way
        self.said: dict[int, Generation] = {}
        self.alone: dict[int, float] = {}  # seconds of a question by itself, which no stream changes

    def warm_up(self) -> None:
        """What a service has done before its first question."""
        if self.way != ALONE and (sharing := offers(self.model, PrefixSharing)):
            sharing.read_shared(self.method.prefix_)
        self.model.generate_one(self.prompts[0].text, self.method.sampling_, self._prefix)

    @property
    def _prefix(self) -> Sequence[int]:
        return () if self.way == ALONE else self.method.prefix_

    def serve(self, places: Sequence[int]) -> float:
        if self.way != BATCHED and places[0] in self.alone:
            return self.alone[places[0]]
        meter = meter_of(self.model)
        begun = meter.now()
        texts = [self.prompts[place].text for place in places]
        if len(texts) == 1:
            said = {0: self.model.generate_one(texts[0], self.method.sampling_, self._prefix)[0]}
        else:
            batches = self.model.generate(texts, self.method.sampling_, self._prefix, BATCH)
            said = {at: answer for batch in batches for at, answer in batch}
        spent = meter.calibrated(begun, meter.now()) + sum(self.prompts[place].seconds for place in places)
        self.said |= {places[at]: answer for at, answer in said.items()}
        self.alone[places[0]] = spent
        self.bench.progress(f"serving, {self.way}", len(self.said), len(self.prompts))
        return spent

    def replies(self, questions: Sequence[Question]) -> list[Reply]:
        texts = [self.said[place].text for place in range(len(questions))]
        grades = self.bench.grader.grade(list(zip(questions, texts, strict=True)))
        return [Reply(q, texts[at], grade.grade, self.said[at].seconds, self.said[at].completion_tokens)
                for at, (q, grade) in enumerate(zip(questions, grades, strict=True))]  # fmt: skip


def _name(rate: float | None) -> str:
    return FLOOD if rate is None else f"{rate:g} a minute"


def _figures(rate: float | None, served: Served, usd_per_hour: float) -> dict[str, float | None]:
    p50, p95 = np.quantile(served.waits, [0.5, 0.95]).tolist()
    usd = served.elapsed / 3600 * usd_per_hour / len(served.waits) * 1000
    name = _name(rate)
    return {f"p50, {name}": p50, f"p95, {name}": p95, f"busy, {name}": served.busy / served.elapsed,
            f"usd / 1,000, {name}": usd}  # fmt: skip


def _place(key: str) -> str:
    return key.rpartition(", ")[2]


def _cell(figures: dict[str, Any], place: str) -> str:
    return f"{seconds(figures.get(f'p50, {place}'))}, {seconds(figures.get(f'p95, {place}'))}"
