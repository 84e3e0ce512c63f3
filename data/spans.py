"""Answer spans in a sentence, by rule: numbers with their units, dates, times, codes, names, quoted terms."""

import re
from dataclasses import dataclass

_MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
_UNIT = (
    r"(?:per cent|percent|%|pounds|dollars|euros|pence|metres|meters|kilometres|kilometers|km|miles|feet|knots|tonnes"
    r"|tons|kg|grams|litres|liters|hours|minutes|seconds|days|weeks|months|years|people|members|passengers|square \w+"
    r"|degrees|megahertz|percentage points|[a-z]{3,}s)"
)
_MAGNITUDE = r"(?:\s(?:hundred|thousand|million|billion|trillion))?"
_NUMBER = r"\d+(?:[.,]\d+)*"
_WORD_NUMBER = "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_NAME = r"[A-ZÀ-Þ][\w'’-]+"
_JOIN = r"(?:\s(?:of|de|von|van|the|and|&|der|la)\s|\s|-)"
# In this order: what an earlier pattern takes, a later one does not take apart.
_PATTERNS = {
    "date": rf"\b(?:\d{{1,2}}(?:st|nd|rd|th)? (?:of )?(?:{_MONTH})(?: \d{{4}})?|(?:{_MONTH}) \d{{1,2}}(?:, \d{{4}})?"
    rf"|(?:{_MONTH}) \d{{4}})\b",
    "time": r"\b\d{1,2}:\d{2}(?:\s?[ap]\.?m\.?)?(?!\d)|\b\d{1,2}(?:\.\d{2})?\s?[ap]\.?m\b",
    "code": r"\b(?=[A-Z\d-]*\d)(?=[\d-]*[A-Z])[A-Z\d]+(?:-[A-Z\d]+)*\b",
    "quantity": rf"[£$€]\s?{_NUMBER}{_MAGNITUDE}|(?<![\w.–-]){_NUMBER}{_MAGNITUDE}\s{_UNIT}\b|(?<![\w.–-]){_NUMBER}\s?%"
    rf"|\b(?:{_WORD_NUMBER}) {_UNIT}\b",
    "year": r"\b(?<![–-])(?:1[5-9]|20)\d{2}\b(?!\s?[%°–-]|\s[A-Z]{2,}\b)",
    "number": rf"(?<![\w.,:/-]){_NUMBER}(?![\w:/-])",
    "quoted": r"[\"“]([^\"“”]{3,60})[\"”]",
    "name": rf"\b{_NAME}(?:{_JOIN}{_NAME}){{1,4}}|(?<=[a-z,] ){_NAME}",
}
_RULES = {kind: re.compile(pattern) for kind, pattern in _PATTERNS.items()}
_NO_NAME = {
    "I", "The", "A", "An", "This", "That", "These", "Those", "It", "He", "She", "They", "We", "You", "In", "On", "At",
    "As", "But", "And", "Or", "If", "When", "While", "For", "From", "With", "By", "To", "Of", "After", "Before", "His",
    "Her", "Their", "Our", "Its", "My", "Your", "Mr", "Mrs", "Ms", "Dr", "Monday", "Mondays", "Tuesday", "Tuesdays",
    "Wednesday", "Wednesdays", "Thursday", "Thursdays", "Friday", "Fridays", "Saturday", "Saturdays", "Sunday",
    "Sundays", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December", "the", "of", "and", "de", "von", "van", "der", "la", "English", "Each",
    "Every", "All", "Some", "Many", "Most", "There", "What", "Who",
}  # fmt: skip
_NO_THING = re.compile(r"^[A-Z]{1,2}$|^\w+(?:ish|ian|ese|ench|utch|erman|ean)$")  # AD, British, Norwegian
NUMERIC = frozenset({"quantity", "number", "year", "date", "time", "code"})


@dataclass(frozen=True)
class Span:
    """A piece of a sentence that can be an answer."""

    text: str
    kind: str
    start: int
    end: int


def _trimmed(kind: str, found: re.Match[str]) -> Span | None:
    """A name without the capitalised small word before it; None where nothing is left."""
    start, end = found.span(1) if kind == "quoted" else found.span()
    text = found.string[start:end].rstrip(" ,.;:'’")
    while kind == "name" and (first := text.split()[0] if text.split() else "") in _NO_NAME:
        rest = text[len(first) :].lstrip()
        start, text = start + len(text) - len(rest), rest
    text = re.sub("['’]s$", "", text)
    nothing = (len(text) < 2 and not text.isdigit()) or (kind == "name" and _NO_THING.search(text))
    return None if nothing else Span(text, kind, start, start + len(text))


def answer_spans(sentence: str) -> list[Span]:
    """Spans that stand in the sentence once and do not overlap, in its order.

    >>> [(s.kind, s.text) for s in answer_spans("On 3 May the Kestrel took 61 people from the Hen Rocks.")]
    [('date', '3 May'), ('name', 'Kestrel'), ('quantity', '61 people'), ('name', 'Hen Rocks')]
    """
    taken: list[Span] = []
    for kind, rule in _RULES.items():
        for found in rule.finditer(sentence):
            span = _trimmed(kind, found)
            if span and not any(span.start < other.end and other.start < span.end for other in taken):
                taken.append(span)
    once = [span for span in taken if len(re.findall(rf"(?<!\w){re.escape(span.text)}(?!\w)", sentence)) == 1]
    return sorted(once, key=lambda span: span.start)


_MONEY = ("pounds", "dollars", "euros", "pence")
_AMOUNT = re.compile(
    rf"^(?:[£$€]?\s?{_NUMBER}|{_WORD_NUMBER})(?:\s(?:hundred|thousand|million|billion|trillion))?\s?(.*)$"
)


def question_start(sentence: str, span: Span) -> str:
    """How a question for this span can begin; its kind, its unit and the word before it decide.

    >>> question_start("She carries 290 passengers.", Span("290 passengers", "quantity", 12, 26))
    'How many passengers'
    """
    fixed = {
        "year": "In what year",
        "date": "On what date",
        "time": "At what time",
        "code": "What is the",
        "number": "How many",
        "quoted": "What is the name of",
    }
    if span.kind in fixed:
        return fixed[span.kind]
    if span.kind == "quantity":
        found = _AMOUNT.match(span.text)
        unit = found.group(1).strip() if found else ""
        if span.text[0] in "£$€" or unit in _MONEY:
            return "How much"
        return "What percentage" if unit in ("%", "per cent", "percent") else f"How many {unit}"
    word = (re.findall(r"[\w']+", sentence[: span.start]) or [""])[-1].lower()
    if word in _PLACE_WORDS:
        return "Where"
    person = len(span.text.split()) in (2, 3) and word not in ("the", "a") and not re.search("&| of |s$", span.text)
    return "Who" if person else "What is the name of"


_PLACE_WORDS = frozenset({"in", "at", "to", "from", "near", "behind", "on"})
_APPOSED = re.compile(r"\b(?:the|our) ((?:[a-z-]+ ){0,2}[a-z-]+), $")
DANGLING = re.compile(  # a sentence that begins so does not say what it is about
    r"(he|she|it|they|we|you|i|this|that|these|those|his|her|its|their|our|my|your)\b", re.IGNORECASE
)
# A sentence that begins so has its main clause after the first comma.
_OPENER = re.compile(
    r"(as|when|while|whilst|if|although|though|since|because|after|before|following|between|during|with|without|from|upon"
    r"|for|by|in|on|at|until|despite|under|over|through|among|starting|\w+ing|\w+ed|led|born|given|built|made)\b",
    re.IGNORECASE,
)
LONGEST = 24  # words of a question made from a sentence


def _asking(sentence: str, span: Span) -> str | None:
    """The words that ask for the span in its own place; None where no rule is sure of them."""
    word = (re.findall(r"[\w']+", sentence[: span.start]) or [""])[-1].lower()
    if span.kind == "quantity":
        start = question_start(sentence, span)
        return start[0].lower() + start[1:]
    if span.kind == "name":
        return "whom" if word == "by" else "which place" if word in _PLACE_WORDS - {"on", "to"} else None
    return {"year": "what year", "date": "what date", "time": "what time", "code": "what code"}.get(span.kind)


def in_place_question(sentence: str, span: Span) -> str | None:
    """The sentence itself as a question; None where no rule is sure of it.

    >>> in_place_question("The quay is 62 metres long.", Span("62 metres", "quantity", 12, 21))
    'The quay is how many metres long?'
    """
    opening, rest = sentence[: span.start], sentence[span.end :]
    if (
        span.kind == "name"
        and rest.startswith(",")
        and not _OPENER.match(sentence)
        and (found := _APPOSED.search(opening))
    ):
        return f"Who is the {found.group(1)}?"
    asking = _asking(sentence, span)
    if asking is None or DANGLING.match(sentence) or (span.kind == "time" and not opening.strip()):
        return None
    if re.search("[—–(]| - ", opening + rest[:3]):  # an inserted remark or a dateline
        return None
    text = f"{opening}{asking}{rest}".rstrip(' .!?…"”’)')
    after = len(opening) + len(asking)
    if "," in opening or not _OPENER.match(sentence):  # the main clause has begun, so what follows a comma may go
        text = text[: min((place for mark in ",;:" if (place := text.find(f"{mark} ", after)) >= 0), default=len(text))]
    text = text[0].upper() + text[1:]
    return f"{text}?" if len(text.split()) <= LONGEST else None


def gap_request(sentence: str, span: Span) -> str | None:
    """The sentence with a gap in the span's place, for training; None for sentences that do not stand alone."""
    if DANGLING.match(sentence) or len(sentence.split()) > LONGEST + 6:
        return None
    return f"Fill the gap: {sentence[: span.start]}…{sentence[span.end :]}"


def clause_around(sentence: str, span: Span) -> str:
    """The part of the sentence between commas, semicolons, colons and "and" that holds the span."""
    marks = [0, *(found.start() for found in re.finditer(r"[,;:] | and | but ", sentence)), len(sentence)]
    start = max(mark for mark in marks if mark <= span.start)
    return sentence[start : min(mark for mark in marks if mark >= span.end)]
