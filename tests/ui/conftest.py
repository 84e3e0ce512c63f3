"""A page of the app, opened on a folder of runs without a browser."""

import json
import sys
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd
import psutil
import pytest
from browser import opened_browser, served
from fakes import says_right, write_domain, write_run
from streamlit.testing.v1 import AppTest

from data.load import load_domain
from evaluation.jobs.job import JOBS


def _script(address: str) -> None:
    from ui.app import ENTRIES

    next(entry for entry in ENTRIES if entry.address == address).show()


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Opens the page of an address on a folder of runs."""

    def open_page(address: str, folder: Path, **query: str | list[str]) -> AppTest:
        monkeypatch.setattr(sys, "argv", ["app.py", str(folder)])
        page = AppTest.from_function(_script, kwargs={"address": address}, default_timeout=120)
        for key, value in query.items():
            page.query_params[key] = value
        return page.run()

    return open_page


@pytest.fixture
def texts() -> Callable[[AppTest], str]:
    """All that a page says outside of tables, without the signs that keep it from being markup."""

    def said(page: AppTest) -> str:
        kinds = (page.markdown, page.caption, page.text, page.info, page.success, page.warning, page.error, page.code)
        return "\n".join(str(element.value) for kind in kinds for element in kind).replace("\\", "")

    return said


@pytest.fixture
def html() -> Callable[[AppTest], list[str]]:
    """Everything that a page shows as HTML, in its order."""
    return lambda page: [block.proto.body for block in page.get("html")]


@pytest.fixture
def tables(html: Callable[[AppTest], list[str]]) -> Callable[[AppTest], list[pd.DataFrame]]:
    """The tables of the report that a page shows."""
    return lambda page: [
        frame
        for body in html(page)
        if "<table" in body
        for frame in pd.read_html(StringIO(body), keep_default_na=False)
    ]


@pytest.fixture
def make_job() -> Callable[..., Path]:
    """A job as evaluation.jobs.job would have left it. Marks are files in its folder: `log_txt="…"` is log.txt."""

    def write(runs: Path, out: Path, pid: int, *arguments: str, **marks: str) -> Path:
        folder = runs / JOBS / "20260101-000000-abcd"
        folder.mkdir(parents=True)
        content = {"title": out.name, "arguments": arguments or ("run",), "out": str(out), "cwd": str(runs)}
        (folder / "job.json").write_text(json.dumps(content | {"created": 1.0}), encoding="utf-8")
        created = psutil.Process(pid).create_time() if psutil.pid_exists(pid) else 0
        (folder / "process.json").write_text(json.dumps({"pid": pid, "created": created}), encoding="utf-8")
        for name, text in marks.items():
            (folder / name.replace("_", ".")).write_text(text, encoding="utf-8")
        return folder

    return write


@pytest.fixture
def button() -> Callable[..., object]:
    """The first button of this label."""
    return lambda page, label: next(one for one in page.button if one.label == label)


@pytest.fixture(scope="module")
def shown_runs(tmp_path_factory: pytest.TempPathFactory, tiny_model_folder: Path) -> Path:
    """A workspace with a domain and a finished run, for a browser; an answer of it tries to be markup."""
    root = tmp_path_factory.mktemp("workspace")
    domain = load_domain(write_domain(root / "domain"))
    answers = {"base": lambda question: "<script>alert(1)</script>", "rag": says_right}
    write_run(root / "runs" / "made-up", domain, answers, model=str(tiny_model_folder))
    return root / "runs"


@pytest.fixture(scope="module")
def address(shown_runs: Path) -> Iterator[str]:
    """`trivium ui` on that workspace."""
    with served(shown_runs) as found:
        yield found


@pytest.fixture
def context() -> Iterator[Any]:
    with opened_browser(viewport={"width": 1280, "height": 900}, accept_downloads=True) as found:
        yield found
