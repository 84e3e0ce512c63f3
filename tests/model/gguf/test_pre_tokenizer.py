"""Text of a GGUF file is cut by the rule that the file names, or the user is told that nobody knows it."""

import json
from pathlib import Path

import pytest
from fakes import write_tiny_gguf, write_tiny_model

from model.local import LocalModel
from model.weights import resolve_model


def with_rule(folder: Path, rule: str) -> Path:
    return write_tiny_gguf(write_tiny_model(folder / "model"), folder / "own.gguf", tokenizer_ggml_pre=rule)


def pieces(file: Path, text: str) -> list[str]:
    cut = LocalModel(str(file), "cpu").tokenizer.backend_tokenizer.pre_tokenizer
    return [piece for piece, _ in cut.pre_tokenize_str(text)]


@pytest.mark.parametrize(
    ("rule", "expected"),  # Ċ is a line break, Ġ a space
    [
        ("gpt-2", ["Ċ", "Ċ", "12", "Ġ", "Ġ3", "Ġthey", "'", "LL"]),  # white space leaves its last to what follows
        ("smollm", ["ĊĊ", "1", "2", "ĠĠ", "3", "Ġthey", "'", "LL"]),  # digits are cut off first
        ("starcoder", ["ĊĊ", "1", "2", "ĠĠ", "3", "Ġthey", "'", "LL"]),
        ("qwen2", ["ĊĊ", "1", "2", "Ġ", "Ġ", "3", "Ġthey", "'LL"]),
        ("llama-bpe", ["ĊĊ", "12", "Ġ", "Ġ", "3", "Ġthey", "'LL"]),  # up to three digits together
    ],
)
def test_text_is_cut_by_the_rule_of_the_file(tmp_path: Path, rule: str, expected: list[str]) -> None:
    assert pieces(with_rule(tmp_path, rule), "\n\n12  3 they'LL") == expected


def test_a_word_of_the_vocabulary_is_one_token_where_the_rule_says_so(tmp_path: Path) -> None:
    for rule, whole in (("llama-bpe", True), ("tekken", True), ("qwen2", False)):
        (tmp_path / rule).mkdir()
        folder = Path(resolve_model(str(with_rule(tmp_path / rule, rule))).weights)
        assert bool(json.loads((folder / "tokenizer.json").read_bytes())["model"].get("ignore_merges")) is whole


def test_an_unknown_rule_is_told_by_name(tmp_path: Path) -> None:
    told = LocalModel(str(with_rule(tmp_path, "mystery-bpe")), "cpu").notes
    assert any("own.gguf says that text is cut by the rule 'mystery-bpe', which is not known here" in n for n in told)


def test_a_known_rule_is_not_told(tmp_path: Path) -> None:
    assert not [n for n in LocalModel(str(with_rule(tmp_path, "smollm")), "cpu").notes if "rule" in n]
