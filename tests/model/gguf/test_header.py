"""The header says what the package `gguf` reads, and a hostile one is a sentence."""

import struct
from pathlib import Path

import pytest
from fakes import write_tiny_gguf

from data.errors import TriviumError
from model.gguf.header import read_header


@pytest.fixture
def file(tiny_model_folder: Path, tmp_path: Path) -> Path:
    return write_tiny_gguf(tiny_model_folder, tmp_path / "tiny.gguf")


def test_the_header_is_what_the_package_reads(file: Path) -> None:
    from gguf import GGUFReader

    header, expected = read_header(file), GGUFReader(file)
    assert [(t.name, t.shape, t.kind) for t in header.tensors] == [
        (t.name, tuple(reversed([int(n) for n in t.shape])), int(t.tensor_type)) for t in expected.tensors
    ]
    assert [header.begin + t.offset for t in header.tensors] == [int(t.data_offset) for t in expected.tensors]
    assert header.end() == max(int(t.data_offset + t.n_bytes) for t in expected.tensors)
    assert header.own("embedding_length") == 32
    assert header.values["tokenizer.ggml.tokens"] == len(expected.fields["tokenizer.ggml.tokens"].data)
    assert header.values["tokenizer.chat_template"] == expected.fields["tokenizer.chat_template"].contents()


@pytest.mark.parametrize(
    ("at", "content"),
    [
        (0, b"PICK"),
        (4, struct.pack("<I", 1)),  # a version that nobody reads
        (8, struct.pack("<Q", 2**60)),  # more tensors than bytes
        (16, struct.pack("<Q", 2**60)),
        (24, struct.pack("<Q", 2**62)),  # a key longer than the file
        (32, b"\xff\xff\xff\xff"),  # no UTF-8
    ],
)
def test_a_header_that_means_nothing_is_one_sentence(file: Path, at: int, content: bytes) -> None:
    damaged = bytearray(file.read_bytes())
    damaged[at : at + len(content)] = content
    file.write_bytes(damaged)
    with pytest.raises(TriviumError, match="not a GGUF file, or not all of it"):
        read_header(file)


def test_a_way_to_store_that_is_not_known_is_named(file: Path) -> None:
    content = bytearray(file.read_bytes())
    at = content.index(b"output_norm.weight") + len(b"output_norm.weight") + 4 + 8
    content[at : at + 4] = struct.pack("<I", 200)
    file.write_bytes(content)
    with pytest.raises(TriviumError, match=r"'output_norm.weight' is stored in a way .*type 200.*Q8_0"):
        read_header(file).end()
