"""The index finds what was put in, survives saving and loading, and is not built twice."""

import time
from pathlib import Path
from typing import Any

import pytest

from data.errors import TriviumError
from data.progress import silent
from data.prompt import Passage
from data.schema import Domain, Update
from rag.index import PassageIndex, digest
from rag.retrieve import Retrieval


def test_nearest_first_with_scores(embedder: Any) -> None:
    passages = [Passage("d", f"d#{i}", "", text) for i, text in enumerate(["blue otter", "red heron", "blue heron"])]
    index = PassageIndex.build(passages, embedder.encode([p.text for p in passages]))
    (found,) = index.search(embedder.encode(["blue otter"]), 2)
    assert [passage.chunk_id for passage in found] == ["d#0", "d#2"]
    assert found[0].score == pytest.approx(1.0)
    assert found[1].score == pytest.approx(0.5)


def test_saved_and_loaded_it_finds_the_same(embedder: Any, tmp_path: Path) -> None:
    passages = [Passage("d", "d#0", "Titel", "blåe otter"), Passage("e", "e#0", "", "red heron")]
    index = PassageIndex.build(passages, embedder.encode([p.text for p in passages]))
    sha256 = index.save(tmp_path / "index")
    loaded = PassageIndex.load(tmp_path / "index", "exact")
    assert loaded.passages == index.passages
    query = embedder.encode(["heron"])
    assert loaded.search(query, 2) == index.search(query, 2)
    assert digest(tmp_path / "index", "exact") == sha256


def test_an_index_that_does_not_match_its_passages_is_refused(embedder: Any) -> None:
    index = PassageIndex.build([Passage("d", "d#0", "", "x")], embedder.encode(["x"]))
    with pytest.raises(TriviumError, match="build it again"):
        PassageIndex([], "exact", index.index)


def test_retrieval_finds_each_document(domain: Domain, embedder: Any, tiny_model: Any, tmp_path: Path) -> None:
    retrieval = Retrieval(embedder, tmp_path / "index", k=1, chunk_tokens=400)
    made = retrieval.prepare(domain, tiny_model, silent)
    assert not made.details["reused"]
    questions = [question for question in domain.split("test") if question.answerable]
    for question, context in zip(questions, retrieval.contexts(questions), strict=True):
        assert context.passages[0].document_id == question.document_ids[0]
    again = Retrieval(embedder, tmp_path / "index", k=1, chunk_tokens=400).prepare(domain, tiny_model, silent)
    assert again.details["reused"]
    assert again.details["index_sha256"] == made.details["index_sha256"]
    other = Retrieval(embedder, tmp_path / "index", k=1, chunk_tokens=300).prepare(domain, tiny_model, silent)
    assert not other.details["reused"], "another length of passages is another index"


def test_the_embedded_model_knows_what_is_near(tmp_path: Path) -> None:
    from rag.embed import SentenceEmbedder

    vectors = SentenceEmbedder().encode(["The ferry leaves at nine.", "Departure of the boat: 9 am.", "Soup is hot."])
    assert vectors.shape == (3, 384)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.2


def test_an_unknown_embedding_model_is_named() -> None:
    from rag.embed import SentenceEmbedder

    with pytest.raises(TriviumError, match="unknown embedding model 'mini'"):
        SentenceEmbedder("mini")


def test_a_changed_document_is_taken_in_alone(domain: Domain, tiny_model: Any, embedder: Any, tmp_path: Path) -> None:
    sentence = next(question.evidence[0] for question in domain.questions if question.evidence)
    update = Update(
        fact_id="flag0", document_id="Harbour0.md", old=sentence, new="The flag is gone.", answers=("gone",),
        stale_answers=("otter",),
    )  # fmt: skip
    changed = Domain(**dict(domain) | {"updates": (update,)}).updated()
    # By meaning alone: where scores are equal, as in this small domain, BM25 prefers what was indexed first.
    retrieval = Retrieval(embedder, tmp_path / "index", 2, 60, "meaning")
    retrieval.prepare(domain, tiny_model, silent)
    assert retrieval.index_ is not None
    before = {passage.chunk_id: passage.text for passage in retrieval.index_.passages}
    embedded: list[str] = []
    encode = embedder.encode
    embedder.encode = lambda texts, progress=silent: embedded.extend(texts) or encode(texts, progress)
    assert (retrieval.refresh(changed, tiny_model, silent) or 0) > 0
    after = {passage.chunk_id: passage.text for passage in retrieval.index_.passages}
    assert all("Guide to Harbour0" in text for text in embedded), "no other document is embedded again"
    assert {name: text for name, text in before.items() if not name.startswith("Harbour0")} == {
        name: text for name, text in after.items() if not name.startswith("Harbour0")
    }
    assert all(name.startswith("Harbour0.md@1#") for name in after.keys() - before.keys())
    assert "The flag is gone." in " ".join(after.values())
    assert sentence not in " ".join(after.values())
    fresh = Retrieval(embedder, tmp_path / "fresh", 2, 60, "meaning")
    fresh.prepare(changed, tiny_model, silent)
    questions = domain.split("test")
    for one, two in zip(retrieval.contexts(questions), fresh.contexts(questions), strict=True):
        assert {p.text for p in one.passages} == {p.text for p in two.passages}
    assert [d.id for d in retrieval.documents_.values() if d.revision] == ["Harbour0.md"]


@pytest.mark.parametrize("search_by", ["meaning", "words", "both"])
@pytest.mark.parametrize("kind", ["exact", "hnsw"])
def test_a_removed_document_is_not_found_and_an_added_one_is(
    domain: Domain, tiny_model: Any, embedder: Any, tmp_path: Path, search_by: Any, kind: Any
) -> None:
    questions = [question for question in domain.split("test") if question.document_ids == ("Harbour0.md",)]
    without = domain.model_copy(update={"documents": domain.documents[1:]})
    assert domain.documents[0].id == "Harbour0.md"
    retrieval = Retrieval(embedder, tmp_path / "index", 10, 400, search_by, kind)
    retrieval.prepare(domain, tiny_model, silent)

    def found() -> set[str]:
        return {p.document_id for context in retrieval.contexts(questions) for p in context.passages}

    assert "Harbour0.md" in found()
    retrieval.refresh(without, tiny_model, silent)
    assert found()
    assert "Harbour0.md" not in found()
    retrieval.refresh(domain, tiny_model, silent)
    assert retrieval.contexts(questions)[0].passages[0].document_id == "Harbour0.md"


@pytest.mark.parametrize("kind", ["exact", "hnsw"])
def test_an_emptied_document_is_found_no_more(
    domain: Domain, tiny_model: Any, embedder: Any, tmp_path: Path, kind: str
) -> None:
    emptied = [d.model_copy(update={"text": " "}) if n == 0 else d for n, d in enumerate(domain.documents)]
    retrieval = Retrieval(embedder, tmp_path / "index", 10, 400, "both", kind)
    retrieval.prepare(domain, tiny_model, silent)
    retrieval.refresh(domain.with_documents(emptied), tiny_model, silent)
    assert {p.document_id for p in retrieval.passages} == {d.id for d in domain.documents[1:]}
    retrieval.refresh(domain.with_documents([emptied[0]]), tiny_model, silent)
    assert [context.passages for context in retrieval.contexts(domain.split("test"))] == [()] * 5
    nothing = Retrieval(embedder, tmp_path / "nothing", 10, 400, "both", kind)
    assert nothing.prepare(domain.with_documents([emptied[0]]), tiny_model, silent).chunks == ()
    assert nothing.contexts(domain.split("test")[:1])[0].passages == ()


def test_searching_words_alone_embeds_nothing(domain: Domain, tiny_model: Any, embedder: Any, tmp_path: Path) -> None:
    embedder.encode = None  # fails when it is called
    retrieval = Retrieval(embedder, tmp_path / "index", 1, 400, "words")
    details = retrieval.prepare(domain, tiny_model, silent).details
    assert (details["index"], details["embedder"], details["reused"]) == ("none", None, False)
    question = domain.split("test")[1]
    assert retrieval.contexts([question])[0].passages[0].document_id == question.document_ids[0]
    retrieval.refresh(domain.with_documents(domain.documents[:1]), tiny_model, silent)
    assert {p.document_id for p in retrieval.passages} == {"Harbour0.md"}
    again = Retrieval(None, tmp_path / "index", 1, 400, "words")
    assert again.prepare(domain, tiny_model, silent).details["reused"]
    assert again.contexts([question])[0].passages[0].document_id == question.document_ids[0]


def test_meaning_needs_an_embedding_model(tmp_path: Path) -> None:
    with pytest.raises(TriviumError, match="needs an embedding model"):
        Retrieval(None, tmp_path, search_by="both")


def test_a_reused_index_keeps_the_seconds_of_its_making(
    domain: Domain, tiny_model: Any, embedder: Any, tmp_path: Path
) -> None:
    encode = embedder.encode

    def slowly(texts: Any, progress: Any = silent) -> Any:
        time.sleep(0.2)
        return encode(texts, progress)

    embedder.encode = slowly
    first, again = (Retrieval(embedder, tmp_path / "index").prepare(domain, tiny_model, silent) for _ in range(2))
    assert (first.details["reused"], again.details["reused"]) == (False, True)
    assert first.details["seconds"] > 0.2
    assert again.details["seconds"] > 0.2


def test_another_embedding_model_is_told_apart(domain: Domain, tiny_model: Any, embedder: Any, tmp_path: Path) -> None:
    Retrieval(embedder, tmp_path / "index").prepare(domain, tiny_model, silent)
    embedder.fingerprint = "e" * 64
    with pytest.raises(TriviumError, match="other weights than this one has now"):
        Retrieval(embedder, tmp_path / "index").prepare(domain, tiny_model, silent)


@pytest.mark.parametrize("name", ["passages.jsonl", "vectors.exact", "index.json"])
@pytest.mark.parametrize("damage", ["flipped", "empty", "gone"])
def test_a_damaged_index_is_made_again(
    domain: Domain, tiny_model: Any, embedder: Any, tmp_path: Path, name: str, damage: str
) -> None:
    made = Retrieval(embedder, tmp_path / "index").prepare(domain, tiny_model, silent)
    path = tmp_path / "index" / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.unlink() if damage == "gone" else path.write_bytes(bytes(content) if damage == "flipped" else b"")
    again = Retrieval(embedder, tmp_path / "index").prepare(domain, tiny_model, silent)
    assert again.details["index_sha256"] == made.details["index_sha256"]
    assert again.chunks == made.chunks
