"""Take documents of any kind into a domain as plain text; what cannot be read is skipped by name, with the reason."""

import json
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer

from data.documents import SUFFIXES, read_text
from data.errors import TriviumError
from data.files import Together
from data.progress import Progress

SECONDS = 120  # for one file
MEMORY = 4 * 2**30  # bytes of address space for the process that reads


@dataclass
class Imported:
    """What was taken in (ids in the domain) and what was not (path: reason)."""

    documents: list[str] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)


def _read(path: Path) -> tuple[str, str]:
    """(text, "") or ("", reason)."""
    try:
        return read_text(path), ""
    except (ValueError, OSError) as error:
        return "", str(error)
    except MemoryError:
        return "", "reading it takes too much memory"
    except Exception as error:  # whatever else a broken file makes a reader do is that file's fault
        return "", f"its reader failed ({type(error).__name__}: {error})"


def _serve() -> None:
    """Read the files named on standard input, one a line, and write what came of it, one JSON line each."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    answers, sys.stdout = sys.stdout, sys.stderr  # what a reader prints is no answer
    for line in sys.stdin:
        answers.write(json.dumps(_read(Path(json.loads(line)))) + "\n")
        answers.flush()


class Reader:
    """Reads files in a process of its own, which a hostile file may exhaust or crash. Use as a context manager."""

    def __enter__(self) -> "Reader":
        self._process: subprocess.Popen[str] | None = None
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def _stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def read(self, path: Path) -> tuple[str, str]:
        """Text and "", or "" and the reason why there is none."""
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "data.import_documents"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8",
            )  # fmt: skip
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        started, timer = time.monotonic(), Timer(SECONDS, process.kill)
        timer.start()
        try:
            process.stdin.write(json.dumps(str(path.resolve())) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            timer.cancel()
        if not line:
            self._stop()
            late = time.monotonic() - started >= SECONDS
            return "", f"reading it took more than {SECONDS} seconds" if late else "its reader crashed"
        text, reason = json.loads(line)
        return text, reason


def file_name(text: str) -> str:
    """A name that is safe as a file's on every system.

    >>> file_name("../Ring of Silence: a history?")
    'Ring_of_Silence_a_history'
    """
    return re.sub(r"[^\w.-]+", "_", text).strip("._")[:120] or "document"


def write_document(files: Together, folder: Path, name: str, text: str) -> None:
    """Write a document of a domain among other files; a different one of that name is never overwritten.

    Raises:
        TriviumError: the name is taken by another text.
    """
    path = folder / name
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    if path.exists() or path in files:
        raise TriviumError(f"{path}: another document of this name is there already. Import into a new folder.")
    files.write_text(path, text)


def _candidates(source: Path) -> Iterator[Path]:
    """The file itself, or all files below a folder; links to folders are not followed."""
    found = [source] if source.is_file() else sorted(source.rglob("*"))
    yield from (p for p in found if (p.is_file() or p.is_symlink()) and not p.name.startswith("."))


def import_documents(source: Path, folder: Path, progress: Progress, together: Together) -> Imported:
    """Read every document below `source` and write it as text below `folder` (a domain's documents/), with others."""
    result, files = Imported(), list(_candidates(source))
    base = source if source.is_dir() else source.parent
    with Reader() as reader:
        for done, path in enumerate(files, 1):
            name = path.relative_to(base).as_posix()
            progress("reading documents", done, len(files))
            if not path.resolve().is_relative_to(base.resolve()):
                result.skipped[name] = "it is a link out of the folder"
            elif not path.is_file():
                result.skipped[name] = "it is no file"
            elif path.suffix.lower() not in SUFFIXES:
                result.skipped[name] = f"not a kind of document that is read ({', '.join(SUFFIXES)})"
            else:
                text, reason = reader.read(path)
                if reason:
                    result.skipped[name] = reason
                    continue
                kept = name if path.suffix.lower() in (".md", ".txt") else f"{name}.md"
                target = "/".join(file_name(part) for part in kept.split("/"))
                write_document(together, folder, target, text + "\n")
                result.documents.append(target)
    return result


if __name__ == "__main__":
    _serve()
