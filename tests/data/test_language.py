"""The language of documents is detected."""

import pytest

from data.language import detect_language, sure_language


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ["The lighthouse was lit in 1874.", "It has been automatic since."]),
        ("de", ["Der Leuchtturm wurde 1874 gebaut.", "Seitdem brennt das Licht."]),
        ("fr", ["Le phare a été allumé en 1874.", "Le gardien est parti."]),
        ("es", ["El faro se encendió en 1874.", "El guarda se fue."]),
        ("it", ["Il faro fu acceso nel 1874.", "Il guardiano se ne andò."]),
        ("nl", ["De vuurtoren werd in 1874 ontstoken.", "De wachter is vertrokken."]),
        ("pl", ["Latarnię zapalono w 1874 roku.", "Latarnik wyjechał."]),
        ("ja", ["灯台は1874年に点灯された。"]),
        ("zh", ["灯塔于1874年点亮。"]),
        ("cs", ["Maják byl rozsvícen v roce 1874.", "Strážce odešel."]),
        ("ru", ["Маяк впервые зажгли в 1874 году, и с тех пор он работает.", "Его смотритель уехал."]),
    ],
)
def test_languages(language: str, texts: list[str]) -> None:
    assert detect_language(texts) == language


def test_without_letters_the_default_holds() -> None:
    assert detect_language([], "de") == "de"
    assert detect_language(["12 + 30", "—"]) == "en"


def test_a_language_is_sure_where_both_halves_of_enough_text_agree() -> None:
    german = "Der Leuchtturm wurde im Jahr 1874 gebaut, und seitdem brennt das Licht in jeder Nacht. " * 4
    english = "The lighthouse was built in the year 1874, and its light has burned every night since then. " * 4
    assert sure_language([german, german]) == "de"
    assert sure_language([german * 2]) == "de"
    assert sure_language([german, english]) == "en"
    assert sure_language(["Der Leuchtturm brennt.", "Der Wärter ging."], "fr") == "fr"
