"""A browser that looks at the app: a server on a workspace, and a tab that notes whatever goes wrong in it."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PAGES = ("", "answers", "compare", "costs", "data", "runs", "playground", "lab")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
READY = "[data-testid=stApp][data-test-script-state=notRunning]"
BAD = "[data-testid=stException], [data-testid=stAlertContentError]"
WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("localhost", port)) == 0


@contextmanager
def served(runs: Path) -> Iterator[str]:
    """The address of `trivium ui` on a folder of runs."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "evaluation", "ui", "--runs", "runs", "--port", str(port), "--no-browser"]
    environment = os.environ | {"TRIVIUM_CACHE": str(runs.parent / ".cache")}
    with subprocess.Popen(command, cwd=runs.parent, stdout=subprocess.DEVNULL, env=environment,
                          start_new_session=True) as server:  # fmt: skip
        try:
            ends = time.monotonic() + 120
            while not _listens(port):
                assert time.monotonic() < ends, "the app did not start"
                assert server.poll() is None
                time.sleep(0.2)
            yield f"http://localhost:{port}"
        finally:
            os.killpg(server.pid, 15)


@contextmanager
def opened_browser(**options: Any) -> Iterator[Any]:
    """A context of chromium; options are those of Playwright's new_context."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser.new_context(**options)
        browser.close()


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

    def unfold(self, title: str) -> None:
        """A click that comes while the page is still being drawn is lost: asked again until the fold is open."""
        fold = self.page.locator("details", has=self.page.get_by_text(title, exact=True)).first
        fold.wait_for(timeout=60_000)
        for _ in range(20):
            if fold.get_attribute("open") is not None:
                return
            fold.locator("summary").first.click()
            self.settle()
        raise AssertionError(f"{title} stays folded")

    def go(self, title: str) -> None:
        """By the menu."""
        self.page.get_by_test_id("stTopNavLink").filter(has_text=title).click()
        self.page.wait_for_timeout(600)
        self.settle()

    def press(self, key: str) -> None:
        """A key that the page listens to."""
        self.page.wait_for_selector(f"body[data-keys~='{key}']", state="attached", timeout=60_000)
        self.page.keyboard.press(key)
        self.page.wait_for_timeout(600)
        self.settle()

    def click_row(self, row: int, table: int = 0, across: int = 18) -> None:
        frame = self.page.locator("[data-testid=stDataFrame]").nth(table)
        frame.scroll_into_view_if_needed()
        place = frame.bounding_box()
        self.page.mouse.click(place["x"] + across, place["y"] + 35 + 35 * row + 17)
        self.settle()

    def sees(self, text: str, seconds: float = 10) -> None:
        self.page.get_by_text(text).locator("visible=true").first.wait_for(timeout=seconds * 1000)

    def is_well(self) -> None:
        assert self.problems == []
        assert self.page.locator(BAD).count() == 0
