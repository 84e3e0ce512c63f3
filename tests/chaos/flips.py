"""One flipped bit at a random place of a random file: the results stay as they are, or a sentence names the damage."""

import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

from chaos.outcome import of_results, of_run
from chaos.sandbox import Sandbox

Flip = tuple[str, str, str]  # file, command, what came of it
COMMANDS = (["resume", "run"], ["score", "run"], ["report", "run", "--format", "json"], ["compare", "run", "run"])


def _files(folder: Path) -> list[Path]:
    """Files with content; locks hold nothing that anybody reads back."""
    return sorted(
        p
        for p in folder.rglob("*")
        if p.is_file() and p.stat().st_size and not p.name.startswith(".") and p.suffix != ".lock"
    )


def flip(path: Path, random_: random.Random) -> int:
    """Turn one bit of a file; returns the place of its byte."""
    content = bytearray(path.read_bytes())
    place = random_.randrange(len(content))
    content[place] ^= 1 << random_.randrange(8)
    path.write_bytes(bytes(content))
    return place


def flip_series(sandbox: Sandbox, epochs: int, flips: int, random_: random.Random, scratch: Path) -> Iterator[Flip]:
    """Flips in the files of a finished run (three of four) and in the cache.

    Args:
        sandbox: with a finished, undisturbed run in `run`, which is left as it is.
        scratch: an empty folder.
    """
    expected = of_run(sandbox.root / "run")
    for number in range(flips):
        damaged = sandbox.copy(scratch / f"flip-{number}")
        in_cache = number % 4 == 3 and _files(damaged.root / "cache")
        path = random_.choice(_files(damaged.root / ("cache" if in_cache else "run")))
        place = flip(path, random_)
        name = f"{path.relative_to(damaged.root)}, byte {place:,}"
        if in_cache:
            command = damaged.run_command(epochs, out="again")
            yield name, "run", _verdict(damaged, command, path, expected, "again")
        else:
            command = random_.choice(COMMANDS)
            yield name, command[0], _verdict(damaged, command, path, expected, "run")
        shutil.rmtree(damaged.root)


def _verdict(sandbox: Sandbox, command: list[str], path: Path, expected: dict[str, object], run: str) -> str:
    """What a command makes of the damage; where it names it, `resume` has to mend it or to name it as well."""
    done = sandbox.trivium(*command)
    if done.code == 0:
        try:
            printed = of_results(json.loads(done.out)) if command[0] == "report" else of_run(sandbox.root / run)
            same = printed == {key: expected[key] for key in printed}
        except (OSError, ValueError, KeyError) as error:
            return f"OTHER results: {type(error).__name__}: {error}"
        return "same" if same else "OTHER results"
    if not done.sentence or path.name not in done.sentence:
        return f"UNCLEAR, code {done.code}: {(done.err or done.out)[-300:]}"
    again = sandbox.trivium("resume", run)
    if again.code == 0:
        try:
            return "named, mended" if of_run(sandbox.root / run) == expected else "OTHER results after resume"
        except (OSError, ValueError, KeyError) as error:
            return f"OTHER results after resume: {type(error).__name__}: {error}"
    return "named" if again.sentence else f"UNCLEAR after resume, code {again.code}: {again.err[-300:]}"
