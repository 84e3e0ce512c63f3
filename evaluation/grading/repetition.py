"""Replies that only repeat the question: one that names its own answer ("Is it the otter or the heron?"), or any."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from data.schema import Question
from evaluation.grading.values.quantities import mentions
from evaluation.grading.values.words import words_of

_WORD = re.compile(r"\w+")
_OR = frozenset({"or", "oder", "ou", "o", "of", "lub", "czy", "albo"})
_FRAME_WORDS = (
    "a an the this that these those it its he his she her they their there is are was were be been will would has have "
    "had do does did of to in on at by for from with as and answer correct following question"
)
_FRAME = frozenset(_FRAME_WORDS.split())
_ALIKE = 4  # letters
_RUN = 3  # words: "otter or heron"


def says_its_answer(question: Question, code: str = "en") -> bool:
    """Whether a question names an accepted form of its own answer, as "Is it the otter or the heron?" does.

    In any spelling in which a reply would be right: "five pounds" for "5 pounds".
    """
    asked = words_of(question.question, code)
    return any(True for answer in question.answers for _ in mentions(words_of(answer, code), asked))


def beyond_the_question(question: Question, reply: str, code: str = "en") -> str:
    """The reply without what it only repeats: the question itself, or the choice that it offers.

    A reply to any other question is given back as it is, and so is one that takes a side.
    """
    asked = [word.casefold() for word in _WORD.findall(question.question)]
    places = list(_WORD.finditer(reply))
    said = [place[0].casefold() for place in places]
    may_repeat = said and (len(said) >= len(asked) or (len(said) >= _RUN and _OR & set(said)))
    if not may_repeat or not says_its_answer(question, code):
        return reply
    kept = reply
    for block in reversed(SequenceMatcher(None, asked, said, autojunk=False).get_matching_blocks()):
        run = said[block.b : block.b + block.size]
        if (run and len(run) == len(asked)) or (len(run) >= _RUN and _OR & set(run[1:-1])):
            kept = kept[: places[block.b].start()] + kept[places[block.b + block.size - 1].end() :]
    return kept if kept == reply or _WORD.search(_WORD.sub(_without_articles, kept)) else ""


def _without_articles(word: re.Match[str]) -> str:
    return "" if word[0].casefold() in {"a", "an", "the", "it", "is", "or", "either"} else word[0]


def adds_nothing(asked: Sequence[str], said: Sequence[str], forms: Sequence[Sequence[str]]) -> bool:
    """Whether a reply has no word of its own: "The answer is:", or the words of the question in another order.

    "The cell" is one for the accepted "cells", also where the question has it: words that begin alike count.

    Args:
        asked, said, forms: the words of question, reply and accepted forms, as the rules compare them.
    """
    begun = {word[:_ALIKE] for form in forms for word in form if word not in _FRAME}
    own = [word for word in said if word not in _FRAME]
    return bool(said) and set(own) <= set(asked) and not any(word[:_ALIKE] in begun for word in own)
