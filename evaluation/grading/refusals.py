"""Whether a reply says that the answer is not known: ordinary words for it in every covered language."""

import re
from functools import cache, lru_cache

from evaluation.grading.languages import COVERED, table
from evaluation.grading.values.plain import plain

_UNSPACED = ("ja", "zh")
_LONG = 25  # words: a refusal in so many may go on with "However, ..." and an answer
_BUT = re.compile(
    r"\b(however|but|that said|nevertheless|although|based on|according to|as of|traditionally|generally|cependant"
    r"|toutefois|jedoch|allerdings|sin embargo|tuttavia|echter|jednak)\b"
)
_FEW = 6  # words: a reply of so many may as a whole be "none"


def sentence(text: str) -> str:
    """The text in small letters without accents and punctuation; "doesn't" is "doesnt"."""
    folded = re.sub(r"n't\b", "nt", plain(text).casefold())
    folded = re.sub(r"(?<=\w)'(?=(?:m|s|re|ve|ll|d|t)\b)", "", folded)
    return " ".join(re.findall(r"\w+", folded))


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], frozenset[str]]:
    """What is said in a sentence with spaces, in one without, and as the whole reply."""
    spaced = [pattern for code in COVERED if code not in _UNSPACED for pattern in table(code)["unknown"]]
    unspaced = [plain(pattern) for code in _UNSPACED for pattern in table(code)["unknown"]]
    whole = {sentence(phrase) for code in COVERED for phrase in table(code)["whole"]}
    return re.compile(rf"\b(?:{'|'.join(spaced)})\b"), re.compile("|".join(unspaced)), frozenset(whole)


@lru_cache(maxsize=16384)
def abstains(text: str) -> bool:
    """Whether a reply says that it does not know the answer, or says nothing."""
    said = sentence(text)
    if not said:
        return True
    spaced, unspaced, whole = _patterns()
    if said.count(" ") < _FEW and said in whole:
        return True
    if found := spaced.search(said):
        return said.count(" ") < _LONG or not _BUT.search(said, found.end())
    return not said.isascii() and bool(unspaced.search(said.replace(" ", "")))
