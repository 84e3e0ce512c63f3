"""Take files from elsewhere into a domain: names without paths, sizes within limits, read before they count."""

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from data import jsonl
from data.documents import MAX_BYTES, SUFFIXES
from data.errors import TriviumError
from data.files import write_bytes
from data.import_source import QUESTION_SUFFIXES, Outcome, import_source
from data.progress import Progress, silent
from data.schema import Question

ACCEPTED = (*SUFFIXES, *QUESTION_SUFFIXES)
_NAME = re.compile(r"[\w][\w .,()&'-]{0,120}")


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

    Raises:
        TriviumError: a name with path parts, a type that is not read, a file too large, or nothing that could be read.
    """
    for name, content in files:
        if not _NAME.fullmatch(name) or ".." in name:
            raise TriviumError(f"'{name}': a file's name may hold no path and no special signs. Rename it.")
        if Path(name).suffix.lower() not in ACCEPTED:
            raise TriviumError(f"'{name}': this type is not read. Known: {' '.join(ACCEPTED)}.")
        if len(content) > MAX_BYTES:
            raise TriviumError(f"'{name}': {len(content) / 2**20:,.0f} MiB; at most {MAX_BYTES / 2**20:.0f} are read.")
    with tempfile.TemporaryDirectory() as scratch:
        for name, content in files:
            write_bytes(Path(scratch) / name, content)
        try:
            return import_source(Path(scratch), folder, progress)
        except TriviumError as error:
            raise TriviumError(str(error).replace(f"{scratch}/", "").replace(scratch, "the upload")) from error


def change_question(folder: Path, identity: str, question: str, answers: Sequence[str]) -> None:
    """Another wording and other accepted answers for one question of questions.jsonl.

    Raises:
        TriviumError: the domain has no such question in that file, or the new text is not one.
    """
    path = folder / "questions.jsonl"
    rows = jsonl.read(path)
    found = [row for row in rows if row["id"] == identity]
    if not found:
        raise TriviumError(f"{path}: there is no question '{identity}' in it to be changed.")
    found[0] |= {"question": question, "answers": list(answers)}
    try:
        Question.model_validate(found[0])
    except ValidationError as error:
        raise TriviumError(f"{identity}: {error.errors()[0]['msg'].removeprefix('Value error, ')}.") from error
    jsonl.write(path, rows)
