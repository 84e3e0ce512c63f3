"""Sentences are exact quotes, and a full stop is not always an end."""

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from data.sentences import sentence_around, sentences, spans


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One here. Two there.", ["One here.", "Two there."]),
        ("Dr. Bain met Mr. Orde at 06.50 today. They spoke.", ["Dr. Bain met Mr. Orde at 06.50 today.", "They spoke."]),
        ("A heading\n\nText follows", ["A heading", "Text follows"]),
        ("He said “Go.” Then he went.", ["He said “Go.”", "Then he went."]),
        ("", []),
    ],
)
def test_where_sentences_end(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


# Sentences are parted by a bar here. pysbd 0.3.4 cuts 35 of these 53 as they are cut here.
@pytest.mark.parametrize(
    ("language", "parted"),
    [
        ('en', 'He met J. Smith.|Then they left.'),
        ('en', 'Dr. Bain arrived at 6 p.m. on Monday.|The ship left.'),
        ('en', 'It costs $4.50 (approx. 5 euros).|Children pay half.'),
        ('en', '“Stop!” she cried.|Nobody heard.'),
        ('en', 'See Fig. 3 and No. 12 for details.|The rest is in the annex.'),
        ('en', 'The U.S. Navy sold it.|It was scrapped.'),
        ('en', 'We sell tea, coffee, etc. in the saloon.|Cash only.'),
        ('en', 'Is it open?|Yes!|Come in.'),
        ('en', 'Mr. and Mrs. Holt own Holt & Co. Ltd.|They retired.'),
        ('en', 'The vote was 5 to 3...|Nobody spoke.'),
        ('en', 'Version 2.0 is out.|Get it at example.com today.'),
        ('de', 'Am 3. Oktober fährt kein Schiff.|Die Mole ist gesperrt.'),
        ('de', 'Das 19. Jahrhundert war schwer.|Es gab z.B. keine Fähre.'),
        ('de', 'Dr. Müller und Hr. Schmidt kommen ca. um 5 Uhr.|Wir warten.'),
        ('de', 'Erwachsene zahlen 5 Euro, Kinder usw. zahlen 2 Euro.|Hunde sind frei.'),
        ('de', '„Halt!“, rief er.|Niemand hörte ihn.'),
        ('de', 'Siehe Abs. 2 bzw. Nr. 4 der Ordnung.|Sie gilt ab 2024.'),
        ('de', 'Er wurde 1931 geboren.|Sie kam 1935.'),
        ('de', 'Die Preise gelten inkl. MwSt. und Gebühren.|Bargeld reicht.'),
        ('fr', 'M. Dupont et Mme Roux arrivent.|Le bateau part à 8 h.'),
        ('fr', 'Le tarif est de 5 euros, cf. p. 12.|Les enfants paient moins.'),
        ('fr', '« Partez. »|Puis il sortit.'),
        ('fr', 'Est-ce ouvert ?|Oui !|Entrez.'),
        ('fr', 'Il a vendu du thé, du café, etc.|Les clients étaient contents.'),
        ('fr', 'Le Dr. Blanc habite av. Foch.|Elle est fermée.'),
        ('es', 'El Sr. García y la Sra. Ruiz llegan.|El barco sale a las 8.'),
        ('es', 'Véase la pág. 12 y el núm. 4.|Los niños pagan menos.'),
        ('es', '¿Está abierto?|¡Sí!|Pase.'),
        ('es', 'Vende té, café, etc.|La tienda cierra a las 5.'),
        ('es', 'D. Pedro vive en la avda. Mayor.|Es alcalde.'),
        ('it', 'Il sig. Rossi e la dott.ssa Bianchi arrivano.|La nave parte alle 8.'),
        ('it', 'Vedi pag. 12 e art. 4 del regolamento.|I bambini pagano meno.'),
        ('it', 'È aperto?|Sì!|Entri.'),
        ('it', 'Vende tè, caffè, ecc.|Il negozio chiude alle 5.'),
        ('it', 'Costa ca. 5 euro.|Non si accettano carte.'),
        ('nl', 'Dhr. de Vries en mevr. Bakker komen.|De boot vertrekt om 8 uur.'),
        ('nl', 'Zie blz. 12 en art. 4.|Kinderen betalen minder.'),
        ('nl', 'Is het open?|Ja!|Kom binnen.'),
        ('nl', 'Wij verkopen thee, koffie, enz.|De winkel sluit om 5 uur.'),
        ('nl', 'Het kost ca. 5 euro, d.w.z. weinig.|Honden reizen gratis.'),
        ('pl', 'Pan dr. Nowak mieszka przy ul. Długiej.|Prom odpływa o 8.'),
        ('pl', 'W XIX w. kursował tu prom, np. parowy.|Dziś go nie ma.'),
        ('pl', 'Czy jest otwarte?|Tak!|Proszę wejść.'),
        ('pl', 'Zob. str. 12 i art. 4.|Dzieci płacą mniej.'),
        ('pl', 'Bilet kosztuje ok. 5 zł, tj. niewiele.|Psy jeżdżą za darmo.'),
        ('ja', '船は朝六時に出ます。|犬は無料です。'),
        ('ja', '開いていますか？|はい！|どうぞ。'),
        ('ja', '「待て。」と彼は言った。|誰も聞かなかった。'),
        ('ja', '料金は4.5ユーロです。|現金のみ。'),
        ('zh', '船早上六点出发。|狗免费。'),
        ('zh', '开门了吗？|开了！|请进。'),
        ('zh', '“等等。”他说。|没有人听见。'),
        ('zh', '票价为4.5元。|只收现金。'),
    ],
)  # fmt: skip
def test_sentences_of_nine_languages(language: str, parted: str) -> None:
    expected = parted.split("|")
    text = ("" if language in ("ja", "zh") else " ").join(expected)
    assert sentences(text, language) == expected
    assert sentences(text) == expected, "the language is detected"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1. Buy a ticket. 2. Board the ship.", ["1. Buy a ticket.", "2. Board the ship."]),
        ("He met K. L. Marsh. Then it rained.", ["He met K. L. Marsh.", "Then it rained."]),
        ("She said no. Marsh left.", ["She said no.", "Marsh left."]),
        ("The boat is called Sky! and it sails.", ["The boat is called Sky! and it sails."]),
        ("No end", ["No end"]),
        ("  spaced.  Out.  ", ["spaced.", "Out."]),
        ("see b.c. for\n\nmore", ["see b.c. for", "more"]),
    ],
)
def test_where_sentences_do_not_end(text: str, expected: list[str]) -> None:
    assert sentences(text, "en") == expected


@seed(3)
@settings(max_examples=300, deadline=None, database=None)
@given(st.text("aB1.!?…。」»”\"' \n(é日z", max_size=50))
def test_spans_are_quotes_in_order_and_lose_only_space(text: str) -> None:
    places = list(spans(text, "en"))
    assert all(start < end for start, end in places)
    assert "".join("".join(text[start:end].split()) for start, end in places) == "".join(text.split())


def test_the_sentence_around_a_span_is_a_quote() -> None:
    text = "First one. The code is 3591 here. Last one."
    at = text.index("3591")
    assert sentence_around(text, at, at + 4) == "The code is 3591 here."
    assert sentence_around(text, 0, len(text)) == text
