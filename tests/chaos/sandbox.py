"""A folder with a tiny model, a domain and a cache, and the `trivium` command in it, started so that it can be killed.

The libraries are imported once and each command is a fork of this process: a kill falls into the command's own work,
not into seconds of imports. This process itself never computes, so no threads are lost in a fork.
"""

import importlib
import json
import os
import shutil
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from fakes import add_special_questions, write_domain, write_tiny_model

LIBRARIES = ("torch", "transformers", "peft", "sentence_transformers", "faiss", "pandas", "evaluation.cli.main")
METHODS = "base,inject,rag,lora,lora+rag,oracle"
UNTRAINED = "base,inject,rag,oracle"
LONGEST = 600.0  # seconds of one command; what takes longer is a hang


@dataclass(frozen=True)
class Done:
    """How a command ended: its exit code, negative for a signal, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The one sentence that an error is; nothing where there is none, or more than that."""
        lines = [line for line in self.err.splitlines() if line.startswith("trivium:")]
        return lines[-1] if lines and "Traceback" not in self.err + self.out else ""


SCRIPT = "script.jsonl"  # answers of a scripted model, which has no weights: a run of it takes a second


def write_script(root: Path) -> None:
    """A scripted model for the domain, which knows an answer where its evidence is in the prompt."""
    with (root / "domain" / "questions.jsonl").open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    script = [{"question": row["question"], "answer": row["answers"][0], "needs": row["evidence"]}
              for row in rows if row["answers"] and isinstance(row["evidence"], str)]  # fmt: skip
    (root / SCRIPT).write_text("".join(json.dumps(row) + "\n" for row in script), encoding="utf-8")


def make_sandbox(root: Path, facts: int, scripted: bool = False) -> "Sandbox":
    """Writes model and domain; in a fork, so that this process never computes.

    Args:
        scripted: the model is a script, which cannot be trained.
    """
    child = os.fork()
    if not child:
        add_special_questions(write_domain(root / "domain", facts))
        if scripted:
            write_script(root)
        else:
            write_tiny_model(root / "model")
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        raise RuntimeError("the tiny model could not be written")
    return Sandbox(root)


class Sandbox:
    """Args: root: the folder; commands run in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in LIBRARIES:
            importlib.import_module(name)

    def copy(self, to: Path) -> "Sandbox":
        """The same in another place. The old one is not touched by what happens there."""
        shutil.copytree(self.root, to, symlinks=True)
        return Sandbox(to)

    def run_command(self, epochs: int, out: str = "run") -> list[str]:
        if (self.root / SCRIPT).exists():
            return ["run", "domain", "--model", f"scripted:{SCRIPT}", "--out", out, "--methods", UNTRAINED, "--device",
                    "cpu", "--search-by", "words", "--batch-size", "3"]  # fmt: skip
        return ["run", "domain", "--model", "model", "--out", out, "--methods", METHODS, "--device", "cpu", "--epochs",
                str(epochs), "--max-new-tokens", "4", "--chunk-tokens", "60", "--batch-size", "2"]  # fmt: skip

    def start(self, arguments: list[str], stdin: Path | None = None) -> int:
        """Start a command; returns its process id."""
        sys.stdout.flush()
        sys.stderr.flush()
        if child := os.fork():
            return child
        code = 70
        try:
            os.setpgid(0, 0)
            os.chdir(self.root)
            os.environ["TRIVIUM_CACHE"] = str(self.root / "cache")
            for number, name in ((1, ".stdout"), (2, ".stderr")):
                os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
            os.dup2(os.open(stdin or os.devnull, os.O_RDONLY), 0)
            sys.argv = ["trivium", *arguments]
            code = self._main()
        finally:
            os._exit(code)

    @staticmethod
    def _main() -> int:
        from evaluation.cli.main import main

        try:
            main()
        except SystemExit as end:
            return end.code if isinstance(end.code, int) else 1
        except BaseException:
            import traceback

            traceback.print_exc()
            return 1
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
        return 0

    def wait(self, process: int) -> Done:
        """Wait for a command; one that hangs is killed and has the code -9."""
        deadline = time.monotonic() + LONGEST
        while True:
            found, status = os.waitpid(process, os.WNOHANG)
            if found:
                break
            if time.monotonic() > deadline:
                os.killpg(process, signal.SIGKILL)
            time.sleep(0.01)
        code = os.waitstatus_to_exitcode(status)
        texts = [(self.root / name).read_text(encoding="utf-8", errors="replace") for name in (".stdout", ".stderr")]
        return Done(code, *texts)

    def trivium(self, *arguments: str, stdin: Path | None = None) -> Done:
        return self.wait(self.start(list(arguments), stdin))
