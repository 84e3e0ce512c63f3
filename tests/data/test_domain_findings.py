"""What a domain's own data says about the worth of its figures."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fakes import add_special_questions

from data.load import load_domain


def _errors(folder: Path) -> list[str]:
    return [finding.place for finding in load_domain(folder).findings if finding.severity == "error"]


def _add(path: Path, **row: Any) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")


def test_one_id_for_two_questions(make_domain: Callable[..., Path]) -> None:
    folder = add_special_questions(make_domain())
    assert _errors(folder) == []
    # The wording of flag0 is asked again after the update, as flag0-q-updated.
    _add(folder / "questions.jsonl", id="flag0-q-updated", question="Is there a mole?", answers=["no mole"])
    assert _errors(folder) == ["flag0-q-updated"]


def test_one_id_in_two_files(make_domain: Callable[..., Path]) -> None:
    folder = make_domain()
    row = {"question": "Which beast?", "answers": ["seal"], "split": "train", "fact_id": "flag2"}
    _add(folder / "training.jsonl", id="another-t", **row)
    assert _errors(folder) == []
    _add(folder / "training.jsonl", id="flag2-t1", **row)
    assert _errors(folder) == ["flag2-t1"]


def test_own_questions_about_changes_are_no_clash(make_domain: Callable[..., Path]) -> None:
    folder = add_special_questions(make_domain())
    _add(folder / "questions.jsonl", id="new", question="Which animal now?", answers=["walrus"], fact_id="flag0",
         category="updated", stale_answers=["otter"], document_ids=["Harbour0.md"])  # fmt: skip
    assert _errors(folder) == []
