"""Answers of a run that works, counted as they come: only what was added since the last look is read."""

from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path

from data import jsonl
from data.files import regular_size
from evaluation.run.folder import ANSWERS
from evaluation.run.records import Answer

SHOWN = 3


@dataclass
class AnswersSoFar:
    """Counts by method, the seconds that they took, and the latest answers.

    Args:
        path: folder of the run.
    """

    path: Path
    counts: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    latest: deque[Answer] = field(default_factory=lambda: deque(maxlen=SHOWN))
    _read: int = 0  # bytes

    def look(self) -> "AnswersSoFar":
        """Read what is new; from the beginning where the file was made again."""
        path = self.path / ANSWERS
        size = regular_size(path) if path.exists() else 0
        if size < self._read:
            self.counts, self.seconds, self._read = Counter(), 0.0, 0
            self.latest.clear()
        if size > self._read:
            with path.open("rb") as file:
                file.seek(self._read)
                content = file.read(size - self._read)
            whole = content[: content.rfind(b"\n") + 1]  # the last line may be half written
            self._read += len(whole)
            for line in jsonl.lines_of(path, whole):
                answer = line.model(Answer)
                self.counts[answer.method] += 1
                self.seconds += answer.retrieval_s + answer.generation_s
                self.latest.append(answer)
        return self
