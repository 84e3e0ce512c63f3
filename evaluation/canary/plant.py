"""Plant invented sentences into copies of documents, in two states: as they are first, and with some changed."""

import json
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from data import jsonl
from data.errors import TriviumError
from data.files import read_text, together
from data.import_documents import import_documents
from data.language import detect_language
from data.progress import Progress, silent
from data.prompt import instruction_in
from data.sealed import write_sealed
from evaluation.canary.manifest import FILE, Canary, Manifest
from evaluation.canary.phrases import PHRASES, Phrase
from evaluation.canary.placing import Gap, gaps, spread, with_sentences, word_count
from evaluation.canary.words import Inventor

DOCUMENTS, AFTER = "documents", "after"  # folders with the first state, and the second
_TEXT = (".md", ".markdown", ".txt")


@dataclass
class Planted:
    """What was written, and what a person should know of it."""

    manifest: Manifest
    documents: int
    as_text: Counter[str] = field(default_factory=Counter)  # documents copied as text, by their ending
    skipped: dict[str, str] = field(default_factory=dict)
    in_english: bool = False  # because there are no sentences in the documents' language


def plant(
    source: Path, out: Path, count: int = 40, each: int = 5, changed: float = 0.3, seed: int = 0, language: str = "",
    progress: Progress = silent,
) -> Planted:  # fmt: skip
    """Write `out`: a domain with the planted documents and their questions, the second state, and the manifest.

    Args:
        source: a folder with documents, or a domain.
        each: canaries of a document, where it has room for as many.
        changed: share of them whose value is another one in the second state.
        language: of the sentences; default: that of the documents.

    Raises:
        TriviumError: `out` is not empty, or there is nothing to plant into.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise TriviumError(f"{out}: not an empty folder. Name a new one.")
    inner = source / DOCUMENTS
    texts, planted = _texts(inner if inner.is_dir() else source, progress)
    if not texts:
        raise TriviumError(f"{source}: there is no document that can be read. Name a folder with documents.")
    spoken = language or detect_language(texts.values())
    planted.in_english = spoken not in PHRASES
    places = _places(texts, spoken, count, each, seed)
    canaries = _canaries(texts, places, PHRASES.get(spoken, PHRASES["en"]), changed, seed)
    planted.manifest = Manifest(
        seed=seed, language=spoken, documents={name: word_count(texts[name]) for name in places}, canaries=canaries
    )
    _write(out, texts, places, planted.manifest)
    return planted


def _texts(source: Path, progress: Progress) -> tuple[dict[str, str], Planted]:
    """The documents as text by their names in `out`, and what became of the others."""
    if not source.is_dir():
        raise TriviumError(f"{source}: no such folder. Name the folder with your documents.")
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        with together() as files:
            imported = import_documents(source, folder, progress, files)
        texts = {name: read_text(folder / name) for name in imported.documents}
    endings = Counter(Path(name).suffix.lower() for name in imported.names)
    as_text = Counter({ending: n for ending, n in endings.items() if ending not in _TEXT})
    nothing = Manifest(seed=0, language="en", documents={}, canaries=())
    return texts, Planted(nothing, len(texts), as_text, dict(imported.skipped))


def _places(texts: Mapping[str, str], language: str, count: int, each: int, seed: int) -> dict[str, list[Gap]]:
    """Documents of all lengths, drawn by seed, with the places of their canaries."""
    draw = random.Random(f"places {seed}")
    open_ = {name: gaps(text, language) for name, text in texts.items()}
    ordered = sorted(texts, key=lambda name: (len(open_[name]), name))
    wanted = min(len(ordered), max(1, -(-count // each)))
    strata = [
        ordered[len(ordered) * n // wanted : len(ordered) * (n + 1) // wanted] for n in range(wanted)
    ]  # of as many documents each, by length
    chosen = [draw.choice(stratum) for stratum in strata]
    shares = dict.fromkeys(chosen, 0)
    for _ in range(count):
        able = [name for name in chosen if shares[name] < len(open_[name])]
        if able:
            fewest = min(shares[name] for name in able)
            shares[max(name for name in able if shares[name] == fewest)] += 1
    return {name: spread(open_[name], share, draw) for name, share in shares.items() if share}


def _canaries(
    texts: Mapping[str, str], places: Mapping[str, Sequence[Gap]], phrases: Sequence[Phrase], changed: float, seed: int
) -> tuple[Canary, ...]:
    """A canary for each place: every phrase as often as any other, names and values new."""
    draw, inventor = random.Random(f"sentences {seed}"), Inventor("\n".join(texts.values()), seed)
    where = [(name, gap) for name, found in places.items() for gap in found]
    used = [phrases[n % len(phrases)] for n in range(len(where))]
    draw.shuffle(used)
    later = set(draw.sample(range(len(where)), round(changed * len(where))))
    canaries = []
    for number, ((document, gap), phrase) in enumerate(zip(where, used, strict=True)):
        name, value = inventor.name(), inventor.value(phrase.kind)
        other = inventor.value(phrase.kind) if number in later else ""
        canaries.append(Canary(
            id=f"canary-{number + 1:03}", document=document, words=gap.words,
            sentence=phrase.sentence.format(name=name, value=value), question=phrase.question.format(name=name),
            answer=value, changed=phrase.sentence.format(name=name, value=other) if other else "",
            changed_answer=other,
        ))  # fmt: skip
    return tuple(canaries)


def _write(out: Path, texts: Mapping[str, str], places: Mapping[str, Sequence[Gap]], manifest: Manifest) -> None:
    """Everything at once; the manifest, without which there is no check, last."""
    by_document: dict[str, list[Canary]] = {}
    for canary in manifest.canaries:
        by_document.setdefault(canary.document, []).append(canary)
    rows = [canary.as_question().model_dump(mode="json", exclude_defaults=True) for canary in manifest.canaries]
    updates = [
        {"fact_id": canary.id, "document_id": canary.document, "old": canary.sentence, "new": canary.changed,
         "answers": [canary.changed_answer], "stale_answers": [canary.answer]}
        for canary in manifest.canaries if canary.changed
    ]  # fmt: skip
    with together() as files:
        for name, text in texts.items():
            own = list(zip(places.get(name, ()), by_document.get(name, ()), strict=True))
            first = [(gap, canary.sentence) for gap, canary in own]
            second = [(gap, canary.changed or canary.sentence) for gap, canary in own]
            files.write_text(out / DOCUMENTS / name, with_sentences(text, first, manifest.language))
            files.write_text(out / AFTER / name, with_sentences(text, second, manifest.language))
        files.write_text(out / "questions.jsonl", jsonl.text_of(rows))
        files.write_text(out / "updates.jsonl", jsonl.text_of(updates))
        files.write_text(out / "domain.toml", _settings(out, manifest.language))
    write_sealed(out / FILE, manifest.model_dump(mode="json"))


def _settings(out: Path, language: str) -> str:
    name = json.dumps(f"Canaries {out.resolve().name}", ensure_ascii=False)
    instruction = json.dumps(instruction_in(language), ensure_ascii=False)
    return f'name = {name}\nlanguage = "{language}"\ninstruction = {instruction}\n'
