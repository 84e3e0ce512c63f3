"""The folder of a run: answers appended batch by batch, everything else replaced whole; read back with errors named."""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from data import jsonl
from data.errors import TriviumError
from data.files import write_json
from data.schema import Question
from evaluation.run.records import Answer, Latency, Phase

SCHEMA_VERSION = 3
REPORTS = ("report.html", "report.md")  # a run is finished when it has both
LAB = "lab.json"  # what a training of the lab left


def batch_key(answer: Answer) -> tuple[str, int, Phase, int]:
    return answer.method, answer.seed, answer.phase, answer.batch


class RunFolder:
    """Reads and writes one run. Raises TriviumError where a file of it is not what it should be."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def record_path(self) -> Path:
        return self.path / "run.json"

    def exists(self) -> bool:
        return self.record_path.exists()

    def record(self) -> dict[str, Any]:
        """Content of run.json."""
        if not self.exists():
            raise TriviumError(f"{self.path}: no run here (there is no run.json). Give the folder of a run.")
        return self.json("run.json")

    def questions(self) -> dict[str, Question]:
        """The questions as they were asked, by id."""
        return {row["id"]: Question.model_validate(row) for row in self.rows("questions.jsonl")}

    def json(self, name: str) -> dict[str, Any]:
        """Content of a JSON file of the run."""
        try:
            content: dict[str, Any] = json.loads((self.path / name).read_text(encoding="utf-8"))
            return content
        except json.JSONDecodeError as error:
            raise TriviumError(f"{self.path / name}, line {error.lineno}: not valid JSON ({error.msg}).") from error

    def save_record(self, record: dict[str, Any]) -> None:
        write_json(self.record_path, record)

    def answers(self) -> list[Answer]:
        """All answers of finished batches.

        Raises:
            TriviumError: a line before the last is damaged; names file and line.
        """
        lines = jsonl.read_models(self.path / "answers.jsonl", Answer, torn=True)
        rows = Counter(batch_key(answer) for answer in lines)
        return [answer for answer in lines if rows[batch_key(answer)] == answer.batch_rows]

    def drop_torn_answers(self) -> None:
        """Rewrite answers.jsonl without what a kill left half-written."""
        path = self.path / "answers.jsonl"
        if path.exists():
            jsonl.write(path, self.answers())

    def append_answers(self, answers: list[Answer]) -> None:
        jsonl.append(self.path / "answers.jsonl", answers)

    def latencies(self) -> list[Latency]:
        return jsonl.read_models(self.path / "latency.jsonl", Latency, torn=True)

    def replace_latencies(self, method: str, lines: list[Latency]) -> None:
        """Put a method's complete series in the place of whatever was there of it."""
        kept = [line for line in self.latencies() if line.method != method]
        jsonl.write(self.path / "latency.jsonl", (*kept, *lines))

    def write_rows(self, name: str, rows: Iterable[dict[str, Any]]) -> None:
        """Write a JSONL file whole."""
        jsonl.write(self.path / name, rows)

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Read a JSONL file whole."""
        return jsonl.read(self.path / name)
