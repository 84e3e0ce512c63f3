"""Reports show what the results say, and nothing in them can act."""

import json
import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import pytest
from fakes import saved

from evaluation.analysis.results import build_results
from evaluation.report.render import csv, html, markdown, render
from evaluation.results.file import read_results
from evaluation.results.schema import Results
from evaluation.run.folder import RunFolder

EVIL = "<script>alert(1)</script> | [x](javascript:alert(1))"


@pytest.fixture
def folder(runs: Path) -> RunFolder:
    return RunFolder(runs / "made-up")


def test_names_from_outside_are_text(folder: RunFolder) -> None:
    results = saved(folder)
    results["domain"]["name"] = results["model"]["name"] = results["verdict"]["summary"] = EVIL
    results["verdict"] |= {"why": [{"text": EVIL}], "caveats": [EVIL], "turns": [EVIL]}
    page = html(Results.model_validate(results))
    assert page.count("<script") == 3, "the chart with sliders, the library that draws it, what opens parts"
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;") == 8
    text = markdown(Results.model_validate(results))
    assert "<script" not in text
    assert "[x](" not in text.replace("\\[x](", "")


def test_a_report_holds_no_control_characters(folder: RunFolder) -> None:
    """It is printed by `cat`, too. The scripts that are ours may hold any."""
    results, sent = saved(folder), "a\x1b]0;title\x07b\x9b2J"
    results["domain"]["name"] = results["model"]["name"] = results["verdict"]["summary"] = sent
    results["verdict"] |= {"why": [{"text": sent}], "caveats": [sent]}
    results["run"]["versions"]["torch"] = sent
    results["findings"] = [{"severity": "warning", "place": sent, "sentence": sent, "remedy": sent}]
    page, text = html(Results.model_validate(results)), markdown(Results.model_validate(results))
    for shown in (re.sub("<script.*?</script>", "", page, flags=re.DOTALL), text):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", shown)
        assert shown.count("u001b]0;title") >= 6


def test_denominators_travel_with_rates(folder: RunFolder) -> None:
    for text in (html(read_results(folder)), markdown(read_results(folder))):
        assert "100% of 6" in text
        assert "2 of 2 (100%" in text
        assert "too few to rank" in text
        assert "100% of 1" in text, "one unanswerable question was refused"


def test_the_page_allows_its_own_scripts_and_no_other(folder: RunFolder) -> None:
    results = saved(folder)
    results["costs"]["methods"] = {f"{EVIL}</script>": row for row in results["costs"]["methods"].values()}
    page = html(Results.model_validate(results))
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    hashes = re.findall(r"'sha256-([^']*)'", policy[1])
    assert hashes == [b64encode(sha256(script.encode()).digest()).decode() for script in scripts]
    assert len(scripts) == 3
    assert "default-src 'none'" in policy[1]
    assert "unsafe-inline" not in policy[1].partition("script-src")[2]


def test_csv_is_a_table(folder: RunFolder) -> None:
    lines = csv(read_results(folder)).splitlines()
    assert lines[0] == "method,category,n,n_facts,accuracy,ci_low,ci_high"
    assert len(lines) == 1 + 2 * 4, "overall and three categories of two methods"
    assert any(line.startswith("rag,held_out,2,2,1.0,") for line in lines)


def test_json_is_the_results(folder: RunFolder) -> None:
    assert json.loads(render(folder, "json")) == saved(folder)


def test_drafts_that_nobody_read_are_named(folder: RunFolder) -> None:
    rows = folder.rows("questions.jsonl")
    rows[0]["meta"] = {"drafted": True, "reviewed": False}
    folder.write_rows("questions.jsonl", rows)
    reasons = build_results(folder).model_dump(mode="json")["verdict"]["reasons"]
    assert any("1 of 7 questions were drafted" in reason for reason in reasons)
