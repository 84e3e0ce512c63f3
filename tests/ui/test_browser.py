"""The app in a real browser: every page, a run from start to report, a second tab, a grade, a slider, an upload."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes import says_right, write_domain, write_run

from data.load import load_domain

PAGES = ("", "answers", "compare", "costs", "data", "runs", "playground", "lab")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
playwright = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium here (`.ci/run` installs it)")
READY = "[data-testid=stApp][data-test-script-state=notRunning]"
BAD = "[data-testid=stException], [data-testid=stAlertContentError]"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, tiny_model_folder: Path) -> Path:
    """A workspace with a domain and a finished run; an answer of it tries to be markup."""
    root = tmp_path_factory.mktemp("workspace")
    domain = load_domain(write_domain(root / "domain"))
    answers = {"base": lambda question: "<script>alert(1)</script>", "rag": says_right}
    write_run(root / "runs" / "made-up", domain, answers, model=str(tiny_model_folder))
    return root / "runs"


@pytest.fixture(scope="module")
def address(runs: Path) -> Iterator[str]:
    """`trivium ui` on a workspace with a domain and a finished run."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "evaluation", "ui", "--runs", "runs", "--port", str(port)]
    environment = os.environ | {"TRIVIUM_CACHE": str(runs.parent / ".cache")}
    with subprocess.Popen([*command, "--no-browser"], cwd=runs.parent, stdout=subprocess.DEVNULL, env=environment,
                          start_new_session=True) as server:  # fmt: skip
        try:
            ends = time.monotonic() + 60
            while not _listens(port):
                assert time.monotonic() < ends, "the app did not start"
                assert server.poll() is None
                time.sleep(0.2)
            yield f"http://localhost:{port}"
        finally:
            os.killpg(server.pid, 15)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("localhost", port)) == 0


class Tab:
    """A browser tab that notes whatever went wrong in it."""

    def __init__(self, context: Any, address: str) -> None:
        self.page, self.address = context.new_page(), address
        self.problems: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", lambda line: line.type == "error" and self._note(line))

    def _note(self, line: Any) -> None:
        # Streamlit asks below the page's address first where its own interface lies; that answer is expected.
        url = line.location.get("url", "")
        if "/_stcore/" not in url:
            self.problems.append(f"{line.text} {url}")

    def open(self, name: str) -> None:
        self.page.goto(f"{self.address}/{name}")
        self.page.wait_for_selector("h1", timeout=60_000)
        self.settle()

    def settle(self) -> None:
        self.page.wait_for_timeout(400)
        self.page.wait_for_selector(READY, timeout=60_000)

    def click(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).first.click()
        self.settle()

    def fill(self, label: str, text: str) -> None:
        box = self.page.get_by_label(label, exact=True).first
        box.fill(text)
        box.press("Enter")
        self.settle()

    def click_row(self, row: int, table: int = 0) -> None:
        frame = self.page.locator("[data-testid=stDataFrame]").nth(table)
        frame.scroll_into_view_if_needed()
        place = frame.bounding_box()
        self.page.mouse.click(place["x"] + 18, place["y"] + 35 + 35 * row + 17)
        self.settle()

    def sees(self, text: str, seconds: float = 10) -> None:
        self.page.get_by_text(text).locator("visible=true").first.wait_for(timeout=seconds * 1000)

    def is_well(self) -> None:
        assert self.problems == []
        assert self.page.locator(BAD).count() == 0


@pytest.fixture
def context() -> Iterator[Any]:
    with playwright.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
        browser.close()


def test_every_page_opens(context: Any, address: str) -> None:
    tab = Tab(context, address)
    for name in PAGES:
        tab.open(name)
        tab.is_well()
    tab.page.set_viewport_size({"width": 400, "height": 900})
    for name in PAGES:
        tab.open(name)
        wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not tab.page.evaluate(wide), f"{name} is wider than a telephone"
    tab.is_well()


def test_a_grade_is_overruled_and_a_slider_moved(context: Any, address: str, runs: Path) -> None:
    tab = Tab(context, address)
    tab.open("answers")
    tab.click_row(0)
    tab.sees("<script>alert(1)</script>")
    tab.click("Mark as right")
    tab.sees("You said: right.")
    (label,) = [json.loads(row) for row in (runs / "made-up" / "labels.jsonl").read_text("utf-8").splitlines()]
    assert label["correct"] is True
    assert label["answer"] == "<script>alert(1)</script>"
    tab.open("costs")
    tab.page.get_by_role("slider", name="Months").press("ArrowRight")
    tab.sees("over 13 months")
    tab.is_well()


def test_documents_are_uploaded(context: Any, address: str, runs: Path, tmp_path: Path) -> None:
    (tmp_path / "hours.md").write_text("# Hours\n\nThe shop opens at 9.\n", encoding="utf-8")
    tab = Tab(context, address)
    tab.open("data")
    tab.page.get_by_role("tab", name="Upload").click()
    tab.settle()
    tab.fill("Name of the new domain", "shop")
    tab.page.locator("input[type=file]").set_input_files(tmp_path / "hours.md")
    tab.sees("hours.md")
    tab.click("Upload")
    tab.sees("1 document and 0 questions added")
    assert (runs.parent / "shop" / "documents" / "hours.md").exists()
    tab.is_well()


def test_a_run_is_started_watched_left_and_found_again(
    context: Any, address: str, runs: Path, tiny_model_folder: Path
) -> None:
    tab = Tab(context, address)
    tab.open("runs")
    tab.page.get_by_text("Start a run").click()
    tab.fill("Base model", str(tiny_model_folder))
    tab.fill("Name of the run", "from-the-app")
    tab.click("Start")
    tab.sees("from-the-app")
    tab.page.close()  # the tab is closed; the run goes on
    other = Tab(context, address)
    other.open("runs")
    other.sees("from-the-app")
    ends = time.monotonic() + 240
    while not (runs / "from-the-app" / "report.html").exists():
        assert time.monotonic() < ends, [path.read_text("utf-8") for path in runs.glob(".jobs/*/log.txt")]
        time.sleep(0.5)
    other.open("")
    assert (
        "from-the-app" in other.page.get_by_role("combobox").first.input_value()
        or other.page.get_by_text("from-the-app").count()
    )
    other.sees("questions about 4 documents")
    other.is_well()


def _teach(tab: Tab, runs: Path, name: str, seconds: float, model: str = "") -> None:
    """Start a training on the five sentences of the page, and wait until it is done and taken apart."""
    tab.open("lab")
    if any((runs / ".lab").glob("*")):  # folded as soon as there is a training to look at
        tab.page.get_by_text("Teach it something").click()
    tab.fill("Name", name)
    if model:
        tab.fill("Base model", model)
    tab.click("Teach these sentences")
    tab.sees("Loss (the error)", seconds)
    record = runs / ".lab" / name / "lab.json"
    ends = time.monotonic() + seconds
    while not (record.exists() and json.loads(record.read_text("utf-8"))["state"] == "complete"):
        assert time.monotonic() < ends, [path.read_text("utf-8")[-2000:] for path in runs.glob(".jobs/*/log.txt")]
        time.sleep(0.5)
    tab.sees("New wordings answered correctly", 30)


def test_sentences_are_taught_and_asked(context: Any, address: str, runs: Path, tiny_model_folder: Path) -> None:
    """Started, watched and asked about, on the tiny model."""
    tab = Tab(context, address)
    _teach(tab, runs, "tiny", 240, str(tiny_model_folder))
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
    tab.page.get_by_role("tab", name="What does it remember?").click()
    tab.settle()
    for way in ("Paste it and ask", "Start a new session and ask", "Add it to the index and ask"):
        tab.click(way)
    tab.click("Ask the adapter that was trained on it")
    tab.sees("The fingerprint is the same in every line", 60)
    tab.is_well()


@pytest.mark.slow
def test_the_real_model_learns_five_sentences(context: Any, address: str, runs: Path) -> None:
    """It answers questions in words that it was never trained on, and nothing of its frozen weights has moved."""
    tab = Tab(context, address)
    _teach(tab, runs, "real", 900)
    record = json.loads((runs / ".lab" / "real" / "lab.json").read_text("utf-8"))
    assert record["fingerprint_before"] == record["fingerprint_after"]
    before, after = (sum(answer["right"] for answer in record[when]) for when in ("before", "after"))
    assert before <= 1
    assert after >= 4
    tab.is_well()
