"""Documents and questions: shown with what could be known, edited, drafted, checked, uploaded."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from data.load import TRAINING, load_domain

Open = Callable[..., AppTest]
Texts = Callable[[AppTest], str]
Button = Callable[[AppTest, str], Any]


def test_a_domain_is_shown_with_what_each_method_could_know(opened: Open, texts: Texts, runs: Path) -> None:
    page = opened("data", runs)
    frame = page.dataframe[0].value.set_index("id")
    assert bool(frame.loc["flag0-q", "documents say it"]) is True
    assert bool(frame.loc["flag1-q", "training covers it"]) is False
    assert bool(frame.loc["none-q", "documents say it"]) is False
    assert "No leak" in texts(page)


def test_filtering_closes_the_open_question_and_opens_no_other(opened: Open, runs: Path) -> None:
    page = opened("data", runs, edited="flag1-q")
    assert page.text_input[1].value == "Which animal is on the flag of Harbour1?"
    for words in ("harbour2", "zzzz"):
        page.text_input[0].set_value(words).run()
        assert not page.exception
        assert len(page.text_input) == 1, "no form of another question"


def test_the_check_says_what_limits_the_figures(opened: Open, texts: Texts, runs: Path) -> None:
    page = opened("data", runs, tab="Check")
    assert not page.exception
    assert "No error and no leak" in texts(page)
    assert "too few facts to rank methods" in texts(page)


def test_drafts_are_accepted_and_rejected(opened: Open, button: Button, tmp_path: Path) -> None:
    domain = tmp_path / "shop"
    (domain / "documents").mkdir(parents=True)
    (domain / "documents" / "hours.md").write_text("# Hours\n\nThe shop opens at 9.\n", encoding="utf-8")
    drafts = [
        {"id": f"draft-{n}", "question": f"When, {n}?", "answers": ["at 9"], "document_ids": ["hours.md"],
         "evidence": "The shop opens at 9.", "wordings": [], "meta": {"drafted": True}}
        for n in (1, 2)
    ]  # fmt: skip
    (domain / "drafts.jsonl").write_text("".join(json.dumps(d) + "\n" for d in drafts), encoding="utf-8")
    (tmp_path / "runs").mkdir()
    page = opened("data", tmp_path / "runs", tab="Drafts")
    next(box for box in page.text_input if box.value == "When, 1?").set_value("When does it open?").run()
    button(page, "Accept").click().run()
    button(page, "Reject").click().run()
    assert not page.exception
    (kept,) = [json.loads(line) for line in (domain / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
    assert kept["question"] == "When does it open?"
    assert kept["meta"]["edited"] is True
    assert (domain / "drafts.jsonl").read_text(encoding="utf-8") == ""


def test_what_an_upload_brought_is_said_beside_the_domain_that_it_went_to(
    opened: Open, button: Button, texts: Texts, runs: Path
) -> None:
    page = opened("data", runs)
    page.session_state["upload_said"] = [
        ("success", "shop: 1 document and 0 questions added."), ("warning", "photo.png: skipped, not read")
    ]  # fmt: skip
    page.run()
    assert "1 document and 0 questions added" in texts(page)
    assert "photo.png: skipped" in texts(page)
    assert "upload_said" not in page.session_state
    page.run()
    assert not button(page, "Check").disabled, "the ways on stay"
    assert not button(page, "Run").disabled


def test_a_domain_that_is_gone_is_said_to_be_gone(opened: Open, texts: Texts, runs: Path) -> None:
    page = opened("data", runs, domain="elsewhere")
    assert not page.exception
    assert "no domain 'elsewhere'" in texts(page)
    assert not page.dataframe


def _edit(folder: str, identity: str) -> None:
    from pathlib import Path

    from data.load import load_domain
    from ui.domain.questions import edit_question

    domain = load_domain(Path(folder))
    edit_question(domain, next(question for question in domain.questions if question.id == identity))


def _edited(folder: Path, identity: str, text: str) -> AppTest:
    """The form of a question after another wording was saved."""
    page = AppTest.from_function(_edit, kwargs={"folder": str(folder), "identity": identity}, default_timeout=60).run()
    page.text_input[0].set_value(text)
    return page.button[0].click().run()


def test_a_question_of_a_csv_file_is_edited(tmp_path: Path) -> None:
    (tmp_path / "shop" / "documents").mkdir(parents=True)
    (tmp_path / "shop" / "documents" / "hours.md").write_text("# Hours\n\nThe shop opens at 9.\n", encoding="utf-8")
    table = 'question,answer,note\n"When, and where, does it open?",at 9,"kept, too"\nWho opens it?,Ann,\n'
    (tmp_path / "shop" / "questions.csv").write_text(table, encoding="utf-8")
    first = load_domain(tmp_path / "shop").questions[0]
    page = _edited(tmp_path / "shop", first.id, "At what time, pray, does it open?")
    assert not page.exception
    after = load_domain(tmp_path / "shop").questions
    assert [question.question for question in after] == ["At what time, pray, does it open?", "Who opens it?"]
    assert after[0].id == first.id
    assert "kept, too" in (tmp_path / "shop" / "questions.csv").read_text(encoding="utf-8")


def test_a_training_wording_of_its_own_file_is_edited(make_domain: Any) -> None:
    folder = make_domain()
    own = {"id": "flag0-t9", "question": "Which beast has Harbour0?", "split": "train", "answers": ["otter"]}
    own |= {"fact_id": "flag0", "document_ids": ["Harbour0.md"]}
    (folder / TRAINING).write_text(json.dumps(own) + "\n", encoding="utf-8")
    page = _edited(folder, "flag0-t9", "Which animal has Harbour0?")
    assert not page.exception
    changed = next(question for question in load_domain(folder).questions if question.id == "flag0-t9")
    assert changed.question == "Which animal has Harbour0?"


@pytest.mark.parametrize("tab", ["Documents", "Upload"])
def test_every_tab_opens_by_its_address(opened: Open, runs: Path, tab: str) -> None:
    page = opened("data", runs, tab=tab)
    assert not page.exception
    assert not page.error


def test_an_answer_that_holds_the_mark_between_answers_stays_one(make_domain: Any) -> None:
    folder = make_domain()
    own = {"id": "pipe", "question": "Which command counts?", "answers": ["ls | wc"]}
    with (folder / "questions.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(own) + "\n")
    page = _edited(folder, "pipe", "Which command line counts?")
    assert not page.exception
    changed = next(question for question in load_domain(folder).questions if question.id == "pipe")
    assert (changed.question, changed.answers) == ("Which command line counts?", ("ls | wc",))
