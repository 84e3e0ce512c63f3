"""The prompt in other languages: the same parts, a refusal word that it names, and English as it always was."""

import hashlib
import json
from dataclasses import asdict

import pytest

from data.prompt import NO_ABSTENTION, PROMPT, Passage, guessing_in, instruction_in, prompt_in, refusal_in
from data.prompt_phrases import PHRASES
from data.schema import DomainSettings, Question
from evaluation.grading.rules import GradeName, grade


def test_the_english_prompt_stays_byte_for_byte() -> None:
    """Old runs are compared with new ones by it."""
    assert prompt_in("en") == PROMPT
    assert guessing_in("en") == NO_ABSTENTION
    digest = hashlib.sha256(json.dumps([asdict(PROMPT), asdict(NO_ABSTENTION)], sort_keys=True).encode()).hexdigest()
    assert digest[:16] == "625e635195aac152"
    assert (refusal_in("en"), refusal_in("sv"), prompt_in("sv")) == ("unknown", "unknown", PROMPT)


@pytest.mark.parametrize("language", PHRASES)
def test_each_language_names_its_word_and_has_all_parts(language: str) -> None:
    system, user = prompt_in(language).messages(instruction_in(language), "7?", [Passage("d", "c", "T", "text")])
    assert refusal_in(language) in system["content"]
    assert refusal_in(language) not in guessing_in(language).system
    assert system["content"].startswith(instruction_in(language))
    assert user["content"].index("T\ntext") < user["content"].index("7?")
    assert "{" not in system["content"] + user["content"]


@pytest.mark.parametrize("language", ["en", *PHRASES])
def test_the_permitted_word_is_graded_as_a_refusal(language: str) -> None:
    word = refusal_in(language)
    for reply in (word, word.capitalize(), f"{word}.", f"{word}。"):
        for answers in (("62",), ()):
            asked = Question(id="q", question="?", answers=answers)
            assert grade(asked, reply, language=language).grade is GradeName.ABSTAINED, reply


def test_settings_follow_the_language() -> None:
    settings = DomainSettings.model_validate({"name": "x", "language": "de"})
    assert settings.instruction == instruction_in("de")
    assert (settings.refusal, settings.prompt, settings.guessing) == ("unbekannt", prompt_in("de"), guessing_in("de"))
    own = DomainSettings.model_validate({"name": "x", "language": "de", "instruction": "Kurz!"})
    assert own.instruction == "Kurz!"
