"""What an export says of itself: its README, and the card that peft's tools show of an adapter."""

import json
from collections.abc import Sequence
from pathlib import Path

from data.prompt import Passage
from evaluation.export.folder import ADAPTER, DOCUMENTS, FIGURES, GGUF, INDEX, MERGED, PREFIX, RECORD, SETTINGS
from evaluation.export.record import MethodRecord
from evaluation.numbers import seconds, share, span
from evaluation.results.schema import Results
from evaluation.run.registry import label, spec_of
from evaluation.table import make_table, markdown, markdown_text, text_columns

_FILES = {
    RECORD: "prompt, settings, and digests of model and embedding model",
    SETTINGS: "how it is served; may be changed",
    FIGURES: "all figures of this method in the run, and the run's verdict",
    ADAPTER: "the trained LoRA adapter in peft's form",
    PREFIX: "the trained keys and values that stand before every prompt, in the form of peft's Cartridge",
    INDEX: "passages and their vectors",
    DOCUMENTS: "the documents that stand in every prompt",
    GGUF: "the same as one GGUF file in float32, for llama.cpp and Ollama",
    MERGED: "the base model with the adapter added to its weights (safetensors, float32), with its tokenizer",
}


def readme(record: MethodRecord, results: Results, names: Sequence[str]) -> str:
    """README.md of an export.

    Args:
        names: of the files and folders in it.
    """
    there = [(name if "." in name else f"{name}/", told) for name, told in _FILES.items() if name in names]
    parts = [
        f"# {markdown_text(record.domain)}: {label(record.method)}",
        f"{spec_of(record.method).sentence} Exported from the run {markdown_text(record.run)} of {record.created}.",
        "## Serve it",
        "    trivium serve .\n    curl localhost:8321/v1/chat/completions -H 'Content-Type: application/json' \\\n"
        f'      -d \'{{"model": "{record.method}", "messages": [{{"role": "user", "content": "…"}}]}}\'',
        f"The model ({markdown_text(record.model.name)}){_embedder(record)} is not in this folder. Where it has "
        f"another name on your machine, write that into {SETTINGS}; other weights are refused.",
        "## What is in it",
        markdown(make_table("", text_columns("file", "what it holds"), there)),
        "## How well it answered",
        _figures(record, results),
        markdown_text(results.verdict.summary),
        *_elsewhere(record, names),
        "## The prompt",
        "System, then user. Programs other than Trivium have to send it like this.",
        _quoted(_prompt(record)),
    ]
    return "\n\n".join(parts) + "\n"


def adapter_card(record: MethodRecord, results: Results) -> str:
    """README.md beside an adapter, with the heading that peft and model hubs read."""
    base = base_of(record)
    heading = {"library_name": "peft", "pipeline_tag": "text-generation", "tags": ["trivium"]}
    lines = [f"{key}: {json.dumps(value)}" for key, value in (({"base_model": base} if base else {}) | heading).items()]
    parts = [
        "---\n" + "\n".join(lines) + "\n---",
        f"# {markdown_text(record.domain)}: an adapter for {markdown_text(record.model.name)}",
        f"Trained by Trivium in the run {markdown_text(record.run)} of {record.created}.{_fits(record)}",
        _figures(record, results),
        _quoted(_prompt(record)),
    ]
    return "\n\n".join(parts) + "\n"


def base_of(record: MethodRecord) -> str:
    """The hub id that the adapter fits; empty where the base is a folder or file of one machine, or has a reader."""
    name = record.model.name
    is_hub_id = name.count("/") == 1 and not name.startswith((".", "/", "~")) and not Path(name).exists()
    return name if is_hub_id and not record.model.facts.get("plain_name") else ""


def _embedder(record: MethodRecord) -> str:
    return f" or the embedding model ({markdown_text(record.embedder.name)})" if record.embedder else ""


def _fits(record: MethodRecord) -> str:
    """What the adapter lies on top of, where that is more than a model's weights."""
    plain = record.model.facts.get("plain_name")
    return f" It fits {record.model.name}, not {plain}: that is the base with a trained reader." if plain else ""


def _figures(record: MethodRecord, results: Results) -> str:
    method = results.methods[record.method]
    cell, refusal = method.overall, method.refusal
    made_up = None if refusal.unanswerable_refused is None else 1 - refusal.unanswerable_refused
    rows = [
        ("right", f"{share(cell.accuracy, cell.scored)} (95% interval {span(cell.ci_low, cell.ci_high)})"),
        ("unknown", share(cell.outcomes.unknown.rate, cell.outcomes.unknown.n)),
        ("wrong", share(cell.outcomes.wrong.rate, cell.outcomes.wrong.n)),
        ("unanswerable questions that got an answer", share(made_up, refusal.n_unanswerable)),
        ("one question alone, median", seconds(method.latency_s.warm.p50)),
        ("tokens of a prompt, mean", "n/a" if method.tokens.prompt is None else f"{method.tokens.prompt:,.0f}"),
    ]
    if results.grader.kappa is not None:
        rows.append(("grader's agreement with people", f"kappa {results.grader.kappa:.2f}"))
    elif fitted := results.grader.public:
        rows.append(("grader's agreement with people on public answers", f"kappa {fitted.kappa:.2f} of {fitted.n:,}"))
    return markdown(make_table("", text_columns("figure", "of this run"), rows))


def _elsewhere(record: MethodRecord, names: Sequence[str]) -> list[str]:
    """How other programs load what was trained; only what was tried is called so."""
    if record.trained != "adapter":
        return []
    base = base_of(record) or "BASE"
    lines = [
        "## In other programs",
        "transformers and peft (tried in Trivium's tests):",
        "    from peft import PeftModel\n    from transformers import AutoModelForCausalLM\n"
        f'    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("{base}"), "{ADAPTER}")',
        f"vLLM (not tried here): `vllm serve {base} --enable-lora --lora-modules trivium={ADAPTER}`"
        + (f" or `vllm serve {MERGED}`." if MERGED in names else "."),
    ]
    if GGUF in names:
        lines.append(f"llama.cpp: `llama-server -m {GGUF}`. Ollama (not tried here): a Modelfile with `FROM ./{GGUF}`.")
    elif MERGED in names:
        lines.append(
            f"Ollama (not tried here): a Modelfile with `FROM ./{MERGED}`. llama.cpp reads GGUF alone: its own "
            f"`convert_hf_to_gguf.py {MERGED}` writes that."
        )
    if fits := _fits(record):
        lines.append(
            f"The adapter alone:{fits} Programs that cannot add both take `{MERGED}/`, which `--merged` writes."
        )
    return lines


def _prompt(record: MethodRecord) -> str:
    context = [] if spec_of(record.method).closed_book else [Passage("", "", "{title}", "{text}")]
    messages = record.prompt.messages(record.instruction, "{question}", context)
    return "\n\n".join(message["content"] for message in messages)


def _quoted(text: str) -> str:
    """As Markdown shows text that is no markup: indented."""
    return "\n".join(f"    {line}" for line in text.splitlines())
