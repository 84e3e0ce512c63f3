"""Grade an answer by rules that a person can check; what they cannot settle goes to evaluation/grading/grader.py."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from data.schema import Question
from evaluation.grading.competing_values import SENTENCE, SHORT, SMALL, rival_name, rival_value
from evaluation.grading.values import as_quantity, mentions, quantities, words_of

WORD_LIMIT = 40  # words; what comes after them is not read
DOUBT = 0.15  # from a probability of one half: nearer than that a person should look

_ABSTENTION = re.compile(
    r"\b(unknown|not (known|sure)|(do|does|did|is|was) ?(not|nt) know\w*|no (information|mention|answer)( is| was)?"
    r"|not (mentioned|specified|stated|provided|given)"
    r"|(can ?not|cant|could not|couldnt|unable to) (be )?(answer|determine|tell|find|provide)\w*)\b"
)
_NEGATION = re.compile(
    r"\b(not|never|isnt|wasnt|arent|werent|neither|instead of|rather than)( (in|on|at|by|from|to))?$"
)
_LIST_BREAK = re.compile(r"\s*[,;]\s*(?:and\s+|&\s*)?|\s+and\s+|\s*&\s*")
_YES_NO = {"yes": "yes", "true": "yes", "correct": "yes", "no": "no", "false": "no", "incorrect": "no"}
_GAP = "\0"  # stands where an accepted form was
_HEDGE = re.compile(rf"\b(or|either|between|maybe|perhaps|possibly)\b|\d to {_GAP}|{_GAP} to \d")
_DENIALS = frozenset(["not", "no", "never", "didnt", "isnt", "wasnt", "doesnt", "cannot", "cant", "dont"])


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

    @property
    def doubtful(self) -> bool:
        """Whether a person should look at it."""
        return self.by == "model" and self.probability is not None and abs(self.probability - 0.5) <= DOUBT


def cut(reply: str, limit: int = WORD_LIMIT) -> str:
    """The first `limit` words."""
    return " ".join(reply.split()[:limit])


def abstains(said: Sequence[str]) -> bool:
    """Whether comparable words say that the answer is not known, or say nothing."""
    return not said or bool(_ABSTENTION.search(" ".join(said)))


def _without(forms: Sequence[Sequence[str]], said: list[str]) -> list[str]:
    """`said` with every mention of a form replaced by a gap that nothing matches.

    Where forms have a unit, a form that is the bare number is not mentioned by that number with another unit.
    """
    values = [as_quantity(form) for form in forms]
    units = {value.dimension for value in values if value and value.dimension}
    for form, value in zip(forms, values, strict=True):
        other = {q.start for q in quantities(said) if units and value and q.dimension and q.dimension not in units}
        for start, end in reversed(list(mentions(form, said))):
            if start not in other:
                said = [*said[:start], _GAP, *said[end:]]
    return said


def _listed(answer: str, said: Sequence[str]) -> tuple[int, int]:
    """How many items of a list are said, in any order, and how many it has; 0 of 0 where the answer is no list."""
    items = [words_of(item) for item in _LIST_BREAK.split(answer)]
    if len(items) < 2 or not all(items):
        return 0, 0
    return sum(any(True for _ in mentions(item, said)) for item in items), len(items)


def _is_abbreviation(answer: str, reply: str) -> bool:
    """Whether one writes in three or more capitals what the other spells out: NASA."""

    def initials(text: str) -> list[str]:
        return [word[0] for word in words_of(text) if word not in SMALL]

    def spelled_out(short: str, letters: list[str]) -> bool:
        return any("".join(letters[at : at + len(short)]) == short.casefold() for at in range(len(letters)))

    spelled = "".join(initials(answer))
    told = [word.replace(".", "") for word in re.findall(r"\b(?:[A-Z]\.?){3,}", reply)]
    return any(word.casefold() == spelled for word in told) or (
        len(answer) > 2 and answer.isupper() and answer.isalpha() and spelled_out(answer, initials(reply))
    )


def _hedged(question: str, reply: str, rest: Sequence[str], forms: Sequence[Sequence[str]]) -> bool:
    """Whether a short reply offers another value beside the accepted one: "Paris or Lyon", "5, or 7 on Sundays".

    In longer prose "A or B" mostly explains A by another word for it, so only names, numbers and "either" count.
    """
    if len(rest) > SHORT or not _HEDGE.search(" ".join(rest)):
        return False
    wanted = {value.dimension for form in forms if (value := as_quantity(form))}
    if any(value.dimension in wanted for value in quantities(rest)):
        return True
    names = re.search(r"\b([A-Z]\w+|\d\S*),? or (?:[a-z]+ )?([A-Z]\w+|\d)", reply)
    if names and not {names[1].casefold(), names[2].casefold()} & set(words_of(question)):
        return any(word not in (_GAP, "or") for word in rest)
    return bool(re.search(rf"\beither\b.*{_GAP}", " ".join(rest)))


def _negated(rest: Sequence[str]) -> bool:
    """Whether every mention of the accepted form stands after a "not"."""
    places = [at for at, word in enumerate(rest) if word == _GAP]
    return all(_NEGATION.search(" ".join(rest[max(0, at - 3) : at])) for at in places)


def grade_by_rules(question: Question, reply: str | None, limit: int = WORD_LIMIT) -> Grade | None:
    """Grade one reply, or None where no rule settles it.

    A hit: "It is 35 minutes." for the accepted form "35 minutes", and "12 March" for "March 12th". A miss: "35 minutes,
    or 20 minutes" where another value is offered; "350 minutes", because only whole words match.
    """
    if reply is None:
        return Grade(GradeName.UNSCORED, "no answer was recorded")
    said = words_of(cut(reply, limit))
    abstained = abstains(said)
    if not question.answerable:
        if abstained:
            return Grade(GradeName.ABSTAINED, "said that it does not know, and no document answers the question")
        return Grade(GradeName.WRONG, "gave an answer that no document supports")
    forms = sorted((form for a in question.answers if (form := words_of(a))), key=len, reverse=True)
    rest = _without(forms, said)
    for distractor in question.distractors:
        if any(True for _ in mentions(words_of(distractor), rest)):
            return Grade(GradeName.WRONG, f"names a competing value: {distractor}")
    if _GAP in rest:
        return _judge_hit(question.question, cut(reply, limit), forms, rest, abstained)
    if abstained:
        return Grade(GradeName.ABSTAINED, "said that it does not know" if said else "said nothing")
    if any(_is_abbreviation(answer, cut(reply, limit)) for answer in question.answers):
        return Grade(GradeName.CORRECT, "the accepted form, abbreviated or spelled out")
    lists = [_listed(answer, said) for answer in question.answers]
    if any(said_items == items > 0 for said_items, items in lists):
        return Grade(GradeName.CORRECT, "all items of the list")
    if len(said) <= SHORT and all(0 < said_items < items > 2 for said_items, items in lists):
        return Grade(GradeName.WRONG, "not all items of the list")
    if not forms:
        return None
    if _YES_NO.keys() >= {form[0] for form in forms} and said[0] in _YES_NO:
        right = _YES_NO[said[0]] in {_YES_NO[form[0]] for form in forms}
        return Grade(GradeName.CORRECT if right else GradeName.WRONG, f"says {_YES_NO[said[0]]}")
    asked = set(words_of(question.question))
    if len(said) <= SENTENCE and _DENIALS & set(said) and not any(_DENIALS & {*form, *asked} for form in forms):
        return Grade(GradeName.WRONG, "denies what the accepted form affirms")
    other = rival_value(forms, said) or rival_name(question, cut(reply, limit))
    return Grade(GradeName.WRONG, other) if other else None


def _judge_hit(
    question: str, reply: str, forms: Sequence[Sequence[str]], rest: Sequence[str], abstained: bool
) -> Grade:
    if abstained and len(rest) <= SHORT:
        return Grade(GradeName.WRONG, "names a value and says that it does not know")
    if _negated(rest):
        return Grade(GradeName.WRONG, "names the accepted form to deny it")
    if _hedged(question, reply, rest, forms):
        return Grade(GradeName.WRONG, "offers another value beside the accepted one")
    return Grade(GradeName.CORRECT, "accepted form in the answer")


def grade(question: Question, reply: str | None) -> Grade:
    """The grade by rules alone; where none settles it, the reply is wrong for want of an accepted form."""
    return grade_by_rules(question, reply) or Grade(GradeName.WRONG, "no accepted form in the answer")


def is_stale(question: Question, reply: str | None) -> bool:
    """Whether the reply gives what was right before the documents changed, and not what is right now."""
    before = question.model_copy(update={"answers": question.stale_answers, "distractors": question.answers})
    return bool(question.stale_answers) and grade(before, reply).grade is GradeName.CORRECT


def has_form(pattern: str, reply: str | None) -> bool:
    """Whether the whole reply has the house form; what it says is graded apart."""
    return re.fullmatch(pattern, (reply or "").strip()) is not None
