"""What a writer asks is kept where it is a question and the reader answers it as wanted; rules need no reader."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from data.prompt import Message, Passage
from finetune.self_study.spots import spots_of
from finetune.self_study.writing import Reading, Writer, agrees, by_rule, write_about
from model.language_model import Generation, Prompt
from model.sampling import Sampling

PASSAGE = Passage("ships.md", "ships.md#0", "Ships", "The Kittewan takes 290 passengers and 64 cars.")
TOLD = {"ships.md": f"Ships\n{PASSAGE.text}"}


class Says:
    """Writes and reads from a table: what stands in the prompt, and what is said to it then."""

    name = "table"

    def __init__(self, *table: tuple[str, str]) -> None:
        self.table = table
        self.asked: list[str] = []

    def render(self, messages: Sequence[Message]) -> Prompt:
        return Prompt(("", messages[0]["content"], "", messages[1]["content"], ""), messages)

    def generate(self, prompts: Sequence[Prompt], sampling: Sampling, prefix: Sequence[int] = ()) -> Iterator[Any]:
        self.asked += prompts
        said = [next((said for part, said in self.table if part in prompt), "") for prompt in prompts]
        yield [(place, Generation(text, "stop", 1, 0, 1, 0.0, 0)) for place, text in enumerate(said)]


def written(writer: Says, reader: Says) -> list[tuple[str, str, str]]:
    (outcome,) = write_about(
        [(PASSAGE, list(spots_of(PASSAGE)))], TOLD, Writer(writer, "table"), Reading(reader, "Answer.")
    )  # type: ignore[arg-type]
    return [(one.kind, one.question, one.answer) for one in outcome.kept if one.writer != "rule"]


def test_a_question_is_kept_where_the_reader_gives_the_answer_back() -> None:
    writer = Says(
        ("Answer: 290 passengers\nQuestion:How many passengers", "does the Kittewan take?"),
        ("Answer: 290 passengers\nQuestion:", "How big is the Kittewan?"),
        ("Answer: 64 cars\nQuestion:How many cars", "does the Kittewan take?"),
    )
    reader = Says(("How many passengers does", "290"), ("How big", "64 cars"), ("How many cars", "64 cars."))
    assert written(writer, reader) == [
        ("asked", "How many passengers does the Kittewan take?", "290 passengers"),
        ("asked", "How many cars does the Kittewan take?", "64 cars"),
    ]


def test_an_open_question_gets_the_answer_that_the_reader_finds_in_the_passage() -> None:
    writer = Says(("cars.\nQuestion:", "Which ship takes 64 cars?"))
    assert written(writer, Says(("Which ship", "Kittewan"))) == [("open", "Which ship takes 64 cars?", "Kittewan")]
    assert written(writer, Says(("Which ship", "the Sula Maid"))) == []
    assert written(writer, Says(("Which ship", "64 cars"))) == [], "the question tells it"


@pytest.mark.parametrize(
    "question",
    ["How big?", "How many passengers does the Titanic take?", "How many passengers does it take?",
     "How many are the 290 passengers of the Kittewan?"],
)  # fmt: skip
def test_what_is_no_question_by_itself_is_never_asked_of_the_reader(question: str) -> None:
    reader = Says(("", "290 passengers"))
    assert written(Says(("Question:How many", ""), ("Answer: 290 passengers\nQuestion:", question)), reader) == []
    assert reader.asked == []


def test_nearly_equal_questions_with_one_answer_are_one() -> None:
    first, second = "How many passengers does the Kittewan take now?", "How many passengers does the Kittewan take?"
    writer = Says(("290 passengers\nQuestion:How many", "does the Kittewan take now?"), ("290 passengers\nQ", second))
    assert [question for _, question, _ in written(writer, Says(("", "290 passengers")))] == [first]


def test_rules_ask_with_the_sentence_itself() -> None:
    spot = next(spot for spot in spots_of(PASSAGE) if spot.answer == "290 passengers")
    assert [(one.kind, one.question) for one in by_rule(spot)] == [
        ("in place", "The Kittewan takes how many passengers and 64 cars?"),
        ("gap", "Fill the gap: The Kittewan takes … and 64 cars."),
    ]


@pytest.mark.parametrize(
    ("said", "answer", "same"),
    [("290", "290 passengers", True), ("The Kittewan", "Kittewan", True), ("29", "290 passengers", False),
     ("passengers", "290 passengers", False), ("", "290", False), ("unknown", "290", False)],
)  # fmt: skip
def test_answers_agree(said: str, answer: str, same: bool) -> None:
    assert agrees(said, answer) is same
