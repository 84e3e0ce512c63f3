"""Which passages should retrieval cut and how should it search? Measured on real question sets.

    python -m benchmarks.retrieval search FOLDER [FOLDER …] --questions 1000
    python -m benchmarks.retrieval chunking FOLDER

`search`: recall@k by meaning, by words and by both, for passages of 128 tokens. A question is found when each of its
documents has a passage among the first k (with the answer in it, where the answer stands in the document word by word).
`chunking`: for a set with gold character spans, the share of them among the five passages retrieved (recall), the share
of what was retrieved that is gold (precision), and the intersection over the union: Smith and Troynikov 2024,
"Evaluating Chunking Strategies for Retrieval".
"""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mean

from benchmarks.prompt_variants import read_set
from data import jsonl
from data.progress import silent
from data.prompt import Passage
from data.schema import Document, Domain, DomainSettings, Question
from model.local import LocalModel
from rag.chunk import chunk
from rag.embed import Embedder, SentenceEmbedder
from rag.keywords import KeywordIndex, fuse
from rag.retrieve import FUSED, Retrieval
from rag.vectors import new_index

DEPTHS = (1, 2, 3, 5, 10)
RETRIEVED = 5  # passages, as in the report
LENGTHS = (64, 128, 200, 400)


def _needed(question: Question, passages: Sequence[Passage]) -> Iterator[set[str]]:
    """For each document of the question: its passages with an answer in them, or all where none has."""
    for name in question.document_ids:
        own = [passage for passage in passages if passage.document_id == name]
        holding = {p.chunk_id for p in own if any(answer in p.text for answer in question.answers)}
        yield holding or {passage.chunk_id for passage in own}


def search(model: LocalModel, embedder: Embedder, folder: Path, count: int, seed: int) -> None:
    documents, questions = read_set(folder, count, seed)
    questions = [question for question in questions if question.answerable]
    settings = DomainSettings(name=folder.name)
    domain = Domain(folder=folder, settings=settings, documents=tuple(documents), questions=tuple(questions))
    with tempfile.TemporaryDirectory() as place:
        for search_by in ("meaning", "words", "both"):
            retrieval = Retrieval(embedder, Path(place), max(DEPTHS), search_by=search_by)
            passages = retrieval.prepare(domain, model, silent).chunks
            by_document: dict[str, list[Passage]] = {}
            for passage in passages:
                by_document.setdefault(passage.document_id, []).append(passage)
            found = retrieval.ranked(questions, max(DEPTHS))
            cells = []
            for k in DEPTHS:
                hits = 0
                for question, context in zip(questions, found, strict=True):
                    names = {passage.chunk_id for passage in context.passages[:k]}
                    own = [p for name in question.document_ids for p in by_document[name]]
                    hits += all(names & group for group in _needed(question, own))
                cells.append(f"{100 * hits / len(questions):.0f} %")
            label = {"meaning": "embeddings", "words": "BM25", "both": "both, fused"}[search_by]
            sizes = f"{len(questions)} of {len(passages)}"
            print(f"| {folder.name} ({sizes}) | {label} | {' | '.join(cells)} |", flush=True)


def _fixed(documents: Sequence[Document], characters: int = 1200) -> list[Passage]:
    """Every 1,200 characters a cut, whatever stands there: the naive way, for comparison."""
    return [
        Passage(d.id, f"{d.id}#{at}", d.title, d.text[at : at + characters])
        for d in documents
        for at in range(0, len(d.text), characters)
    ]


def _places(documents: Sequence[Document], passages: Sequence[Passage]) -> dict[str, set[int]]:
    """The characters of all documents that each passage covers, numbered through."""
    places, starts, total = {}, {}, 0
    for document in documents:
        starts[document.id], total = total, total + len(document.text)
    texts = {document.id: document.text for document in documents}
    reached: dict[str, int] = {}
    for passage in passages:
        at = texts[passage.document_id].index(passage.text, reached.get(passage.document_id, 0))
        reached[passage.document_id] = at + 1
        start = starts[passage.document_id] + at
        places[passage.chunk_id] = set(range(start, start + len(passage.text)))
    return places


def chunking(model: LocalModel, embedder: Embedder, folder: Path) -> None:
    documents = [Document(id=row["id"], title="", text=row["text"]) for row in jsonl.read(folder / "documents.jsonl")]
    questions = jsonl.read(folder / "questions.jsonl")
    whole = [Passage(d.id, d.id, d.title, d.text) for d in documents]
    starts = {name: min(places) for name, places in _places(documents, whole).items()}
    gold = [
        {starts[span["document_id"]] + at for span in row["meta"]["spans"] for at in range(span["start"], span["end"])}
        for row in questions
    ]
    texts = [row["question"] for row in questions]
    queries = embedder.encode(texts)
    cuts = [(f"{n} tokens", list(chunk(documents, model, n))) for n in LENGTHS]
    for label, passages in [*cuts, ("1,200 characters, anywhere", _fixed(documents))]:
        places, words = _places(documents, passages), KeywordIndex(passages)
        vectors = embedder.encode([f"{p.title}\n{p.text}" for p in passages])
        index = new_index("exact", vectors.shape[1])
        index.add(vectors)
        near = [[passages[row] for row in rows] for rows in index.search(queries, FUSED)[1]]
        named = words.search(texts, FUSED)
        fused = [fuse(both, FUSED) for both in zip(near, named, strict=True)]
        for way, ranked in (("embeddings", near), ("BM25", named), ("both, fused", fused)):
            recall, precision, union = [], [], []
            for wanted, found in zip(gold, ranked, strict=True):
                got = set().union(*(places[passage.chunk_id] for passage in found[:RETRIEVED]))
                recall.append(len(got & wanted) / len(wanted))
                precision.append(len(got & wanted) / max(1, len(got)))
                union.append(len(got & wanted) / len(got | wanted))
            cells = " | ".join(f"{100 * mean(values):.1f} %" for values in (recall, precision, union))
            print(f"| {label} ({len(passages)}) | {way} | {cells} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["search", "chunking"])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--questions", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    model, embedder = LocalModel(), SentenceEmbedder()
    if options.what == "search":
        print("| set (questions of passages) | search | " + " | ".join(f"recall@{k}" for k in DEPTHS) + " |")
        print("| --- " * (len(DEPTHS) + 2) + "|")
        for folder in options.folders:
            search(model, embedder, folder, options.questions, options.seed)
    else:
        print("| cut (passages) | search | recall | precision | IoU |\n| --- | --- | --- | --- | --- |")
        for folder in options.folders:
            chunking(model, embedder, folder)


if __name__ == "__main__":
    main()
