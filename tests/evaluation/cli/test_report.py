"""`trivium report`: to a file, as a site, and what it refuses."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from evaluation.cli.main import app

RUNNER = CliRunner()


def test_a_site_needs_two_folders(runs: Path) -> None:
    done = RUNNER.invoke(app, ["report", "--site", str(runs)])
    assert "--site needs two folders" in str(done.exception)


def test_a_second_folder_needs_site(runs: Path, tmp_path: Path) -> None:
    done = RUNNER.invoke(app, ["report", str(runs / "made-up"), str(tmp_path)])
    assert "one folder too many" in str(done.exception)


def test_a_site_is_written(runs: Path, tmp_path: Path) -> None:
    out = tmp_path / "public"
    done = RUNNER.invoke(app, ["report", "--site", str(runs), str(out)])
    assert done.exit_code == 0, done.output
    assert f"1 run: {out / 'index.html'}" in done.output
    assert (out / "runs" / "made-up" / "answers.html").exists()


def test_a_pdf_goes_beside_the_other_reports(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from evaluation.report import pdf

    pages = []
    monkeypatch.setattr(pdf, "browser", lambda: "chromium")
    monkeypatch.setattr(pdf, "printed", lambda page: pages.append(page) or b"%PDF-")
    done = RUNNER.invoke(app, ["report", str(runs / "made-up"), "--format", "pdf"])
    assert done.exit_code == 0, done.output
    assert (runs / "made-up" / "report.pdf").read_bytes() == b"%PDF-"
    assert "<article" in pages[0]


def test_a_file_of_the_run_is_not_overwritten(runs: Path) -> None:
    target = runs / "made-up" / "results.json"
    done = RUNNER.invoke(app, ["report", str(runs / "made-up"), "--out", str(target)])
    assert "a file of a run, which would be lost" in str(done.exception)
