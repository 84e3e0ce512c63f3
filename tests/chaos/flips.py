"""One flipped bit at a random place of a file: the results stay as they are, or a sentence names the damage."""

import shutil
from functools import cached_property
from pathlib import Path
from random import Random

from chaos.outcome import of_run
from chaos.rows import MENDED, NAMED, SAME, Row
from chaos.sandbox import Sandbox

READING = (
    ["report", "run", "--format", "json"],
    ["report", "run", "--format", "md"],
    ["compare", "run", "run"],
    ["gate", "run", "--require", "base.accuracy=0"],
    ["cost", "run"],
    ["ask", "Which animal is on the flag of Harbour1?", "--run", "run", "--probabilities"],
)
WRITING = (["resume", "run"], ["score", "run"])


def flip(path: Path, random: Random) -> int:
    """Turn one bit of a file; returns the place of its byte."""
    content = bytearray(path.read_bytes())
    place = random.randrange(len(content))
    content[place] ^= 1 << random.randrange(8)
    path.write_bytes(bytes(content))
    return place


def _files(folder: Path) -> list[Path]:
    """Files with content; locks hold nothing that anybody reads back."""
    return sorted(
        p
        for p in folder.rglob("*")
        if p.is_file() and p.stat().st_size and not p.name.startswith(".") and p.suffix != ".lock"
    )


class Flips:
    """Flips in each file of a finished run and of its cache, and of a run that was stopped, in turns.

    Args:
        sandbox: with a finished, undisturbed run in `run`, which is left as it is.
    """

    name = "flip"

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.expected = of_run(sandbox.root / "run")
        self.printed: dict[str, str] = {}

    @cached_property
    def stopped(self) -> Sandbox:
        """Killed in the middle: of its training, where it has one, with what was saved of that in the cache."""
        path = self.sandbox.root.with_name("stopped")
        if not (path / "halted").exists():
            shutil.rmtree(path, ignore_errors=True)
            new = self.sandbox.copy(path, without=("run", "cache"))
            new.kill_when(new.run_command(), "run/answers.jsonl" if new.scripted else "cache/adapters/*.partial/*")
            (path / "halted").touch()
        return Sandbox(path, self.sandbox.epochs)

    @cached_property
    def places(self) -> list[tuple[Sandbox, str, Path]]:
        """Every file that can be damaged: of which run, the name of that state, relative path."""
        found = []
        for sandbox, state in ((self.sandbox, "finished"), (self.stopped, "stopped")):
            for part in ("run", "cache"):
                found += [(sandbox, state, path.relative_to(sandbox.root)) for path in _files(sandbox.root / part)]
        return found

    def disturb(self, number: int, random: Random, scratch: Path) -> list[Row]:
        sandbox, state, place = self.places[number * 7 % len(self.places)]  # 7: neighbours are not alike
        damaged = sandbox.copy(scratch / "damaged")
        byte = flip(damaged.root / place, random)
        if state == "stopped":
            command = ["resume", "run"]
        elif place.parts[0] == "cache":
            command = damaged.run_command(out="again")
        else:
            command = random.choice((*READING, *WRITING, *WRITING))
            if command[0] == "ask" and damaged.scripted:
                command = WRITING[0]
        outcome = self._verdict(damaged, command, place.name)
        shutil.rmtree(damaged.root)
        name = "/".join((place.parts[0], *place.parts[1:][-1:]) if len(place.parts) > 2 else place.parts)
        shown = " ".join(command[: 1 if command[0] in ("run", "ask") else None])
        return [Row(self.name, number, f"{name}, {state} run", f"byte {byte:,}, {shown}", outcome)]

    def _verdict(self, damaged: Sandbox, command: list[str], file: str) -> str:
        """What a command makes of the damage; where it names it, `resume` has to mend it or to name it as well."""
        done = damaged.trivium(*command)
        if done.code == 0 and command in READING:
            return (
                SAME if done.out == self._undisturbed(command) else f"OTHER output of {command[0]}: {done.out[-300:]}"
            )
        if done.code == 0:
            return self._results(damaged, "again" if "again" in command else "run")
        if not done.sentence or file not in done.sentence:
            return f"UNCLEAR, code {done.code}: {(done.err or done.out)[-500:]}"
        again = damaged.trivium("resume", "run")
        if again.code == 0:
            result = self._results(damaged, "run")
            return MENDED if result == SAME else f"after resume: {result}"
        return NAMED if again.sentence else f"UNCLEAR after resume, code {again.code}: {again.err[-500:]}"

    def _undisturbed(self, command: list[str]) -> str:
        key = " ".join(command)
        if key not in self.printed:
            done = self.sandbox.trivium(*command)
            if done.code:
                raise RuntimeError(f"trivium {key} failed undisturbed: {done.err[-800:]}")
            self.printed[key] = done.out
        return self.printed[key]

    def _results(self, damaged: Sandbox, run: str) -> str:
        try:
            return SAME if of_run(damaged.root / run) == self.expected else "OTHER results"
        except (OSError, ValueError, KeyError) as error:
            return f"OTHER results: {type(error).__name__}: {error}"
