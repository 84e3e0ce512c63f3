"""The folder of a run: answers appended batch by batch, everything else replaced whole; read back with errors named.

Every line of a JSONL file ends in a checksum, run.json and results.json hold their own digest, and run.json says how
many lines each file of a complete run has. Runs of earlier versions have none of these and are read all the same.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from json import JSONDecodeError
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from data import jsonl
from data.errors import TriviumError
from data.files import read_bytes
from data.schema import Question
from data.sealed import unsealed, write_sealed
from evaluation.run.records import Answer, Latency, Phase, RunRecord

SCHEMA_VERSION = 3
REPORTS = ("report.html", "report.md")  # a run is finished when it has both
LAB = "lab.json"  # what a training of the lab left
GRADES = ("correct", "wrong", "abstained", "unscored")
ANSWERS, SCORES, RECORD = "answers.jsonl", "scores.jsonl", "run.json"
RESULTS = "results.json"
LINES = ("questions.jsonl", "chunks.jsonl", "prompts.jsonl", "retrieval.jsonl", "latency.jsonl", ANSWERS)
_LARGEST = 2**28  # bytes of a JSON file that are read
AnswerKey = tuple[str, int, str, str]  # method, seed, phase, question


def batch_key(answer: Answer) -> tuple[str, int, Phase, int]:
    return answer.method, answer.seed, answer.phase, answer.batch


def whole_batches(answers: Sequence[Answer]) -> list[Answer]:
    """Without the batches that a kill has torn, and in their order, whenever they were asked."""
    batches = defaultdict(list)
    for answer in answers:
        batches[batch_key(answer)].append(answer)
    phases = {key: place for place, key in enumerate(dict.fromkeys(batch[:3] for batch in batches))}
    ordered = sorted(batches, key=lambda batch: (phases[batch[:3]], batch[3]))
    return [answer for batch in ordered for answer in batches[batch] if answer.batch_rows == len(batches[batch])]


class RunFolder:
    """Reads and writes one run. Raises TriviumError where a file of it is not what it should be."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def record_path(self) -> Path:
        return self.path / RECORD

    def exists(self) -> bool:
        return self.record_path.exists()

    def record(self) -> dict[str, Any]:
        """Content of run.json."""
        if not self.exists():
            raise TriviumError(f"{self.path}: no run here (there is no run.json). Give the folder of a run.")
        content = self.json(RECORD)
        try:
            RunRecord.model_validate(content)
        except ValidationError as error:
            raise TriviumError(f"{self.record_path}: {jsonl.problem(error)}. {self._remedy(RECORD)}") from error
        return {"digest": "", "methods": {}, "seconds": 0.0} | content

    def questions(self) -> dict[str, Question]:
        """The questions as they were asked, by id."""
        with self.in_form():
            return {row["id"]: Question.model_validate(row) for row in self.rows("questions.jsonl")}

    def json(self, name: str) -> dict[str, Any]:
        """Content of a JSON file of the run."""
        path = self.path / name
        try:
            content = jsonl.loads(read_bytes(path, _LARGEST).decode())
            if not isinstance(content, dict):
                raise ValueError("it is no JSON object")
            return unsealed(content)
        except ValueError as error:  # not UTF-8 and not JSON are ValueErrors
            place = f", line {error.lineno}: not valid JSON" if isinstance(error, JSONDecodeError) else ""
            raise TriviumError(f"{path}{place}: {error}. {self._remedy(name)}") from error

    def _remedy(self, name: str) -> str:
        """What can be done where a file is damaged."""
        if name == RECORD:
            return "It cannot be made again: put a copy of it back, or start a new run with another --out."
        if name in (SCORES, RESULTS):
            return f"`trivium score {self.path}` makes it again from the saved answers."
        return f"`trivium resume {self.path}` makes what is damaged again." if name in LINES else jsonl.FIX

    @contextmanager
    def in_form(self) -> Iterator[None]:
        """Says in a sentence where what was read is not in the form that this version writes."""
        try:
            yield
        except (KeyError, TypeError, AttributeError, ValueError, IndexError) as error:
            what = jsonl.problem(error) if isinstance(error, ValidationError) else f"{type(error).__name__}: {error}"
            raise TriviumError(
                f"{self.path}: its files are not in the form of a run of this version ({what}). Run it again."
            ) from error

    def save_record(self, record: dict[str, Any]) -> None:
        write_sealed(self.record_path, record)

    def lines(self, name: str) -> Iterator[jsonl.Line]:
        """Lines of a JSONL file without what a kill left half-written; none where there is no file."""
        path = self.path / name
        found = jsonl.lines(path, self._remedy(name)) if path.exists() else ()
        return (line for line in found if not line.torn)

    def _models(self, name: str, kind: type[jsonl.Model]) -> list[jsonl.Model]:
        return jsonl.read_models(self.path / name, kind, torn=True, remedy=self._remedy(name))

    def count_lines(self) -> dict[str, int]:
        """Lines of each file that the methods of a run write, for run.json."""
        return {name: sum(1 for _ in self.lines(name)) for name in LINES}

    def _complete(self, name: str, count: int) -> None:
        """Raises TriviumError where lines of a complete run are missing."""
        if name not in LINES or not self.exists():
            return
        record = self.record()
        wanted = record.get("lines", {}).get(name, count) if record["status"] == "complete" else count
        if wanted != count:
            raise TriviumError(
                f"{self.path / name}: it has {count:,} whole lines, and the run wrote {wanted:,}. {self._remedy(name)}"
            )

    def answers(self) -> list[Answer]:
        """All answers of finished batches.

        Raises:
            TriviumError: a line is damaged, but for one at the end that a kill has torn, or a complete run lacks some.
        """
        answers = whole_batches(self._models(ANSWERS, Answer))
        self._complete(ANSWERS, len(answers))
        return answers

    def replace_answers(self, answers: Iterable[Answer]) -> None:
        jsonl.write(self.path / ANSWERS, answers, checked=True)

    def append_answers(self, answers: list[Answer]) -> None:
        jsonl.append(self.path / ANSWERS, answers, checked=True)

    def latencies(self) -> list[Latency]:
        latencies = self._models("latency.jsonl", Latency)
        self._complete("latency.jsonl", len(latencies))
        return latencies

    def replace_latencies(self, method: str, lines: list[Latency]) -> None:
        """Put a method's complete series in the place of whatever was there of it."""
        kept = [line for line in self.latencies() if line.method != method]
        jsonl.write(self.path / "latency.jsonl", (*kept, *lines), checked=True)

    def write_rows(self, name: str, rows: Iterable[dict[str, Any]]) -> None:
        """Write a JSONL file whole."""
        jsonl.write(self.path / name, rows, checked=True)

    def add_rows(self, name: str, key: str, rows: Iterable[dict[str, Any]]) -> None:
        """Write a JSONL file whole: the lines that are there, and these; of those with one key the last."""
        known = {row[key]: row for row in self.rows(name)}
        self.write_rows(name, (known | {row[key]: row for row in rows}).values())

    def append_rows(self, name: str, rows: Iterable[dict[str, Any]]) -> None:
        """Add lines to a JSONL file."""
        if lines := list(rows):
            jsonl.append(self.path / name, lines, checked=True)

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Read a JSONL file of objects whole."""
        rows = []
        for line in self.lines(name):
            row = line.value()
            if not isinstance(row, dict):
                raise line.error("it is no JSON object")
            rows.append(row)
        self._complete(name, len(rows))
        return rows

    def scores(self, answers: Iterable[Answer]) -> dict[AnswerKey, dict[str, Any]]:
        """Lines of scores.jsonl by method, seed, phase and question; every answer has one."""
        with self.in_form():
            rows = {(r["method"], r["seed"], r["phase"], r["question_id"]): r for r in self.rows(SCORES)}
            grades = {row["grade"] for row in rows.values()}
        if strange := grades - set(GRADES):
            raise TriviumError(f"{self.path / SCORES}: '{min(map(str, strange))}' is no grade. {self._remedy(SCORES)}")
        for answer in answers:
            if (answer.method, answer.seed, answer.phase, answer.question_id) not in rows:
                raise TriviumError(
                    f"{self.path / SCORES}: it has no grade of {answer.method}'s answer to '{answer.question_id}'. "
                    f"{self._remedy(SCORES)}"
                )
        return rows
