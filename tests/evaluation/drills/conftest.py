"""A finished run on the scripted model, which knows an answer where its evidence stands in the prompt."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fakes import BagOfWords, write_domain

from data.load import load_domain
from evaluation.drills.bench import Bench
from evaluation.run.plan import make_plan
from evaluation.run.settings import RunSettings
from evaluation.run.start import start_or_continue

Say = Callable[..., None]


class Quiet:
    """Progress that remembers what was said."""

    def __init__(self) -> None:
        self.scope, self.notes, self.scopes = "", list[str](), list[str]()

    def __call__(self, step: str, done: int = 0, total: int = 0) -> None:
        if self.scope not in self.scopes:
            self.scopes.append(self.scope)

    def note(self, text: str) -> None:
        self.notes.append(text)


def script_of(folder: Path) -> list[dict[str, str]]:
    rows = [json.loads(line) for line in (folder / "questions.jsonl").read_text().split("\n") if line]
    return [
        {"question": row["question"], "answer": row["answers"][0], "needs": row["evidence"]}
        for row in rows
        if row["answers"] and row.get("split") != "train"
    ]


@pytest.fixture(scope="module")
def scripted_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight facts; what is asked of base, inject, rag and oracle."""
    root = tmp_path_factory.mktemp("drills")
    write_domain(root / "domain", facts=8)
    script = root / "answers.jsonl"
    script.write_text("\n".join(map(json.dumps, script_of(root / "domain"))), encoding="utf-8")
    settings = RunSettings(
        domain=root / "domain", model=f"scripted:{script}", methods=("base", "inject", "rag", "oracle"),
        search_by="words", general=0,
    )  # fmt: skip
    loaded = load_domain(settings.domain)
    list(start_or_continue(loaded, settings, make_plan(loaded, settings), root / "run", "digest", Quiet()))
    return root / "run"


@pytest.fixture
def bench(scripted_run: Path, tmp_path: Path) -> Any:
    """Opens a copy of the run."""
    import shutil

    path = tmp_path / "run"
    shutil.copytree(scripted_run, path)
    return lambda **options: Bench(path, "smoke", Quiet(), embedder=BagOfWords(), **options)
