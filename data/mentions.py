"""Which documents say a phrase, found through an inverted index of words."""

from collections.abc import Iterable

from data.leaks import normalised
from data.schema import Document


class Mentions:
    """Looks phrases up in documents; case and punctuation do not count, words match whole."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self.texts: dict[str, str] = {}
        self.places: dict[str, list[str]] = {}
        for document in documents:
            words = normalised(f"{document.title}\n{document.text}")
            self.texts[document.id] = f" {words} "
            for word in set(words.split()):
                self.places.setdefault(word, []).append(document.id)

    def documents_with(self, phrase: str, among: Iterable[str] | None = None) -> list[str]:
        """Ids of the documents (of those given, else of all) in which the phrase stands word for word."""
        words = normalised(phrase)
        if not words:
            return []
        if among is None:
            among = min((self.places.get(word, []) for word in words.split()), key=len)
        return [name for name in among if f" {words} " in self.texts[name]]

    def any_says(self, phrases: Iterable[str], among: Iterable[str] | None = None) -> bool:
        """Whether one of the phrases stands in one of the documents."""
        names = None if among is None else list(among)
        return any(self.documents_with(phrase, names) for phrase in phrases)
