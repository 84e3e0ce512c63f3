"""prompts.jsonl: every prompt as it was sent, once, the beginning that many share stored apart."""

import hashlib
from collections.abc import Sequence
from typing import Any

from evaluation.run.folder import RunFolder
from evaluation.run.traced import TracedPrompt

FILE = "prompts.jsonl"


def save_prompts(folder: RunFolder, prompts: Sequence[TracedPrompt]) -> None:
    """Add the prompts that are not there yet.

    A line is either {"prefix", "text"}, where `prefix` is the SHA-256 of the text, or {"sha256", "question_id",
    "prefix", "rest"}: the prompt is the prefix's text followed by `rest`, and `sha256` is its digest, which each
    answer names as `prompt_sha256`.
    """
    rows = [row for row in folder.rows(FILE) if "prefix" in row]  # an earlier version wrote other lines
    known = {row["sha256"] for row in rows if "sha256" in row}
    new = {prompt.sha256: prompt for prompt in prompts if prompt.sha256 not in known}
    if not new:
        return
    shared = _shared_beginning([prompt.text for prompt in new.values()])
    prefix = hashlib.sha256(shared.encode()).hexdigest()
    if not any(row.get("text") is not None and row["prefix"] == prefix for row in rows):
        rows.append({"prefix": prefix, "text": shared})
    rows += [
        {"sha256": sha256, "question_id": prompt.question.id, "prefix": prefix, "rest": prompt.text[len(shared) :]}
        for sha256, prompt in new.items()
    ]
    folder.write_rows(FILE, rows)


def _shared_beginning(texts: Sequence[str]) -> str:
    first, last = min(texts), max(texts)  # what these two begin with, all between them begin with
    length = next((at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    return first[:length]


def read_prompts(folder: RunFolder) -> dict[str, str]:
    """Every prompt of a run by its SHA-256; empty for a run of a version that did not keep them."""
    rows: list[dict[str, Any]] = [row for row in folder.rows(FILE) if "prefix" in row]
    texts = {row["prefix"]: row["text"] for row in rows if "text" in row}
    return {row["sha256"]: texts[row["prefix"]] + row["rest"] for row in rows if "sha256" in row}
