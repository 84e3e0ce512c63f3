"""`trivium cost` on a finished run: for people, for other tools, and with the user's prices."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data.schema import Domain


@pytest.fixture
def run(domain: Domain, make_run: Callable[..., Any], right: Callable[[Any], str]) -> Path:
    folder = make_run("made-up", domain, {"base": lambda question: "no idea", "rag": right, "lora": right})
    return Path(folder.path)


def cost(run: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "evaluation", "cost", str(run), *options]
    return subprocess.run(command, cwd=run.parent, capture_output=True, text=True, timeout=120)


def test_the_table_and_the_sentences(run: Path) -> None:
    done = cost(run, "--queries-per-month", "50000", "--months", "24", "--wrong-answer", "0.5")
    assert done.returncode == 0, done.stderr
    told = " ".join(done.stdout.split())
    assert "for 50,000 questions a month over 24 months, billed by this machine's seconds" in told
    for part in ("24 months", "base", "rag", "lora", "No other method is", "Smallest bill",
                 "Three ways to be billed", "Where costs cross"):  # fmt: skip
        assert part in told
    assert told.endswith("at least 50 are needed to rank methods."), "the decision under these prices"


def test_the_volume_is_that_of_the_run_unless_another_is_given(domain: Domain, make_run: Any, right: Any) -> None:
    asked = {"queries_per_month": 2000, "months": 6, "wrong_answer": 0.5}
    run = Path(make_run("own", domain, {"rag": right, "lora": right}, demand=asked).path)
    page = json.loads(cost(run, "--json", "--months", "3").stdout)
    assert page["scenario"] | {"queries_per_month": 2000, "months": 3, "wrong_answer": 0.5} == page["scenario"]
    assert page["methods"]["rag"]["total"] == pytest.approx(page["methods"]["rag"]["totals"][2])


def test_json_says_the_same_as_the_results(run: Path) -> None:
    page = json.loads(cost(run, "--json").stdout)
    assert page == json.loads((run / "results.json").read_text(encoding="utf-8"))["costs"]


def test_own_prices(run: Path) -> None:
    plain, dear = (json.loads(cost(run, "--json", *more).stdout) for more in ([], ["--price", "machine_hour=8.5"]))
    for name in ("base", "rag"):
        assert dear["methods"][name]["query"] == pytest.approx(100 * plain["methods"][name]["query"])
    refused = cost(run, "--price", "gold=1")
    assert (refused.returncode, "there is no price 'gold'" in refused.stderr) == (2, True)
