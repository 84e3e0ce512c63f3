"""The same weights as a GGUF file in float32: a server then computes with the numbers that Trivium computes with."""

from pathlib import Path

from gguf import GGMLQuantizationType, GGUFReader, GGUFValueType, GGUFWriter, LlamaFileType
from gguf.quants import dequantize

_ARCHITECTURE, _KIND = "general.architecture", "general.file_type"
_OF_THE_WRITER = ("GGUF.", "general.quantization_version", _ARCHITECTURE, _KIND)  # written by the writer itself


def write_float32(source: Path, target: Path) -> None:
    """Copy a GGUF file with every tensor in float32; vocabulary, template and all settings stay as they are."""
    reader = GGUFReader(source)
    writer = GGUFWriter(target, str(reader.fields[_ARCHITECTURE].contents()))
    writer.add_file_type(LlamaFileType.ALL_F32)
    for name, field in reader.fields.items():
        if not name.startswith(_OF_THE_WRITER):
            inner = field.types[-1] if field.types[0] == GGUFValueType.ARRAY else None
            writer.add_key_value(name, field.contents(), field.types[0], inner)
    for tensor in reader.tensors:
        numbers = dequantize(tensor.data, tensor.tensor_type)
        writer.add_tensor(tensor.name, numbers, raw_dtype=GGMLQuantizationType.F32)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
