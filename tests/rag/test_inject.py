"""Injection fills the window with whole documents and says what did not fit."""

from data.progress import silent
from data.schema import Domain
from rag.inject import Injection


class Window:
    def __init__(self, window: int) -> None:
        self.window = window

    def count_tokens(self, text: str) -> int:
        return len(text.split())


def test_everything_fits_a_large_window(domain: Domain) -> None:
    made = Injection(seed=0, reserve=10).prepare(domain, Window(10_000), silent)
    assert {passage.text for passage in made.chunks} == {document.text for document in domain.documents}
    assert made.details["left_out"] == []


def test_a_small_window_takes_whole_documents_and_records_the_rest(domain: Domain) -> None:
    made = Injection(seed=0, reserve=10).prepare(domain, Window(65), silent)
    assert 0 < len(made.chunks) < len(domain.documents)
    assert len(made.chunks) + len(made.details["left_out"]) == len(domain.documents)
    assert all(passage.text == domain.document(passage.document_id).text for passage in made.chunks)
    assert sum(len(f"{p.title} {p.text}".split()) for p in made.chunks) <= 55


def test_fewer_tokens_than_the_window_takes_can_be_asked_for(domain: Domain) -> None:
    everything = Injection(0, 10, most=10_000).prepare(domain, Window(10_000), silent).details
    assert (everything["left_out"], everything["limited_by"]) == ([], "window")
    few = Injection(0, 10, most=40).prepare(domain, Window(10_000), silent).details
    assert 0 < few["corpus_tokens"] <= 40
    assert few["limited_by"] == "inject_tokens"
    assert few["left_out"]


def test_the_order_follows_the_seed(domain: Domain) -> None:
    def order(seed: int) -> list[str]:
        chunks = Injection(seed, reserve=10).prepare(domain, Window(10_000), silent).chunks
        return [passage.document_id for passage in chunks]

    assert order(1) == order(1)
    assert len({tuple(order(seed)) for seed in range(6)}) > 1
