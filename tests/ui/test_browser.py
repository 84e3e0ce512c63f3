"""The app in a real browser: every page, a run from start to report, a second tab, a grade, a slider, an upload."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from browser import CHROMIUM, PAGES, WIDE, Tab, opened_browser
from fakes import says_right, write_run

from data.load import load_domain
from evaluation.grading.labels import read_labels
from evaluation.grading.score import LABELS
from evaluation.run.folder import RunFolder

pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium here (`.ci/run` installs it)")


def test_every_page_opens(context: Any, address: str) -> None:
    tab = Tab(context, address)
    for name in PAGES:
        tab.open(name)
        tab.is_well()
    tab.page.set_viewport_size({"width": 400, "height": 900})
    for name in PAGES:
        tab.open(name)
        assert not tab.page.evaluate(WIDE), f"{name} is wider than a telephone"
    tab.is_well()


def test_a_grade_is_overruled_and_a_slider_moved(context: Any, address: str, shown_runs: Path) -> None:
    tab = Tab(context, address)
    tab.open("answers")
    tab.click_row(0)
    tab.sees("<script>alert(1)</script>")
    tab.click("Mark as right")
    tab.sees("You said: right.")
    (label,) = [json.loads(row) for row in (shown_runs / "made-up" / "labels.jsonl").read_text("utf-8").splitlines()]
    assert label["correct"] is True
    assert label["answer"] == "<script>alert(1)</script>"
    tab.open("costs")
    tab.page.get_by_role("slider", name="Months").press("ArrowRight")
    tab.sees("over 13 months")
    tab.is_well()


def test_what_is_chosen_is_still_there_after_another_page_a_reload_and_back(
    context: Any, address: str, shown_runs: Path
) -> None:
    tab = Tab(context, address)
    tab.open("answers")
    tab.fill("Question or answer contains", "harbour2?")
    tab.click_row(0)
    tab.sees("Accepted: seal")
    chosen = ("text=harbour2%3F", "question=flag2-q", "run=made-up")
    assert all(part in tab.page.url for part in chosen), tab.page.url
    tab.go("Costs")
    tab.page.get_by_role("slider", name="Months").press("ArrowRight")
    tab.settle()
    assert "months=13" in tab.page.url
    tab.go("Answers")
    tab.sees("Accepted: seal")
    assert all(part in tab.page.url for part in chosen), tab.page.url
    tab.page.reload()
    tab.page.wait_for_selector("h1")
    tab.settle()
    tab.sees("Accepted: seal")
    tab.click("Close")
    assert "question=" not in tab.page.url
    tab.page.go_back()
    tab.settle()
    tab.sees("Accepted: seal")
    other = Tab(context, address)  # the copied address, in a session of its own
    other.page.goto(tab.page.url)
    other.sees("Accepted: seal", 60)
    other.is_well()


def test_keys_turn_pages_judge_and_take_back(context: Any, address: str, shown_runs: Path) -> None:
    run = RunFolder(shown_runs / "made-up")
    (run.path / LABELS).unlink(missing_ok=True)  # what the tests before have said of answers is shown too
    tab = Tab(context, address)
    tab.open("answers?text=harbour&judge=rag")
    tab.press("j")
    tab.page.wait_for_url("**question=**")
    first = tab.page.url
    tab.sees("1 of ")
    tab.press("j")
    tab.page.wait_for_url(lambda url: url != first)
    tab.press("k")
    tab.page.wait_for_url(lambda url: url == first)
    tab.press("w")
    tab.sees("You said: wrong.")
    tab.press("r")
    tab.sees("You said: right.")
    tab.press("u")
    tab.page.get_by_text("You said").wait_for(state="detached")
    assert len((run.path / LABELS).read_text("utf-8").splitlines()) == 3
    assert read_labels(run) == []
    tab.page.get_by_label("Question or answer contains").fill("jk")
    assert tab.page.url == first, "no key works while one types"
    tab.is_well()


def test_a_click_anywhere_in_a_line_opens_it(context: Any, address: str) -> None:
    tab = Tab(context, address)
    tab.open("answers?text=harbour2?")
    tab.click_row(0, across=260)
    tab.sees("Accepted: seal")
    tab.is_well()


def test_a_run_is_deleted_after_a_question_and_no_other_takes_its_place(
    context: Any, address: str, shown_runs: Path
) -> None:
    domain = load_domain(shown_runs.parent / "domain")
    write_run(shown_runs / "to-delete", domain, {"base": says_right})
    tab = Tab(context, address)
    tab.open("runs?opened-run=to-delete")
    tab.click("Delete")
    keep = tab.page.get_by_test_id("stBaseButton-primary").filter(has_text="Keep it")
    keep.wait_for()
    keep.click()
    tab.settle()
    assert (shown_runs / "to-delete").exists()
    tab.click("Delete")
    tab.click("Delete it")
    tab.page.get_by_test_id("stDialog").wait_for(state="detached")
    tab.settle()
    assert not (shown_runs / "to-delete").exists()
    assert (shown_runs / "made-up").exists()
    assert "opened-run" not in tab.page.url
    assert not tab.page.get_by_role("button", name="Delete", exact=True).count(), "no other run is open"
    tab.is_well()


def test_on_a_telephone_the_menu_leaves_the_page_that_was_chosen(address: str) -> None:
    with opened_browser(viewport={"width": 400, "height": 900}) as phone:
        tab = Tab(phone, address)
        tab.open("answers")
        drawer = tab.page.get_by_test_id("stSidebar")
        tab.page.get_by_test_id("stExpandSidebarButton").click()
        tab.page.wait_for_timeout(600)
        assert drawer.bounding_box()["x"] == 0
        tab.page.get_by_test_id("stSidebarNavLink").filter(has_text="Costs").click()
        for _ in range(2):  # and after a reload
            tab.sees("What does it cost?", 30)
            tab.page.wait_for_function(
                "document.querySelector('[data-testid=stSidebar]').getBoundingClientRect().right <= 0"
            )
            tab.page.reload()
        tab.is_well()


def test_documents_are_uploaded(context: Any, address: str, shown_runs: Path, tmp_path: Path) -> None:
    (tmp_path / "hours.md").write_text("# Hours\n\nThe shop opens at 9.\n", encoding="utf-8")
    (tmp_path / "photo.png").write_bytes(b"\x89PNG")
    tab = Tab(context, address)
    tab.open("data")
    tab.page.get_by_role("tab", name="Upload").click()
    tab.settle()
    tab.fill("Name of the new domain", "shop")
    tab.page.locator("input[type=file]").set_input_files([tmp_path / "hours.md", tmp_path / "photo.png"])
    tab.sees("hours.md")
    tab.click("Upload")
    tab.sees("1 document and 0 questions added")
    tab.sees("photo.png: skipped, this type is not read")
    assert "domain=shop" in tab.page.url
    tab.sees("Draft questions")
    assert (shown_runs.parent / "shop" / "documents" / "hours.md").exists()
    tab.is_well()


def test_a_run_is_started_watched_left_and_found_again(
    context: Any, address: str, shown_runs: Path, tiny_model_folder: Path
) -> None:
    tab = Tab(context, address)
    tab.open("runs")
    tab.unfold("Start a run")
    tab.fill("Base model", str(tiny_model_folder))
    tab.fill("Name of the run", "from-the-app")
    tab.click("Start")
    tab.sees("from-the-app")
    tab.page.close()  # the tab is closed; the run goes on
    other = Tab(context, address)
    other.open("runs")
    other.sees("from-the-app")
    ends = time.monotonic() + 240
    while not (shown_runs / "from-the-app" / "report.html").exists():
        assert time.monotonic() < ends, [path.read_text("utf-8") for path in shown_runs.glob(".jobs/*/log.txt")]
        time.sleep(0.5)
    other.open("")
    assert (
        "from-the-app" in other.page.get_by_role("combobox").first.input_value()
        or other.page.get_by_text("from-the-app").count()
    )
    other.sees("questions about 4 documents")
    other.is_well()


def _teach(tab: Tab, shown_runs: Path, name: str, seconds: float, model: str = "") -> None:
    """Start a training on the five sentences of the page, and wait until it is done and taken apart."""
    tab.open("lab")
    if any((shown_runs / ".lab").glob("*")):  # folded as soon as there is a training to look at
        tab.unfold("Teach it something")
    tab.fill("Name", name)
    if model:
        tab.fill("Base model", model)
    tab.click("Teach these sentences")
    tab.sees("Loss (the error)", seconds)
    record = shown_runs / ".lab" / name / "lab.json"
    ends = time.monotonic() + seconds
    while not (record.exists() and json.loads(record.read_text("utf-8"))["state"] == "complete"):
        assert time.monotonic() < ends, [path.read_text("utf-8")[-2000:] for path in shown_runs.glob(".jobs/*/log.txt")]
        time.sleep(0.5)
    tab.sees("New wordings answered correctly", 30)


def test_sentences_are_taught_and_asked(context: Any, address: str, shown_runs: Path, tiny_model_folder: Path) -> None:
    """Started, watched and asked about, on the tiny model."""
    tab = Tab(context, address)
    _teach(tab, shown_runs, "tiny", 240, str(tiny_model_folder))
    for name in ("One step, taken apart", "The valley", "Training and inference", "Check yourself"):
        tab.page.get_by_role("tab", name=name).click()
        tab.settle()
    tab.is_well()
    tab.open("playground")
    tab.page.get_by_role("button", name="Ask", exact=True).wait_for(timeout=60_000)
    assert tab.page.get_by_role("combobox").first.input_value() == "lab: tiny"
    tab.click("Ask")
    tab.sees("weights unchanged", 60)
    tab.sees("The next token", 60)
    tab.fill("Question", "Who feeds the gulls?")  # Enter asks, too
    tab.page.locator("strong", has_text="Who feeds the gulls?").wait_for(timeout=60_000)
    assert not tab.page.get_by_text("Answers to the question that was asked last").count()
    tab.page.get_by_role("combobox").nth(1).click()
    tab.page.get_by_role("option").nth(1).click()
    tab.sees("Answers to the question that was asked last", 30)
    tab.page.get_by_role("tab", name="What does it remember?").click()
    tab.settle()
    for way in ("Paste it and ask", "Start a new session and ask", "Add it to the index and ask"):
        tab.click(way)
    tab.click("Ask the adapter that was trained on it")
    tab.sees("The fingerprint is the same in every line", 60)
    tab.is_well()


@pytest.mark.slow
def test_the_real_model_learns_five_sentences(context: Any, address: str, shown_runs: Path) -> None:
    """It answers questions in words that it was never trained on, and nothing of its frozen weights has moved."""
    tab = Tab(context, address)
    _teach(tab, shown_runs, "real", 900)
    record = json.loads((shown_runs / ".lab" / "real" / "lab.json").read_text("utf-8"))
    assert record["fingerprint_before"] == record["fingerprint_after"]
    before, after = (sum(answer["right"] for answer in record[when]) for when in ("before", "after"))
    assert before <= 1
    assert after >= 4
    tab.is_well()
