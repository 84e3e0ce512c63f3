"""Bad input gets one sentence that names the place; good input becomes a domain."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from data.errors import TriviumError
from data.load import load_domain
from data.schema import Category


def test_domain_is_read(make_domain: Callable[..., Path]) -> None:
    domain = load_domain(make_domain(facts=4))
    assert domain.name == "Harbours"
    assert [document.id for document in domain.documents] == [f"Harbour{n}.md" for n in range(4)]
    assert domain.documents[0].title == "Guide to Harbour0"
    assert domain.documents[0].text.startswith("Boats come")
    assert domain.trained_facts == {"flag0", "flag2"}


def test_category_follows_from_the_training_wordings(make_domain: Callable[..., Path]) -> None:
    domain = load_domain(make_domain(facts=2))
    categories = {question.id: domain.category(question) for question in domain.questions}
    assert categories["flag0-q"] is Category.PARAPHRASED
    assert categories["flag1-q"] is Category.HELD_OUT
    assert categories["none-q"] is Category.UNANSWERABLE
    assert categories["flag0-t1"] is Category.TRAINED


def test_without_training_wordings_every_fact_counts_as_covered(make_domain: Callable[..., Path]) -> None:
    domain = load_domain(make_domain(facts=2, trained=False))
    assert {domain.category(q) for q in domain.questions if q.answerable} == {Category.PARAPHRASED}


def test_csv_with_question_and_answer_is_enough(make_domain: Callable[..., Path]) -> None:
    folder = make_domain(trained=False)
    (folder / "questions.jsonl").unlink()
    (folder / "questions.csv").write_text(
        'question,answer\n"What, and where?",otter | an otter\nWhy?,\n', encoding="utf-8"
    )
    first, second = load_domain(folder).questions
    assert (first.id, first.question, first.answers) == ("q00002", "What, and where?", ("otter", "an otter"))
    assert not second.answerable


def _write_line(folder: Path, number: int, text: str) -> None:
    lines = (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    lines[number - 1] = text
    (folder / "questions.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


GOOD = {"id": "x", "question": "What?", "answers": ["y"]}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"id": "x", ', "line 2: not valid JSON"),
        ("[1]", "line 2: a question must be a JSON object"),
        (json.dumps({**GOOD, "anwsers": []}), "line 2: 'anwsers'"),
        (json.dumps({"id": "x", "question": "What?"}), "line 2: 'answers'"),
        (json.dumps({**GOOD, "answers": [" "]}), "accepted answer is blank"),
        (json.dumps({**GOOD, "question": " "}), "must not be blank"),
        (json.dumps({**GOOD, "id": "flag0-q"}), "line 2: the id 'flag0-q' is already that of line 1"),
        (json.dumps({**GOOD, "document_ids": ["gone.md"]}), "'x' points to 'gone.md'"),
        (json.dumps({**GOOD, "category": "hard"}), "line 2: 'category'"),
    ],
)
def test_a_bad_question_is_named(make_domain: Callable[..., Path], line: str, said: str) -> None:
    folder = make_domain()
    _write_line(folder, 2, line)
    with pytest.raises(TriviumError) as error:
        load_domain(folder)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_missing_and_empty_folders_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(TriviumError, match="no such folder"):
        load_domain(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(TriviumError, match="the folder is empty"):
        load_domain(tmp_path / "empty")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("image.png", b"\x89PNG", "not a document Trivium can read"),
        ("bytes.txt", b"a\x00b", "not text"),
        ("blank.md", b" \n", "holds no text"),
        ("broken.pdf", b"%PDF-1.4 nothing", "cannot be read as PDF"),
        ("broken.docx", b"no zip", "not a Word document"),
    ],
)
def test_a_bad_document_is_named(make_domain: Callable[..., Path], name: str, content: bytes, said: str) -> None:
    folder = make_domain()
    (folder / "documents" / name).write_bytes(content)
    with pytest.raises(TriviumError, match=said) as error:
        load_domain(folder)
    assert name in str(error.value)


def test_a_link_out_of_the_folder_is_refused(make_domain: Callable[..., Path], tmp_path: Path) -> None:
    folder = make_domain()
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    (folder / "documents" / "link.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(TriviumError, match=r"link\.txt: the link points outside"):
        load_domain(folder)


def test_bad_settings_are_named(make_domain: Callable[..., Path]) -> None:
    folder = make_domain()
    (folder / "domain.toml").write_text("name = ", encoding="utf-8")
    with pytest.raises(TriviumError, match=r"domain\.toml: not valid TOML"):
        load_domain(folder)
    (folder / "domain.toml").write_text('nmae = "x"', encoding="utf-8")
    with pytest.raises(TriviumError, match="'nmae'"):
        load_domain(folder)


def _update(**changes: object) -> str:
    row = {"fact_id": "flag0", "document_id": "Harbour0.md", "answers": ["walrus"], "stale_answers": ["otter"]}
    row |= {"old": "shows a otter", "new": "shows a walrus"}
    return json.dumps(row | changes) + "\n"


def test_updates_change_documents_and_give_questions(make_domain: Callable[..., Path]) -> None:
    folder = make_domain()
    (folder / "updates.jsonl").write_text(_update(), encoding="utf-8")
    domain = load_domain(folder)
    assert "shows a otter" in domain.document("Harbour0.md").text
    changed = domain.updated()
    assert "shows a walrus" in changed.document("Harbour0.md").text
    assert changed.document("Harbour0.md").label == "Harbour0.md@1"
    assert changed.document("Harbour1.md") == domain.document("Harbour1.md")
    (asked,) = domain.updated_questions()
    assert (asked.answers, asked.stale_answers, asked.category) == (("walrus",), ("otter",), "updated")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"old": "not there"}, "line 1: the old sentence stands 0 times in Harbour0.md"),
        ({"document_id": "gone.md"}, "line 1: 'gone.md' is not in documents/"),
        ({"fact_id": "nobody"}, "line 1: no question has the fact_id 'nobody'"),
        ({"answers": []}, "line 1: 'answers'"),
    ],
)
def test_a_bad_update_is_named(make_domain: Callable[..., Path], changes: dict[str, object], said: str) -> None:
    folder = make_domain()
    (folder / "updates.jsonl").write_text(_update(**changes), encoding="utf-8")
    with pytest.raises(TriviumError, match=said):
        load_domain(folder)


def test_a_house_form_that_is_no_pattern_is_named(make_domain: Callable[..., Path]) -> None:
    folder = make_domain()
    (folder / "domain.toml").write_text('name = "x"\n[style]\npattern = "("\n', encoding="utf-8")
    with pytest.raises(TriviumError, match="no regular expression"):
        load_domain(folder)


@pytest.mark.parametrize(
    ("table", "answers"),
    [
        ("question;answer;distractors\nWhat?;otter | an otter;seal | heron\n", ("otter", "an otter")),
        ("Question\tGround Truth\nWhat?\t['otter' 'an otter']\n", ("otter", "an otter")),
        ("question,answer,is_impossible\nWhat?,otter,False\n", ("otter",)),
        ("question,answer,answerable\nWhat?,otter,no\n", ()),
        ("user_input,response,reference\nWhat?,seal,otter\n", ("otter",)),
    ],
)
def test_an_own_table_is_read_as_import_reads_it(
    make_domain: Callable[..., Path], table: str, answers: tuple[str, ...]
) -> None:
    folder = make_domain(trained=False)
    (folder / "questions.jsonl").unlink()
    (folder / "questions.csv").write_text(table, encoding="utf-8")
    (question,) = load_domain(folder).questions
    assert question.answers == answers


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("question,answer\nWhat?\n", "line 2: it has 1 cells"),
        ("question,answer\nWhat?,a,b\n", "line 2: it has 3 cells"),
        ("question,answer,is_impossible\nWhat?,a,perhaps\n", "line 2: is_impossible"),
        ("question\nWhat?\n", "line 2: there is no answer"),
        ("colour,shape\nWas?,a\n", "no column holds questions"),
        ("id,question,answer\n1,What?,['a' 'b\n", "cannot be read"),
    ],
)
def test_a_bad_row_of_an_own_table_is_named(make_domain: Callable[..., Path], table: str, said: str) -> None:
    folder = make_domain(trained=False)
    (folder / "questions.jsonl").unlink()
    (folder / "questions.csv").write_text(table, encoding="utf-8")
    with pytest.raises(TriviumError, match=said):
        load_domain(folder)


def test_a_question_that_is_there_twice_counts_once_and_is_named(make_domain: Callable[..., Path]) -> None:
    folder = make_domain(facts=4, trained=False)
    path = folder / "questions.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    twice = [row | {"id": row["id"] + "-again", "fact_id": ""} for row in rows]
    path.write_text("".join(json.dumps(row) + "\n" for row in (*rows, *twice)), encoding="utf-8")
    domain = load_domain(folder)
    assert len(domain.questions) == len(rows)
    assert [finding.place for finding in domain.findings] == [", ".join(row["id"] for row in twice)]
    path.write_text("".join(json.dumps(row) + "\n" for row in (*rows, twice[2])), encoding="utf-8")
    (told,) = load_domain(folder).findings
    assert (told.place, "the same wording as flag2-q" in told.sentence) == ("flag2-q-again", True)


def test_two_updates_of_one_sentence_both_count(make_domain: Callable[..., Path]) -> None:
    folder = make_domain(facts=2)
    text = (folder / "documents" / "Harbour0.md").read_text(encoding="utf-8")
    sentence = next(line for line in text.split("\n") if "otter" in line)
    (folder / "documents" / "Harbour0.md").write_text(f"{text}\nThe quay has 4 lamps and 9 rings.\n", encoding="utf-8")
    old = "The quay has 4 lamps and 9 rings."
    lines = [
        _update(),
        _update(fact_id="flag1", old=old, new="The quay has 5 lamps and 9 rings.", answers=["5"], stale_answers=["4"]),
        _update(fact_id="flag1", old="9 rings.", new="12 rings.", answers=["12"], stale_answers=["9"]),
    ]
    (folder / "updates.jsonl").write_text("".join(lines), encoding="utf-8")
    domain = load_domain(folder)
    changed = domain.updated().document("Harbour0.md").text
    assert "The quay has 5 lamps and 12 rings." in changed
    assert "walrus" in changed
    assert sentence not in changed
    assert all(quote in changed for question in domain.updated_questions() for quote in question.evidence)
    assert domain.findings == ()


def test_an_update_of_a_very_long_text_is_one_change(make_domain: Callable[..., Path]) -> None:
    """Comparing word by word would take hours: SequenceMatcher's time grows with the cube of equal words."""
    folder = make_domain()
    document = folder / "documents" / "Harbour0.md"
    long = "A boat. " * 5_000
    old = document.read_text(encoding="utf-8")
    document.write_text(f"{old} Before. It was {long}. After.", encoding="utf-8")
    update = _update(old=f"It was {long}.", new=f"It is {'The boat. ' * 5_000} and a walrus.")
    (folder / "updates.jsonl").write_text(update, encoding="utf-8")
    text = load_domain(folder).updated().document("Harbour0.md").text
    assert text.count("The boat.") == 5_000
    assert "A boat." not in text
    assert text.endswith("and a walrus. After.")


def test_updates_that_contradict_each_other_are_named(make_domain: Callable[..., Path]) -> None:
    folder = make_domain()
    second = _update(new="shows a heron", answers=["heron"])
    (folder / "updates.jsonl").write_text(_update() + second, encoding="utf-8")
    with pytest.raises(TriviumError, match="line 2: it changes the same words as line 1"):
        load_domain(folder)


def test_an_update_that_does_not_say_its_answer_is_told(make_domain: Callable[..., Path]) -> None:
    folder = make_domain()
    (folder / "updates.jsonl").write_text(_update(answers=["sea lion"]), encoding="utf-8")
    (finding,) = load_domain(folder).findings
    assert (finding.severity, finding.place) == ("warning", "flag0")


@pytest.mark.parametrize(
    "content",
    [
        "a" + ".a" * 30_000 + " = 1", "[" + ".".join("abcdefghijklmnop") + "]", "a = " + "[" * 20_000,
        "name = 'x'\n" + "#" * 70_000, "[mix]\nparaphrased = nan", "[mix]\nparaphrased = inf",
        "[mix]\nparaphrased = -1", "[mix]\nparaphrased = 1e308", "[mix]\nparaphrased = 0",
        "[gate]\n'rag.accuracy' = nan", "[gate]\n'rag.accuracy' = -0.5",
        "name = 3", "[mix]\nhard = 1", "\x00", "name = 'x'\nname = 'y'",
    ],
)  # fmt: skip
def test_settings_that_are_none_are_refused_at_once(make_domain: Callable[..., Path], content: str) -> None:
    folder = make_domain()
    (folder / "domain.toml").write_text(content, encoding="utf-8")
    with pytest.raises(TriviumError, match=r"domain\.toml: "):
        load_domain(folder)


@pytest.mark.parametrize("name", ["questions.jsonl", "domain.toml", "updates.jsonl", "training.jsonl"])
def test_pipes_and_devices_are_not_read(make_domain: Callable[..., Path], name: str) -> None:
    folder = make_domain()
    (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name)
    with pytest.raises(TriviumError, match=rf"{name}: not a regular file"):
        load_domain(folder)
    (folder / name).unlink()
    (folder / name).symlink_to("/dev/zero")
    with pytest.raises(TriviumError, match=rf"{name}: not a regular file"):
        load_domain(folder)


@pytest.mark.parametrize("text", ["\n" * 60_000, "a" + "\n" * 60_000, 'description = """' + "\n" * 60_000 + '"""'])
def test_empty_lines_of_settings_take_no_time(make_domain: Callable[..., Path], text: str) -> None:
    """A search for long keys that went on over the ends of lines took minutes."""
    folder = make_domain()
    (folder / "domain.toml").write_text(text, encoding="utf-8")
    if text.strip("\n") == "a":
        with pytest.raises(TriviumError, match="not valid TOML"):
            load_domain(folder)
    else:
        assert load_domain(folder).name == "domain"


def test_texts_of_settings_are_cleaned_too(make_domain: Callable[..., Path]) -> None:
    folder = make_domain()
    text = 'name = "Ha\\u0308fen\\u001b]0;x\\u0007\\u009b"\ninstruction = "Be\\u00a0brief.\\u2028Now."\n'
    (folder / "domain.toml").write_text(text, encoding="utf-8")
    domain = load_domain(folder)
    assert (domain.name, domain.settings.instruction) == ("Häfen", "Be brief.\nNow.")


def test_texts_of_questions_and_updates_are_cleaned_as_documents_are(make_domain: Callable[..., Path]) -> None:
    folder = make_domain(facts=1, trained=False)
    path = folder / "documents" / "Harbour0.md"
    path.write_text(path.read_text(encoding="utf-8") + "\nThe \ufb01rst quay is 5\xa0m long.\n", encoding="utf-8")
    row = {
        "id": "x", "question": "How long is\u2028the \ufb01rst quay?", "answers": ["5\xa0m"], "fact_id": "x",
        "document_ids": ["Harbour0.md"], "evidence": "The \ufb01rst quay is 5\xa0m long.",
    }  # fmt: skip
    with (folder / "questions.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
    change = {"old": "The \ufb01rst quay is 5\xa0m", "new": "The \ufb01rst quay is 6\xa0m", "answers": ["6 m"]}
    line = _update(fact_id="x", stale_answers=["5 m"], **change)
    (folder / "updates.jsonl").write_text(line, encoding="utf-8")
    domain = load_domain(folder)
    asked = next(question for question in domain.questions if question.id == "x")
    assert (asked.question, asked.answers) == ("How long is\nthe first quay?", ("5 m",))
    assert asked.evidence[0] in domain.document("Harbour0.md").text
    assert "The first quay is 6 m long." in domain.updated().document("Harbour0.md").text


def test_a_number_of_thousands_of_digits_is_one_sentence(make_domain: Callable[..., Path]) -> None:
    folder = make_domain()
    (folder / "domain.toml").write_text(f'name = "H"\n[mix]\nstyle = {"7" * 9000}\n', encoding="utf-8")
    with pytest.raises(TriviumError, match=r"domain\.toml: not valid TOML"):
        load_domain(folder)
