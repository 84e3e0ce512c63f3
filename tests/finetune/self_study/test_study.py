"""Questions are written once, go on where they were stopped, and stand in a file of training wordings."""

from pathlib import Path
from typing import Any

import pytest

from data import jsonl
from data.progress import silent
from data.schema import Domain, Question
from finetune.self_study import study
from finetune.self_study.study import PAIRS, obtain_study
from finetune.self_study.writing import Outcome, Writer, by_rule
from rag.chunk import chunk


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRIVIUM_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "self-study"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Passages that were written about, by rule alone; the fourth time it is stopped."""
    found: list[str] = []

    def write(together: Any, *_: Any) -> list[Outcome]:
        if len(found) == 3:
            found.append("stopped")
            raise KeyboardInterrupt
        found.extend(passage.chunk_id for passage, _ in together)
        return [Outcome([w for spot in spots for w in by_rule(spot)], len(spots)) for _, spots in together]

    monkeypatch.setattr(study, "write_about", write)
    monkeypatch.setattr(study, "_ROUND", 1)
    return found


def test_written_once_and_resumed(domain: Domain, tiny_model: Any, cache: Path, asked: list[str]) -> None:
    passages, writer = list(chunk(domain.documents, tiny_model, 200)), Writer(tiny_model, "rules")
    assert len(passages) == 4
    with pytest.raises(KeyboardInterrupt):
        obtain_study(domain, passages, tiny_model, writer, silent)
    made = obtain_study(domain, passages, tiny_model, writer, silent)
    assert asked == [p.chunk_id for p in passages[:3]] + ["stopped", passages[3].chunk_id]
    assert not made.reused
    again = obtain_study(domain, passages, tiny_model, writer, silent)
    assert again.reused
    assert again.questions == made.questions
    assert len(asked) == 5
    assert [path.name for path in cache.iterdir() if path.suffix == ".jsonl"] == []
    assert made.record["passages"] == 4
    assert made.record["kept"] == len(made.questions) > 0


def test_what_is_written_is_a_training_wording_of_its_sentence(
    domain: Domain, tiny_model: Any, cache: Path, asked: list[str]
) -> None:
    passages = list(chunk(domain.documents[:2], tiny_model, 200))
    made = obtain_study(domain, passages, tiny_model, Writer(tiny_model, "rules"), silent)
    (file,) = cache.glob(f"*/{PAIRS}")
    assert jsonl.read_models(file, Question) == list(made.questions)
    texts = {document.id: document.text for document in domain.documents}
    for question in made.questions:
        assert question.split == "train"
        (quote,), (name,) = question.evidence, question.document_ids
        assert quote in texts[name]
        assert question.answers[0] in quote
    assert len({question.id for question in made.questions}) == len(made.questions)


def test_other_documents_or_another_writer_are_another_study(domain: Domain, tiny_model: Any, asked: list[str]) -> None:
    passages = list(chunk(domain.documents, tiny_model, 200))
    for given, name in ((passages[:1], "rules"), (passages[1:2], "rules"), (passages[:1], "other")):
        assert not obtain_study(domain, given, tiny_model, Writer(tiny_model, name), silent).reused


def test_a_line_that_was_changed_while_it_waited_is_written_again(
    domain: Domain, tiny_model: Any, cache: Path, asked: list[str]
) -> None:
    passages, writer = list(chunk(domain.documents, tiny_model, 200)), Writer(tiny_model, "rules")
    with pytest.raises(KeyboardInterrupt):
        obtain_study(domain, passages, tiny_model, writer, silent)
    (partial,) = cache.glob("*.partial.jsonl")
    first, second, third = partial.read_bytes().split(b"\n")[:3]
    assert b"Harbour1" in second
    partial.write_bytes(b"\n".join([first, second.replace(b"Harbour1", b"Harbour9"), third, b""]))
    made = obtain_study(domain, passages, tiny_model, writer, silent)
    assert asked[4:] == [passage.chunk_id for passage in passages[1:]]
    assert not any("Harbour9" in question.question for question in made.questions)
