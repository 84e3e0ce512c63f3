"""What checksums and whole batches cost: answers written as a run does and read back, against plain JSON lines."""

import os
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any, Protocol

from evaluation.run.folder import RunFolder
from evaluation.run.records import Answer, UsedContext

COUNT, BATCH, ROUNDS = 10_000, 64, 9


class Side(Protocol):
    def append_answers(self, answers: list[Answer]) -> None: ...
    def answers(self) -> list[Answer]: ...


class Plain:
    """JSON lines that nothing protects, each batch on the disk before the next."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append_answers(self, answers: list[Answer]) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write("".join(answer.model_dump_json() + "\n" for answer in answers))
            file.flush()
            os.fsync(file.fileno())

    def answers(self) -> list[Answer]:
        return [Answer.model_validate_json(line) for line in self.path.read_text(encoding="utf-8").splitlines()]


def _answers(count: int) -> list[Answer]:
    """As rag gives them: a short answer, two passages."""
    contexts = tuple(UsedContext(document_id=f"d{n}.md", chunk_id=f"d{n}.md#0", score=0.71 - n / 10) for n in range(2))
    return [
        Answer(
            method="rag", question_id=f"q{n}", seed=0, phase="main", batch=n // BATCH,
            batch_rows=min(BATCH, count - n // BATCH * BATCH), answer=f"At pier {n}, after the tide has turned.",
            finish_reason="stop", prompt_sha256=f"{n:064x}", prompt_tokens=400 + n % 90, cached_tokens=60,
            completion_tokens=9, retrieval_s=0.0012 + n / 1e8, generation_s=0.31 + n / 1e7, contexts=contexts,
        )
        for n in range(count)
    ]  # fmt: skip


def _seconds(answers: list[Answer], side: Side) -> tuple[float, float]:
    """Of writing and of reading back."""
    started = time.perf_counter()
    for at in range(0, len(answers), BATCH):
        side.append_answers(answers[at : at + BATCH])
    written = time.perf_counter()
    back = side.answers()
    ended = time.perf_counter()
    assert back == answers, "what is read back is what was written"
    return written - started, ended - written


def measure(count: int = COUNT, rounds: int = ROUNDS) -> dict[str, Any]:
    """How many times as long as plain lines: medians over rounds, the two sides in turns."""
    answers = _answers(count)
    ours, plain = [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as name:
            ours.append(_seconds(answers, RunFolder(Path(name))))
            plain.append(_seconds(answers, Plain(Path(name) / "plain.jsonl")))
    written, read = (median(o[part] for o in ours) / median(p[part] for p in plain) for part in (0, 1))
    both = median(map(sum, ours)) / median(map(sum, plain))
    return {"answers": count, "rounds": rounds, "written": written, "read": read, "both": both}
