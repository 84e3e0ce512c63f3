"""The header of a GGUF file, read in a second and without its weights.

The reader of the package `gguf` makes an array of each of a vocabulary's words: 17 s for one of 150,000. The form is
that of version 2 and 3 of the specification (ggml-org/ggml, docs/gguf.md).
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

from data.errors import TriviumError
from data.files import regular_size

_VERSIONS = (2, 3)
_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_TEXT, _ARRAY = 8, 9
_MOST_DIMENSIONS = 8
_ALIGNMENT = 32  # bytes, where the header names no other


@dataclass(frozen=True)
class StoredTensor:
    """One tensor as it lies in the file."""

    name: str
    shape: tuple[int, ...]  # in torch's order
    kind: int  # of ggml's number types
    offset: int  # bytes from the beginning of the weights

    @property
    def elements(self) -> int:
        return prod(self.shape)


@dataclass(frozen=True)
class Header:
    """What a file says of itself. Of a list of words (the vocabulary) only its length is kept."""

    path: Path
    values: Mapping[str, Any]
    tensors: tuple[StoredTensor, ...]
    begin: int  # byte at which the weights begin

    @property
    def architecture(self) -> str:
        return str(self.values.get("general.architecture", ""))

    def own(self, key: str, default: Any = None) -> Any:
        """A value of the architecture, such as "block_count"."""
        return self.values.get(f"{self.architecture}.{key}", default)

    @cached_property
    def elements(self) -> int:
        """Numbers in all tensors."""
        return sum(tensor.elements for tensor in self.tensors)

    def end(self) -> int:
        """Byte at which the last tensor ends.

        Raises:
            TriviumError: a tensor is stored in a way that is not known.
        """
        from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType

        ends = [self.begin]
        for tensor in self.tensors:
            try:
                numbers, size = GGML_QUANT_SIZES[GGMLQuantizationType(tensor.kind)]
            except (KeyError, ValueError) as error:
                raise TriviumError(
                    f"{self.path}: '{tensor.name}' is stored in a way that is not known here (ggml type "
                    f"{tensor.kind}). Take another quantisation of the model, such as Q8_0 or Q4_K_M."
                ) from error
            ends.append(self.begin + tensor.offset + tensor.elements // numbers * size)
        return max(ends)


class _Reader:
    """Values from a file, never more than it can hold."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self.file, self.size = file, size

    def bytes(self, count: int) -> bytes:
        if count > self.size:
            raise ValueError(f"{count} bytes in a file of {self.size}")
        found = self.file.read(count)
        if len(found) < count:
            raise ValueError("it ends too early")
        return found

    def number(self, form: str) -> Any:
        return struct.unpack(f"<{form}", self.bytes(struct.calcsize(f"<{form}")))[0]

    def count(self) -> int:
        found = int(self.number("Q"))
        if found > self.size:
            raise ValueError(f"{found} entries in a file of {self.size} bytes")
        return found

    def text(self) -> str:
        return self.bytes(self.count()).decode("utf-8")

    def value(self) -> Any:
        return self._of_kind(self.number("I"))

    def _of_kind(self, kind: int) -> Any:
        if kind in _NUMBERS:
            return self.number(_NUMBERS[kind])
        if kind == _TEXT:
            return self.text()
        if kind != _ARRAY:
            raise ValueError(f"a value of kind {kind}")
        inner, count = self.number("I"), self.count()
        if inner in _NUMBERS:
            form = f"<{count}{_NUMBERS[inner]}"
            return list(struct.unpack(form, self.bytes(struct.calcsize(form))))
        if inner != _TEXT:
            raise ValueError(f"a list of kind {inner}")
        for _ in range(count):
            self.bytes(self.count())
        return count

    def tensor(self) -> StoredTensor:
        name, dimensions = self.text(), self.number("I")
        if dimensions > _MOST_DIMENSIONS:
            raise ValueError(f"a tensor of {dimensions} dimensions")
        shape = tuple(reversed([self.number("Q") for _ in range(dimensions)]))  # ggml names the fastest first
        return StoredTensor(name, shape, self.number("I"), self.number("Q"))


def read_header(path: Path) -> Header:
    """The header of a file.

    Raises:
        TriviumError: it is no GGUF file, of a version that nobody reads, or torn.
    """
    try:
        size = regular_size(path)
        with path.open("rb") as file:
            return _read(path, _Reader(file, size))
    except OSError as error:
        raise TriviumError(f"{path}: {error.strerror or error}.") from error
    except (ValueError, struct.error, OverflowError, MemoryError) as error:  # ValueError: no UTF-8 either
        raise TriviumError(f"{path}: not a GGUF file, or not all of it ({error}). Download it again.") from error


def _read(path: Path, reader: _Reader) -> Header:
    if reader.bytes(4) != b"GGUF":
        raise ValueError("it does not begin with GGUF")
    if (version := reader.number("I")) not in _VERSIONS:
        raise ValueError(f"version {version}, and 2 and 3 are read")
    tensors, values = reader.count(), reader.count()
    known = {reader.text(): reader.value() for _ in range(values)}
    found = tuple(reader.tensor() for _ in range(tensors))
    alignment = known.get("general.alignment", _ALIGNMENT)
    if not isinstance(alignment, int) or alignment < 1:
        raise ValueError(f"an alignment of {alignment!r}")
    begin = -(-reader.file.tell() // alignment) * alignment
    return Header(path, known, found, begin)
