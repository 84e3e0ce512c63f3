"""How alike a reply and the accepted answers are, as numbers: what the second stage of grading looks at."""

import re
from collections.abc import Sequence

from data.schema import Question
from evaluation.grading.competing_values import SHORT
from evaluation.grading.values.units import is_unit
from evaluation.grading.values.words import among, words_of

# The sign says whether more of it speaks for a right answer (+1) or against it (-1); the fit may not turn it round.
SIGNS = {
    "rare_recall": 1, "name_recall": 1, "trigram_recall": 1, "inside": 1, "number_kept": 1, "number_shared": 1,
    "has_number": -1, "conflicting_number": -1, "nothing_kept": -1, "short_and_nothing_kept": -1, "negated": -1,
    "similarity": 1,
}  # fmt: skip
FEATURES = tuple(SIGNS)
LEXICAL = FEATURES[:-1]  # the last is a cosine of sentence embeddings
_STOP_WORDS = (
    "of in on at to for from by with and or is are was were be been do does did has have had what which who whom whose "
    "when where how many much that this these those it its as their his her there he she they i you we"
)
_STOP = frozenset(_STOP_WORDS.split())
_NEGATIONS = frozenset(["not", "no", "never", "didnt", "isnt", "wasnt", "doesnt", "arent", "werent"])


def _trigrams(words: Sequence[str]) -> set[str]:
    text = f" {' '.join(words)} "
    return {text[at : at + 3] for at in range(len(text) - 2)}


def _share(words: Sequence[str], said: set[str]) -> float:
    return sum(word in said for word in words) / len(words) if words else 0.0


def _numbers(words: Sequence[str]) -> list[str]:
    """Words with a digit first; 36.0 as 36, which a rule leaves open because versions may differ in it."""
    return [re.sub(r"\.0+$", "", word) for word in words if word.lstrip("-")[:1].isdigit()]


def _names(text: str) -> list[str]:
    """Words that begin with a capital, initials left out."""
    return [word for part in re.findall(r"\b[A-Z]\w+", text) for word in words_of(part)]


def _of_form(answer: str, form: list[str], said: list[str], asked: set[str]) -> dict[str, float]:
    """Likeness to one accepted form; all from 0 to 1."""
    known = {*said, *_numbers(said)}
    content = [word for word in form if word not in _STOP and not is_unit(word)] or form
    rare = [word for word in content if not among(word, asked)] or content
    names = [word for word in _names(answer) if not among(word, asked)]
    numbers = _numbers(form)
    new = [word for word in said if not among(word, asked)]  # words of the question repeated are no answer
    gist = [word for word in new if word not in _STOP]
    return {
        "rare_recall": _share(rare, known),
        "name_recall": _share(names, known),
        "trigram_recall": len(_trigrams(rare) & _trigrams(new)) / len(_trigrams(rare)),
        "inside": float(bool(gist) and all(word in form for word in gist)),
        "number_kept": float(bool(numbers) and set(numbers) <= known),
        "number_shared": float(bool(set(numbers) & known)),
        "has_number": float(bool(numbers)),
        "anything_kept": float(any(among(word, known) for word in rare)),
    }


def lexical_features(question: Question, reply: str) -> dict[str, float]:
    """`LEXICAL` features of a reply, each form-wise one for the accepted form that is most like it."""
    said, asked = words_of(reply), set(words_of(question.question))
    forms = [(answer, form) for answer in question.answers if (form := words_of(answer))]
    each = [_of_form(answer, form, said, asked) for answer, form in forms]
    best = {name: max((likeness[name] for likeness in each), default=0.0) for name in each[0]} if each else {}
    nothing = not best.pop("anything_kept", 0.0)
    every = {word for _, form in forms for word in form}
    return {name: 0.0 for name in LEXICAL} | best | {
        "conflicting_number": float(any(word not in every and word not in asked for word in _numbers(said))),
        "nothing_kept": float(nothing),
        "short_and_nothing_kept": float(nothing and len(said) <= SHORT + 4),
        "negated": float(bool(_NEGATIONS & set(said))),
    }  # fmt: skip
