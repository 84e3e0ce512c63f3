"""More documents: made alike each time, indexed for real, and what is projected is told apart."""

from typing import Any

import pytest

from data.schema import Document
from evaluation.drills import size
from evaluation.drills.added_documents import added
from evaluation.drills.carry_out import carry_out
from evaluation.drills.size import Size

OWN = [Document(id="a.md", title="Norna", text="The quay of Norna is 62 metres long. The quay is old.")]


@pytest.mark.parametrize("kind", ["other", "similar"])
def test_documents_are_made_alike_each_time_and_more_begin_with_fewer(kind: str) -> None:
    few, many = list(added(kind, 3, OWN, 7)), list(added(kind, 9, OWN, 7))
    assert few == many[:3]
    assert few != list(added(kind, 3, OWN, 8))
    assert len({document.text for document in many}) == 9
    assert len({document.id for document in many}) == 9


def test_similar_documents_have_other_names_and_numbers_and_the_same_words() -> None:
    (document,) = added("similar", 1, OWN, 0)
    assert "Norna" not in document.title + document.text
    assert "62" not in document.text
    assert document.text.startswith("The quay of ")
    assert document.text.endswith("metres long. The quay is old.")


def test_search_is_measured_with_all_of_them_and_projected_beyond(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(size.ADDED, "smoke", (5, 40))
    made = bench()
    results = carry_out(Size(), made)
    searched = [p for p in results.points if p.method == "rag"]
    assert [p.x for p in searched if p.source == "measured"] == [8, 13, 48, 13, 48]
    assert [p.x for p in searched if p.source == "projected"] == [100, 1e3, 1e4, 1e5, 1e6]
    assert all(p.cell is None and p.seconds == 0 for p in searched if p.source == "projected")
    assert searched[0].figures["gold passage found"] == 1
    assert searched[0].cell.correct == 8
    table = next(table for table in results.tables if table.title == "What preparing takes")
    assert {row[3] for row in table.rows} == {"measured", "projected"}
    assert not (made.scratch / "size").exists() or not any((made.scratch / "size").iterdir())


def test_the_projection_goes_on_as_measured() -> None:
    from evaluation.results.drill import DrillPoint

    few, many = (
        DrillPoint(method="rag", setting="", x=x, figures={"s": s}, seconds=0) for x, s in ((10, 3.0), (110, 8.0))
    )
    assert size._line(few, many, "s", 1110) == pytest.approx(8 + 0.05 * 1000)  # 5 s for 100 documents


def test_pasting_is_asked_about_what_was_pasted_and_its_end_is_projected(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(size.ADDED, "smoke", (5,))
    results = carry_out(Size(), bench())
    pasted = {p.setting: p for p in results.points if p.method == "inject"}
    assert [(name, p.cell.n) for name, p in pasted.items() if p.cell] == [
        ("2 documents pasted", 2), ("4 documents pasted", 4), ("8 documents pasted", 8),
    ]  # fmt: skip
    tokens = pasted["8 documents pasted"].figures["tokens"]
    (end,) = [p for p in pasted.values() if p.source == "projected"]
    assert end.x == int(8 * 8192 / tokens)
