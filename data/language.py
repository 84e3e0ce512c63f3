"""Which language a text is in (py3langid: Lui and Baldwin 2012, "langid.py")."""

from collections.abc import Iterable, Sequence
from itertools import islice

# ISO 639-1. Among more, short texts are mistaken for languages that hardly anybody writes manuals in.
LANGUAGES = (
    "ar", "bg", "ca", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "he", "hi", "hr", "hu", "it", "ja", "ko",
    "lt", "lv", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sv", "th", "tr", "uk", "vi", "zh",
)  # fmt: skip
# Scripts that put no space between words (Han, kana, Hangul, Thai, Lao, Burmese, Khmer), for a class of characters:
# where words are compared, each of their letters is one.
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
EAST_ASIAN = "\u3001-\u30ff\u3400-\u9fff\uf900-\ufaff\uff01-\uff60"  # Chinese and Japanese, with their punctuation
_CHARACTERS, _TEXTS = 1_000, 300  # that are looked at, of each text and of all
_ENOUGH = 400  # characters from which on a language is told with confidence


def detect_language(texts: Iterable[str], default: str = "en") -> str:
    """The ISO 639-1 code of the language that the texts are in, `default` where they hold no letters.

    >>> detect_language(["Die Fähre liegt an der Mole.", "Sie fährt um acht."])
    'de'
    """
    sample = "\n".join(text[:_CHARACTERS] for text in islice(texts, _TEXTS))
    if not any(character.isalpha() for character in sample):
        return default
    import py3langid

    py3langid.set_languages(list(LANGUAGES))
    return str(py3langid.classify(sample)[0])


def sure_language(texts: Sequence[str], default: str = "en") -> str:
    """The language on which both halves of the texts agree; `default` where they do not, or are too short to tell."""
    if sum(map(len, texts[:_TEXTS])) < _ENOUGH:
        return default
    halves = (texts[0::2], texts[1::2]) if len(texts) > 1 else (texts,)
    found = {detect_language(half, default) for half in halves}
    return found.pop() if len(found) == 1 else default
