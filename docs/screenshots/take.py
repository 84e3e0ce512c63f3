"""Pictures of every page from the newest finished run: `make screenshots`. Needs chromium."""

import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
PAGES = ("report", "answers", "compare", "costs", "drills", "data", "runs", "playground", "lab")
LOOKS = (("1440", 1440, "light"), ("1440-dark", 1440, "dark"), ("400", 400, "light"), ("400-dark", 400, "dark"))
READY = "[data-testid=stApp][data-test-script-state=notRunning]"
WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def _settle(page: Any) -> None:
    page.wait_for_timeout(1500)
    page.wait_for_selector(READY, timeout=60_000)


def _take(page: Any, address: str, name: str, width: int, path: Path) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{address}/{'' if name == 'report' else name}")
    page.wait_for_selector("h1", timeout=60_000)
    _settle(page)
    if name == "answers" and width > 400:
        place = page.locator("[data-testid=stDataFrame]").first.bounding_box()
        page.mouse.click(place["x"] + 18, place["y"] + 35 * 9)  # a line is opened
        _settle(page)
    if name == "playground":
        page.get_by_role("button", name="Ask", exact=True).wait_for(timeout=120_000)
        page.get_by_role("button", name="inject", exact=True).click()  # it reads all documents, which takes long
        page.get_by_role("button", name="Ask", exact=True).click()
        page.get_by_text("Answer of", exact=True).wait_for(timeout=300_000)
        _settle(page)
    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": width, "height": min(max(600, height + 20), 2200)})
    _settle(page)
    page.screenshot(path=path)
    if page.evaluate(WIDE):
        sys.exit(f"{path.name}: the page is wider than its window")


def _told(page: Any) -> None:
    """Whatever the browser says of errors ends the command; Streamlit's own probing of addresses is expected."""

    def say(line: Any) -> None:
        if line.type == "error" and "/_stcore/" not in line.location.get("url", ""):
            sys.exit(f"{page.url}: {line.text}")

    page.on("console", say)


def main(port: int = 8655) -> None:
    """Start the app on this folder's runs, look at it in four ways, write the pictures beside this file."""
    options = ["--port", str(port), "--no-browser"]
    with subprocess.Popen([sys.executable, "-m", "evaluation", "ui", *options]) as server:
        try:
            while socket.socket().connect_ex(("localhost", port)):
                time.sleep(0.3)
            with sync_playwright() as play:
                browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
                for look, width, scheme in LOOKS:
                    page = browser.new_context(color_scheme=scheme).new_page()
                    _told(page)
                    for name in PAGES:
                        _take(page, f"http://localhost:{port}", name, width, HERE / f"{name}-{look}.png")
                browser.close()
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
