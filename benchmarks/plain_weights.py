"""The same weights as a GGUF file in float32: a server then computes with the numbers that Trivium computes with."""

from pathlib import Path

from gguf.quants import dequantize

from model.gguf.write import write_like


def write_float32(source: Path, target: Path) -> None:
    """Copy a GGUF file with every tensor in float32; vocabulary, template and all settings stay as they are."""
    write_like(source, target, lambda tensor: dequantize(tensor.data, tensor.tensor_type))
