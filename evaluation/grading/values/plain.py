"""One spelling of characters: no markup, no accents, Arabic digits, one minus, one apostrophe. Case is kept."""

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

_REASONING = "think|thinking|thought|thoughts|reasoning|reason|reflection|scratchpad|analysis|seed:think"
_OPEN = re.compile(rf"<\|?(?:{_REASONING})\|?>|\[(?:THINK|REASONING)\]|◁think▷|<\|begin_of_thought\|>", re.IGNORECASE)
_CLOSE = re.compile(
    rf"</(?:{_REASONING})>|<\|/(?:{_REASONING})\|>|\[/(?:THINK|REASONING)\]|◁/think▷|<\|end_of_thought\|>"
    r"|<\|channel\|>\s*final\s*<\|message\|>",
    re.IGNORECASE,
)
_CHANNEL = re.compile(r"<\|channel\|>\s*(?:analysis|commentary)")
_ANSWER = re.compile(r"<(answer|final_answer|final|response)>(.*?)(?:</\1>|$)", re.DOTALL | re.IGNORECASE)
_MARKUP: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"```[a-z]*\n?|(?<![\d*])[*`]{1,3}(?=[^\s*`])|(?<=[^\s*`])[*`]{1,3}(?![\d*])|^#+ ", ""),
        (r"\\d?frac\{([^{}]*)\}\{([^{}]*)\}", r" \1/\2"),
        (r"\\(?:boxed|text\w*|math\w+|mbox|emph)\{([^{}]*)\}", r"\1"),
        (r"\\(?:boxed|text\w*|math\w+|mbox|emph)\{([^{}]*)\}", r"\1"),
        (r"\^?\{?\\circ\}?|\\degree", "°"),
        (r"\\(?:times|cdot)\b", "×"),
        (r"\^\{([^{}]*)\}", r"^\1"),
        (r"\\[,;!: ]|~(?=\d)|\\[()\[\]]", " "),
        (r"\\([%$&#_])", r"\1"),
        (r"\$(\S[^$\n]*?\S|\S)\$(?!\d)", r"\1"),
        (r"<su[pb]>([-+\d]+)</su[pb]>", r"^\1"),
        (r"<br ?/?>", " "),
        (r"</?(?:b|i|em|strong|u|p|span|code|sup|sub)>", ""),
        (r"\[([^\]]+)\]\(\S+?\)", r"\1"),
    )
)
_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_RAISED = re.compile(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+")
_ONE_SPELLING = str.maketrans({
    "’": "'", "‘": "'", "ʼ": "'", "´": "'", "′": "'", "″": '"', "“": '"', "”": '"',
    "−": "-", "‐": "-", "‑": "-", "–": "-", "—": " - ", "⁄": "/", "٫": ".", "٬": ",", "，": ",", "\u00ad": "",
    "\u200b": "", "\u200c": "", "\u200d": "", "\ufeff": "", "_": " ", "º": "", "ª": "",
})  # fmt: skip


_WITH_E = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "å": "aa", "Å": "Aa", "ø": "oe", "Ø": "Oe"}
)


def without_reasoning(reply: str) -> str:
    """What follows the thinking aloud of a reasoning model; nothing where the thinking never ends."""
    if "<" not in reply and "[" not in reply and "◁" not in reply:
        return reply
    closed = list(_CLOSE.finditer(reply))
    rest = reply[closed[-1].end() :] if closed else reply
    opened = _OPEN.search(rest) or _CHANNEL.search(rest)
    rest = rest[: opened.start()] if opened else rest
    answer = _ANSWER.search(rest)
    return answer[2] if answer else rest


def _without_accents(text: str) -> str:
    """Letters without marks, but kana, Hangul and й keep theirs, which make other letters of them."""
    kept = []
    base = ""
    for letter in unicodedata.normalize("NFD", text):
        if not unicodedata.combining(letter):
            base = letter
        elif not ("\u3040" <= base <= "\u30ff" or base in "иИ"):
            continue
        kept.append(letter)
    text = unicodedata.normalize("NFC", "".join(kept))
    return "".join(anyascii(c) if "\u00c0" <= c <= "\u024f" and c not in "×÷" else c for c in text)


def _digit(letter: str) -> str:
    return str(unicodedata.decimal(letter)) if letter.isdecimal() else letter


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    r"""The text without markup and accents, digits of all scripts as 0 to 9, raised ones as powers.

    >>> plain("**Łódź**, 1½ × 10⁶ m²"), plain(r"\\boxed{٣٥}")
    ('Lodz, 1 1/2 × 10^6 m^2', '35')
    """
    if re.search(r"[\\$*`<^~\[#]", text):
        for pattern, replacement in _MARKUP:
            text = pattern.sub(replacement, text)
    if text.isascii():
        return text.replace("_", " ").replace("&", " and ")
    text = _RAISED.sub(lambda found: "^" + found[0].translate(_SUPERSCRIPT), text)
    text = re.sub(r"(?<=\d)(?=[½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞⅐⅑⅒])", " ", text).translate(_ONE_SPELLING)
    text = unicodedata.normalize("NFKC", text).translate(_ONE_SPELLING)
    return "".join(map(_digit, _without_accents(text))).replace("&", " and ")


def spelled_with_e(text: str) -> str:
    """The other spelling of umlauts: Müller as Mueller, Ångström as Aangstroem."""
    return unicodedata.normalize("NFC", text).translate(_WITH_E)
