"""Adding questions: equal ones count once, ids and facts are never used twice."""

from typing import Any

from data.questions.numbering import add_to


def q(identity: str, asked: str, *answers: str, **more: Any) -> dict[str, Any]:
    return {"id": identity, "question": asked, "answers": list(answers), **more}


def test_the_same_again_adds_nothing() -> None:
    old = [q("a", "When does it sail?", "06:50"), q("b", "Who steers?")]
    new, there = add_to(old, [q("x", "when does it sail", "06:50", "ten to seven"), q("y", "Who steers?")])
    assert (new, there) == ([], 2)


def test_an_article_makes_no_other_answer() -> None:
    again = [q("x", "Which bird?", "The Heron."), q("y", "Which bird?", "a heron")]
    _, there = add_to([q("a", "Which bird?", "heron")], again)
    assert there == 2


def test_another_answer_or_split_is_another_question() -> None:
    old = [q("a", "When?", "06:50")]
    new, there = add_to(old, [q("a", "When?", "07:50"), q("b", "When?", "06:50", split="train")])
    assert ([row["id"] for row in new], there) == (["a-2", "b"], 0)


def test_ids_of_other_facts_and_of_drafts_are_not_taken() -> None:
    old = [q("1", "When?", "6", fact_id="sail")]
    new, _ = add_to(old, [q("1", "Who?", "Maren"), q("sail", "Where?", "Tarsa"), q("d", "How?", "well")], {"d"})
    assert [row["id"] for row in new] == ["1-2", "sail-2", "d-2"]
    assert not any("fact_id" in row for row in new)


def test_wordings_of_one_fact_stay_together_under_a_free_name() -> None:
    old = [q("1", "When?", "6")]
    rows = [
        q("1", "Who?", "Maren"),
        q("2", "Who steers?", "Maren", fact_id="1"),
        q("3", "Both?", "x", needs=["1", "z"]),
    ]
    new, _ = add_to(old, rows)
    assert [row["id"] for row in new] == ["1-2", "2", "3"]
    assert [row.get("fact_id", row["id"]) for row in new] == ["1-2", "1-2", "3"]
    assert new[2]["needs"] == ["1-2", "z"]


def test_a_further_wording_of_a_fact_that_is_there_joins_it() -> None:
    old = [q("a", "When?", "6", fact_id="sail")]
    new, _ = add_to(old, [q("b", "At what hour?", "6", fact_id="sail"), q("c", "Who?", "Maren", fact_id="crew")])
    assert [row["fact_id"] for row in new] == ["sail", "crew"]


def test_each_id_is_used_once() -> None:
    rows = [q("x", f"Question {number}?", str(number)) for number in range(5)]
    new, _ = add_to([q("x-3", "Old?", "y")], rows)
    assert len({row["id"] for row in new} | {"x-3"}) == 6
