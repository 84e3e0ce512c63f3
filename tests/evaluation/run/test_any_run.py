"""Whatever stands in the files of a run or of an adapter, its readers end in what they are for or in one sentence."""

import json
import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from data.cache_entry import seal
from data.errors import TriviumError
from data.files import regular_size
from data.load import load_domain
from evaluation.analysis.compare import compare_runs
from evaluation.analysis.graded_run import GradedRun
from evaluation.analysis.run_figures import RunFigures
from evaluation.grading.labels import Label, draw, keep_label, read_labels
from evaluation.results.file import read_results
from evaluation.run.folder import RunFolder
from evaluation.run.mending import damages, mend
from evaluation.run.settings import settings_of
from finetune.adapter import read_adapter

FILES = ("run.json", "results.json", "answers.jsonl", "scores.jsonl", "questions.jsonl", "chunks.jsonl", "labels.jsonl")
BYTES = (b"[" * 3000, b"9" * 5000, b"\xff", b"\x00", b"null", b"NaN", b"1e999", b"-1", b'"x"', b"{}", b"[]", b"\n")
VALUES = (None, "x", "", -1, 10**400, 0.5, True, [], {}, [1], {"a": 1}, "\ud800")
OPTIONS = settings(max_examples=300, deadline=None, database=None, suppress_health_check=list(HealthCheck))


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every container in a JSON value with each of its keys."""
    keys = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    return [(value, key) for key in keys] + [place for key in keys for place in _places(value[key])]


def changed_value(line: bytes, chance: random.Random) -> bytes:
    """JSON with one value, somewhere in it, of another kind, or gone; without the digests that would tell."""
    value = json.loads(line)
    for digest in ("record_sha256", "crc32"):
        value.pop(digest, None)
    holder, key = chance.choice(_places(value))
    if chance.random() < 0.3:
        del holder[key]
    else:
        holder[key] = chance.choice(VALUES)
    return json.dumps(value).encode()


def changed_bytes(content: bytes, chance: random.Random) -> bytes:
    """A few bytes changed, cut out or put in."""
    at = chance.randrange(len(content))
    end = at + chance.choice((0, 1, 1, 40, 4000))
    return content[:at] + chance.choice((b"", chance.choice(BYTES), bytes([chance.randrange(256)]))) + content[end:]


def damage(path: Path, content: bytes, chance: random.Random) -> None:
    lines = content.split(b"\n") if path.suffix == ".jsonl" else [content]
    if chance.random() < 0.5:
        place = chance.randrange(len([line for line in lines if line]))
        path.write_bytes(b"\n".join([*lines[:place], changed_value(lines[place], chance), *lines[place + 1 :]]))
    else:
        path.write_bytes(changed_bytes(content, chance))


@pytest.fixture
def folder(make_domain: Callable[..., Path], make_run: Any, right: Any) -> RunFolder:
    made: RunFolder = make_run("made", load_domain(make_domain(facts=2)), {"base": lambda q: "otter", "rag": right})
    keep_label(made, Label(question_id="flag0-q", answer="otter", correct=True))
    return made


READERS: tuple[Callable[[RunFolder], Any], ...] = (
    RunFolder.record, read_results, RunFigures, lambda run: GradedRun(run).answers, lambda run: compare_runs(run, run),
    settings_of, read_labels, lambda run: draw(run, 5, 0, False), lambda run: list(damages(run)), mend,
)  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_readers_of_a_run_say_what_does_not_fit(folder: RunFolder, name: str) -> None:
    kept = {path: path.read_bytes() for path in folder.path.iterdir() if path.is_file()}
    refused = 0

    @seed(11)
    @settings(OPTIONS, max_examples=50)
    @given(st.integers(0, 2**32))
    def check(number: int) -> None:
        nonlocal refused
        for path, content in kept.items():
            path.write_bytes(content)
        damage(folder.path / name, kept[folder.path / name], random.Random(number))
        for reader in READERS:
            try:
                reader(folder)
            except TriviumError:
                refused += 1

    check()
    assert refused > 50


def test_readers_of_an_adapter_say_what_does_not_fit(tmp_path: Path) -> None:
    folder = tmp_path / "adapter"
    folder.mkdir()
    record = {"sha256": "0" * 64, "key": "k", "seconds": 1.0, "curve": [{"step": 1, "loss": 2.0}]}
    (folder / "training.json").write_text(json.dumps(record), encoding="utf-8")
    (folder / "adapter_config.json").write_text('{"r": 4}', encoding="utf-8")
    (folder / "adapter_model.safetensors").write_bytes(bytes(range(200)))
    seal(folder)
    kept = {path: path.read_bytes() for path in folder.iterdir()}
    assert read_adapter(folder, reused=True).training == record

    @seed(12)
    @OPTIONS
    @given(st.integers(0, 2**32))
    def check(number: int) -> None:
        for path, content in kept.items():
            path.write_bytes(content)
        chance = random.Random(number)
        path = chance.choice(sorted(kept))
        path.write_bytes(changed_bytes(kept[path], chance))
        if chance.random() < 0.3:
            (folder / "DIGESTS.json").unlink()  # as earlier versions left it
        with suppress(TriviumError):
            assert read_adapter(folder, reused=True).training == record

    check()
    assert regular_size(folder / "training.json")
