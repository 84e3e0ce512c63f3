"""Small inputs of the kinds that exports and documents bring, imported whole: what comes out is what a person reads."""

import json
from pathlib import Path

import pytest

from data.import_source import import_source
from data.progress import silent

DOCUMENT = {"harbour.md": "# Port Ellery\n\nThe pier of Port Ellery is 412 metres long. It opened in 1908.\n"}
TABLE = "| route | fare |\n| --- | --- |\n| north | 3 crowns |"
HOPS = [{
    "_id": "x1", "question": "Who built the pier of the town with the blue gate?", "answer": "Ada Prewitt",
    "supporting_facts": [["Ellery", 0], ["Pier", 1]],
    "context": [["Ellery", ["Ellery has a blue gate.", "It rains."]],
                ["Pier", ["The pier is long.", "Ada Prewitt built the pier of Ellery."]]],
}]  # fmt: skip
SQUAD = {"data": [{"title": "Pier", "paragraphs": [{
    "context": "The town lies north. The pier opened in 1908. Boats come.",
    "qas": [{"id": 1, "question": "When?", "answers": [{"text": "1908", "answer_start": 3}]},
            {"id": 2, "question": "Who?", "is_impossible": True, "answers": []}],
}]}]}  # fmt: skip
CHAT = {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "When did it open?"},
                     {"role": "assistant", "content": "1908"}]}  # fmt: skip
# File, content, and of each question its text and accepted answers.
QUESTIONS = {
    "what a system said beside the reference": (
        "test.tsv", "question\tresponse\treference\nHow long is the pier?\tabout 3 km\t412 metres\n",
        [("How long is the pier?", ["412 metres"])]),
    "bars, quotes, a line's end in a cell": (
        "q.csv", '"id"|"question"|"answers"\n"a"|"How long\nis ""the"" pier?"|"412 metres"\n',
        [('How long is "the" pier?', ["412 metres"])]),
    "booleans as text": (
        "q.csv", "question,answers,is_impossible\nWhen?,1908,FALSE\nWho owns it?,,TRUE\nWho built it?,Ada,no\n",
        [("When?", ["1908"]), ("Who owns it?", []), ("Who built it?", ["Ada"])]),
    "an index, a lost value, a zero": (
        "q.csv", ",question,answer\n0,When?,1908\n1,Who owns it?,NaN\n2,How many piers?,0\n",
        [("When?", ["1908"]), ("How many piers?", ["0"])]),
    "numpy": ("q.csv", "question,answers\nWhen?,\"['1908'\n 'in 1908']\"\n", [("When?", ["1908", "in 1908"])]),
    "a context that is a table": (
        "q.csv", f'question,answer,contexts\nWhich fare?,3 crowns,"{TABLE}"\n', [("Which fare?", ["3 crowns"])]),
    "two hops": ("hp.json", json.dumps(HOPS), [(HOPS[0]["question"], ["Ada Prewitt"])]),
    "separators and half a pair": (
        "q.jsonl", '{"question":"Line\u2028sep?","answers":["a"]}\n{"question":"Half \\ud83e pair?","answers":["x"]}\n',
        [("Line sep?", ["a"]), ("Half \ufffd pair?", ["x"])]),
    "an offset that is wrong": ("dev.json", json.dumps(SQUAD), [("When?", ["1908"]), ("Who?", [])]),
    "a chat": ("chat.jsonl", json.dumps(CHAT) + "\n", [("When did it open?", ["1908"])]),
    "short and long rows": (
        "q.csv", 'question,answer,document_ids\nWhen?,1908,harbour.md\nHow long?\n"Which, now?",1,harbour.md,more\n',
        [("When?", ["1908"])]),
    "infinity, null, zero": (
        "q.jsonl", '{"question":"Rate?","answers":[Infinity]}\n{"question":"None?","answers":null}\n'
        '{"question":"Zero?","answers":[0]}\n', [("None?", []), ("Zero?", ["0"])]),
    "German columns in Windows-1252": (
        "fragen.csv", "Nr.;Frage;Antwort\n1;Wie heißt der Hafen?;Süßenmole\n".encode("cp1252"),
        [("Wie heißt der Hafen?", ["Süßenmole"])]),
    "Japanese columns in Shift-JIS": (
        "q.csv", "番号,質問,回答\n1,港の名前は何ですか？,白砂港\n2,桟橋の長さは？,四百米".encode("shift_jis"),
        [("港の名前は何ですか?", ["白砂港"]), ("桟橋の長さは?", ["四百米"])]),
}  # fmt: skip
PAGE = (
    "<html><head><meta charset='iso-8859-2'><title>Dvůr</title></head><body><nav>Menu</nav><p>Příliš žluťoučký kůň "
    "H<sub>2</sub>O 10<sup>9</sup> m<sup>2</sup>, snake_case_name.<sup>3</sup></p><p style='display:none'>Gone</p>"
    "<table><tr><td rowspan=2>A</td><td>1</td></tr><tr><td>2</td></tr></table></body></html>"
)
DOCUMENTS = {
    "declared, raised, hidden, merged": (
        "a.html", PAGE.encode("iso-8859-2"),
        "# Dvůr\n\nPříliš žluťoučký kůň H2O 10^9 m^2, snake_case_name. [3]\n\n| A | 1 |\n| --- | --- |\n| A | 2 |\n"),
    "Greek": ("g.txt", "Η γέφυρα άνοιξε το 1954. Ο αρχιτέκτονας ήταν ο Πέτρος Λαμπρινός.".encode("cp1253"),
              "Η γέφυρα άνοιξε το 1954. Ο αρχιτέκτονας ήταν ο Πέτρος Λαμπρινός.\n"),
    "Russian": ("r.txt", "Мост открыт в 1954 году, его длина триста двадцать метров.".encode("koi8-r"),
                "Мост открыт в 1954 году, его длина триста двадцать метров.\n"),
    "Japanese": ("j.html", "<meta charset=euc-jp><p>遊覧船は\n十人乗りである。</p>".encode("euc_jp"),
                 "遊覧船は十人乗りである。\n"),
    "signs": ("u.txt", "The o\ufb03ce\u00ad of\u200bfers goods\u00a0here.\ufeff\u2028Next e\u0301.".encode(),
              "The office offers goods here.\nNext é.\n"),
    "front matter": ("f.md", b'---\ntitle: "The: Quay"\ntags: [a]\n---\n\nThe quay is 9 m wide.\n',
                     "# The: Quay\n\nThe quay is 9 m wide.\n"),
    "a rule": ("h.md", b"---\n\nA rule first, then text: see ---\n", "---\n\nA rule first, then text: see ---\n"),
    "a picture": ("i.md", b"# Shot\n\nBefore ![x](data:image/png;base64," + b"iVBORw0KGgo" * 4000 + b") after.\n",
                  "# Shot\n\nBefore x after.\n"),
}  # fmt: skip


@pytest.mark.parametrize("kind", QUESTIONS)
def test_questions(kind: str, tmp_path: Path) -> None:
    name, content, expected = QUESTIONS[kind]
    source, domain = tmp_path / "source", tmp_path / "domain"
    source.mkdir()
    for path, text in {**DOCUMENT, name: content}.items():
        (source / path).write_bytes(text.encode() if isinstance(text, str) else text)
    import_source(source, domain, silent)
    rows = [json.loads(line) for line in (domain / "questions.jsonl").read_text(encoding="utf-8").split("\n") if line]
    assert [(row["question"].replace("？", "?"), row["answers"]) for row in rows] == expected


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_documents(kind: str, tmp_path: Path) -> None:
    name, content, expected = DOCUMENTS[kind]
    source, domain = tmp_path / "source", tmp_path / "domain"
    source.mkdir()
    (source / name).write_bytes(content)
    import_source(source, domain, silent)
    assert [path.read_text(encoding="utf-8") for path in (domain / "documents").iterdir()] == [expected]
