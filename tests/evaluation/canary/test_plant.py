"""What is planted: a domain that loads, a second state that its updates lead to, copies that lose nothing."""

import json
from collections import Counter
from pathlib import Path

import pytest

from data.documents import read_documents
from data.errors import TriviumError
from data.load import load_domain
from evaluation.canary.manifest import FILE, read_manifest
from evaluation.canary.phrases import PHRASES
from evaluation.canary.plant import AFTER, DOCUMENTS, plant
from evaluation.grading.grader import Grader

DOMAINS = Path(__file__).parents[2] / "domains"


def test_the_copies_are_a_domain_and_its_updates_lead_to_the_second_state(corpus: Path, tmp_path: Path) -> None:
    done = plant(corpus, tmp_path / "out")
    manifest = read_manifest(tmp_path / "out")
    assert manifest == done.manifest
    assert len(manifest.canaries) == 40
    assert Counter(c.document for c in manifest.canaries) == dict.fromkeys(manifest.documents, 5)
    assert len(manifest.documents) == 8
    domain = load_domain(tmp_path / "out")
    assert len(domain.questions) == 40
    assert len(domain.updates) == 12
    after = {document.id: document.text for document in read_documents(tmp_path / "out" / AFTER)}
    assert {document.id: document.text for document in domain.updated().documents} == after
    for canary in manifest.canaries:
        text = domain.document(canary.document).text
        assert text.count(canary.sentence) == 1
        assert sum(canary.answer in document.text for document in domain.documents) == 1
        assert (canary.changed or canary.sentence) in after[canary.document]
        if canary.changed:
            assert canary.answer not in after[canary.document]
    for path in sorted(corpus.iterdir()):
        text = (tmp_path / "out" / DOCUMENTS / path.name).read_text(encoding="utf-8")
        for canary in manifest.canaries:
            text = text.replace(f" {canary.sentence}", "").replace(f"\n\n{canary.sentence}", "")
        assert text.split() == path.read_text(encoding="utf-8").split()


def test_the_seed_decides_and_nothing_else(corpus: Path, tmp_path: Path) -> None:
    one, same, other = (plant(corpus, tmp_path / str(n), seed=seed).manifest for n, seed in enumerate((1, 1, 2)))
    assert one == same
    assert one.documents != other.documents or one.canaries != other.canaries


@pytest.mark.parametrize("language", sorted(PHRASES))
def test_every_language_asks_for_what_its_sentences_say(corpus: Path, tmp_path: Path, language: str) -> None:
    manifest = plant(corpus, tmp_path / "out", language=language).manifest
    kinds = Counter(phrase.kind for phrase in PHRASES[language])
    assert set(kinds) == {"number", "code", "person"}
    grader = Grader(language=language)
    for canary in manifest.canaries:
        assert canary.answer not in canary.question
        assert grader.grade([(canary.as_question(), canary.answer)])[0].grade == "correct"
    load_domain(tmp_path / "out")


@pytest.mark.parametrize("language", ["german", "japanese"])
def test_documents_in_other_languages_get_sentences_in_theirs(tmp_path: Path, language: str) -> None:
    done = plant(DOMAINS / language, tmp_path / "out", count=8, each=4)
    assert done.manifest.language == language[:2].replace("ge", "de")
    assert not done.in_english
    assert len(done.manifest.canaries) == 8


def test_what_cannot_be_edited_is_copied_as_text_and_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.html").write_text("<h1>Shop</h1><p>It opens at nine. It closes at six.</p>", encoding="utf-8")
    (source / "b.md").write_text("# Bags\n\nBring a bag. Paper is fine.\n", encoding="utf-8")
    (source / "c.pdf").write_bytes(b"%PDF-1.4 nothing")
    (source / "d.exe").write_bytes(b"MZ")
    done = plant(source, tmp_path / "out", count=4, each=2)
    assert done.as_text == {".html": 1}
    assert set(done.skipped) == {"c.pdf", "d.exe"}
    assert {path.name for path in (tmp_path / "out" / DOCUMENTS).iterdir()} == {"a.html.md", "b.md"}
    assert len(done.manifest.canaries) == 4


def test_a_short_text_takes_what_it_has_room_for(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.md").write_text("One line is all.", encoding="utf-8")
    done = plant(source, tmp_path / "out")
    assert len(done.manifest.canaries) == 1


def test_wrong_use_is_one_sentence(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("x", encoding="utf-8")
    for source, out, said in (
        (corpus, tmp_path / "full", "not an empty folder"),
        (tmp_path / "lost", tmp_path / "new", "no such folder"),
        (tmp_path / "full", tmp_path / "new", "there is no document that can be read"),
    ):
        with pytest.raises(TriviumError, match=said):
            plant(source, out)
    assert not (tmp_path / "new").exists()
    with pytest.raises(TriviumError, match=r"there is no canaries\.json"):
        read_manifest(corpus)
    plant(corpus, tmp_path / "new", count=2)
    content = json.loads((tmp_path / "new" / FILE).read_text(encoding="utf-8"))
    (tmp_path / "new" / FILE).write_text(json.dumps(content | {"seed": 7}), encoding="utf-8")
    with pytest.raises(TriviumError, match="not what was written"):
        read_manifest(tmp_path / "new")
