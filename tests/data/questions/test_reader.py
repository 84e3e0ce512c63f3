"""One reader for every file of questions: exports of tools, shapes of JSON, encodings, and what is left out."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from data.errors import TriviumError
from data.questions.reader import read_material
from data.questions.source import Material

Q, A, C = "When does the Tarsa boat sail?", "06:50", "The Tarsa boat sails at 06:50."


def read(tmp_path: Path, content: Any, name: str = "q.json", known: dict[str, str] | None = None) -> Material:
    path = tmp_path / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif path.suffix.lower() == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in content), encoding="utf-8")
    else:
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_text(text, encoding="utf-8")
    material = read_material(path, known=known or {})
    assert material is not None
    return material


EXPORTS: dict[str, Any] = {
    "ragas 0.1": {"question": Q, "answer": "I do not know", "contexts": [C], "ground_truth": A},
    "ragas 0.1, lists": {"question": Q, "answer": "no", "contexts": str([C]), "ground_truths": [A]},
    "ragas 0.2": {"user_input": Q, "response": "no", "retrieved_contexts": ["x"], "reference_contexts": [C],
                  "reference": A},
    "deepeval": {"input": Q, "actual_output": "no", "expected_output": A, "context": [C], "retrieval_context": None},
    "deepeval, camel case": {"input": Q, "actualOutput": "no", "expectedOutput": A, "context": [C]},
    "data set hub, SQuAD": {"id": "5", "title": "Tarsa", "context": C, "question": Q,
                            "answers": {"text": [A], "answer_start": [24]}},
    "promptfoo": {"vars": {"question": Q, "context": C}, "assert": [{"type": "icontains", "value": A}]},
    "promptfoo, any": {"vars": {"query": Q, "context": C}, "assert": [{"type": "contains-any", "value": [A]}]},
    "promptfoo, reference as variable": {"vars": {"question": Q, "context": C, "reference": A}, "assert": []},
    "OpenAI evals": {"input": [{"role": "system", "content": "Be short."}, {"role": "user", "content": Q}],
                     "ideal": [A], "context": C},
    "TriviaQA": {"question": Q, "answer": {"value": A, "aliases": []}, "context": C},
    "pairs": {"question": Q, "answer": A, "contexts": [["Tarsa", [C]]]},
    "records": {"question": Q, "answer": A, "passages": [{"title": "Tarsa", "text": C}]},
    "texts in a column of documents": {"question": Q, "answer": A, "documents": [f"{C}\nIt does so daily."]},
}  # fmt: skip


@pytest.mark.parametrize("name", EXPORTS)
@pytest.mark.parametrize("form", ["q.json", "q.jsonl", "Q.JSONL", "one.json"])
def test_exports_of_tools(tmp_path: Path, name: str, form: str) -> None:
    row = EXPORTS[name]
    material = read(tmp_path, row if form == "one.json" else [row], form)
    (question,) = material.questions
    assert (question["question"], question["answers"]) == (Q, [A])
    assert [C in material.documents[document] for document in question["document_ids"]] == [True]
    assert C in question["evidence"][0]


CHATS: dict[str, Any] = {
    "OpenAI": {"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": Q},
                            {"role": "assistant", "content": A}]},
    "OpenAI, parts": {"messages": [{"role": "user", "content": [{"type": "text", "text": Q}]},
                                   {"role": "assistant", "content": A}]},
    "ShareGPT": {"conversations": [{"from": "human", "value": Q}, {"from": "gpt", "value": A}], "system": ""},
    "Kiln, chat template": {"conversations": [{"role": "user", "content": Q}, {"role": "assistant", "content": A}]},
    "Kiln, Gemini": {"contents": [{"role": "user", "parts": [{"text": Q}]}, {"role": "model", "parts": [{"text": A}]}]},
    "Kiln, run": {"v": 1, "id": "k1", "input": Q, "output": {"output": A, "rating": {"value": 5}}},
    "Alpaca": {"instruction": Q, "input": "", "output": A, "system": "s", "history": []},
    "Dolly": {"instruction": Q, "context": "", "response": A, "category": "closed_qa"},
    "easy-dataset, own fields": {"question": Q, "answer": A, "cot": "Let me see.", "chunk": ""},
}  # fmt: skip


@pytest.mark.parametrize("name", CHATS)
def test_examples_for_fine_tuning(tmp_path: Path, name: str) -> None:
    (question,) = read(tmp_path, [CHATS[name]], "q.jsonl").questions
    assert (question["question"], question["answers"]) == (Q, [A])


def test_input_stands_under_the_instruction(tmp_path: Path) -> None:
    row = {"instruction": "Answer from the timetable.", "input": Q, "output": A}
    assert read(tmp_path, [row]).questions[0]["question"] == f"Answer from the timetable. {Q}"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"messages": [{"role": "user", "content": Q}] * 2 + [{"role": "assistant", "content": A}]}, "of 3 turns"),
        ({"instruction": Q, "output": A, "history": [["a", "b"]]}, "several turns"),
        ({"vars": {"question": Q}, "assert": [{"type": "llm-rubric", "value": "is polite"}]}, "name no answer"),
        ({"vars": {"language": "French"}, "assert": [{"type": "equals", "value": A}]}, "is a question"),
        ({"question": Q, "response": A}, "no answer in it"),
        ({"question": Q, "ground_truth": math.nan}, "a lost value"),
        ({"question": Q, "answer": A, "is_impossible": "perhaps"}, "neither true nor false"),
        ({"question": Q, "answer": A, "answerable": True, "is_impossible": True}, "contradict"),
        ({"question": Q, "answer": "", "answerable": "true"}, "has no answer"),
        ({"question": " ", "answer": A}, "no question in it"),
        ({"question": Q, "answer": "['a' 'b"}, "cannot be read"),
        ({"question": Q, "answer": "x" * 30_000}, "more than 20,000"),
        ("just text", "named fields"),
        ([Q, A], "named fields"),
        (None, "named fields"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_question_is_left_out_by_name(tmp_path: Path, row: Any, said: str) -> None:
    good = {"question": "Who steers?", "ground_truth": "Maren"}
    if isinstance(row, dict) and "answer" in row:
        good = {"question": "Who steers?", "answer": "Maren"}
    material = read(tmp_path, [good, row, {**good, "question": "Who cooks?"}], "q.jsonl")
    assert [question["question"] for question in material.questions] == ["Who steers?", "Who cooks?"]
    (left,) = material.left_out
    assert said in left.sentence
    assert left.place.endswith("q.jsonl, line 2")


ROWS = [{"question": Q, "answer": A}, {"question": "Who?", "answer": "Maren"}]
SHAPES: dict[str, Any] = {
    "list": ROWS,
    "under a name": {"questions": ROWS},
    "under data": {"version": 2, "data": ROWS},
    "two levels down": {"results": {"tests": ROWS}},
    "rows of the viewer": {"features": [], "rows": [{"row_idx": 0, "row": ROWS[0]}, {"row_idx": 1, "row": ROWS[1]}]},
    "columns": {"question": {"0": Q, "1": "Who?"}, "answer": {"0": A, "1": "Maren"}},
    "columns as lists": {"question": [Q, "Who?"], "answer": [A, "Maren"]},
    "split": {"columns": ["question", "answer"], "index": [0, 1], "data": [[Q, A], ["Who?", "Maren"]]},
    "by id": {"a": ROWS[0], "b": ROWS[1]},
    "with a foreign first row": [{"comment": "by hand"}, *ROWS],
    "splits": {"test": ROWS[:1], "validation": ROWS[1:]},
    "lines": "".join(json.dumps(row) + "\n" for row in ROWS),
    "lines with a mark": "\ufeff" + "".join(json.dumps(row) + "\r\n" for row in ROWS),
}


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_of_json(tmp_path: Path, name: str) -> None:
    found = read(tmp_path, SHAPES[name]).questions
    assert [(row["question"], row["answers"]) for row in found] == [(Q, [A]), ("Who?", ["Maren"])]


def test_splits_of_a_file_are_the_splits_of_its_questions(tmp_path: Path) -> None:
    assert [row.get("split") for row in read(tmp_path, SHAPES["splits"]).questions] == ["test", "dev"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("name", ["q.csv", "q.jsonl"])
def test_encodings(tmp_path: Path, encoding: str, name: str) -> None:
    text = 'question,answer\nWas kostet die Überfahrt?,"4,50 €"\n'
    if name == "q.jsonl":
        row = {"question": "Was kostet die Überfahrt?", "answer": "4,50 €"}
        text = json.dumps(row, ensure_ascii=False) + "\n"
    material = read(tmp_path, text.encode(encoding), name)
    assert (material.questions[0]["question"], material.questions[0]["answers"]) == (
        "Was kostet die Überfahrt?",
        ["4,50 €"],
    )
    assert any("UTF-8" in str(note) for note in material.notes) is (encoding == "cp1252")


def test_other_encodings_are_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(TriviumError, match=r"q\.csv: not UTF-8 text .*Save it as UTF-8"):
        read(tmp_path, b"question,answer\n\xff\x00\x81\x00\x00,x\n", "q.csv")


HOTPOT = {
    "_id": "h", "question": "Who runs the kiosk where the boat sails at seven?", "answer": "Maren", "type": "bridge",
    "context": [["Tarsa", ["Tarsa is old. ", "Its boat sails at seven."]], ["Kiosk", ["Maren runs the Tarsa kiosk."]],
                ["Skerra", ["Nothing of use."]]],
    "supporting_facts": [["Tarsa", 1], ["Kiosk", 0]],
}  # fmt: skip
HUB = HOTPOT | {
    "context": {"title": [p[0] for p in HOTPOT["context"]], "sentences": [p[1] for p in HOTPOT["context"]]},
    "supporting_facts": {"title": ["Tarsa", "Kiosk"], "sent_id": [1, 0]},
}  # fmt: skip
MUSIQUE = {
    "id": "h", "question": HOTPOT["question"], "answer": "Maren", "answer_aliases": ["M. Holt"], "answerable": True,
    "paragraphs": [{"idx": n, "title": p[0], "paragraph_text": " ".join(p[1]), "is_supporting": n < 2}
                   for n, p in enumerate(HOTPOT["context"])],
}  # fmt: skip


@pytest.mark.parametrize("row", [HOTPOT, HUB, MUSIQUE])
def test_questions_over_two_documents(tmp_path: Path, row: dict[str, Any]) -> None:
    material = read(tmp_path, [row])
    (question,) = material.questions
    assert question["category"] == "multi_hop"
    assert question["document_ids"] == ["Tarsa.txt", "Kiosk.txt"]
    assert set(material.documents) == {"Tarsa.txt", "Kiosk.txt", "Skerra.txt"}
    assert len(question["evidence"]) == 2
    assert all(any(quote in text for text in material.documents.values()) for quote in question["evidence"])


def test_promptfoo_as_a_table(tmp_path: Path) -> None:
    text = (
        "question,__expected,__expected2,__metric\n"
        f'{Q},equals:06:50,icontains:ten to seven,x\nWho?,"contains-any: Maren,Holt",,\nHow?,llm-rubric: polite,,\n'
        "Where?,Tarsa,,\n"
    )
    material = read(tmp_path, text, "tests.csv")
    assert [row["answers"] for row in material.questions] == [["06:50", "ten to seven"], ["Maren", "Holt"], ["Tarsa"]]
    assert len(material.left_out) == 1


def test_own_words_for_category_and_split_are_kept_with_a_note(tmp_path: Path) -> None:
    text = (
        "question,answer,category,split\nWhen?,7,timetable,validation\nWho?,Maren,Held-Out,holdout\nHow?,well,,Test\n"
    )
    material = read(tmp_path, text, "q.csv")
    first, second, third = material.questions
    assert (first["split"], first["meta"], first.get("category")) == ("dev", {"category": "timetable"}, None)
    assert (second["category"], second["meta"]) == ("held_out", {"split": "holdout"})
    assert third["split"] == "test"
    told = " ".join(map(str, material.notes))
    assert "(timetable)" in told
    assert "(holdout)" in told


def test_lists_ids_and_meta_of_a_table(tmp_path: Path) -> None:
    text = (
        "id,question,answer,fact_id,distractors,meta,needs\n"
        '7.0,When?,6 | six,12,"[\'5\' \'7\']","{""level"": 3, ""odd"": NaN}",\n8,Who?,Maren,12,Holt | Ann,plain,a | b\n'
    )
    first, second = read(tmp_path, text, "q.csv").questions
    assert (first["id"], first["answers"], first["fact_id"], first["distractors"]) == (
        "7",
        ["6", "six"],
        "12",
        ["5", "7"],
    )
    assert (first["meta"], second["meta"]) == ({"level": 3, "odd": None}, {"meta": "plain"})
    assert (second["distractors"], second["needs"]) == (["Holt", "Ann"], ["a", "b"])


def test_zero_and_false_are_answers_null_is_none_and_nan_is_lost(tmp_path: Path) -> None:
    rows = [
        {"question": f"How many in {n}?", "answer": value}
        for n, value in enumerate([0, False, [0], None, [], math.nan])
    ]
    material = read(tmp_path, rows, "q.jsonl")
    assert [row["answers"] for row in material.questions] == [["0"], ["false"], ["0"], [], []]
    assert [left.place[-6:] for left in material.left_out] == ["line 6"]
    assert any("2 questions without an answer" in str(note) for note in material.notes)


def test_rows_that_ask_the_same_are_counted_once_and_named(tmp_path: Path) -> None:
    rows = [*ROWS, {"question": "when does the TARSA boat sail", "answer": ["ten to seven", A]}]
    material = read(tmp_path, rows, "q.jsonl")
    assert len(material.questions) == 2
    assert [row.place[-6:] for row in material.doubles] == ["line 3"]


def test_contexts_are_found_in_documents_that_are_there(tmp_path: Path) -> None:
    known = {"old.md": f"# Boats\n\n{C} Dogs go free.", "other.md": "Nothing."}
    material = read(tmp_path, [{"question": Q, "answer": A, "contexts": [C]}], known=known)
    assert material.documents == {}
    assert (material.questions[0]["document_ids"], material.questions[0]["evidence"]) == (["old.md"], [C])


def test_contexts_are_used_where_the_name_leads_nowhere(tmp_path: Path) -> None:
    row = {"question": Q, "answer": A, "contexts": [C], "source_file": "/home/x/lost.pdf"}
    material = read(tmp_path, [row], known={"old.md": "Nothing."})
    assert material.questions[0]["document_ids"] == ["context-0001.txt"]
    named = read(tmp_path, [row], known={"deep/lost.pdf.md": "Else."})
    assert (named.questions[0]["document_ids"], named.documents) == (["deep/lost.pdf.md"], {})


def test_a_new_document_never_takes_a_name_that_is_there(tmp_path: Path) -> None:
    row = {"question": Q, "answer": A, "contexts": [C]}
    material = read(tmp_path, [row], known={"context-0001.txt": "Else.", "CONTEXT-0001-2.TXT": "More."})
    assert list(material.documents) == ["context-0001-3.txt"]
