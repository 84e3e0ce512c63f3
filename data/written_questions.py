"""What is wrong with a question that a model or a rule wrote: its form, its words, its answer; never a score."""

import re
from enum import StrEnum

from data.leaks import normalised
from data.spans import NUMERIC, Span, answer_spans

WORDS = range(4, 26)  # of a question
GROUNDED = 0.8  # share of a question's content words that must stand in the evidence or the title
_STOP_WORDS = (
    "a an the of in on at to for from by with and or is are was were be been do does did has have had what which who "
    "whom whose when where how many much long old far often that this these those it its as their his her there name "
    "state tell me give please can you say some any one year day date time number amount called kind price place "
    "located during take cost get used employed operate"
)
_STOP = frozenset(_STOP_WORDS.split())
_POINTS_NOWHERE = re.compile(
    r"\b(text|passage|sentence|paragraph|article|author|following|above|given|mentioned|answer)\b|\b(he|she|they|it|him|"
    r"them|his|her|their|its|this|these|those|we|our)\b", re.IGNORECASE)  # fmt: skip
_ASKS = re.compile(r"\b(who|whom|whose|what|which|when|where|how)\b|^(name|state|give|tell)\b", re.IGNORECASE)
_COUNT = re.compile(
    r"\bhow (many|much|long|far|high|old|large|big|often|tall|deep|wide|heavy|fast)\b"
    r"|\bwhat (number|percentage|share|price)\b",
    re.IGNORECASE,
)
_MOMENT = re.compile(r"\bwhen\b|\b(what|which) (time|year|date|day|month)\b|\bhow (early|late|soon)\b", re.IGNORECASE)
_PERSON_OR_PLACE = re.compile(r"\b(who|whom|whose|where)\b", re.IGNORECASE)


class Dropped(StrEnum):
    """Why a draft is not kept."""

    NO_QUESTION = "is not one question of 4 to 25 words"
    TELLS_ANSWER = "contains its answer"
    NO_SUBJECT = "does not name what it is about"
    INVENTED = "asks about words or names that the document does not have"
    OTHER_CLAUSE = "asks with words from another part of the sentence than its answer's"
    NOT_RECOVERED = "a rule does not find its answer in the evidence"
    NOT_FOUND = "retrieval does not find its evidence among the first three sentences"
    UNLIKE = "means something else than its evidence, by embedding"
    DUPLICATE = "nearly equals another question"
    LEAK = "nearly equals a test question"


def content_words(text: str) -> list[str]:
    """Words that carry meaning, cut to their first five letters so that endings do not count."""
    return [word[:5] for word in normalised(text).split() if word not in _STOP and len(word) > 1]


def _expected(question: str) -> tuple[frozenset[str], ...]:
    """Kinds of spans that can answer a question of this form, the likelier ones first."""
    if _MOMENT.search(question):
        return frozenset({"date", "time", "year"}), frozenset({"number", "name"})
    if _COUNT.search(question):
        return frozenset({"quantity"}), frozenset({"number"})
    if _PERSON_OR_PLACE.search(question):
        return (frozenset({"name", "quoted"}),)
    return (NUMERIC | {"name", "quoted"},)


def recovered(question: str, evidence: str) -> str | None:
    """The answer as a rule reads it from the evidence: of the spans that fit the question's form and that it does not
    contain, the one nearest to the question's words; None where none fits or two are equally near."""
    asked = set(content_words(question))
    places = [found.start() for found in re.finditer(r"\w+", evidence)]
    words = [found.group() for found in re.finditer(r"\w+", evidence)]
    hits = [place for place, word in zip(places, words, strict=True) if set(content_words(word)) & asked]
    said = normalised(question)
    open_spans = [span for span in answer_spans(evidence) if f" {normalised(span.text)} " not in f" {said} "]
    groups = ([span for span in open_spans if span.kind in kinds] for kinds in _expected(question))
    fitting: list[Span] = next((group for group in groups if group), [])
    near = {s.text: sum(1 / (5 + min(abs(hit - s.start), abs(hit - s.end))) for hit in hits) for s in fitting}
    best = sorted(near, key=lambda text: near[text], reverse=True)
    if not best or (len(best) > 1 and near[best[0]] == near[best[1]]):
        return None
    return best[0]


def why_unclear(question: str, answer: str, surroundings: str) -> Dropped | None:
    """Why a question cannot be asked of somebody who does not see the text: its form, its answer in it, its subject.

    Args:
        surroundings: title and text of its document.
    """
    said = normalised(question)
    if len(said.split()) not in WORDS or not _ASKS.search(question) or question.count("?") > 1:
        return Dropped.NO_QUESTION
    if f" {normalised(answer)} " in f" {said} ":
        return Dropped.TELLS_ANSWER
    names = [name for name in re.findall(r"(?<!^)\b[A-ZÀ-Þ][\w'’-]+", question) if name not in ("I", "Name", "State")]
    known = set(content_words(surroundings))
    if any(set(content_words(name)) - known for name in names):
        return Dropped.INVENTED
    asked = content_words(question)
    if not asked or (_POINTS_NOWHERE.search(question) and not names) or (len(asked) < 2 and not names):
        return Dropped.NO_SUBJECT
    return None


def why_dropped(question: str, answer: str, evidence: str, surroundings: str, clause: str = "") -> Dropped | None:
    """The first rule that a draft breaks, or None.

    Args:
        clause: the part of the evidence from which alone, and from the title, the question may take its words; "": all.
        surroundings: title and text of its document.
    """
    if unclear := why_unclear(question, answer, surroundings):
        return unclear
    asked, title = content_words(question), surroundings.partition("\n")[0]
    nearby = set(content_words(evidence)) | set(content_words(title))
    if sum(word in nearby for word in asked) < GROUNDED * len(asked):
        return Dropped.INVENTED
    if clause and set(asked) - set(content_words(f"{clause} {title}")):
        return Dropped.OTHER_CLAUSE
    if recovered(question, evidence) != answer:
        return Dropped.NOT_RECOVERED
    return None
