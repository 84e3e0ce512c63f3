"""The comparison with a real server: what is counted, and that the weights written out are the same numbers."""

from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType, GGUFReader, GGUFWriter
from gguf.quants import dequantize, quantize

from benchmarks.endpoint import at_once, compare, table
from benchmarks.plain_weights import write_float32


def row(question: str, answer: str, tokens: int = 7, method: str = "base") -> dict[str, object]:
    return {"method": method, "phase": "main", "question_id": question, "answer": answer, "prompt_tokens": tokens}


def test_equal_answers_are_counted_by_method_and_what_only_one_run_asked_is_left_out() -> None:
    ours = [row("a", "1"), row("b", "2"), row("c", "3"), row("a", "4", method="rag")]
    theirs = [row("a", "1"), row("b", "9", 8), row("a", "4", method="rag")]
    assert compare(ours, theirs) == [
        {"method": "base", "asked": 2, "same": 1, "same_tokens": 1},
        {"method": "rag", "asked": 1, "same": 1, "same_tokens": 1},
    ]


def test_weights_are_written_out_as_the_numbers_they_stand_for_and_nothing_else_changes(tmp_path: Path) -> None:
    numbers = np.random.default_rng(0).normal(size=(4, 64)).astype(np.float32)
    rounded = quantize(numbers, GGMLQuantizationType.Q8_0)
    writer = GGUFWriter(tmp_path / "q8.gguf", "llama")
    writer.add_block_count(3)
    writer.add_chat_template("{{ messages }}")
    writer.add_token_list(["a", "é"])
    writer.add_token_types([1, 3])
    writer.add_rope_freq_base(1e5)
    writer.add_tensor("token_embd.weight", rounded, raw_dtype=GGMLQuantizationType.Q8_0)
    writer.add_tensor("output_norm.weight", numbers[0])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    write_float32(tmp_path / "q8.gguf", tmp_path / "f32.gguf")
    before, after = (GGUFReader(tmp_path / name) for name in ("q8.gguf", "f32.gguf"))
    assert [tensor.tensor_type.name for tensor in after.tensors] == ["F32", "F32"]
    assert np.array_equal(after.tensors[0].data, dequantize(rounded, GGMLQuantizationType.Q8_0))
    assert np.array_equal(after.tensors[1].data, numbers[0])
    own = {name: field.contents() for name, field in before.fields.items() if not name.startswith("GGUF.")}
    assert own == {name: after.fields[name].contents() for name in own}
    assert after.fields["general.file_type"].contents() == 0


def test_the_small_server_is_asked_one_by_one_and_sixteen_at_once() -> None:
    found = at_once(questions=16, answer_s=0.01)
    assert found["one_by_one_s"] >= 16 * 0.01
    assert found["ratio"] == found["one_by_one_s"] / found["sixteen_s"]


def test_the_table_names_each_share_with_its_denominator() -> None:
    rows = [{"method": "base", "asked": 4, "same": 3, "same_tokens": 4}]
    kinds = {kind: {"recommended": "rag", "methods": rows} for kind in ("float32", "4 bit")}
    text = table({"here": {"recommended": "rag"}, "at_once": {"server_s": 0.2, "ratio": 9.0}, **kinds})
    assert "| float32 | base | 3 of 4 (75%) | 4 of 4 |" in text
    assert "Recommended: here: rag, float32: rag, 4 bit: rag." in text
