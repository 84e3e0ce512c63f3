"""A folder of a run pushed to object storage and pulled from it: whole, or not there.

The files lie there below a name that is a digest of all of them; the list of them, with sizes and digests, is written
last and only where there is none. So a push that is killed leaves nothing that could be taken for a run, and two pushes
to one address never mix.
"""

import json
import os
from contextlib import suppress
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from data.cache_entry import sha256_of
from data.errors import TriviumError
from data.files import encoded, replacing, whole_folder
from data.lock import Holder, myself, working_in
from data.progress import Progress
from data.storage import Place

LIST, RUN = "pushed.json", "run.json"
_LARGEST = 2**26  # bytes of the list
_LONGEST = 1000  # characters of a file's name
_MIB = 2**20
_ODD = set('\\:*?"<>|')  # in names: other meanings on some systems


class PushedFile(BaseModel):
    """A file of the run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bytes: int = Field(ge=0)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class Pushed(BaseModel):
    """What lies at an address: the files of one run, and who brought them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = Field(1, ge=1, le=1)
    files: dict[str, PushedFile]
    by: dict[str, Any]

    @property
    def digest(self) -> str:
        """Of all files; the folder at the address in which they lie."""
        content = json.dumps({name: file.model_dump() for name, file in self.files.items()}, sort_keys=True)
        return sha256(content.encode()).hexdigest()

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.bytes for file in self.files.values())

    def __str__(self) -> str:
        with suppress(TypeError, ValueError):
            holder = Holder(**self.by)
            if f"{holder.host}{holder.since}{holder.command}".isprintable():
                return f"{holder}, on {holder.since[:10]}"
        return "another process"


def push(folder: Path, url: str, progress: Progress) -> Pushed:
    """Copy the folder of a run to an address where nothing lies, or the very same files.

    Raises:
        TriviumError: another run lies there or came there first, the run is worked on, or the storage fails.
    """
    place = Place(url)
    with working_in(folder, f"push {folder} {place.url}"):
        files = {name: PushedFile(bytes=path.stat().st_size, sha256=sha256_of(path))
                 for name, path in _files(folder).items()}  # fmt: skip
        ours = Pushed(files=files, by=asdict(myself(f"push {folder}")))
        if there := _listed(place):
            _same(there, ours, place)  # the files are sent again all the same: one of them may be gone
        told = _Told(progress, "sending, MiB", ours.size)
        for name, file in files.items():
            if place.send(folder / name, f"{ours.digest}/{name}", told) != file.sha256:
                raise TriviumError(f"{folder / name}: it changed while it was sent. Push the run again.")
        if not place.create(LIST, encoded(ours.model_dump_json(indent=1))):
            return _same(_listed(place), ours, place)
    return ours


def _files(folder: Path) -> dict[str, Path]:
    """Files of a run by their names; what is hidden belongs to a process at work and stays.

    Raises:
        TriviumError: it is no run, or one of them is a link, which may lead anywhere.
    """
    if not (folder / RUN).is_file():
        raise TriviumError(f"{folder}: no run here (there is no {RUN}). Give the folder of a run.")
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if any(part.startswith(".") for part in name.split("/")):
            continue
        if path.is_symlink():
            raise TriviumError(f"{path}: a link; only files of the run itself are pushed. Put the file there.")
        if not path.is_dir():
            if not _is_inside(name):
                raise TriviumError(f"{path}: not a name that every system can have. Rename it.")
            found[name] = path
    return found


def _is_inside(name: str) -> bool:
    """Whether a name stays below the folder that it is put into, on every system."""
    parts = name.split("/")
    plain = all(part and not part.startswith(".") and part.isprintable() and not _ODD & set(part) for part in parts)
    return plain and len(name) <= _LONGEST


def _listed(place: Place) -> Pushed | None:
    """The list at an address; None where none is.

    Raises:
        TriviumError: it is damaged, or names what is not in a run's folder.
    """
    content = place.read(LIST, _LARGEST)
    if content is None:
        return None
    try:
        there = Pushed.model_validate_json(content)
    except ValidationError:
        raise TriviumError(
            f"{place.url}/{LIST}: damaged, or of another version. Push the run to another address."
        ) from None
    outside = [name for name in there.files if not _is_inside(name)]
    if outside or RUN not in there.files or len({name.casefold() for name in there.files}) < len(there.files):
        raise TriviumError(f"{place.url}/{LIST}: it names files that no run has. Pull only what you trust.")
    return there


def _same(there: Pushed | None, ours: Pushed, place: Place) -> Pushed:
    """What lies there, where it is what is pushed; else nothing of this push stays."""
    if there and there.digest == ours.digest:
        return there
    place.remove(ours.digest)
    raise TriviumError(
        f"{place.url}: another run lies there, or another state of this one, brought by {there or 'another process'}. "
        "Push to another address."
    )


def pull(url: str, out: Path, progress: Progress) -> Pushed:
    """Copy a pushed run into a new or empty folder, which is there with every file or not at all.

    Raises:
        TriviumError: nothing was pushed there, a file is gone or not what was pushed, or something lies in `out`.
    """
    _refuse_used(out)
    place = Place(url)
    there = _listed(place)
    if there is None:
        raise TriviumError(
            f"{place.url}: no run lies there, or its push has not ended. `trivium push RUN {place.url}`."
        )
    told = _Told(progress, "fetching, MiB", there.size)
    with whole_folder(out) as scratch:
        for name, file in there.files.items():
            (scratch / name).parent.mkdir(parents=True, exist_ok=True)
            with replacing(scratch / name) as target:
                came = place.fetch(f"{there.digest}/{name}", target, file.bytes, told)
            if came != file.sha256:
                raise TriviumError(
                    f"{place.url}/{there.digest}/{name}: not what was pushed. Push the run again to another address."
                )
        _refuse_used(out)
    return there


def _refuse_used(out: Path) -> None:
    if os.path.lexists(out) and (out.is_symlink() or not out.is_dir() or any(out.iterdir())):
        raise TriviumError(f"{out}: something is there already. Name a folder that is new or empty.")


class _Told:
    """Adds up bytes and reports them."""

    def __init__(self, progress: Progress, step: str, total: int) -> None:
        self._progress, self._step, self._total, self._done = progress, step, total, 0

    def __call__(self, more: int) -> None:
        self._done += more
        self._progress(self._step, self._done // _MIB, max(1, self._total // _MIB))
