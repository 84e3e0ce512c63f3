"""Carry out a drill: what was measured is kept point by point, and the same command goes on where it stopped."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from data import jsonl
from data.errors import Incapable, TriviumError
from data.schema import Question
from evaluation.drills.bench import Bench
from evaluation.drills.drill import Drill
from evaluation.drills.figures import Found
from evaluation.drills.measured import Measured, Point, Reply
from evaluation.grading.rules import GradeName
from evaluation.results.drill import FOLDER, DrillPoint, DrillResults, write_drill
from model.speed import meter_of

LOADING_S = 6.0  # of model and libraries, in the prediction


@dataclass(frozen=True)
class Kept:
    """A point that was measured, with what that took; `lacking`: why it could not be."""

    measured: Measured
    seconds: float  # on the clock
    quiet_s: float  # calibrated
    lacking: str = ""


class Record:
    """The rows of a drill of one size: first what it is, then the answers of each point, then that it is done.

    Raises:
        TriviumError: the file holds rows of another run or another version of the drill.
    """

    def __init__(self, drill: Drill, bench: Bench) -> None:
        self.path = bench.path / FOLDER / f"{drill.name}.{bench.size}.jsonl"
        made_with = {"drill": drill.name, "version": drill.version, "run": bench.record["digest"], "seed": bench.seed}
        made_with |= {"settings": drill.settings(bench), "versions": bench.record.get("versions", {})}
        self.identity = hashlib.sha256(json.dumps(made_with, sort_keys=True).encode()).hexdigest()[:16]
        self.done: dict[str, Kept] = {}
        self.predicted_s: float | None = None
        self.busy = 1.0  # times longer than on a quiet machine work took then
        self._read()

    def _read(self) -> None:
        if not self.path.exists():
            return
        lines = [line for line in jsonl.lines(self.path, "Delete the file to measure anew.") if not line.torn]
        rows = [line.value() for line in lines]
        if not rows:
            return
        if rows[0].get("identity") != self.identity:
            raise TriviumError(
                f"{self.path}: it was measured with something else (run, versions or settings of the drill). Put that "
                "back, or delete the file to measure anew."
            )
        self.predicted_s, self.busy = rows[0].get("predicted_s"), rows[0].get("busy", 1.0)
        open_: dict[str, list[Reply]] = {}
        for row in rows[1:]:
            if "answer" in row:
                open_.setdefault(row["point"], []).append(_reply(row))
            else:
                measured = Measured(open_.pop(row["point"], []), row["figures"])
                quiet = row.get("quiet_s", row["seconds"])
                self.done[row["point"]] = Kept(measured, row["seconds"], quiet, row["lacking"])

    def begin(self, predicted_s: float, busy: float) -> None:
        """Write what is carried out, before the first point."""
        self.predicted_s, self.busy = predicted_s, busy
        self.path.parent.mkdir(parents=True, exist_ok=True)
        jsonl.append(self.path, [{"identity": self.identity, "predicted_s": predicted_s, "busy": busy}], checked=True)

    def add(self, point: Point, kept: Kept) -> None:
        """Keep a point. The row that ends it comes last, so that a torn point is measured again."""
        end = {"point": point.key, "seconds": kept.seconds, "quiet_s": kept.quiet_s}
        end |= {"figures": dict(kept.measured.figures)}
        rows = [_row(point, reply) for reply in kept.measured.replies]
        jsonl.append(self.path, [*rows, end | {"lacking": kept.lacking}], checked=True)
        self.done[point.key] = kept


def _row(point: Point, reply: Reply) -> dict[str, Any]:
    question = reply.question.model_dump(mode="json", include={"id", "question", "answers", "fact_id", "distractors"})
    return {"point": point.key, "question": question, "answer": reply.text, "grade": str(reply.grade),
            "seconds": reply.seconds, "tokens": reply.tokens, "more": dict(reply.more)}  # fmt: skip


def _reply(row: dict[str, Any]) -> Reply:
    question = Question.model_validate(row["question"])
    return Reply(question, row["answer"], GradeName(row["grade"]), row["seconds"], row["tokens"], row["more"])


def prediction(drill: Drill, bench: Bench) -> float:
    """Seconds that the points left to measure are predicted to take."""
    bench.left_out.clear()
    left = _left(drill.points(bench), Record(drill, bench))
    names = list(dict.fromkeys(point.method for point in left))
    return sum(bench.speed.seconds(point.work) for point in left) + bench.opening_s(names) if left else 0.0


def _left(points: Sequence[Point], record: Record) -> list[Point]:
    return [point for point in points if point.key not in record.done]


def carry_out(drill: Drill, bench: Bench) -> DrillResults:
    """Measure what is left to measure, and write the results into the run's folder.

    Raises:
        TriviumError: nothing of the drill can be measured; says why.
    """
    bench.left_out.clear()
    points = drill.points(bench)
    left_out = dict(bench.left_out)  # what predicting and measuring add is the same again
    if not points:
        why = next(iter(left_out.values()), "the run has nothing that it could be asked of")
        raise Incapable(f"the drill {drill.name} measures nothing on this run: {why}.")
    record = Record(drill, bench)
    left = _left(points, record)
    if left and record.predicted_s is None:
        record.begin(prediction(drill, bench), bench.speed.busy)
    for point in left:
        bench.progress.scope = f"{drill.name}, {point.key} ({len(record.done) + 1} of {len(points)})"
        record.add(point, _measured(drill, bench, point))
    bench.progress.scope = ""
    results = _results(drill, bench, points, record, left_out)
    write_drill(bench.path, results)
    drill.finished(bench)
    return results


def _measured(drill: Drill, bench: Bench, point: Point) -> Kept:
    meter = meter_of(bench.model)
    started = meter.now()
    try:
        measured, lacking = drill.measure(bench, point), ""
    except Incapable as reason:
        measured, lacking = Measured(), str(reason)
    ended = meter.now()
    return Kept(measured, ended.clock - started.clock, meter.calibrated(started, ended), lacking)


def _results(
    drill: Drill, bench: Bench, points: Sequence[Point], record: Record, left_out: dict[str, str]
) -> DrillResults:
    kept = {point: record.done[point.key] for point in points}
    whole = {point: one for point, one in kept.items() if not one.lacking}
    rows: list[DrillPoint] = [one.measured.at(point, one.seconds) for point, one in whole.items()]
    replies = {(point.method, point.setting): one.measured.replies for point, one in whole.items()}
    found = Found(rows, replies, bench.seed)
    found = Found([*rows, *drill.projected(bench, found)], replies, bench.seed)
    lacking = left_out | {point.key: one.lacking for point, one in kept.items() if one.lacking}
    return DrillResults(
        name=drill.name, title=drill.title, question=drill.question, size=bench.size, run=bench.path.name,
        domain=bench.domain.name, model=bench.settings.model, device=bench.settings.device, seed=bench.seed,
        settings=drill.settings(bench), points=list(found.points), not_applicable=lacking, tables=drill.tables(found),
        curves=[curve for curve in drill.curves(found) if curve.points], sentences=drill.sentences(found),
        predicted_s=record.predicted_s, actual_s=sum(one.seconds for one in kept.values()),
        predicted_quiet_s=None if record.predicted_s is None else record.predicted_s / record.busy,
        actual_quiet_s=sum(one.quiet_s for one in kept.values()),
    )  # fmt: skip
