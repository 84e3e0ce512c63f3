"""The report as a PDF, printed by a browser that is on the machine: chromium, or one made from it."""

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from data.errors import TriviumError
from data.files import read_bytes, write_text

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "chrome",
    "msedge",
)
SECONDS = 180  # after which a browser that does not end is stopped
_LARGEST = 2**28  # bytes
_OPTIONS = (
    "--headless=new", "--disable-gpu", "--disable-extensions", "--disable-background-networking", "--disable-sync",
    "--no-first-run", "--no-default-browser-check", "--no-pdf-header-footer", "--virtual-time-budget=10000",
)  # fmt: skip


def browser() -> str:
    """The browser that prints.

    Raises:
        TriviumError: there is none.
    """
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    raise TriviumError(
        f"a PDF is printed by chromium, and none of {', '.join(BROWSERS[:4])} is here. Install one, or open the HTML "
        "report in any browser and print it to a file."
    )


def printed(page: str) -> bytes:
    """A page of HTML as PDF.

    Raises:
        TriviumError: there is no browser, or it printed nothing.
    """
    program = browser()
    with TemporaryDirectory(prefix="trivium-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        write_text(folder / "report.html", page)
        command = [
            program,
            *_OPTIONS,
            f"--user-data-dir={folder / 'profile'}",
            f"--print-to-pdf={folder / 'report.pdf'}",
        ]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.append("--no-sandbox")  # which chromium cannot set up for root, as in most containers
        command.append((folder / "report.html").as_uri())
        try:
            done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired as error:
            raise TriviumError(f"{program} did not print the report within {SECONDS} s. Try again.") from error
        if done.returncode or not (folder / "report.pdf").exists():
            said = done.stderr.decode(errors="replace").strip().splitlines()
            told = f" ({said[-1]})" if said else ""
            raise TriviumError(
                f"{program} did not print the report{told}. Print the HTML report from a browser instead."
            )
        return read_bytes(folder / "report.pdf", _LARGEST)
