"""What a column or field means: names of one role, the surest first."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

QUESTION = ("question", "user_input", "query", "question_text", "questions", "instruction", "input", "prompt")
# What can only be a reference comes before `answer`, which in a log of a system is what the system said.
REFERENCE = (
    "ground_truth", "ground_truths", "reference_answer", "reference_answers", "reference", "references",
    "expected_output", "expected_answer", "expected_answers", "expected", "correct_answer", "correct_answers",
    "gold_answer", "gold_answers", "golden_answer", "golden_answers", "gold", "accepted_answers", "ideal",
    "ideal_answer", "target", "best_answer",
)  # fmt: skip
ANSWER = (*REFERENCE, "answers", "answer", "answer_text")
SAID = (
    "response", "output", "actual_output", "completion", "prediction", "generated_answer", "model_answer", "candidate",
)  # fmt: skip
CONTEXTS = (
    "reference_contexts", "reference_context", "gold_contexts", "gold_context", "golden_contexts", "contexts",
    "context", "passages", "passage", "paragraphs", "chunk", "chunk_content", "retrieved_contexts",
    "retrieval_context",
)  # fmt: skip
DOCUMENTS = (
    "document_ids", "document_id", "documents", "document", "doc_ids", "doc_id", "source_files", "source_file",
    "source_documents", "source_document", "file_name", "filename",
)  # fmt: skip
ID = ("id", "_id", "question_id", "qid", "uid")
POSITIVE = ("answerable", "is_answerable", "has_answer")
NEGATIVE = ("is_impossible", "unanswerable", "is_unanswerable", "impossible")
SAME = (
    "fact_id", "category", "split", "distractors", "evidence", "stale_answers", "needs", "points", "rubric",
    "reference_style", "meta",
)  # fmt: skip
# The same in the languages that grading knows, and in Portuguese, Russian and Korean.
_TRANSLATED = {
    name: role
    for role, names in {
        "question": "frage fragen pregunta preguntas domanda domande vraag vragen pytanie pytania pergunta вопрос 質問 "
        "質問文 設問 問題 问题 질문",
        "answer": "antwort antworten erwartete_antwort réponse réponses reponse respuesta respuestas risposta risposte "
        "antwoord antwoorden odpowiedź odpowiedzi resposta ответ 回答 答え 正解 答案 정답 답변",
        "document": "dokument documento документ 文書 文書名 文档 문서",
        "evidence": "beleg belegstelle preuve evidencia bewijs 根拠 证据",
    }.items()
    for name in names.split()
}
_INDEX = re.compile(r"(unnamed:?_*\d+|index|level_\d+|__index_level_\d+__|)")  # as pandas writes row numbers
KNOWN = frozenset((*QUESTION, *ANSWER, *SAID, *CONTEXTS, *DOCUMENTS, *ID, *POSITIVE, *NEGATIVE, *SAME, "title"))


def column(name: object) -> str:
    """A column's name in one spelling; empty for the row numbers of a table.

    >>> column(" Ground-Truth "), column("expectedOutput"), column("Unnamed: 0"), column("Frage")
    ('ground_truth', 'expected_output', '', 'question')
    """
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", str(name).strip().lstrip("\ufeff"))
    text = re.sub(r"[\s-]+", "_", text).lower()
    return "" if _INDEX.fullmatch(text) else _TRANSLATED.get(unicodedata.normalize("NFC", text), text)


_ALPACA = ("input", "system", "history")  # beside `instruction`


@dataclass(frozen=True)
class Roles:
    """Which column of a file is read for what; empty where there is none."""

    question: str = ""
    answer: str = ""
    contexts: str = ""
    documents: str = ""
    identity: str = ""
    passed_over: dict[str, tuple[str, ...]] = field(default_factory=dict)  # by the column that was taken instead
    unread: tuple[str, ...] = ()

    def sentences(self) -> Iterator[str]:
        """What a person should know of the choice."""
        for taken, others in self.passed_over.items():
            are = "is" if len(others) == 1 else "are"
            yield f"the column {taken} is read, {' and '.join(others)} beside it {are} not"
        if self.answer in SAID:
            yield f"the column {self.answer} counts as the accepted answer, because none is named as a reference"
        if self.unread:
            yield f"columns that are not read: {', '.join(self.unread[:12])}{' …' if len(self.unread) > 12 else ''}"


def _first(names: Iterable[str], there: Sequence[str]) -> str:
    return next((name for name in names if name in there), "")


def _others(taken: str, names: Iterable[str], there: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in there if taken and name != taken and name in names)


def roles_of(columns: Iterable[str]) -> Roles:
    """Choose a column for each role. `input` and `instruction` are questions only where no better name is there."""
    there = list(dict.fromkeys(name for name in columns if name))
    question, answer = _first(QUESTION, there), _first(ANSWER, there)
    if not answer and question in ("instruction", "input", "prompt"):  # as fine-tuning writes its examples
        answer = _first(SAID, there)
    contexts, documents, identity = _first(CONTEXTS, there), _first(DOCUMENTS, there), _first(ID, there)
    questions = [name for name in QUESTION if not (question == "instruction" and name in _ALPACA)]
    chosen = ((answer, (*ANSWER, *SAID)), (contexts, CONTEXTS), (question, questions), (documents, DOCUMENTS))
    passed = {taken: others for taken, names in chosen if (others := _others(taken, names, there))}
    read = {question, answer, contexts, documents, identity, "title", *POSITIVE, *NEGATIVE, *SAME, *_ALPACA}
    known = read.union(*passed.values())
    return Roles(question, answer, contexts, documents, identity, passed, tuple(n for n in there if n not in known))
