"""Regular expressions that a domain brings, matched within a limit of time.

Python's `re` tries exponentially many ways for patterns such as `(\\w+\\s?)+\\.`; `regex` reads the same language and
gives up when its time is over.
"""

from functools import lru_cache

import regex

from data.errors import TriviumError

SECONDS = 1.0  # for one text
LONGEST = 1_000  # characters of a pattern
_PROSE = "The first boat of the day leaves the old stone quay at ten to seven and nobody on board has had any breakfast"
# Texts that nearly fit what people write patterns for, so that one that backtracks does so before a run.
_TRIED = (
    _PROSE,
    f"{_PROSE}!?",
    "a" * 60,
    "1" * 60,
    "1,234.5-" * 12,
    "word, " * 25,
    "- item\n" * 15,
    "a b" * 30,
    "((()))" * 12,
)


@lru_cache(maxsize=32)
def _compiled(pattern: str) -> "regex.Pattern[str]":
    return regex.compile(pattern)


def fits(pattern: str, text: str) -> bool:
    """Whether the whole text is what the pattern describes.

    Raises:
        TriviumError: matching takes more than a second.
    """
    try:
        return _compiled(pattern).fullmatch(text, timeout=SECONDS) is not None
    except TimeoutError:
        raise TriviumError(
            f"the pattern {pattern[:80]} needs more than {SECONDS:.0f} second for '{text[:60]}'. Write it without "
            "repetitions inside repetitions."
        ) from None


def problem_of(pattern: str) -> str:
    """Why a pattern cannot be used, or ""."""
    if len(pattern) > LONGEST:
        return f"the pattern has {len(pattern):,} characters, at most {LONGEST:,} are read"
    try:
        compiled = _compiled(pattern)
        for text in _TRIED:
            compiled.fullmatch(text, timeout=SECONDS)
    except regex.error as error:
        return f"the pattern is no regular expression ({error})"
    except (TimeoutError, MemoryError, RecursionError, OverflowError):
        return "the pattern takes too long on an ordinary sentence; write it without repetitions inside repetitions"
    return ""
