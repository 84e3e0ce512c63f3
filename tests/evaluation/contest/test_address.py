"""NAME=ADDRESS: what is taken, what is refused, and that no key is ever kept."""

from pathlib import Path

import pytest

from data.errors import TriviumError
from evaluation.contest.address import function_of, key_variable, kind_of, parse, refuse_code_from_elsewhere


@pytest.mark.parametrize(
    ("text", "name", "address", "kind"),
    [
        ("mine=http://localhost:8000/ask", "own:mine", "http://localhost:8000/ask", "http"),
        ("own:mine=https://rag.example.com", "own:mine", "https://rag.example.com", "http"),
        ("my-rag=http://host/v1", "own:my-rag", "http://host/v1", "chat"),
        ("my_rag=http://host/v1/chat/completions", "own:my_rag", "http://host/v1/chat/completions", "chat"),
        ("f=python:my.rag:answer@/srv/x", "own:f", "python:my.rag:answer@/srv/x", "python"),
    ],
)
def test_names_and_addresses(text: str, name: str, address: str, kind: str) -> None:
    assert parse(text) == (name, address)
    assert kind_of(address) == kind


def test_paths_are_whole_so_that_a_run_can_go_on_from_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert parse("a=answers.jsonl") == ("own:a", str(tmp_path / "answers.jsonl"))
    name, address = parse("a=python:rag:answer")
    assert (name, function_of(address)) == ("own:a", ("rag", "answer", tmp_path))


@pytest.mark.parametrize(
    "text",
    ["http://localhost", "=http://x", "a=", "Mine=http://x", "a b=http://x", "a.b=http://x", "<b>=http://x",
     "a=http://", "a=http://host:port", "a=ftp://x/y", "a=python:rag", "a=python:rag:f:g", f"{'a' * 41}=http://x"],
)  # fmt: skip
def test_anything_else_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(TriviumError, match="--method"):
        parse(text)


def test_a_key_in_the_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(TriviumError, match="TRIVIUM_KEY_MY_RAG") as error:
        parse("my-rag=https://user:secret@host/ask")
    assert "secret" not in str(error.value)
    assert key_variable("own:my-rag") == key_variable("my-rag") == "TRIVIUM_KEY_MY_RAG"


def test_code_that_a_run_names_is_called_only_from_its_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    own = dict([parse("a=python:rag:answer"), parse("b=http://localhost"), parse("c=answers.jsonl")])
    refuse_code_from_elsewhere(own, tmp_path / "run")
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    with pytest.raises(TriviumError, match="own:a is code in"):
        refuse_code_from_elsewhere(own, tmp_path / "run")
