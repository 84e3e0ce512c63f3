"""Is text cut into the tokens that llama.cpp cuts it into, under each rule that a GGUF file can name?

    python -m benchmarks.text_cutting [FILE.gguf]

The vocabulary is that of the file (default: the embedded model's), its rule is replaced by each in turn, and llama.cpp
reads the same file (pip install "trivium[llama]"). Texts: the sample domain's documents, and strings made to be hard.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

RULES = ("gpt-2", "smollm", "starcoder", "command-r", "qwen2", "llama-bpe", "tekken", "gpt-4o", "qwen35")
HARD = (
    "\n\n7 boats", "\n\n\n12.5%", "  3", "room 1234567", "1,234.56", "3½ hours, x² = Ⅻ", "٣٤٥ and 四十二",
    "they'll, THEY'LL, I’m, don't've", "a\tb\r\nc  \n d ", " \u00a0\u2009x", "naïve café ﬁ ﬂ", "Straße ÄÖÜ",
    "हिन्दी", "עברית!", "日本語のテキスト", "👩‍👩‍👧 🇬🇧", "e\u0301", "CamelCaseXMLHttp", "__init__(self, *args)",
    "$%&/()=?!...—–", "https://x.y/?q=1&r=2", "end. \n\n\n  Begin", "'s 't'S", "\u200b\ufeff", "0x1F600 3rd 2nd",
)  # fmt: skip
_RULE = "tokenizer.ggml.pre"


def file_with_rule(source: Path, target: Path, rule: str) -> None:
    """The header of a GGUF file with another rule, and no weights."""
    from gguf import GGUFReader

    from model.gguf.write import writer_like

    writer = writer_like(GGUFReader(source), target, {_RULE: rule})
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()


def tokenizer_of(file: Path, folder: Path) -> Any:
    """The tokenizer as a converted file gets it."""
    from transformers import AutoTokenizer

    from model.gguf.header import read_header
    from model.gguf.pre_tokenizer import put_in_rule

    AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name).save_pretrained(folder)
    put_in_rule(read_header(file), folder / "tokenizer.json", folder / "tokenizer_config.json")
    return AutoTokenizer.from_pretrained(folder)


def others(source: Path, rule: str, texts: list[str]) -> list[str]:
    """Texts whose tokens are not those of llama.cpp."""
    from llama_cpp import Llama

    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "vocabulary.gguf"
        file_with_rule(source, file, rule)
        ours = tokenizer_of(file, Path(name) / "tokenizer")
        theirs = Llama(str(file), vocab_only=True, verbose=False)
        return [
            text for text in texts
            if ours.encode(text, add_special_tokens=False)
            != theirs.tokenize(text.encode(), add_bos=False, special=False)
        ]  # fmt: skip


def main() -> None:
    from data.load import load_domain
    from model.weights import PLAIN_MODEL, embedded_file

    source = Path(sys.argv[1]) if sys.argv[1:] else embedded_file(PLAIN_MODEL)
    texts = [*HARD, *(document.text for document in load_domain(Path("data/orrin_ferries")).documents)]
    print(f"| rule | texts with the same tokens, of {len(texts)} | others |\n| --- | --- | --- |")
    for rule in RULES:
        found = others(source, rule, texts)
        print(f"| {rule} | {len(texts) - len(found)} | {' '.join(repr(text[:40]) for text in found)} |", flush=True)


if __name__ == "__main__":
    main()
