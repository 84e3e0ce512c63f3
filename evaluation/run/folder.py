"""The folder of a run: JSON written atomically, answers appended batch by batch, torn lines dropped on resume."""

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from data.errors import TriviumError
from data.schema import Question
from evaluation.run.records import Answer, Latency, Phase

Line = TypeVar("Line", bound=BaseModel)
SCHEMA_VERSION = 3
LAB = "lab.json"  # what a training of the lab left


def write_text(path: Path, text: str) -> None:
    """Write a file so that it holds either its old or its new content, whatever happens."""
    scratch = path.with_name(f".{path.name}.new")
    try:
        with scratch.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)


def write_json(path: Path, content: Any) -> None:
    write_text(path, json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def append_lines(path: Path, lines: Iterable[BaseModel]) -> None:
    """Append lines in one write that has reached the disk when this returns."""
    with path.open("a", encoding="utf-8") as file:
        file.write("".join(line.model_dump_json() + "\n" for line in lines))
        file.flush()
        os.fsync(file.fileno())


def _whole_lines(path: Path, kind: type[Line]) -> Iterator[Line]:
    """Lines up to the first torn one."""
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True):
        try:
            parsed = kind.model_validate_json(line)
        except ValidationError:
            return
        if not line.endswith("\n"):
            return
        yield parsed


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
        return self._json("run.json")

    def results(self) -> dict[str, Any]:
        """Content of results.json."""
        if not (self.path / "results.json").exists():
            raise TriviumError(f"{self.path}: the run is not finished. `trivium resume {self.path}` finishes it.")
        results = self._json("results.json")
        if results.get("schema_version") != SCHEMA_VERSION:
            raise TriviumError(
                f"{self.path}: made by another version of Trivium, whose results are not read. Delete the folder, or "
                "choose another --out, and run it again."
            )
        return results

    def questions(self) -> dict[str, Question]:
        """The questions as they were asked, by id."""
        return {row["id"]: Question.model_validate(row) for row in self.rows("questions.jsonl")}

    def _json(self, name: str) -> dict[str, Any]:
        try:
            content: dict[str, Any] = json.loads((self.path / name).read_text(encoding="utf-8"))
            return content
        except json.JSONDecodeError as error:
            raise TriviumError(f"{self.path / name}, line {error.lineno}: not valid JSON ({error.msg}).") from error

    def save_record(self, record: dict[str, Any]) -> None:
        write_json(self.record_path, record)

    def answers(self) -> list[Answer]:
        """All answers of finished batches."""
        lines = list(_whole_lines(self.path / "answers.jsonl", Answer))
        rows = Counter(batch_key(answer) for answer in lines)
        return [answer for answer in lines if rows[batch_key(answer)] == answer.batch_rows]

    def drop_torn_answers(self) -> None:
        """Rewrite answers.jsonl without what a kill left half-written."""
        path = self.path / "answers.jsonl"
        if path.exists():
            write_text(path, "".join(answer.model_dump_json() + "\n" for answer in self.answers()))

    def append_answers(self, answers: list[Answer]) -> None:
        append_lines(self.path / "answers.jsonl", answers)

    def latencies(self) -> list[Latency]:
        return list(_whole_lines(self.path / "latency.jsonl", Latency))

    def replace_latencies(self, method: str, lines: list[Latency]) -> None:
        """Put a method's complete series in the place of whatever was there of it."""
        kept = [line for line in self.latencies() if line.method != method]
        text = "".join(line.model_dump_json() + "\n" for line in (*kept, *lines))
        write_text(self.path / "latency.jsonl", text)

    def write_rows(self, name: str, rows: Iterable[dict[str, Any]]) -> None:
        """Write a JSONL file whole."""
        write_text(self.path / name, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Read a JSONL file whole."""
        path = self.path / name
        if not path.exists():
            return []
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
