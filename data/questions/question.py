"""One record of any form as a question of a domain, validated before it counts."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from data.findings import Finding, counted, note
from data.jsonl import problem
from data.questions.cells import identifier, is_lost, is_missing, parsed, text_of, texts, truth
from data.questions.columns import NEGATIVE, POSITIVE, QUESTION, Roles
from data.schema import Category, Question
from data.text_cleaning import clean_text

_SPLITS = {
    "train": "train", "training": "train", "dev": "dev", "validation": "dev", "valid": "dev", "val": "dev",
    "development": "dev", "test": "test", "testing": "test", "eval": "test", "evaluation": "test",
}  # fmt: skip
_CATEGORIES = frozenset(map(str, Category))
LOOKED_FOR = "answer, answers, reference, ground_truth, expected_output; docs/domain.md has all"
MAX_TEXT = 20_000  # characters of a question or an answer; what is longer is a document


class Kept:
    """Words of an owner that the program has no use for: they go to `meta`, and are told once a file."""

    def __init__(self) -> None:
        self.words: dict[str, Counter[str]] = {"category": Counter(), "split": Counter()}

    def findings(self, place: str) -> list[Finding]:
        """One note for each kind."""
        return [
            note(place, f"{counted(words.total(), 'question')} with a {kind} that is not one of Trivium's "
                 f"({', '.join(sorted(words)[:6])}{' …' if len(words) > 6 else ''}); kept in meta")
            for kind, words in self.words.items() if words
        ]  # fmt: skip


def _answerable(fields: Mapping[str, Any]) -> bool | None:
    """What the flags say; None where they say nothing.

    Raises:
        ValueError: a flag is neither true nor false, or two contradict each other.
    """
    said = set()
    for names, turn in ((POSITIVE, False), (NEGATIVE, True)):
        for name in names:
            try:
                value = truth(fields.get(name))
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from None
            if value is not None:
                said.add(value is not turn)
    if len(said) > 1:
        raise ValueError("its columns contradict each other about whether it can be answered")
    return said.pop() if said else None


def _answers(fields: Mapping[str, Any], roles: Roles) -> list[str]:
    """Accepted forms; none where no document answers the question.

    Raises:
        ValueError: there is no answer and nothing says that there is none.
    """
    answerable = _answerable(fields)
    if answerable is False:
        return []
    if not roles.answer:
        raise ValueError(f"there is no answer in it (looked for {LOOKED_FOR})")
    if roles.answer not in fields:
        raise ValueError(f"there is no answer in it (no field '{roles.answer}')")
    value = fields[roles.answer]
    if is_lost(value) or (isinstance(value, list) and value and all(map(is_lost, value))):
        raise ValueError(
            f"the {roles.answer} is '{text_of(value)}', a lost value; leave it empty where no answer exists"
        )
    found = texts(value)
    if answerable and not found:
        raise ValueError("it is said to be answerable and has no answer")
    return found


def _finite(value: Any) -> Any:
    """JSON without NaN and infinity, which it does not have."""
    if isinstance(value, Mapping):
        return {text_of(key): _finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and is_missing(value) else value


def _meta(value: Any) -> dict[str, Any]:
    content = {} if is_missing(value) else parsed(value)
    return dict(_finite(content)) if isinstance(content, Mapping) else {"meta": text_of(content)}


def _own_words(fields: Mapping[str, Any], kept: Kept) -> dict[str, Any]:
    """Category and split as Trivium has them; others in meta."""
    found: dict[str, Any] = {}
    meta = _meta(fields.get("meta"))
    for name, known in (("category", {c: c for c in _CATEGORIES}), ("split", _SPLITS)):
        if is_missing(fields.get(name)):
            continue
        word = text_of(fields[name])
        plain = word.lower().replace("-", "_").replace(" ", "_")
        if plain in known:
            found[name] = known[plain]
        else:
            meta[name] = word
            kept.words[name][word] += 1
    return found | ({"meta": meta} if meta else {})


def id_of_row(number: int) -> str:
    """The id of a question that has none."""
    return f"q{number:05d}"


def quotes(value: Any) -> list[str]:
    """Evidence: a text is one quote, whatever stands in it."""
    content = parsed(value)
    if isinstance(content, str):
        return [] if is_missing(content) else [clean_text(content).strip()]
    return texts(content)


def question_of(fields: Mapping[str, Any], roles: Roles, number: int, kept: Kept) -> dict[str, Any]:
    """A record as a question without its documents; what is empty is left away.

    Raises:
        ValueError: it is none; the message is the reason.
    """
    if not roles.question or is_missing(fields.get(roles.question)):
        raise ValueError(f"there is no question in it (looked for {', '.join(QUESTION[:3])} …)")
    row: dict[str, Any] = {
        "id": identifier(fields.get(roles.identity)) or id_of_row(number),
        "question": " ".join(text_of(fields[roles.question]).split()),
        "answers": _answers(fields, roles),
        "fact_id": identifier(fields.get("fact_id")),
        "evidence": quotes(fields.get("evidence")),
        "reference_style": "" if is_missing(fields.get("reference_style")) else text_of(fields["reference_style"]),
        **{name: texts(fields.get(name)) for name in ("distractors", "stale_answers", "needs", "points")},
        "rubric": "" if is_missing(fields.get("rubric")) else text_of(fields["rubric"]),
        **_own_words(fields, kept),
    }
    if longest := next((name for name in ("question", "answers") if len(str(row[name])) > MAX_TEXT), ""):
        raise ValueError(f"its {longest} has more than {MAX_TEXT:,} characters")
    row = {key: value for key, value in row.items() if value or key == "answers"}
    validate(row)
    return row


def validate(row: Mapping[str, Any]) -> None:
    """Raises ValueError with the field where it is no question."""
    try:
        Question.model_validate(row)
    except ValidationError as error:
        raise ValueError(problem(error)) from error
