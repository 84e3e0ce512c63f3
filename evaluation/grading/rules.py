"""Grade an answer by rules that a person can check; what they cannot settle goes to evaluation/grading/grader.py."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from data.language import UNSPACED
from data.patterns import fits
from data.schema import Question
from evaluation.grading.abbreviations import is_abbreviation
from evaluation.grading.choices import choose
from evaluation.grading.competing_values import BARE, SENTENCE, SHORT, rival_name, rival_value
from evaluation.grading.hits import GAP, denied, offers_another, without
from evaluation.grading.languages import language as known_language
from evaluation.grading.languages import table
from evaluation.grading.lists import first_part_said, is_place, must_be_complete, parts_of, said_items
from evaluation.grading.opposites import contradicts, without_bounds
from evaluation.grading.refusals import abstains
from evaluation.grading.repetition import adds_nothing, beyond_the_question
from evaluation.grading.values.plain import spelled_with_e, without_reasoning
from evaluation.grading.values.quantities import mentions
from evaluation.grading.values.units import is_unit
from evaluation.grading.values.words import length, marked, words_of
from evaluation.grading.yes_no import decide, lead

WORD_LIMIT = 40  # words; what comes after them is not read
DOUBT = 0.15  # from a probability of one half: nearer than that a person should look
LETTERS_A_WORD = 2  # in scripts without spaces
LONGEST_WORD = 30  # letters on average; what is longer has no words
_AMBIGUOUS = re.compile(r"\d[/.-]\d{1,2}[/.-]\d{2,4}|(?<![\d.,])[1-9]\d{0,2}[.,]\d{3}(?![\d.,])")
_RUN_ON = re.compile(rf"[{UNSPACED}]")


class GradeName(StrEnum):
    CORRECT = "correct"
    WRONG = "wrong"
    ABSTAINED = "abstained"
    UNSCORED = "unscored"  # there is nothing to grade; never counted as wrong


@dataclass(frozen=True)
class Grade:
    """A grade with the reason for it, in words."""

    grade: GradeName
    reason: str
    probability: float | None = None  # that a person calls the answer right; None where nothing was said of it
    by: str = "rules"  # rules, model, judge
    ambiguous: bool = False  # the value can be read in several ways, or no rule understands it
    score: float | None = None  # share of the points stated, for a question that has points

    @property
    def doubtful(self) -> bool:
        """Whether a person should look at it."""
        near = self.by == "model" and self.probability is not None and abs(self.probability - 0.5) <= DOUBT
        return near or self.ambiguous


def cut(reply: str, limit: int = WORD_LIMIT) -> str:
    """The first `limit` words of what is said after any thinking aloud; two letters of Japanese count as a word."""
    said = without_reasoning(reply)
    words = said.split()[:limit]
    if not said.isascii() and len(_RUN_ON.findall(said)) > len(said) / 3:
        return " ".join(words)[: limit * LETTERS_A_WORD]
    return " ".join(words)[: limit * LONGEST_WORD]


@dataclass(frozen=True)
class _Case:
    """One question with one reply, in comparable words."""

    question: Question
    reply: str
    code: str
    said: list[str]
    forms: list[list[str]]

    @cached_property
    def rest(self) -> list[str]:
        return without(self.forms, self.said)


def _forms(answers: Iterable[str], reply: str, code: str) -> list[list[str]]:
    """Comparable words of all spellings of the accepted answers, the longest first."""
    spellings = list(answers)
    bare = (form for answer in answers for form in without_bounds(answer, reply, code))
    spellings += [form for form in bare if any(word[-1].isdigit() or is_unit(word) for word in words_of(form, code))]
    spellings += [spelled_with_e(form) for form in spellings if not form.isascii()]
    found = {tuple(words_of(form, code)): None for form in spellings}
    return sorted((list(form) for form in found if form), key=len, reverse=True)


def _case(question: Question, reply: str, code: str) -> _Case:
    forms = _forms(question.answers, reply, code)
    said = words_of(reply, code)
    other = spelled_with_e(reply)
    if other != reply and GAP not in without(forms, said) and GAP in without(forms, words_of(other, code)):
        said = words_of(other, code)
    return _Case(question, reply, code, said, forms)


def grade_by_rules(
    question: Question, reply: str | None, limit: int = WORD_LIMIT, language: str = "en"
) -> Grade | None:
    """Grade one reply, or None where no rule settles it.

    A hit: "It is 35 minutes." for the accepted form "35 minutes", and "12 March" for "March 12th". A miss: "35 minutes,
    or 20 minutes" where another value is offered; "350 minutes", because only whole words match.
    """
    if reply is None:
        return Grade(GradeName.UNSCORED, "no answer was recorded")
    read = cut(reply, limit)
    abstained = abstains(read)
    if not question.answerable:
        if abstained:
            return Grade(GradeName.ABSTAINED, "said that it does not know, and no document answers the question")
        return Grade(GradeName.WRONG, "gave an answer that no document supports")
    none = [abstains(answer) and bool(words_of(answer)) for answer in question.answers]
    if read.strip() and ((any(none) and abstained) or all(none)):
        said_so = abstained or GAP in _case(question, read, language).rest
        return Grade(GradeName.CORRECT if said_so else GradeName.WRONG, "the accepted form says that there is none")
    repeated, read = read, beyond_the_question(question, read, language)
    if repeated.strip() and not read:
        return Grade(GradeName.WRONG, "repeats the question, which names the answer itself")
    if read.strip() in question.answers:
        return Grade(GradeName.CORRECT, "the accepted form and nothing else")
    case = _case(question, read, language)
    return _grade_answer(case, abstained)


def _grade_answer(case: _Case, abstained: bool) -> Grade | None:
    question, read = case.question, case.reply
    if found := _decided(case, abstained):
        return found
    for distractor in question.distractors:
        if any(True for _ in mentions(words_of(distractor, case.code), case.rest)):
            return Grade(GradeName.WRONG, f"names a competing value: {distractor}")
    opposite = length(case.said) <= SENTENCE and all(
        contradicts(question.question, answer, read, case.code) for answer in question.answers
    )
    if opposite and not abstained:
        return Grade(GradeName.WRONG, "says the opposite")
    if GAP in case.rest:
        return _judge_hit(case, abstained)
    if abstained:
        return Grade(GradeName.ABSTAINED, "said that it does not know" if case.said else "said nothing")
    return _judge_miss(case)


def _decided(case: _Case, abstained: bool) -> Grade | None:
    """Grades of replies that choose: a letter, yes or no."""
    question = case.question
    right, reason = choose(question.answers, case.reply), "the letter that the reply chooses"
    if right is None and not (abstained and not lead(case.reply, case.code)[1]):
        right = decide(question.question, question.answers, case.reply, case.code)
        reason = "yes or no, as the reply begins or says"
    elif right is None and case.said[:1] == ["no"]:
        return Grade(GradeName.ABSTAINED, "said that it does not know")  # "No information is given"
    return None if right is None else Grade(GradeName.CORRECT if right else GradeName.WRONG, reason)


def _judge_hit(case: _Case, abstained: bool) -> Grade:
    rest = case.rest
    if abstained and length(rest) <= SHORT:
        return Grade(GradeName.WRONG, "names a value and says that it does not know")
    if denied(rest, case.code):
        return Grade(GradeName.WRONG, "names the accepted form to deny it")
    if offers_another(case.question.question, case.reply, rest, case.forms, case.code):
        return Grade(GradeName.WRONG, "offers another value beside the accepted one")
    return Grade(GradeName.CORRECT, "accepted form in the answer")


def _judge_miss(case: _Case) -> Grade | None:
    """A reply in which no accepted form stands as such."""
    question, read, code = case.question, case.reply, case.code
    if any(is_abbreviation(answer, read) for answer in question.answers):
        return Grade(GradeName.CORRECT, "the accepted form, abbreviated or spelled out")
    asked = set(words_of(question.question, code))
    if any([word for word in form if word not in asked] == case.said for form in case.forms if asked & set(form)):
        return Grade(GradeName.CORRECT, "the part of the accepted form that the question leaves open")
    if found := _parts(case):
        return found
    if not case.forms or not case.said:
        return None
    if adds_nothing(words_of(question.question, code), case.said, case.forms):
        return Grade(GradeName.WRONG, "says nothing beyond the question")
    denials = {*table("en")["not"], *table(code).get("not", ())} if code not in ("ja", "zh") else set()
    if (
        length(case.said) <= SENTENCE
        and denials & set(case.said)
        and not any(denials & {*f, *asked} for f in case.forms)
    ):
        return Grade(GradeName.WRONG, "denies what the accepted form affirms")
    if _has_another_reading(case):
        reason = "a date or number that can be read in two ways, one of which is accepted"
        return Grade(GradeName.CORRECT, reason, 0.5, ambiguous=True)
    other = rival_value(case.forms, case.said) or _rival_version(case) or rival_name(question, read, code)
    return Grade(GradeName.WRONG, other) if other else None


def _parts(case: _Case) -> Grade | None:
    """Grades of answers that are lists or places."""
    question, code = case.question, case.code
    counts = [(answer, *said_items(answer, case.said, code)) for answer in question.answers]
    if any(said == items > 0 for _, said, items in counts):
        return Grade(GradeName.CORRECT, "all items of the list")
    if length(case.said) <= SHORT and all(
        0 < said < items and must_be_complete(question.question, answer, case.said, code)
        for answer, said, items in counts
    ):
        return Grade(GradeName.WRONG, "not all items of the list")
    places = [
        parts for answer in question.answers if is_place(question.question, parts := parts_of(answer, code), code)
    ]
    if not places or len(places) < len(question.answers):
        return None
    asked = set(words_of(question.question, code))
    found = [first_part_said(parts, case.reply, asked, code) for parts in places]
    if any(found):
        return Grade(GradeName.CORRECT, "the place, without all of what it lies in")
    if False in found:
        return Grade(GradeName.WRONG, "a place of that name elsewhere") if length(case.said) <= SHORT else None
    wider = {word for parts in places for item in parts.items[1:] for word in words_of(item, code)}
    if wider & set(case.said) and (length(case.said) > BARE or not set(marked(case.reply, code)) - wider - asked):
        return None  # only what the place lies in
    first = question.model_copy(update={"answers": tuple(parts.items[0] for parts in places)})
    other = rival_name(first, case.reply, code)
    return Grade(GradeName.WRONG, other) if other else None


def _has_another_reading(case: _Case) -> bool:
    """Whether a date of digits or a number with three decimals is right when read as in another country."""
    texts = (case.reply, *case.question.answers)
    if not any(_AMBIGUOUS.search(text) for text in texts):
        return False
    orders = (("dmy", None), ("mdy", None)) if not known_language(case.code).order else ()
    readings = (*orders, ("", True), ("", False))
    saids = [words_of(case.reply, case.code, order, comma) for order, comma in readings]
    own = readings if not known_language(case.code).decimal_comma else (("", None),)  # as its documents write them
    forms = [words_of(answer, case.code, order, comma) for answer in case.question.answers for order, comma in own]
    return any(True for form in forms for said in saids for _ in mentions(form, said))


def _rival_version(case: _Case) -> str | None:
    """3.10 is not 3.1 where versions or sections are asked for."""
    words = {*words_of(case.question.question, case.code), *case.said, *(word for form in case.forms for word in form)}
    if not words & {*table("en")["versions"], *table(case.code).get("versions", ())}:
        return None
    wanted, given = ({w for w in some if re.fullmatch(r"\d+(\.\d+)+", w)} for some in (_flat(case.forms), case.said))
    return "another version" if wanted and given and not wanted & given else None


def _flat(forms: Sequence[Sequence[str]]) -> list[str]:
    return [word for form in forms for word in form]


def holds_value(question: Question, language: str = "en") -> bool:
    """Whether all accepted forms hold a number: what no rule settles there is doubtful, whatever the model says."""
    return all(any(word[-1].isdigit() for word in words_of(answer, language)) for answer in question.answers)


def grade(question: Question, reply: str | None, language: str = "en") -> Grade:
    """The grade by rules alone; where none settles it, the reply is wrong for want of an accepted form."""
    found = grade_by_rules(question, reply, language=language)
    return found or Grade(GradeName.WRONG, "no accepted form in the answer", ambiguous=holds_value(question, language))


def is_stale(question: Question, reply: str | None, language: str = "en") -> bool:
    """Whether the reply gives what was right before the documents changed, and not what is right now."""
    before = question.model_copy(update={"answers": question.stale_answers, "distractors": question.answers})
    return bool(question.stale_answers) and grade(before, reply, language).grade is GradeName.CORRECT


def has_form(pattern: str, reply: str | None) -> bool:
    """Whether the whole reply has the house style; what it says is graded apart."""
    return fits(pattern, without_reasoning(reply or "").strip())
