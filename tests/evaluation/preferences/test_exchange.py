"""Preferences in the usual form, out and in again."""

import json
from pathlib import Path

import pytest

from data.errors import TriviumError
from data.schema import Domain
from evaluation.preferences.exchange import export_pairs, import_pairs
from evaluation.preferences.rankings import Pair, all_pairs

PAIR = Pair("flag0-q", "What animal flies on the flag of Harbour0?", "the otter", "a <b>seal</b>", "ann")


def written(tmp_path: Path, *rows: object) -> Path:
    path = tmp_path / "pairs.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_what_was_exported_is_read_again(tmp_path: Path, domain: Domain) -> None:
    question = domain.split("test")[0]
    pair = Pair(question.id, question.question, "yes", "no", "ann")
    assert export_pairs([pair], tmp_path / "out.jsonl") == 1
    row = json.loads((tmp_path / "out.jsonl").read_text("utf-8"))
    assert row["prompt"] == [{"role": "user", "content": question.question}]
    assert row["chosen"] == [{"role": "assistant", "content": "yes"}]
    assert all_pairs(import_pairs(tmp_path / "out.jsonl", domain, "")) == [pair]


def test_texts_and_messages_are_read(tmp_path: Path, domain: Domain) -> None:
    system = {"role": "system", "content": "Be short."}
    rows = [
        {"prompt": "Why?", "chosen": "So.", "rejected": "Because of that."},
        {"prompt": [system, {"role": "user", "content": "Why?"}], "chosen": [{"role": "assistant", "content": "So."}],
         "rejected": [{"role": "assistant", "content": "No idea."}]},
    ]  # fmt: skip
    found = import_pairs(written(tmp_path, *rows), domain, "team")
    assert [(one.question, one.answers, one.by, one.kind) for one in found] == [
        ("Why?", ("So.", "Because of that."), "team", "imported"),
        ("Why?", ("So.", "No idea."), "team", "imported"),
    ]
    assert len({one.key for one in found}) == 2, "two preferences about one prompt stand beside each other"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ([1], "no JSON object"),
        ({"prompt": "Why?", "chosen": "So."}, "'rejected' is no text"),
        ({"prompt": "", "chosen": "So.", "rejected": "No."}, "'prompt' is no text"),
        ({"prompt": [{"role": "system", "content": "x"}], "chosen": "a", "rejected": "b"}, "'prompt' is no text"),
        ({"prompt": "Why?", "chosen": "So.", "rejected": "So."}, "the same text"),
        ({"prompt": "Why?", "chosen": "x" * 20_001, "rejected": "So."}, "20,001 characters"),
    ],
)
def test_what_is_not_in_the_form_is_named_with_its_line(tmp_path: Path, domain: Domain, row: object, said: str) -> None:
    with pytest.raises(TriviumError, match=said) as caught:
        import_pairs(written(tmp_path, {"prompt": "a", "chosen": "b", "rejected": "c"}, row), domain, "")
    assert "line 2" in str(caught.value)


def test_an_empty_file_is_an_error(tmp_path: Path, domain: Domain) -> None:
    with pytest.raises(TriviumError, match="no line in it"):
        import_pairs(written(tmp_path), domain, "")
