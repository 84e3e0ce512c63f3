"""A small domain from sentences that a person typed: what is trained, and the new wording that is asked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from data import jsonl
from data.errors import TriviumError
from data.files import together
from data.import_source import write_settings
from data.spans import answer_spans, in_place_question

# Wordings that are trained; the question itself, which is asked afterwards, is none of them.
_TRAINED = ("Fill the gap: {gap}", "What is missing here? {gap}", "{gap} Say what stands in the gap.")


@dataclass(frozen=True)
class TaughtSentence:
    """One sentence, the answer in it, and the question that will be asked in words that were never trained."""

    sentence: str
    answer: str
    question: str


def suggested(sentence: str) -> TaughtSentence:
    """An answer and a question by rule, for a person to change; the last word where no rule finds an answer.

    >>> suggested("The quay is 62 metres long.").question
    'The quay is how many metres long?'
    """
    text = " ".join(sentence.split())
    asked = [(span.text, question) for span in answer_spans(text) if (question := in_place_question(text, span))]
    if asked:
        return TaughtSentence(text, *asked[-1])
    words = text.rstrip(".!?").split()
    answer = answer_spans(text)[-1].text if answer_spans(text) else words[-1]
    if text.rstrip(".!?").endswith(answer):
        return TaughtSentence(text, answer, f"{text.rstrip('.!?')[: -len(answer)].strip()} what?")
    return TaughtSentence(text, answer, f"What is said here: {text.replace(answer, '…', 1)}")


def write_sentences(rows: Sequence[TaughtSentence], folder: Path) -> None:
    """A domain folder with a document and the wordings of each sentence.

    Raises:
        TriviumError: an answer does not stand in its sentence, or there is nothing to teach.
    """
    if not rows:
        raise TriviumError("there is no sentence to teach.")
    lines = []
    for number, row in enumerate(rows, 1):
        if not row.answer.strip() or row.answer not in row.sentence:
            raise TriviumError(f"'{row.answer}' does not stand in '{row.sentence}'.")
        if not row.question.strip():
            raise TriviumError(f"'{row.sentence}': there is no question for it.")
        gap = re.sub(re.escape(row.answer), "…", row.sentence, count=1)
        common = {"answers": [row.answer], "fact_id": f"s{number}", "document_ids": [f"sentence-{number}.md"],
                  "evidence": row.sentence}  # fmt: skip
        lines.append({"id": f"s{number}", "question": row.question, **common})
        lines += [
            {"id": f"s{number}-t{place}", "question": form.format(gap=gap), "split": "train", **common}
            for place, form in enumerate(_TRAINED, 1)
        ]
    documents = folder / "documents"
    with together() as files:
        for number, row in enumerate(rows, 1):
            files.write_text(documents / f"sentence-{number}.md", f"# Sentence {number}\n\n{row.sentence}\n")
        files.write_text(folder / "questions.jsonl", jsonl.text_of(lines))
    write_settings(folder)
