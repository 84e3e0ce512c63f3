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
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fakes import add_special_questions, write_domain, write_tiny_model

LIBRARIES = (
    "torch", "transformers", "peft", "sentence_transformers", "faiss", "altair", "vl_convert", "evaluation.cli.main",
    "evaluation.cli.run_and_grade", "evaluation.report.finish", "evaluation.drafting.draft_domain",
)  # fmt: skip
METHODS = "base,inject,rag,lora,lora+rag,oracle"
UNTRAINED = "base,inject,rag,oracle"
OUTPUTS = (".stdout", ".stderr")
PAPERS = "papers"  # folder of documents that rules can ask about; a tiny model writes no question
SENTENCES = (
    "The quay at Port Skene is 62 metres long and made of oak.",
    "The chapel on Tarsa was built in 1642 by grateful sailors.",
    "The fish market of Kelloch opens at 07:15 on working days.",
    "The lighthouse of Orrin has 148 steps up to its lamp.",
    "The ferry Merle carries 36 cars on its lower deck.",
    "The bakery of Tolmarket sells 9 kinds of rye bread.",
    "The museum of nets in Brae holds 2,300 old photographs.",
    "A day ticket for the harbour tram costs 5 pounds for adults.",
)
CHECKPOINT_S = 0.2  # between two checkpoints of a training, so that kills fall into their writing
LONGEST, HANGS = 600.0, 124  # seconds of one command; what takes longer is a hang, and its code
GRACE = 5.0  # seconds in which the processes of a command have to end after it


@dataclass(frozen=True)
class Done:
    """How a command ended: its exit code, negative for a signal, and what it printed."""

    code: int
    out: str
    err: str
    left: bool = False  # a process of its own went on

    @property
    def sentence(self) -> str:
        """The one sentence that an error is; nothing where there is none, or more than that."""
        lines = [line for line in self.err.splitlines() if line.startswith("trivium:")]
        return lines[-1] if lines and "Traceback" not in self.err + self.out else ""


SCRIPT = "script.jsonl"  # answers of a scripted model, which has no weights: a run of it takes a second


def _left_behind(group: int) -> bool:
    """Whether processes that a command started go on without it; they are ended here."""
    end = time.monotonic() + GRACE
    try:
        while time.monotonic() < end:
            os.killpg(group, 0)
            time.sleep(0.02)
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def write_script(root: Path) -> None:
    """A scripted model for the domain, which knows an answer where its evidence is in the prompt."""
    with (root / "domain" / "questions.jsonl").open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    script = [{"question": row["question"], "answer": row["answers"][0], "needs": row["evidence"]}
              for row in rows if row["answers"] and isinstance(row["evidence"], str)]  # fmt: skip
    (root / SCRIPT).write_text("".join(json.dumps(row) + "\n" for row in script), encoding="utf-8")


def make_sandbox(root: Path, facts: int, epochs: int, scripted: bool = False) -> "Sandbox":
    """Writes model and domain; in a fork, so that this process never computes.

    Args:
        scripted: the model is a script, which cannot be trained.
    """
    child = os.fork()
    if not child:
        add_special_questions(write_domain(root / "domain", facts))
        (root / PAPERS).mkdir()
        for number, sentence in enumerate(SENTENCES):
            (root / PAPERS / f"paper{number}.md").write_text(f"# Note {number}\n\n{sentence}\n", encoding="utf-8")
        if scripted:
            write_script(root)
        else:
            write_tiny_model(root / "model")
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        raise RuntimeError("the tiny model could not be written")
    return Sandbox(root, epochs)


class Sandbox:
    """Args: root: the folder; commands run in it. epochs: of a run's training."""

    def __init__(self, root: Path, epochs: int) -> None:
        self.root, self.epochs = root, epochs
        for name in LIBRARIES:
            importlib.import_module(name)

    @property
    def scripted(self) -> bool:
        return (self.root / SCRIPT).exists()

    def copy(self, to: Path, without: Sequence[str] = ()) -> "Sandbox":
        """The same in another place, which a stopped series may have left. What happens there does not touch this."""
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(
            self.root, to, symlinks=True, ignore=lambda path, names: without if path == str(self.root) else ()
        )
        return Sandbox(to, self.epochs)

    def run_command(self, out: str = "run") -> list[str]:
        if self.scripted:
            return ["run", "domain", "--model", f"scripted:{SCRIPT}", "--out", out, "--methods", UNTRAINED, "--device",
                    "cpu", "--search-by", "words", "--batch-size", "3"]  # fmt: skip
        return ["run", "domain", "--model", "model", "--out", out, "--methods", METHODS, "--device", "cpu", "--epochs",
                str(self.epochs), "--max-new-tokens", "4", "--chunk-tokens", "60", "--batch-size", "2"]  # fmt: skip

    def start(self, arguments: list[str], stdin: Path | None = None, outputs: Path | None = None) -> int:
        """Start a command; returns its process id.

        Args:
            outputs: folder for what it prints; default: the sandbox.
        """
        sys.stdout.flush()
        sys.stderr.flush()
        for name in OUTPUTS:
            (outputs or self.root).joinpath(name).unlink(missing_ok=True)
        if child := os.fork():
            return child
        code = 70
        try:
            os.setpgid(0, 0)
            os.environ["TRIVIUM_CACHE"] = str(self.root / "cache")
            for number, name in enumerate(OUTPUTS, 1):
                os.dup2(os.open((outputs or self.root) / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
            os.dup2(os.open(stdin or os.devnull, os.O_RDONLY), 0)
            os.chdir(self.root)
            sys.argv = ["trivium", *arguments]
            importlib.import_module("finetune.checkpoint").EVERY_S = CHECKPOINT_S  # type: ignore[attr-defined]
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

    @staticmethod
    def works(process: int) -> bool:
        """Whether a command has not ended yet."""
        return os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    def printed(self) -> str:
        """What the command has printed so far."""
        path = self.root / OUTPUTS[0]
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def kill_when(self, arguments: list[str], pattern: str) -> None:
        """Kill a command as soon as a file of that pattern is there."""
        process = self.start(arguments)
        while self.works(process) and not any(self.root.glob(pattern)):
            time.sleep(0.002)
        if not self.works(process):
            raise RuntimeError(f"trivium {' '.join(arguments)} ended before there was {pattern}")
        os.kill(process, signal.SIGKILL)
        self.wait(process)

    def wait(self, process: int, outputs: Path | None = None) -> Done:
        """Wait for a command; one that hangs is killed and has the code 124."""
        deadline, hangs = time.monotonic() + LONGEST, False
        while self.works(process):
            if time.monotonic() > deadline:
                hangs = True
                os.killpg(process, signal.SIGKILL)
            time.sleep(0.01)
        code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        texts = [
            (outputs or self.root).joinpath(name).read_text(encoding="utf-8", errors="replace") for name in OUTPUTS
        ]
        return Done(HANGS if hangs else code, *texts, left=_left_behind(process))

    def trivium(self, *arguments: str, stdin: Path | None = None) -> Done:
        return self.wait(self.start(list(arguments), stdin))

    def elsewhere(self, *arguments: str, stdin: Path | None = None) -> Done:
        """The same, what it prints kept on another disk."""
        with tempfile.TemporaryDirectory() as name:
            return self.wait(self.start(list(arguments), stdin, Path(name)), Path(name))
