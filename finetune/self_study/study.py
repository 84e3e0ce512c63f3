"""The questions of a self-study: about every passage, made once for all trained methods, in a file to read and edit."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data import jsonl
from data.cache_entry import cache_folder, is_entry, obtain, sha256_of
from data.files import read_text, write_json
from data.progress import Progress
from data.prompt import Passage
from data.schema import Domain, Question
from finetune.self_study.spots import spots_of
from finetune.self_study.writing import Outcome, Reading, Writer, Written, write_about
from model.language_model import LanguageModel
from model.speed import meter_of

RECIPE = 1  # of making questions; counted up when it changes, so that kept ones are made anew
PAIRS, RECORD = "pairs.jsonl", "study.json"
_ROUND = 8  # passages that are written about together, and kept together


@dataclass(frozen=True)
class Study:
    """Questions with their answers, and what making them took."""

    questions: tuple[Question, ...]
    record: dict[str, Any]  # passages, proposed, seconds, writer, sha256 of the file
    reused: bool


def _key(domain: Domain, passages: Sequence[Passage], model: LanguageModel, writer: Writer) -> str:
    """Digest of all that decides what is written."""
    content = {
        "recipe": RECIPE,
        "model": dict(model.identity()),
        "writer": writer.name,
        "instruction": domain.settings.instruction,
        "passages": [(passage.chunk_id, passage.title, passage.text) for passage in passages],
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _row(written: Written, number: int) -> dict[str, Any]:
    """A written question as a line of the file: a training wording of the sentence that it asks about."""
    spot, passage = written.spot, written.spot.passage
    place = hashlib.sha256(f"{spot.sentence} {written.answer}".encode()).hexdigest()[:8]
    return {
        "id": f"study-{passage.chunk_id}-{number}",
        "question": written.question,
        "answers": [written.answer],
        "fact_id": f"study-{passage.chunk_id}-{place}",
        "split": "train",
        "document_ids": [passage.document_id],
        "evidence": [spot.sentence],
        "meta": {"kind": written.kind, "writer": written.writer, "passage": passage.chunk_id, "drafted": True},
    }


def questions_of(written: Iterable[Written]) -> list[Question]:
    """As training wordings."""
    return [Question.model_validate(_row(one, number)) for number, one in enumerate(written, 1)]


def _write_all(
    partial: Path, domain: Domain, passages: Sequence[Passage], writer: Writer, reading: Reading, progress: Progress
) -> list[dict[str, Any]]:
    """A line for each passage in `partial`, those of a stopped start among them."""
    done = {line["passage"]: line for line in jsonl.read_whole(partial)}
    jsonl.write(partial, done.values(), checked=True)  # without what is torn or damaged
    surroundings = {document.id: f"{document.title}\n{document.text}" for document in domain.documents}
    meter = meter_of(reading.model)
    left = [passage for passage in passages if passage.chunk_id not in done]
    for at in range(0, len(left), _ROUND):
        progress("asking about every passage", len(passages) - len(left) + at, len(passages))
        meter.look()
        started = meter.now()
        together = [(passage, list(spots_of(passage, domain.settings.language))) for passage in left[at : at + _ROUND]]
        outcomes = write_about(together, surroundings, writer, reading)
        meter.look()
        ended = meter.now()
        took = (ended.clock - started.clock) / len(together), meter.calibrated(started, ended) / len(together)
        lines = [_line(p, outcome, *took) for (p, _), outcome in zip(together, outcomes, strict=True)]
        jsonl.append(partial, lines, checked=True)
        done |= {line["passage"]: line for line in lines}
    progress("asking about every passage", len(passages), len(passages))
    return [done[passage.chunk_id] for passage in passages]


def _line(passage: Passage, outcome: Outcome, seconds: float, calibrated: float) -> dict[str, Any]:
    rows = [_row(written, number) for number, written in enumerate(outcome.kept, 1)]
    took = {"seconds": seconds, "calibrated_s": calibrated}
    return {"passage": passage.chunk_id, "proposed": outcome.proposed, "rows": rows} | took


def kept_study(domain: Domain, passages: Sequence[Passage], model: LanguageModel, writer: Writer) -> Study | None:
    """The questions about these passages where they lie in the cache."""
    folder = _place(domain, passages, model, writer)
    return _read(folder, reused=True) if is_entry(folder) else None


def _place(domain: Domain, passages: Sequence[Passage], model: LanguageModel, writer: Writer) -> Path:
    return cache_folder() / "self-study" / _key(domain, passages, model, writer)[:32]


def _read(folder: Path, reused: bool) -> Study:
    record = json.loads(read_text(folder / RECORD))
    return Study(tuple(jsonl.read_models(folder / PAIRS, Question)), record, reused)


def obtain_study(
    domain: Domain, passages: Sequence[Passage], model: LanguageModel, writer: Writer, progress: Progress
) -> Study:
    """Questions about these passages: from the cache, or written now; a stopped writing goes on where it was.

    Args:
        model: reads the passages, and what it answers decides which questions are kept.
    """
    folder = _place(domain, passages, model, writer)
    partial = folder.with_name(f"{folder.name}.partial.jsonl")

    def make(scratch: Path) -> None:
        partial.parent.mkdir(parents=True, exist_ok=True)
        lines = _write_all(partial, domain, passages, writer, Reading(model, domain.settings.instruction), progress)
        rows = [row for line in lines for row in line["rows"]]
        jsonl.write(scratch / PAIRS, rows)
        write_json(scratch / RECORD, {
            "recipe": RECIPE,
            "writer": writer.name,
            "passages": len(passages),
            "passages_asked": sum(bool(line["rows"]) for line in lines),
            "proposed": sum(line["proposed"] for line in lines),
            "kept": len(rows),
            "seconds": sum(line["seconds"] for line in lines),
            "calibrated_s": sum(line["calibrated_s"] for line in lines),
            "sha256": sha256_of(scratch / PAIRS),
        })  # fmt: skip

    reused = obtain(folder, make, "set of self-study questions", progress)
    partial.unlink(missing_ok=True)
    return _read(folder, reused)
