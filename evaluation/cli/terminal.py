"""The terminal that all commands write to and read from, and the options that several of them share."""

import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from data.errors import TriviumError
from evaluation.printable import PrintableConsole, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.table import Table


def _open_what_is_closed() -> None:
    """A command without output or input (`>&-`, some schedulers) writes to nowhere and reads the end of the input."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, os.fdopen(descriptor, "r" if name == "stdin" else "a", encoding="utf-8"))


_open_what_is_closed()
console = PrintableConsole(width=None if sys.stdout.isatty() else 140)  # a pipe has no width of its own
LISTED = 12  # skipped files, notes or answers that are listed one by one

DomainFolder = Annotated[Path, typer.Argument(help="Folder with documents/ and questions.jsonl or questions.csv.")]
RunPath = Annotated[Path, typer.Argument(help="Folder of a run, below runs/.")]
Device = Annotated[str, typer.Option(help="cpu, cuda or mps (untested) [default: cuda if there is one].")]
BaseUrl = Annotated[
    str | None,
    typer.Option(help="Of openai:NAME: the server's address, ending in /v1 [default: TRIVIUM_BASE_URL or OpenAI's]."),
]
Model = Annotated[str, typer.Option(help="Embedded name, hub id, or local folder.")]


def show_table(table: "Table", titled: bool = True) -> None:
    """Print a table, with its title and note above it."""
    from evaluation.table import terminal

    if titled:
        say(f"{table.title}. {table.note}" if table.note else table.title)
    console.print(terminal(table))


def say(text: str, style: str | None = None) -> None:
    """Print text as it is: no markup, no wrapping."""
    console.print(text, markup=False, highlight=False, soft_wrap=True, style=style)


def echo(text: str) -> None:
    """Print text for another program, as it is but for control characters."""
    sys.stdout.write(printable(text).rstrip("\n") + "\n")


def never_fail_to_print() -> None:
    """Characters that the terminal or the pipe has not are written out, and what is typed in another encoding is taken
    for odd characters, instead of ending the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")


def ask_person(prompt: str) -> str:
    """What is typed; the end of the input means quit. Brackets in the prompt are not markup."""
    try:
        return console.input(prompt, markup=False)
    except EOFError:
        return "q"


def refuse_to_lose(out: Path, *read: Path) -> None:
    """Raise an error where writing `out` would replace a file that the command reads, or one of any run."""
    from evaluation.run.folder import RECORD

    if not out.exists():
        return
    if any(path.exists() and out.samefile(path) for path in read):
        raise TriviumError(f"{out}: it is read by this command, and would be lost. Give --out another name.")
    if any((folder / RECORD).exists() for folder in out.resolve().parents):
        raise TriviumError(f"{out}: a file of a run, which would be lost. Give --out another name.")


def list_some(title: str, lines: "Sequence[str]") -> None:
    """A title and the first lines below it; nothing where there is none."""
    if not lines:
        return
    say(f"{title}:")
    for line in lines[:LISTED]:
        say(f"  {line}")
    if len(lines) > LISTED:
        say(f"  … and {len(lines) - LISTED} more")
