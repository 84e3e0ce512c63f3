"""The commands besides `run` that write: each with what has to be there before, and what it leaves."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chaos.outcome import of_folder, of_run
from chaos.sandbox import PAPERS, Sandbox

INIT = ["init", "taken", "--documents", PAPERS, "--model", "model", "--facts", "8", "--device", "cpu"]


@dataclass(frozen=True)
class Work:
    """One command.

    Args:
        before: brings a copy of the sandbox to where the command begins.
        look: what there is to compare when it has ended.
        typed: what a person types meanwhile.
    """

    name: str
    arguments: list[str]
    before: Callable[[Sandbox], None]
    look: Callable[[Path], Any]
    typed: str = ""

    def begin(self, sandbox: Sandbox, to: Path) -> Sandbox:
        copy = sandbox.copy(to)
        self.before(copy)
        if self.typed:
            (copy.root / ".typed").write_text(self.typed, encoding="utf-8")
        return copy

    def stdin(self, sandbox: Sandbox) -> Path | None:
        return sandbox.root / ".typed" if self.typed else None

    def found(self, sandbox: Sandbox) -> Any:
        """Raises OSError, ValueError, KeyError: something is missing or not what it should be."""
        return self.look(sandbox.root)


def _nothing(sandbox: Sandbox) -> None:
    """All is there."""


def _do(*commands: list[str]) -> Callable[[Sandbox], None]:
    def before(sandbox: Sandbox) -> None:
        for command in commands:
            done = sandbox.trivium(*command)
            if done.code:
                raise RuntimeError(f"trivium {' '.join(command)} failed undisturbed: {done.err[-800:]}")

    return before


def _damage(sandbox: Sandbox) -> None:
    """Of an answer in the middle of the run, and of the passages."""
    for name, share in (("answers.jsonl", 0.5), ("chunks.jsonl", 0.3)):
        path = sandbox.root / "run" / name
        content = bytearray(path.read_bytes())
        content[int(len(content) * share)] ^= 4
        path.write_bytes(bytes(content))
    shutil.rmtree(sandbox.root / "run" / "adapters")


def _run(root: Path) -> Any:
    return of_run(root / "run")


def _labelled(root: Path) -> Any:
    """The decisions, and what became of the grades."""
    lines = (root / "run" / "labels.jsonl").read_text(encoding="utf-8").split("\n")[:-1]
    rows = [[row[field] for field in ("question_id", "answer", "correct")] for row in map(json.loads, lines)]
    return sorted(rows), of_run(root / "run")


def _taken(root: Path) -> Any:
    """A domain, but for the seconds that writing a draft took."""
    found: dict[str, Any] = dict(of_folder(root / "taken"))
    for path in (root / "taken").glob("*.jsonl"):
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]
        for row in rows:
            row.get("meta", {}).pop("writing_s", None)
        found[path.name] = rows
    return found


WORKS = (
    Work("score", ["score", "run"], _nothing, _run),
    Work("report to a file", ["report", "run", "--format", "html", "--out", "page.html"], _nothing,
         lambda root: (root / "page.html").read_text(encoding="utf-8")),
    Work("import", ["import", "domain/documents", "taken"], _nothing, _taken),
    Work("init", INIT, _nothing, _taken),
    Work("review of drafts", ["review", "taken"], _do(INIT), _taken, "a\n" * 99),
    Work("review of answers", ["review", "run", "--sample", "6"], _nothing, _labelled, "y\n" * 99),
    Work("resume of a damaged run", ["resume", "run"], _damage, _run),
)  # fmt: skip
