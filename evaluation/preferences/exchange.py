"""Preferences from elsewhere and for elsewhere, in the usual form: one JSON object a line, prompt, chosen, rejected."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from data import jsonl
from data.errors import TriviumError
from data.schema import Domain
from data.text_cleaning import clean_text
from evaluation.preferences.rankings import Pair, Ranking
from evaluation.run.questions import known_question

_LONGEST = 20_000  # characters of a question or an answer
_FIX = 'Write {"prompt": …, "chosen": …, "rejected": …}, each a text or a list of messages.'


def export_pairs(pairs: Iterable[Pair], out: Path) -> int:
    """Write pairs as trl, Argilla and others read them, in the conversational form; returns how many.

    The prompt is the question as a user's message. What a method puts around it (instruction, passages) is its own.
    """
    rows = [
        {
            "prompt": [{"role": "user", "content": pair.question}],
            "chosen": [{"role": "assistant", "content": pair.chosen}],
            "rejected": [{"role": "assistant", "content": pair.rejected}],
            "question_id": pair.question_id,
            "ranked_by": pair.by,
        }
        for pair in pairs
    ]
    jsonl.write(out, rows)
    return len(rows)


def import_pairs(path: Path, domain: Domain, by: str) -> list[Ranking]:
    """Read pairs in the usual form: texts, or lists of messages of which the last one of the role counts.

    A prompt that is a question of the domain belongs to it; any other is a question of its own.

    Raises:
        TriviumError: a line is not in that form; names file, line and field.
    """
    found = []
    for line in jsonl.lines(path, _FIX):
        row = line.value()
        if not isinstance(row, dict):
            raise line.error("it is no JSON object")
        texts = {name: _text(line, row, name) for name in ("prompt", "chosen", "rejected")}
        if texts["chosen"] == texts["rejected"]:
            raise line.error("'chosen' and 'rejected' are the same text, so nothing is preferred")
        question = known_question(texts["prompt"], domain)
        identity = question.id if question.id != "asked" else f"imported: {texts['prompt'][:200]}"
        found.append(Ranking(
            question_id=identity, question=texts["prompt"], answers=(texts["chosen"], texts["rejected"]), ranks=(1, 2),
            by=by or str(row.get("ranked_by") or "imported")[:80], kind="imported",
        ))  # fmt: skip
    if not found:
        raise TriviumError(f"{path}: there is no line in it. {_FIX}")
    return found


def _text(line: jsonl.Line, row: dict[str, Any], name: str) -> str:
    """A field as text."""
    value = row.get(name)
    if isinstance(value, list):
        value = _said(value, "user" if name == "prompt" else "assistant")
    if not isinstance(value, str) or not value.strip():
        raise line.error(f"'{name}' is no text and no list of messages")
    if len(value) > _LONGEST:
        raise line.error(f"'{name}' has {len(value):,} characters; at most {_LONGEST:,} are read")
    return clean_text(value).strip()


def _said(messages: Sequence[Any], role: str) -> Any:
    said = [message.get("content") for message in messages if isinstance(message, dict) and message.get("role") == role]
    return said[-1] if said else None
