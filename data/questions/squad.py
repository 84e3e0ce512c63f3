"""SQuAD 1.1 and 2.0 (Rajpurkar et al. 2016, 2018): one document an article, the answer's sentence as evidence."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from data.errors import TriviumError
from data.import_documents import file_name
from data.questions.cells import text_of
from data.questions.documents import free_name, title_first
from data.questions.source import Material, Row
from data.sentences import sentence_around
from data.text_cleaning import clean_text


def is_squad(content: Any) -> bool:
    data = content.get("data") if isinstance(content, Mapping) else None
    return isinstance(data, list) and any(isinstance(article, Mapping) and "paragraphs" in article for article in data)


def _span(text: str, answer: str, start: Any) -> tuple[int, bool] | None:
    """Where an answer stands in its paragraph, and whether it is there that the file says; None: nowhere."""
    given = start if isinstance(start, int) else -1
    if given >= 0 and text.startswith(answer, given):
        return given, True
    places: list[int] = []
    at = text.find(answer)
    while at >= 0 and len(places) < 1000:
        places.append(at)
        at = text.find(answer, at + 1)
    return (min(places, key=lambda place: abs(place - given)), False) if places else None


class _Offsets:
    """Counts what had to be mended."""

    def __init__(self) -> None:
        self.moved = self.lost = 0

    def quotes(self, text: str, answers: list[Mapping[str, Any]]) -> list[str]:
        """The sentence around the first answer that stands in the paragraph."""
        for answer in answers:
            wanted = clean_text(str(answer["text"])).strip()
            found = _span(text, wanted, answer.get("answer_start")) if wanted else None
            if found:
                self.moved += not found[1]
                return [sentence_around(text, found[0], found[0] + len(wanted))]
        self.lost += bool(answers)
        return []


def _asked(asked: Mapping[str, Any], text: str, name: str, offsets: _Offsets) -> dict[str, Any]:
    answers = list(asked.get("answers") or ())
    return {
        "id": asked.get("id"),
        "question": asked["question"],
        "answers": list(dict.fromkeys(text_of(answer["text"]) for answer in answers)),
        "evidence": offsets.quotes(text, answers),
        "is_impossible": asked.get("is_impossible", False),
        "document_ids": [name],
    }


def read_squad(path: Path, content: Mapping[str, Any], material: Material) -> Iterator[Row]:
    """A row a question; articles become documents of the material.

    Raises:
        TriviumError: a part that SQuAD has is missing.
    """
    number, offsets = 0, _Offsets()
    for place, article in enumerate(content["data"], 1):
        try:
            title = clean_text(str(article.get("title") or "article")).replace("_", " ")
            name = free_name(f"{file_name(title)}.txt", material.documents)
            paragraphs = [(clean_text(str(p["context"])).strip(), p["qas"]) for p in article["paragraphs"]]
            material.documents[name] = title_first(title, "\n\n".join(text for text, _ in paragraphs))
            for text, questions in paragraphs:
                for asked in questions:
                    number += 1
                    yield Row(number, f"question {number}", _asked(asked, text, name, offsets))
        except (KeyError, TypeError, AttributeError) as error:
            raise TriviumError(
                f"{path}, article {place}: it looks like SQuAD, but a part of it is missing ({error})."
            ) from error
    if offsets.moved:
        material.say(path, f"{offsets.moved} answers do not stand at their answer_start; they were found by their text")
    if offsets.lost:
        material.say(path, f"{offsets.lost} questions have answers that do not stand in their paragraph: no evidence")
