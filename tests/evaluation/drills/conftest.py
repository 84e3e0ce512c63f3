"""A finished run on the scripted model, which knows an answer where its evidence stands in the prompt."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fakes import BagOfWords, add_special_questions, write_domain

from data.load import load_domain
from evaluation.drills.bench import Bench
from evaluation.run.methods import Method
from evaluation.run.plan import make_plan
from evaluation.run.settings import RunSettings
from evaluation.run.start import start_or_continue
from finetune.settings import TrainingSettings

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
    path = tmp_path / "run"
    shutil.copytree(scripted_run, path)
    return lambda **options: Bench(path, "smoke", Quiet(), embedder=BagOfWords(), **options)


@pytest.fixture(scope="session")
def trained_run(tiny_model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the tiny model, which has an adapter; what it answers is nonsense, and what it does is real."""
    root = tmp_path_factory.mktemp("trained-drills")
    add_special_questions(write_domain(root / "domain", facts=8))
    recipe = TrainingSettings(rank=2, epochs=2, reading=0)
    settings = RunSettings(
        domain=root / "domain", model=str(tiny_model_folder), methods=("base", "inject", "rag", "lora", "lora+rag"),
        search_by="words", general=0, training=recipe, device="cpu", inject_tokens=300,
    )  # fmt: skip
    loaded = load_domain(settings.domain)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRIVIUM_CACHE", str(root / ".cache"))
        patch.setattr(Method, "measure", lambda *args: None)
        list(start_or_continue(loaded, settings, make_plan(loaded, settings), root / "run", "digest", Quiet()))
    return root / "run"


@pytest.fixture
def trained_bench(trained_run: Path, tmp_path: Path) -> Any:
    """Opens a copy of the run of the tiny model."""
    path = tmp_path / "run"
    shutil.copytree(trained_run, path)
    return lambda **options: Bench(path, "smoke", Quiet(), embedder=BagOfWords(), **options)
