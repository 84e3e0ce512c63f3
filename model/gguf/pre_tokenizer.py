"""How a GGUF file says that text is cut before its vocabulary is looked up: names in `tokenizer.ggml.pre`.

transformers knows some of these names and takes all others for GPT-2. The rules are those of llama.cpp
(src/llama-vocab.cpp), with which `python -m benchmarks.text_cutting` compares them.
"""

import json
from pathlib import Path
from typing import Any

from data.files import write_json
from model.gguf.header import Header

_AS_GPT2 = {"gpt-2", "phi-2", "olmo", "mpt", "jais", "trillion", "granite-docling", "exaone4", "gigachat", "mellum"}
_DIGITS_APART = {"smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b", "mellum2"}
# A word that the vocabulary holds is one token, also where no merges lead to it.
_WORDS_WHOLE = {"llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2",
                "jina-v5-nano", "tekken"}  # fmt: skip
_DIGITS_FIRST = {
    "type": "Sequence",
    "pretokenizers": [
        {"type": "Split", "pattern": {"Regex": r"\p{N}"}, "behavior": "Isolated", "invert": False},
        {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},  # as GPT-2
    ],
}
_GENERIC = "TokenizersBackend"  # takes tokenizer.json as it is; classes of one family put in what is theirs


def rule_of(header: Header) -> str:
    """The name of the file's rule; empty where it has none, or a vocabulary that needs none."""
    values = header.values
    return str(values.get("tokenizer.ggml.pre", "")) if values.get("tokenizer.ggml.model") == "gpt2" else ""


def own_rule(header: Header) -> str:
    """The same where it is put in here, because transformers does not."""
    rule = rule_of(header)
    return rule if rule in _DIGITS_APART | _WORDS_WHOLE else ""


def unknown_rule(header: Header) -> str:
    """A sentence where nobody here knows the file's rule, else nothing."""
    from transformers.integrations.gguf.gguf_tokenizer_mapping import GGUF_PRE_TOKENIZER_SPLITS

    rule = rule_of(header)
    if not rule or rule in _AS_GPT2 | _DIGITS_APART | _WORDS_WHOLE | GGUF_PRE_TOKENIZER_SPLITS.keys():
        return ""
    return (
        f"{header.path.name} says that text is cut by the rule {rule!r}, which is not known here: it is cut as GPT-2 "
        "cuts, so some tokens are others than those that the model was trained on"
    )


def put_in_rule(header: Header, tokens: Path, settings: Path) -> None:
    """Cut as the file says, in the tokenizer that transformers wrote.

    Args:
        tokens: its tokenizer.json.
        settings: its tokenizer_config.json.
    """
    if not (rule := own_rule(header)):
        return
    content: dict[str, Any] = json.loads(tokens.read_bytes())
    if rule in _DIGITS_APART:
        content["pre_tokenizer"] = _DIGITS_FIRST
    else:
        content["model"]["ignore_merges"] = True
    write_json(tokens, content)
    write_json(settings, json.loads(settings.read_bytes()) | {"tokenizer_class": _GENERIC})
