"""Three hundred damaged files for each reader of questions and settings: an error in one sentence or an answer, never a
traceback, a hang or a loss of what was there."""

import csv
import io
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from data.errors import TriviumError
from data.import_source import import_source
from data.load import load_domain
from data.progress import silent
from data.questions.reader import read_material

ROWS: list[dict[str, Any]] = [
    {"id": "a", "question": "When does the boat sail?", "answers": ["06:50"], "split": "test", "category": "held_out",
     "distractors": ["07:10"], "meta": {"k": [1, None]}, "evidence": ["It sails at 06:50."], "fact_id": "f"},
    {"id": "b", "question": "Who steers?", "answers": [], "document_ids": ["a.md"], "needs": ["f"]},
]  # fmt: skip
LOOSE: list[dict[str, Any]] = [
    {"user_input": "When?", "reference": "06:50", "reference_contexts": ["It sails at 06:50."], "response": "no"},
    {"question": "Who?", "answer": ["Maren"], "context": [["T", ["One.", "Two."]]], "is_impossible": "False"},
    {"messages": [{"role": "user", "content": "When?"}, {"role": "assistant", "content": "06:50"}]},
    {"vars": {"question": "When?"}, "assert": [{"type": "equals", "value": "06:50"}]},
    {"instruction": "When?", "input": "", "output": "06:50", "history": []},
    {
        "question": "Both?",
        "answer": "x",
        "context": [["T", ["a"]], ["U", ["b"]]],
        "supporting_facts": [["T", 0], ["U", 0]],
    },
]
SQUAD = {
    "data": [
        {
            "title": "T",
            "paragraphs": [
                {
                    "context": "It sails at 06:50.",
                    "qas": [
                        {
                            "id": 1,
                            "question": "When?",
                            "answers": [{"text": "06:50", "answer_start": 12}],
                            "is_impossible": False,
                        }
                    ],
                }
            ],
        }
    ]
}
TOML = (
    'name = "x"\nlanguage = "en"\ninstruction = "Be brief."\n[mix]\nheld_out = 0.5\nparaphrased = 1\n'
    "[style]\npattern = 'A+'\n[gate]\n\"rag.accuracy\" = 0.5\n"
)
ODD = [
    None, True, 0, -1, 1e308, float("nan"), float("inf"), "", " ", "nan", "[", "['a' 'b", "{'a'", "\ud83d", "\u2028",
    "x" * 999, [], [[]], {}, {"text": None}, [None], ["[" * 50], 10**400, "\x00\x1b[2J", "=1+1", "../../etc/passwd",
]  # fmt: skip


def lines(rows: list[Any]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def table(delimiter: str) -> str:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerow(["", "question", "answer", "ground_truth", "contexts", "is_impossible", "split", "meta"])
    writer.writerow(["0", 'What is "it"?', "no", "a | b", "['One.' 'Two.']", "False", "validation", '{"a": 1}'])
    writer.writerow(["1", "Who?", "x", "", "", "True", "test", ""])
    return file.getvalue()


@st.composite
def changed_values(draw: st.DrawFn, rows: Any) -> Any:
    """JSON in which some values at any depth are odd, some keys gone, some rows doubled."""

    def walk(value: Any) -> Any:
        if draw(st.integers(0, 9)) == 0:
            return draw(st.sampled_from(ODD))
        if isinstance(value, dict):
            return {key: walk(part) for key, part in value.items() if draw(st.integers(0, 14))}
        return (
            [walk(part) for part in value for _ in range(draw(st.sampled_from([1] * 8 + [0, 2])))]
            if isinstance(value, list)
            else value
        )

    return walk(rows)


@st.composite
def changed_bytes(draw: st.DrawFn, content: bytes) -> bytes:
    """Bytes of which some are others, gone, doubled, or cut off."""
    made = bytearray(content)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(0, len(made) - 1)))
        kind = draw(st.sampled_from(["set", "cut", "insert", "delete", "double"]))
        if kind == "set" and made:
            made[at] = draw(st.integers(0, 255))
        elif kind == "cut" and draw(st.integers(0, 4)) == 0:
            del made[at:]
        elif kind == "insert":
            made[at:at] = draw(
                st.sampled_from([b'"', b",", b"\n", b"\r", b"[", b"{", b"\\", b"\xe2\x80\xa8", b"\x00", b"'"])
            )
        elif kind == "delete":
            del made[at : at + draw(st.integers(1, 8))]
        else:
            made[at:at] = made[at : at + 40]
    return bytes(made)


def _or_a_sentence(act: Callable[[], Any]) -> Any:
    try:
        return act()
    except TriviumError as error:
        if not str(error).strip() or "\n" in str(error).strip():
            raise AssertionError(f"not one sentence: {error}") from error
        return None


VALUES = {"loose.jsonl": LOOSE, "own.jsonl": ROWS, "list.json": LOOSE, "squad.json": SQUAD}
BYTES = {
    "own.jsonl": lines(ROWS), "loose.json": json.dumps(LOOSE), "squad.json": json.dumps(SQUAD), "a.csv": table(","),
    "b.csv": table(";"), "c.tsv": table("\t"),
}  # fmt: skip
FUZZ = settings(
    max_examples=300,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.parametrize("name", VALUES)
def test_odd_values_in_files_of_questions(tmp_path: Path, name: str) -> None:
    path = tmp_path / name

    @seed(1)
    @FUZZ
    @given(changed_values(VALUES[name]))
    def run(content: Any) -> None:
        text = lines(content) if name.endswith("jsonl") and isinstance(content, list) else json.dumps(content)
        path.write_text(text, encoding="utf-8")
        material = _or_a_sentence(lambda: read_material(path, known={"a.md": "It sails at 06:50."}))
        if material is not None and name.endswith("jsonl") and isinstance(content, list):
            kept = len(material.questions) + len(material.left_out) + len(material.doubles)
            assert kept == len(content), "a row was neither taken nor named"

    run()


@pytest.mark.parametrize("name", BYTES)
def test_damaged_files_of_questions(tmp_path: Path, name: str) -> None:
    path = tmp_path / name

    @seed(2)
    @FUZZ
    @given(changed_bytes(BYTES[name].encode()))
    def run(content: bytes) -> None:
        path.write_bytes(content)
        _or_a_sentence(lambda: read_material(path, known={}))

    run()


@pytest.mark.parametrize(
    ("name", "text"), [("questions.jsonl", lines(ROWS)), ("questions.csv", table(",")), ("domain.toml", TOML)]
)
def test_damaged_files_of_a_domain(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "a.md").write_text("It sails at 06:50.", encoding="utf-8")
    if name == "domain.toml":
        (tmp_path / "questions.jsonl").write_text(lines(ROWS), encoding="utf-8")

    @seed(3)
    @settings(FUZZ, max_examples=300)
    @given(changed_bytes(text.encode()))
    def run(content: bytes) -> None:
        (tmp_path / name).write_bytes(content)
        _or_a_sentence(lambda: load_domain(tmp_path))

    run()


def test_an_import_of_damaged_files_never_loses_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "own.jsonl").write_text(lines(ROWS[:1]), encoding="utf-8")
    import_source(tmp_path / "own.jsonl", tmp_path / "domain", silent)
    path = tmp_path / "domain" / "questions.jsonl"
    (tmp_path / "domain" / "documents").mkdir()
    (tmp_path / "domain" / "documents" / "a.md").write_text("It sails at 06:50.", encoding="utf-8")
    first = path.read_bytes()

    @seed(4)
    @FUZZ
    @given(
        st.one_of(
            changed_bytes(BYTES["a.csv"].encode()), changed_values(LOOSE).map(lambda rows: json.dumps(rows).encode())
        )
    )
    def run(content: bytes) -> None:
        for new in (tmp_path / "new.csv", tmp_path / "new.json"):
            new.write_bytes(content)
            _or_a_sentence(partial(import_source, new, tmp_path / "domain", silent))
        assert path.read_bytes().startswith(first)
        load_domain(tmp_path / "domain")
        path.write_bytes(first)

    run()
