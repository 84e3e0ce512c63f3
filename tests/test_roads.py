"""docs/roads.md is what docs/roads.py makes of the results in the repository, and each number is the file's."""

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

DOCS = Path(__file__).parent.parent / "docs"


@pytest.fixture(scope="module")
def roads() -> ModuleType:
    spec = importlib.util.spec_from_file_location("roads", DOCS / "roads.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _read(name: str) -> Any:
    return json.loads((DOCS / name).read_text(encoding="utf-8"))


def _row(text: str, head: str) -> list[str]:
    line = next(line for line in text.splitlines() if line.startswith(f"| {head} |"))
    return [cell.strip() for cell in line.strip("|").split(" | ")][1:]


def test_the_page_is_fresh(roads: ModuleType) -> None:
    assert roads.PAGE.read_text(encoding="utf-8") == roads.page(), "run `python docs/roads.py`"


def test_each_row_has_a_file_and_each_cell_a_word(roads: ModuleType) -> None:
    rows = [
        line
        for line in roads.page().splitlines()
        if line.startswith("| ") and "---" not in line and "file |" not in line
    ]
    assert len(rows) >= 20
    for row in rows:
        *cells, file = [cell.strip() for cell in row.strip("|").split(" | ")]
        assert all(cells)
        assert (DOCS / re.findall(r"\((.+)\)$", file)[0]).exists()


def test_numbers_are_those_of_the_files(roads: ModuleType) -> None:
    text = roads.page()
    methods = _read("../ui/sample_run/results.json")["methods"]
    assert _row(text, "wrong answers")[:4] == [
        f"{methods[name]['overall']['wrong'] / 110:.0%} of 110" for name in ("inject", "rag", "lora", "lora+rag")
    ]
    kept = _read("findings/standard/results.json")["methods"]["lora"]["retention"]["kept"]
    assert _row(text, "of what the base knew, kept")[2] == f"{kept['rate']:.0%} of {kept['n']}"
    usage = methods["lora"]["usage"]
    times = float(_row(text, "operations")[0].split(" as ")[1].split()[0].replace(",", ""))
    assert times == pytest.approx(usage["training_operations"] / usage["operations"], rel=0.03)
    points = _read("findings/drills/drills/freshness.json")["points"]
    on = next(one for one in points if one["setting"] == "trained on: changed facts" and one["method"] == "lora")
    assert f"trained on, {on['figures']['s / change']:.0f} s: {on['cell']['correct'] / 10:.0%} of 10 new" in text
