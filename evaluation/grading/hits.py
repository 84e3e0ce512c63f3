"""A reply that names an accepted form: is it the answer, or is the form denied or one of several?"""

import re
from collections.abc import Sequence
from functools import cache

from evaluation.grading.competing_values import SHORT
from evaluation.grading.languages import either, language, table
from evaluation.grading.values.quantities import as_quantity, mentions, quantities
from evaluation.grading.values.words import length, words_of

GAP = "\0"  # stands where an accepted form was


def without(forms: Sequence[Sequence[str]], said: list[str]) -> list[str]:
    """`said` with every mention of a form replaced by a gap that nothing matches.

    Where forms have a unit, a form that is the bare number is not mentioned by that number with another unit.
    """
    values = [as_quantity(form) for form in forms]
    measured = [value for value in values if value and value.unit]
    for form, value in zip(forms, values, strict=True):
        bare = value if measured and value else None
        other = {q.start for q in quantities(said) if bare and q.unit and not any(q.may_equal(m) for m in measured)}
        for start, end in reversed(list(mentions(form, said))):
            if start not in other:
                said = [*said[:start], GAP, *said[end:]]
    return said


@cache
def _hedge(code: str) -> re.Pattern[str]:
    words = either({*table("en")["or"], *table(code).get("or", ())})
    to = either({*table("en")["to"], *table(code).get("to", ())})
    return re.compile(rf"\b({words})\b|\d ({to}) {GAP}|{GAP} ({to}) \d")


def offers_another(question: str, reply: str, rest: Sequence[str], forms: Sequence[Sequence[str]], code: str) -> bool:
    """Whether a short reply offers another value beside the accepted one: "Paris or Lyon", "5, or 7 on Sundays".

    In longer prose "A or B" mostly explains A by another word for it, so only names, numbers and "either" count.
    """
    if length(rest) > SHORT or not _hedge(code).search(" ".join(rest)):
        return False
    wanted = {value.dimension for form in forms if (value := as_quantity(form))}
    if any(value.dimension in wanted for value in quantities(rest)):
        return True
    joint = either(table(code).get("or", ("or",))[:1])
    names = re.search(rf"\b([A-Z]\w+|\d\S*),? (?:or|{joint}) (?:[a-z]+ )?([A-Z]\w+|\d)", reply)
    if names and not {names[1].casefold(), names[2].casefold()} & set(words_of(question, code)):
        return any(word not in (GAP, "or", joint) for word in rest)
    return bool(re.search(rf"\beither\b.*{GAP}", " ".join(rest)))


def denied(rest: Sequence[str], code: str) -> bool:
    """Whether every mention of the accepted form stands after a "not"."""
    places = [at for at, word in enumerate(rest) if word == GAP]
    before = (language(code).denied, language("en").denied)
    if after := table(code).get("after_a_denied"):
        return all(re.match(after, " ".join(rest[at + 1 : at + 8])) for at in places)
    return all(any(p.search(" ".join(rest[max(0, at - 3) : at])) for p in before) for at in places)
