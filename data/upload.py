"""Take files from elsewhere into a domain: names without paths, sizes within limits, read before they count."""

import re
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import ValidationError

from data import jsonl
from data.documents import MAX_BYTES, SUFFIXES
from data.errors import TriviumError
from data.files import write_bytes
from data.import_source import QUESTION_SUFFIXES, Outcome, import_source
from data.load import TRAINING, question_file
from data.lock import changing_domain
from data.progress import Progress, silent
from data.questions.edit import change_in_table
from data.schema import Question

ACCEPTED = tuple(dict.fromkeys((*SUFFIXES, *QUESTION_SUFFIXES)))
_NAME = re.compile(r"[\w][\w .,()&'-]{0,120}")  # of a folder
_FILE_NAME = re.compile(r"[^./\\\x00-\x1f\x7f][^/\\\x00-\x1f\x7f]{0,250}")  # of an upload: no path, not hidden


def folder_for(root: Path, name: str) -> Path:
    """The folder of a domain of this name directly below `root`.

    Raises:
        TriviumError: the name is no plain folder name.
    """
    if not _NAME.fullmatch(name) or name.endswith((".", " ")):
        raise TriviumError(f"'{name}' is no name for a folder: use letters, digits, spaces and hyphens.")
    return root / name


def take_in(files: Sequence[tuple[str, bytes]], folder: Path, progress: Progress = silent) -> Outcome:
    """Import files by name and content into the domain folder; all that is written lies below it.

    What is not read (a name with path parts, an unknown type, a file too large) is skipped and named in the outcome.

    Raises:
        TriviumError: nothing could be read.
    """
    refused: dict[str, str] = {}
    taken: dict[str, bytes] = {}
    for name, content in files:
        if reason := _why_not(name, content, taken):
            refused[name] = reason
        else:
            taken[name] = content
    if not taken:
        raise TriviumError("; ".join(f"'{name}': {reason}" for name, reason in refused.items()) + ".")
    with tempfile.TemporaryDirectory() as scratch:
        for name, content in taken.items():
            write_bytes(Path(scratch) / name, content)
        try:
            outcome = import_source(Path(scratch), folder, progress)
        except TriviumError as error:
            raise TriviumError(str(error).replace(f"{scratch}/", "").replace(scratch, "the upload")) from error
    outcome.skipped = refused | outcome.skipped
    return outcome


def _why_not(name: str, content: bytes, taken: Iterable[str]) -> str:
    """Why a file is not read; empty where it is."""
    if not _FILE_NAME.fullmatch(name) or len(name.encode("utf-8", "replace")) > 250:
        return "a file's name may hold no path and no control characters; rename it"
    if name.casefold() in map(str.casefold, taken):
        return "two files have this name; rename one of them"
    if Path(name).suffix.lower() not in ACCEPTED:
        return f"this type is not read. Known: {' '.join(ACCEPTED)}"
    if len(content) > MAX_BYTES:
        return f"{len(content) / 2**20:,.0f} MiB; at most {MAX_BYTES / 2**20:.0f} are read"
    return ""


def change_question(folder: Path, identity: str, question: str, answers: Sequence[str]) -> None:
    """Another wording and other accepted answers for one question of the domain, in the file that holds it.

    Raises:
        TriviumError: no file of the domain holds such a question, or the new text is not one.
    """
    text = " ".join(question.split())
    try:
        Question(id=identity, question=question, answers=tuple(answers))
    except ValidationError as error:
        raise TriviumError(f"{identity}: {jsonl.problem(error)}.") from error
    with changing_domain(folder, "ui"):
        for path in (question_file(folder), folder / TRAINING):
            change = change_in_table if path.suffix.lower() == ".csv" else _change_lines
            if path.exists() and change(path, identity, text, answers):
                return
    raise TriviumError(f"{folder}: it has no question '{identity}' that could be changed.")


def _change_lines(path: Path, identity: str, question: str, answers: Sequence[str]) -> bool:
    """Whether the file of JSON lines held the question, which is changed now."""
    rows = jsonl.read_objects(path)
    found = next((row for row in rows if row.get("id") == identity), None)
    if found is not None:
        found |= {"question": question, "answers": list(answers)}
        jsonl.write(path, rows)
    return found is not None
