"""Questions and documents of every usual form become a domain that loads."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from data.errors import TriviumError
from data.import_source import Outcome, import_source
from data.load import load_domain
from data.progress import silent
from data.schema import Category, Domain

TEXT = "The first boat leaves at 06:50. Dogs travel free. The code is OSF-88."


def brought(source: Path, tmp_path: Path) -> tuple[Outcome, Domain]:
    outcome = import_source(source, tmp_path / "domain", silent)
    return outcome, load_domain(tmp_path / "domain")


def write_lines(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


@pytest.mark.parametrize("version", [1, 2])
def test_squad(version: int, tmp_path: Path) -> None:
    start = TEXT.index("06:50")
    asked: dict[str, Any] = {"id": "a", "question": "When?", "answers": [{"text": "06:50", "answer_start": start}] * 2}
    questions = [asked]
    if version == 2:
        asked["is_impossible"] = False
        questions.append({"id": "b", "question": "Who?", "answers": [], "is_impossible": True, "plausible_answers": []})
    content = {"data": [{"title": "Old_Ferry", "paragraphs": [{"context": TEXT, "qas": questions}]}]}
    (tmp_path / "dev.json").write_text(json.dumps(content), encoding="utf-8")
    outcome, domain = brought(tmp_path / "dev.json", tmp_path)
    assert outcome.questions == version
    assert domain.documents[0].title == "Old Ferry"
    assert domain.questions[0].answers == ("06:50",)
    assert domain.questions[0].evidence == ("The first boat leaves at 06:50.",)
    assert [question.answerable for question in domain.questions] == [True, False][:version]


@pytest.mark.parametrize(
    "row",
    [
        {"user_input": "When?", "reference": "06:50", "reference_contexts": [TEXT]},
        {"question": "When?", "ground_truth": "06:50", "contexts": [TEXT]},
        {"question": "When?", "answer": "06:50", "reference_contexts": json.dumps([TEXT])},
        {"query": "When?", "ground_truths": ["06:50"], "contexts": str([TEXT])},
    ],
)
def test_columns_of_rag_evaluations(row: dict[str, Any], tmp_path: Path) -> None:
    write_lines(tmp_path / "eval.jsonl", [row])
    _, domain = brought(tmp_path / "eval.jsonl", tmp_path)
    (question,) = domain.questions
    assert question.answers == ("06:50",)
    assert domain.document(question.document_ids[0]).text == TEXT
    assert question.evidence == (TEXT,)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_beside_documents(separator: str, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "page.html").write_text(f"<h1>Ferry</h1><p>{TEXT}</p>", encoding="utf-8")
    with (source / "faq.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=separator)
        writer.writerows([["Question", "Answer", "document_ids"], ["When?", "06:50 | ten to seven", "page.html"]])
        writer.writerows([["Who steers?", "", ""]])
    outcome, domain = brought(source, tmp_path)
    assert outcome.skipped == {}
    assert domain.questions[0].answers == ("06:50", "ten to seven")
    assert domain.questions[0].document_ids == ("page.html.md",)
    assert not domain.questions[1].answerable


def test_documents_and_questions_as_lines(tmp_path: Path) -> None:
    source = tmp_path / "set"
    documents = [{"id": "a/1", "title": "Boats", "text": TEXT}, {"id": "b", "title": "Two", "text": "More is here."}]
    write_lines(source / "documents.jsonl", documents)
    start = TEXT.index("free")
    meta = {"spans": [{"document_id": "a/1", "start": start, "end": start + 4}]}
    rows = [
        {
            "id": "1",
            "question": "What?",
            "answers": ["free"],
            "document_ids": ["a/1"],
            "answerable": True,
            "meta": meta,
        },
        {"id": "2", "question": "Both?", "answers": ["x"], "document_ids": ["a/1", "b"], "meta": {"hops": 2}},
        {"id": "3", "question": "Nobody?", "answers": ["kept apart"], "document_ids": [], "answerable": False},
        {"id": "4", "question": "what", "answers": ["FREE"], "document_ids": ["a/1"]},
        {"id": "5", "question": "Lost?", "answers": ["y"], "document_ids": ["gone"]},
    ]
    write_lines(source / "questions.jsonl", rows)
    write_lines(source / "judgements.jsonl", [{"question": "other", "answer": "set"}])
    (source / "PROVENANCE.md").write_text("From somewhere.", encoding="utf-8")
    outcome, domain = brought(source, tmp_path)
    by_id = {question.id: question for question in domain.questions}
    assert [document.title for document in domain.documents] == ["Boats", "Two"]
    assert by_id["1"].evidence == ("Dogs travel free.",)
    assert by_id["2"].category is Category.MULTI_HOP
    assert by_id["3"].answers == ()
    assert "4" not in by_id
    assert by_id["5"].document_ids == ()
    assert any("the same as 1" in str(row) for row in outcome.left_out)
    assert any("no document 'gone'" in str(note) for note in outcome.notes)
    assert "import this file by itself" in outcome.skipped["judgements.jsonl"]


def test_a_second_import_adds(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_lines(
            tmp_path / f"{name}.jsonl", [{"id": "q", "question": f"{name}?", "answer": "x", "contexts": [TEXT]}]
        )
        import_source(tmp_path / f"{name}.jsonl", tmp_path / "domain", silent)
    domain = load_domain(tmp_path / "domain")
    assert [(question.id, question.question) for question in domain.questions] == [("q", "one?"), ("q-2", "two?")]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.jsonl", '{"question": "x"}\n', "line 1: there is no answer in it"),
        ("a.jsonl", '{"question": "x", "answer": "y"}\n{broken\n', "line 2: not valid JSON"),
        ("a.json", '{"data": [{"paragraphs": [{"context": "x"}]}]}', "a part of it is missing"),
        ("a.json", "{", "line 1: not valid JSON"),
        ("a.json", '[{"name": 1}]', "nothing to import"),
        ("a.csv", b"question,answer\n\xff\x00\x81,x\n", "not UTF-8"),
        ("a.exe", "MZ", "nothing to import"),
    ],
)
def test_what_is_wrong_is_said(name: str, content: str | bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(TriviumError, match=said):
        import_source(path, tmp_path / "domain", silent)


def test_a_table_without_questions_is_a_document(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "prices.csv").write_text("ticket;price\nadult;7,50\nchild;3,00\n", encoding="utf-8")
    (tmp_path / "in" / "faq.csv").write_text("question,answer\nWhat does a child pay?,3 euros\n", encoding="utf-8")
    outcome, domain = brought(tmp_path / "in", tmp_path)
    assert outcome.documents == ["prices.csv.md"]
    assert domain.documents[0].text.splitlines()[2] == "| adult | 7,50 |"
    assert "prices.csv: no questions in it; read as a document (a table)" in map(str, outcome.notes)
    assert import_source(tmp_path / "in" / "prices.csv", tmp_path / "other", silent).documents == ["prices.csv.md"]


def test_a_domain_is_not_imported_onto_itself(tmp_path: Path) -> None:
    folder = tmp_path / "domain"
    (folder / "documents").mkdir(parents=True)
    (folder / "documents" / "a.md").write_text("An otter.", encoding="utf-8")
    write_lines(folder / "questions.jsonl", [{"id": "a", "question": "Who?", "answers": ["otter"]}])
    before = sorted(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    for source in (folder, folder / "documents", tmp_path / "x" / ".." / "domain"):
        (tmp_path / "x").mkdir(exist_ok=True)
        with pytest.raises(TriviumError, match="the domain itself"):
            import_source(source, folder, silent)
    assert sorted(path.read_bytes() for path in folder.rglob("*") if path.is_file()) == before


def test_questions_find_documents_that_were_renamed(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number, name in enumerate(("tide table.md", "tide: table.md")):
        (tmp_path / "in" / name).write_text(f"High water is at {number + 5}.", encoding="utf-8")
    rows = [{"id": "q", "question": "When?", "answers": ["6"], "document_ids": ["tide: table.md"]}]
    write_lines(tmp_path / "in" / "questions.jsonl", rows)
    _, domain = brought(tmp_path / "in", tmp_path)
    texts = {document.id: document.text for document in domain.documents}
    assert texts[domain.questions[0].document_ids[0]] == "High water is at 6."


def test_the_same_import_again_adds_nothing_and_says_so(tmp_path: Path) -> None:
    write_lines(tmp_path / "q.jsonl", [{"question": "When?", "answer": "06:50", "contexts": [TEXT]}])
    first, _ = brought(tmp_path / "q.jsonl", tmp_path)
    before = (tmp_path / "domain" / "questions.jsonl").read_bytes()
    again, domain = brought(tmp_path / "q.jsonl", tmp_path)
    assert (first.questions, first.known, again.questions, again.known) == (1, 0, 0, 1)
    assert (tmp_path / "domain" / "questions.jsonl").read_bytes() == before
    assert len(domain.documents) == 1


@pytest.mark.parametrize(
    "broken", ['{"question": "Who?", "answer": "x"}\n{"question": ', '{"question": "Who?"}\n', "[1]\n", "\udcff"]
)
def test_an_import_that_fails_changes_nothing(broken: str, tmp_path: Path) -> None:
    write_lines(tmp_path / "q.jsonl", [{"question": "When?", "answer": "06:50", "contexts": [TEXT]}])
    import_source(tmp_path / "q.jsonl", tmp_path / "domain", silent)
    files = {path: path.read_bytes() for path in (tmp_path / "domain").rglob("*") if path.is_file()}
    (tmp_path / "bad.jsonl").write_bytes(broken.encode("utf-8", "surrogateescape"))
    with pytest.raises(TriviumError, match=r"bad\.jsonl"):
        import_source(tmp_path / "bad.jsonl", tmp_path / "domain", silent)
    assert {path: path.read_bytes() for path in (tmp_path / "domain").rglob("*") if path.is_file()} == files


def test_a_name_leads_to_the_only_document_that_is_called_so(tmp_path: Path) -> None:
    source = tmp_path / "in"
    (source / "deep" / "2024").mkdir(parents=True)
    (source / "deep" / "2024" / "Boat times.html").write_text(f"<p>{TEXT}</p>", encoding="utf-8")
    (source / "faq.csv").write_text("question,answer,source_file\nWhen?,06:50,Boat times.html\n", encoding="utf-8")
    _, domain = brought(source, tmp_path)
    assert domain.questions[0].document_ids == ("deep/2024/Boat_times.html.md",)


def test_documents_without_questions(tmp_path: Path) -> None:
    write_lines(tmp_path / "in" / "documents.jsonl", [{"id": 5, "title": "Boats", "text": TEXT}, {"id": "b"}])
    outcome = import_source(tmp_path / "in", tmp_path / "domain", silent)
    assert (outcome.documents, outcome.questions, len(outcome.left_out)) == (["5.txt"], 0, 1)
    again = import_source(tmp_path / "in" / "documents.jsonl", tmp_path / "other", silent)
    assert again.documents == ["5.txt"]


def test_the_domain_below_a_source_is_no_part_of_it(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("An otter.", encoding="utf-8")
    write_lines(tmp_path / "faq.jsonl", [{"question": "Who?", "answer": "otter"}])
    for _ in range(2):
        outcome, domain = brought(tmp_path, tmp_path)
    assert (outcome.questions, outcome.known) == (0, 1)
    assert (len(domain.documents), len(domain.questions)) == (1, 1)


def test_a_set_of_dev_questions_alone_is_asked(tmp_path: Path) -> None:
    row = {"question": "When?", "answer": "06:50", "contexts": [TEXT], "split": "validation"}
    write_lines(tmp_path / "q.jsonl", [row])
    outcome, domain = brought(tmp_path / "q.jsonl", tmp_path)
    assert len(domain.split("test")) == 1
    assert any("of split dev are asked" in str(note) for note in outcome.notes)


def test_ids_of_drafts_are_not_taken(tmp_path: Path) -> None:
    write_lines(tmp_path / "domain" / "drafts.jsonl", [{"id": "draft-0001"}])
    write_lines(tmp_path / "q.jsonl", [{"id": "draft-0001", "question": "When?", "answer": "06:50"}])
    import_source(tmp_path / "q.jsonl", tmp_path / "domain", silent)
    assert '"draft-0001-2"' in (tmp_path / "domain" / "questions.jsonl").read_text(encoding="utf-8")


def test_a_second_file_of_contexts_gets_names_of_its_own(tmp_path: Path) -> None:
    for number in range(2):
        row = {"question": f"Number {number}?", "answer": "x", "contexts": [f"Text {number} is here."]}
        write_lines(tmp_path / f"{number}.jsonl", [row])
        import_source(tmp_path / f"{number}.jsonl", tmp_path / "domain", silent)
    assert len({question.document_ids for question in load_domain(tmp_path / "domain").questions}) == 2


def test_the_language_is_found_out_and_a_wrong_one_is_told(tmp_path: Path) -> None:
    text = (
        "Das Museum am Hafen zeigt alte Karten, Schiffe und Werkzeuge der Fischer. Es öffnet täglich um neun Uhr. " * 5
    )
    write_lines(
        tmp_path / "q.jsonl", [{"question": "Wann öffnet das Museum?", "answer": "neun Uhr", "contexts": [text]}]
    )
    outcome, domain = brought(tmp_path / "q.jsonl", tmp_path)
    assert (domain.settings.language, domain.settings.refusal) == ("de", "unbekannt")
    assert domain.settings.instruction.startswith("Beantworte")
    assert any("in 'de'" in str(note) for note in outcome.notes)
    assert domain.findings == ()
    (tmp_path / "domain" / "domain.toml").write_text('name = "x"\n', encoding="utf-8")
    (finding,) = load_domain(tmp_path / "domain").findings
    assert finding.remedy == 'Write language = "de" if they are.'


def test_a_link_out_of_the_source_is_named_and_not_read(tmp_path: Path) -> None:
    write_lines(tmp_path / "elsewhere.jsonl", [{"question": "Secret?", "answer": "yes"}])
    write_lines(tmp_path / "in" / "faq.jsonl", [{"question": "When?", "answer": "06:50", "contexts": [TEXT]}])
    (tmp_path / "in" / "more.jsonl").symlink_to(tmp_path / "elsewhere.jsonl")
    (tmp_path / "in" / "zero.csv").symlink_to("/dev/zero")
    outcome, domain = brought(tmp_path / "in", tmp_path)
    assert set(outcome.skipped) == {"more.jsonl", "zero.csv"}
    assert len(domain.questions) == 1


@pytest.mark.parametrize(
    "line", ['{"question": "How long?", "answer": "5 m"}', '{"id": "a", "question": "Q?", "answers": "5"}', "[1]"]
)
def test_questions_of_the_domain_that_are_none_are_named(line: str, tmp_path: Path) -> None:
    (tmp_path / "domain").mkdir()
    (own := tmp_path / "domain" / "questions.jsonl").write_text(line + "\n", encoding="utf-8")
    write_lines(tmp_path / "more.jsonl", [{"question": "How wide?", "answers": ["5 m"]}])
    with pytest.raises(TriviumError, match=r"questions\.jsonl, line 1: "):
        import_source(tmp_path / "more.jsonl", tmp_path / "domain", silent)
    assert own.read_text(encoding="utf-8") == line + "\n"


@pytest.mark.parametrize("name", ["drafts.jsonl", "training.jsonl"])
def test_a_line_of_another_file_that_is_no_object_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / "domain").mkdir()
    (tmp_path / "domain" / name).write_text("[1]\n", encoding="utf-8")
    write_lines(tmp_path / "more.jsonl", [{"question": "How wide?", "answers": ["5 m"]}])
    with pytest.raises(TriviumError, match=rf"{name}, line 1: it is no JSON object"):
        import_source(tmp_path / "more.jsonl", tmp_path / "domain", silent)
