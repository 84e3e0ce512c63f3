"""The same passages as faiss; a collection belongs to its vectors; what is damaged or half-filled is made again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_qdrant import FakeQdrant, qdrant_server

from data.errors import TriviumError
from data.progress import silent
from data.schema import Domain
from rag import qdrant_collection
from rag.context import Context
from rag.kept import KeptRetrieval
from rag.qdrant_index import QdrantIndex
from rag.qdrant_server import KEY_VARIABLE, URL_VARIABLE
from rag.retrieve import Retrieval
from rag.vectors import Vectors, check_index, load_index, new_index


def _vectors(count: int, seed: int = 0) -> Vectors:
    made = np.random.default_rng(seed).standard_normal((count, 24), dtype=np.float32)
    return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), dtype=np.float32)


@pytest.fixture(params=[":memory:", "http"])
def server(request: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeQdrant]:
    """A database that outlives an index, in this process or behind its protocol."""
    with qdrant_server(FakeQdrant()) as fake:
        monkeypatch.setenv(URL_VARIABLE, fake.url)
        if request.param == ":memory:":
            monkeypatch.setenv(URL_VARIABLE, ":memory:")
            monkeypatch.setattr(qdrant_collection, "connect", lambda: fake.client)
        yield fake


def _names(fake: FakeQdrant) -> list[str]:
    return sorted(one.name for one in fake.client.get_collections().collections)


def test_it_finds_what_faiss_finds(server: FakeQdrant, tmp_path: Path) -> None:
    known, queries = _vectors(700), _vectors(80, seed=1)
    index, exact = new_index("qdrant", 24), new_index("exact", 24)
    for each in (index, exact):
        each.add(known[:300])
        each.add(known[300:])
    index.save(tmp_path / "v")
    wanted = exact.search(queries, 10)
    for each in (index, load_index("qdrant", tmp_path / "v")):
        scores, rows = each.search(queries, 10)
        assert rows.tolist() == wanted[1].tolist()
        np.testing.assert_allclose(scores, wanted[0], atol=1e-6)
    assert len(_names(server)) == 1


def test_of_equal_rows_the_first_are_taken_as_in_faiss(server: FakeQdrant, tmp_path: Path) -> None:
    """Documents repeat each other; which of equal passages stand in a prompt must not depend on the index."""
    known = _vectors(40)
    known[[7, 20, 33]] = known[3]
    index, exact = new_index("qdrant", 24), new_index("exact", 24)
    for each in (index, exact):
        each.add(known)
    index.save(tmp_path / "v")
    for k in (1, 2, 3, 4, 6):
        (mine,), (theirs,) = (each.search(known[3:4], k)[1].tolist() for each in (index, exact))
        assert mine[:4] == [3, 7, 20, 33][:k]
        assert set(mine) == set(theirs)


def test_changes_are_searched_beside_the_collection_which_stays(server: FakeQdrant, tmp_path: Path) -> None:
    known, more, queries = _vectors(300), _vectors(40, seed=2), _vectors(20, seed=1)
    index = new_index("qdrant", 24)
    index.add(known)
    index.save(tmp_path / "v")
    gone = {*range(0, 300, 3), 301}
    index.add(more)
    assert index.remove(gone) is False
    left = [row for row in range(340) if row not in gone]
    likeness = queries @ np.concatenate([known, more])[left].T
    expected = [[left[place] for place in np.argsort(-scores)[:5]] for scores in likeness]
    assert index.search(queries, 5)[1].tolist() == expected
    (name,) = _names(server)
    assert server.client.count(name).count == 300
    assert load_index("qdrant", tmp_path / "v").rows == 300
    index.save(tmp_path / "w")
    assert len(_names(server)) == 2, "other rows are another collection"
    assert load_index("qdrant", tmp_path / "w", gone).search(queries, 5)[1].tolist() == expected


def test_few_rows_and_none(server: FakeQdrant, tmp_path: Path) -> None:
    index = new_index("qdrant", 24)
    index.add(_vectors(0))
    index.save(tmp_path / "none")
    for each in (index, load_index("qdrant", tmp_path / "none")):
        assert [part.shape for part in each.search(_vectors(2), 5)] == [(2, 0), (2, 0)]
    assert _names(server) == []
    index.add(_vectors(4))
    index.save(tmp_path / "four")
    index.remove([1])
    assert index.search(_vectors(2, seed=1), 10)[1].shape == (2, 3)
    index.remove([0, 1, 2, 3])
    assert index.search(_vectors(2, seed=1), 10)[1].shape == (2, 0)


@pytest.mark.parametrize("damage", ["half", "gone", "more", "others", "other_numbers", "size"])
def test_a_collection_that_is_not_what_was_written_is_made_again(
    server: FakeQdrant, tmp_path: Path, damage: str
) -> None:
    from qdrant_client import models

    known, queries, client = _vectors(150), _vectors(10, seed=1), server.client
    index = new_index("qdrant", 24)
    index.add(known)
    index.save(tmp_path / "v")
    wanted, (name,) = index.search(queries, 5)[1].tolist(), _names(server)
    if damage == "half":
        client.delete(name, list(range(75, 150)))
    elif damage == "more":
        client.upsert(name, [models.PointStruct(id=150, vector=queries[0].tolist())])
    elif damage == "others":
        client.upsert(name, [models.PointStruct(id=row, vector=queries[0].tolist()) for row in range(150)])
    elif damage == "other_numbers":
        client.delete(name, list(range(150)))
        client.upsert(name, [models.PointStruct(id=row + 1000, vector=v.tolist()) for row, v in enumerate(known)])
    else:
        client.delete_collection(name)
        if damage == "size":
            client.create_collection(name, models.VectorParams(size=3, distance=models.Distance.DOT))
    again = load_index("qdrant", tmp_path / "v")
    assert again.search(queries, 5)[1].tolist() == wanted
    assert (client.count(name).count, _names(server)) == (150, [name])


def test_a_whole_collection_is_not_sent_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with qdrant_server(FakeQdrant()) as fake:
        monkeypatch.setenv(URL_VARIABLE, fake.url)
        index = new_index("qdrant", 24)
        index.add(_vectors(300))
        index.save(tmp_path / "v")
        sent = fake.uploads
        load_index("qdrant", tmp_path / "v")
        assert (sent, fake.uploads) == (3, 3)


def test_a_server_that_fails_in_the_middle_is_named_and_filled_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, queries = _vectors(400), _vectors(5, seed=1)
    with qdrant_server(FakeQdrant(fails_after=2)) as fake:
        monkeypatch.setenv(URL_VARIABLE, fake.url)
        index = new_index("qdrant", 24)
        index.add(known)
        with pytest.raises(TriviumError, match=f"{fake.url} failed with status 500"):
            index.save(tmp_path / "v")
        (name,) = _names(fake)
        assert fake.client.count(name).count == 256
        fake.fails_after = None
        index = load_index("qdrant", tmp_path / "v")
        expected = [np.argsort(-scores)[:5].tolist() for scores in queries @ known.T]
        assert index.search(queries, 5)[1].tolist() == expected
    with pytest.raises(TriviumError, match="no Qdrant server answers"):
        index.search(queries, 5)


def test_up_to_a_limit_the_server_compares_every_row_beyond_it_searches_its_graph(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with qdrant_server(FakeQdrant()) as fake:
        monkeypatch.setenv(URL_VARIABLE, fake.url)
        index = new_index("qdrant", 24)
        index.add(_vectors(60))
        index.save(tmp_path / "v")
        index.search(_vectors(1), 5)
        monkeypatch.setattr(qdrant_collection, "EXACT_LIMIT", 59)
        index.search(_vectors(1), 5)
        index.search(_vectors(1), 500)
    small, large, wide = (query["params"] for query in fake.queries)
    assert (small["exact"], large.get("exact"), large["hnsw_ef"]) == (True, None, 256)
    assert wide["hnsw_ef"] == 256


def test_retrieval_finds_the_same_passages_as_with_faiss(
    server: FakeQdrant, domain: Domain, tiny_model: Any, embedder: Any, tmp_path: Path
) -> None:
    check_index("qdrant")
    questions, first = domain.split("test"), domain.documents[0]
    changed = domain.with_documents([first.model_copy(update={"text": "Only herons."}), *domain.documents[1:]])
    for reused in (False, True):
        mine, exact = (Retrieval(embedder, tmp_path / kind, 3, 60, "meaning", kind) for kind in ("qdrant", "exact"))
        details = mine.prepare(domain, tiny_model, silent).details
        assert (details["index"], details["reused"]) == ("qdrant", reused)
        exact.prepare(domain, tiny_model, silent)
        assert _told_apart(mine.contexts(questions)) == _told_apart(exact.contexts(questions))
    for each in (mine, exact):
        each.refresh(changed, tiny_model, silent)
    assert [p.text for p in mine.passages if p.document_id == first.id] == ["Only herons."]
    assert _told_apart(mine.contexts(questions)) == _told_apart(exact.contexts(questions))
    collections = _names(server)
    assert len(collections) == 1
    mine.prepare(changed, tiny_model, silent)
    assert len(_names(server)) == 2, "a changed corpus never reads an old collection"
    kept = KeptRetrieval(embedder, tmp_path / "qdrant", 3, "meaning")
    kept.prepare(domain, tiny_model, silent)
    assert kept.contexts(questions)[0].passages == mine.contexts(questions)[0].passages


def _told_apart(contexts: list[Context]) -> list[list[tuple[float, set[str]]]]:
    """Scores and the passages that have them, best first, but for the last: others may have that one too."""
    found = []
    for context in contexts:
        scores = [round(passage.score or 0, 5) for passage in context.ranking]
        assert len(set(scores)) > 1
        found.append([
            (score, {p.chunk_id for p, its in zip(context.ranking, scores, strict=True) if its == score})
            for score in sorted(set(scores), reverse=True)[:-1]
        ])  # fmt: skip
    return found


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (None, "needs a Qdrant server. Start one and set TRIVIUM_QDRANT_URL"),
        ("localhost:6333", "not the address of a server"),
        ("ftp://host", "not the address of a server"),
        ("http://host:port", "not the address of a server"),
        ("http://[::1", "not the address of a server"),
        ("http://host\x1b[2J", "not the address of a server"),
        ("https://user:secret-1@host", "give the address of host without a key"),
        ("https://host?api_key=secret-1", "give the address of host without a key"),
    ],
)
def test_an_address_that_is_none_is_named_before_a_run(
    monkeypatch: pytest.MonkeyPatch, url: str | None, said: str
) -> None:
    monkeypatch.delenv(URL_VARIABLE, raising=False)
    if url is not None:
        monkeypatch.setenv(URL_VARIABLE, url)
    with pytest.raises(TriviumError) as caught:
        QdrantIndex.check()
    assert said in str(caught.value)
    assert "secret-1" not in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_server_that_refuses_the_key_or_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    with qdrant_server(FakeQdrant(key="secret-1")) as fake:
        monkeypatch.setenv(URL_VARIABLE, fake.url + "/")
        monkeypatch.setenv(KEY_VARIABLE, "secret-2")
        with pytest.raises(TriviumError, match="refuses the key") as caught:
            check_index("qdrant")
        assert "secret-2" not in str(caught.value)
        monkeypatch.setenv(KEY_VARIABLE, "secret-1")
        check_index("qdrant")
        for other in (b"<html>nginx \x1b[2J</html>", b"{}", b"[]", b'{"result": 3}', b"\xff"):
            fake.says = other
            with pytest.raises(TriviumError, match="is no Qdrant server, or one of another version") as caught:
                check_index("qdrant")
            assert "nginx" not in str(caught.value)
    with pytest.raises(TriviumError, match="no Qdrant server answers at http://127"):
        check_index("qdrant")
    check_index("exact")
    check_index("auto")
