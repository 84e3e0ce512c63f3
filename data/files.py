"""The one way to write a file: beside it under a random name, to the disk, then into its place in one step.

A reader sees the old content or the new one and never a part, and nothing is written through a link. Pillai et al.
2014 ("All File Systems Are Not Created Equal") shows why both the file and its folder have to be synced.
"""

import errno
import json
import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from data.errors import TriviumError

_NO_LINK = getattr(os, "O_NOFOLLOW", 0)  # not on Windows
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)  # opening a pipe without it waits until somebody writes
_SCRATCH = re.compile(r"\..*\.[0-9a-f]{16}\.new")
_MANY = 50  # files from which on one sync of all disks is faster than one a file


def encoded(text: str) -> bytes:
    """UTF-8; half of a surrogate pair becomes its escape, which still means the same inside JSON."""
    return text.encode("utf-8", "backslashreplace")


def as_json(content: Any) -> str:
    """Indented JSON with a line end. Raises ValueError for NaN and infinity, which JSON does not have."""
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def scratch_name(path: Path) -> Path:
    """A hidden name beside `path` that nobody can have guessed and put a link under."""
    return path.with_name(f".{path.name[:40]}.{secrets.token_hex(8)}.new")


def sweep(folder: Path) -> None:
    """Remove what a kill left of unfinished writes below a folder to which nobody else writes now."""
    for path in folder.rglob(".*.new"):
        if _SCRATCH.fullmatch(path.name):
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Put a file, or a folder's list of names, on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # Windows cannot open a folder, some network file systems cannot sync one
        _sync(folder)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Let an error of the system (a full disk) say which file it was about."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file that takes the place of `path` when the block ends and leaves no trace when the block fails.

    A library that wants a name is given `file.name`.

    Raises:
        OSError: of a full disk also where a library says so by an error of its own.
    """
    scratch = scratch_name(path)
    try:
        with _named(path), scratch.open("xb") as file:
            if path.exists() and not path.is_symlink():
                os.chmod(scratch, stat.S_IMODE(path.stat().st_mode))
            yield file
        _sync(scratch)
        scratch.replace(path)
        _sync_folder(path.parent)
    except Exception as error:
        if os.strerror(errno.ENOSPC) in str(error) and not isinstance(error, OSError):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path)) from error
        raise
    finally:
        scratch.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file so that it holds either its old or its new content, whatever happens."""
    with replacing(path) as file:
        file.write(content)


def create_bytes(path: Path, content: bytes) -> bool:
    """Write a file that is not there yet; False where it is. Of several at once one succeeds, and none sees a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = scratch_name(path)
    try:
        with _named(path), scratch.open("xb") as file:
            file.write(content)
        _sync(scratch)
        os.link(scratch, path)
        _sync_folder(path.parent)
    except FileExistsError:
        return False
    finally:
        scratch.unlink(missing_ok=True)
    return True


def write_text(path: Path, text: str) -> None:
    """As `write_bytes`, in UTF-8."""
    write_bytes(path, encoded(text))


def write_json(path: Path, content: Any) -> None:
    """As `write_text`. Raises ValueError for NaN and infinity."""
    write_text(path, as_json(content))


class Together:
    """Files of one result. They are written beside their places and moved there by `together`, in their order."""

    def __init__(self) -> None:
        self._scratch: dict[Path, Path] = {}
        self._folders: list[Path] = []  # that were made for them

    def __contains__(self, path: Path) -> bool:
        return path in self._scratch

    def write_bytes(self, path: Path, content: bytes) -> None:
        self._folders += [folder for folder in reversed(path.parents) if not folder.exists()]
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = self._scratch.setdefault(path, scratch_name(path))
        scratch.unlink(missing_ok=True)
        with _named(path), scratch.open("xb") as file:
            file.write(content)

    def read_text(self, path: Path) -> str:
        """What the file will hold, or holds where it does not change."""
        return self._scratch.get(path, path).read_text(encoding="utf-8")

    def write_text(self, path: Path, text: str) -> None:
        self.write_bytes(path, encoded(text))

    def write_json(self, path: Path, content: Any) -> None:
        self.write_text(path, as_json(content))

    def place(self) -> None:
        """Move all files into their places, once all of them are on the disk."""
        if len(self._scratch) > _MANY:
            os.sync()
        else:
            for scratch in self._scratch.values():
                _sync(scratch)
        for path, scratch in self._scratch.items():
            scratch.replace(path)
        for folder in {path.parent for path in self._scratch}:
            _sync_folder(folder)

    def forget(self) -> None:
        """Remove what was not moved into its place."""
        for scratch in self._scratch.values():
            scratch.unlink(missing_ok=True)
        for folder in reversed(self._folders):
            with suppress(OSError):  # something lies in it
                folder.rmdir()


@contextmanager
def together() -> Iterator[Together]:
    """Several files of which all or none change: a failure in the block leaves everything as it was.

    Only a kill within the moves at the end can part them; what tells that the result is whole is written last.
    """
    files = Together()
    try:
        yield files
        files.place()
    finally:
        files.forget()


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """A new folder to fill, which takes the place of `path` when the block ends; a folder that is there goes then."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch, old = scratch_name(path), scratch_name(path)
    scratch.mkdir()
    try:
        yield scratch
        for file in scratch.rglob("*"):
            if file.is_file():
                _sync(file)
        if path.exists():
            path.replace(old)
        scratch.replace(path)
        _sync_folder(path.parent)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _or_a_sentence(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise TriviumError(f"{path}: {error.strerror or error}. Check the path.") from error


def regular_size(path: Path) -> int:
    """Bytes of a regular file; a link is followed.

    Raises:
        TriviumError: there is no such file, or it is a folder, a pipe or a device.
    """
    with _or_a_sentence(path):
        found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise TriviumError(f"{path}: not a regular file. Put the file itself there.")
    return found.st_size


def read_bytes(path: Path, at_most: int) -> bytes:
    """Content of a regular file of at most so many bytes.

    Raises:
        TriviumError: it is no regular file, larger, or must not be read.
    """
    if (size := regular_size(path)) > at_most:
        raise TriviumError(
            f"{path}: it has {size / 2**20:,.1f} MiB; at most {at_most / 2**20:,.1f} are read. Split or shorten it."
        )
    with _or_a_sentence(path):
        return path.read_bytes()


def read_text(path: Path, at_most: int = 2**26) -> str:
    """The same as text. Raises UnicodeDecodeError, a ValueError, where it is not UTF-8."""
    return read_bytes(path, at_most).decode("utf-8")


def only_regular(folder: Path) -> None:
    """See that a library may open whatever lies below a folder.

    Raises:
        TriviumError: something there is no file and no folder, such as a pipe, on which a reader waits for ever.
    """
    for path in folder.rglob("*"):
        if path.exists() and not path.is_dir():
            regular_size(path)


@contextmanager
def continued(path: Path, keep: int | None = None, sync: bool = True) -> Iterator[BinaryIO]:
    """A file that only grows.

    Args:
        keep: bytes to keep of what is there; what a kill left half-written after them is cut off. None: all.
        sync: what was written is on the disk when the block ends.

    Raises:
        TriviumError: it is a link or no regular file.
    """
    if path.is_symlink():
        raise TriviumError(f"{path}: a link; nothing is written through it. Put the file itself there.")
    new = not path.exists()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | _NO_LINK | _NO_WAIT, 0o666)
    with os.fdopen(descriptor, "ab") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise TriviumError(f"{path}: not a regular file. Put the file itself there.")
        if keep is not None:
            file.truncate(keep)
        yield file
        file.flush()
        if sync:
            os.fsync(descriptor)
    if new and sync:
        _sync_folder(path.parent)


def append(path: Path, text: str) -> None:
    """Add text to a file in one write that has reached the disk when this returns."""
    with continued(path) as file:
        file.write(encoded(text))
