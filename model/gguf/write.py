"""A GGUF file like another one with other numbers, in float32: vocabulary, template and settings stay as they are."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from gguf import MODEL_ARCH_NAMES, GGMLQuantizationType, GGUFReader, GGUFValueType, GGUFWriter, LlamaFileType
from gguf import get_tensor_name_map as name_map

from data.errors import Incapable
from model.gguf.convert import read_network

_ARCHITECTURE, _KIND = "general.architecture", "general.file_type"
_OF_THE_WRITER = ("GGUF.", "general.quantization_version", _ARCHITECTURE, _KIND)  # written by the writer itself
# llama.cpp turns pairs of a head's numbers where transformers turns its halves; only this architecture is stored so.
_TURNED = {"llama": {"attn_q": "head_count", "attn_k": "head_count_kv"}}
Numbers = Any  # a float32 array of numpy, in the order of torch


def write_like(source: Path, target: Path, numbers: Callable[[Any], Numbers]) -> None:
    """Write a GGUF file whose header is that of `source`.

    Args:
        numbers: gets a tensor of `GGUFReader` and returns what stands in its place.
    """
    reader = GGUFReader(source)
    writer = writer_like(reader, target)
    writer.add_file_type(LlamaFileType.ALL_F32)
    for tensor in reader.tensors:
        writer.add_tensor(tensor.name, numbers(tensor), raw_dtype=GGMLQuantizationType.F32)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def writer_like(reader: GGUFReader, target: Path, changed: Mapping[str, str] = MappingProxyType({})) -> GGUFWriter:
    """A writer that holds the header of another file.

    Args:
        changed: values that take the place of others.
    """
    writer = GGUFWriter(target, str(reader.fields[_ARCHITECTURE].contents()))
    for name, field in reader.fields.items():
        if not name.startswith(_OF_THE_WRITER):
            inner = field.types[-1] if field.types[0] == GGUFValueType.ARRAY else None
            writer.add_key_value(name, changed.get(name, field.contents()), field.types[0], inner)
    return writer


def write_weights(source: Path, target: Path, network: Any) -> None:
    """The weights of a network that was read from `source`, as a GGUF file; read back and compared, number by number.

    Raises:
        Incapable: a tensor has no place in the network, or reading the file again gives other weights.
    """
    reader = GGUFReader(source)
    kind = str(reader.fields[_ARCHITECTURE].contents())
    weights = {name: tensor.detach().float().cpu().numpy() for name, tensor in network.state_dict().items()}
    stored = _stored_names(kind, int(reader.fields[f"{kind}.block_count"].contents()), weights)

    def numbers(tensor: Any) -> Numbers:
        if tensor.name not in stored:
            raise Incapable(f"GGUF: it is not known where '{tensor.name}' of {source.name} lies in the model.")
        return _turned(kind, tensor.name, weights[stored[tensor.name]], reader)

    write_like(source, target, numbers)
    _refuse_others(target, weights)


def _stored_names(kind: str, blocks: int, weights: Mapping[str, Numbers]) -> dict[str, str]:
    """Names in the file -> names in the network."""
    architecture = next((key for key, name in MODEL_ARCH_NAMES.items() if name == kind), None)
    if architecture is None:
        raise Incapable(f"GGUF: the architecture '{kind}' is not written.")
    known = name_map(architecture, blocks)
    found = {known.get_name(name, try_suffixes=(".weight", ".bias")): name for name in weights}
    return {stored: name for stored, name in found.items() if stored}


def _turned(kind: str, name: str, weight: Numbers, reader: GGUFReader) -> Numbers:
    """Rows of a head's halves as pairs, where the file keeps them so."""
    count = next((key for part, key in _TURNED.get(kind, {}).items() if f".{part}." in name), None)
    if count is None:
        return np.ascontiguousarray(weight)
    heads = int(reader.fields[f"{kind}.attention.{count}"].contents())
    halves = weight.reshape(heads, 2, weight.shape[0] // heads // 2, *weight.shape[1:])
    return np.ascontiguousarray(halves.swapaxes(1, 2).reshape(weight.shape))


def _refuse_others(path: Path, weights: Mapping[str, Numbers]) -> None:
    read = read_network(path).state_dict()
    other = [
        name for name, tensor in read.items()
        if name not in weights or not np.array_equal(tensor.float().numpy(), weights[name])
    ]  # fmt: skip
    if other:
        raise Incapable(
            f"GGUF: '{other[0]}' is not the same when the file is read again, so it would answer otherwise."
        )
