"""A place on object storage (s3://bucket/run), through fsspec: files sent, fetched, and made where there is none.

What goes wrong there is one sentence. Keys are those of the storage's own environment and are never asked for here.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from data.errors import TriviumError
from data.files import create_bytes

_BLOCK = 2**22  # bytes that are sent or written at once
_SHOWN = 200  # characters of what the storage says
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://[^:].*")
Moved = Callable[[int], None]  # told how many bytes more have been moved


def _checked(url: str) -> str:
    """Raises TriviumError where it is no address, or holds a key, which would be printed with it."""
    url = url.rstrip("/")
    if not _ADDRESS.fullmatch(url) or "::" in url or not url.isprintable():
        raise TriviumError(
            "give the address of a folder on a storage, such as s3://bucket/my-run or file:///mnt/my-run."
        )
    try:
        parts = urlsplit(url)
        secret = parts.password or parts.query or parts.fragment
    except ValueError:
        secret = "?"
    if secret:
        raise TriviumError(
            "give the storage's address without a key, since it is printed; keys go into its environment."
        )
    return url


class Place:
    """A folder on a storage.

    Raises:
        TriviumError: there is no such storage, or what reaches it is not installed.
    """

    def __init__(self, url: str) -> None:
        self.url = _checked(url)
        try:
            from fsspec.core import url_to_fs
            from fsspec.implementations.local import LocalFileSystem
        except ImportError:
            raise TriviumError("object storage needs the package fsspec: pip install 'trivium[storage]'.") from None
        with self._asking():
            self._files, self._root = url_to_fs(self.url)
        self._is_disk = isinstance(self._files, LocalFileSystem)
        if self._is_disk:
            self._files.auto_mkdir = True

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            yield
        except TriviumError:
            raise
        except ImportError as error:
            raise TriviumError(f"{self.url}: {_first_line(error)}.") from None  # it names the package
        except Exception as error:  # each storage has errors of its own
            raise TriviumError(
                f"{self.url}: the storage did not do it ({type(error).__name__}: {_first_line(error)}). Check the "
                "address and the rights that its environment gives; then run the same command again."
            ) from error

    def read(self, name: str, at_most: int) -> bytes | None:
        """A small file; None where there is none.

        Raises:
            TriviumError: it is larger, or cannot be read.
        """
        with self._asking():
            self._files.invalidate_cache()
            try:
                size = self._files.info(f"{self._root}/{name}")["size"]
                content: bytes = self._files.cat_file(f"{self._root}/{name}") if size <= at_most else b""
            except FileNotFoundError:
                return None
        if size > at_most:
            raise TriviumError(f"{self.url}/{name}: it has {size:,} bytes; at most {at_most:,} are read.")
        return content

    def create(self, name: str, content: bytes) -> bool:
        """Write a small file that is not there yet; False where it is. On S3 and disks one of two at once succeeds."""
        with self._asking():
            if self._is_disk:  # others show a file when it is whole
                return create_bytes(Path(self._root) / name, content)
            try:
                with self._files.open(f"{self._root}/{name}", "xb") as file:
                    file.write(content)
            except FileExistsError:
                return False
        return True

    def send(self, path: Path, name: str, moved: Moved) -> str:
        """Write a file there, over what is there; returns the SHA-256 of what was sent."""
        digest = sha256()
        with path.open("rb") as source, self._asking(), self._files.open(f"{self._root}/{name}", "wb") as target:
            while block := source.read(_BLOCK):
                digest.update(block)
                target.write(block)
                moved(len(block))
        return digest.hexdigest()

    def fetch(self, name: str, target: BinaryIO, size: int, moved: Moved) -> str:
        """Copy a file from there; returns the SHA-256 of what came, nothing where it has not exactly `size` bytes.

        Raises:
            TriviumError: it is not there, or cannot be read.
        """
        digest, left = sha256(), size
        with self._asking():
            try:
                source = self._files.open(f"{self._root}/{name}", "rb")
            except FileNotFoundError:
                raise TriviumError(f"{self.url}/{name}: this file of the run is gone. Push the run again.") from None
        with source:
            while left >= 0:
                with self._asking():
                    block = source.read(min(_BLOCK, left + 1))
                if not block:
                    break
                left -= len(block)
                digest.update(block)
                target.write(block)
                moved(len(block))
        return digest.hexdigest() if left == 0 else ""

    def remove(self, name: str) -> None:
        """Remove a folder there with all that is in it; nothing where there is none."""
        with self._asking():
            self._files.invalidate_cache()
            if self._files.exists(f"{self._root}/{name}"):
                self._files.rm(f"{self._root}/{name}", recursive=True)


def _first_line(error: Exception) -> str:
    text = next(iter(str(error).strip().splitlines()), "no reason given")[:_SHOWN]
    return "".join(mark if mark.isprintable() else " " for mark in text).rstrip(".")
