"""Refusals in ordinary words of eight languages, and answers that only look like one."""

import pytest

from data.schema import Question
from evaluation.grading.refusals import abstains
from evaluation.grading.rules import GradeName, grade_by_rules

REFUSALS = """
The passages do not say which gate it is.
Nothing in the text mentions a discount.
No details about parking are given.
That isn't stated anywhere.
It's not possible to tell from this excerpt.
I'm afraid I don't have that information.
I am unable to answer this with what I was given.
The sources provided don't cover opening hours.
There is no mention of a fee.
Not enough context to say.
We can't determine this from the report.
This information is missing.
The article never mentions a date.
Unclear.
Not specified.
Not available in the given documents.
None of the passages answer this.
I could not locate the answer.
Sorry, I don't know that one.
The context lacks the necessary information.
Cannot be determined from the text.
Your question cannot be answered with the provided information.
The document doesn't specify who signed it.
n/a
No answer found.
I wasn't given any data on that.
It remains unknown.
That is beyond the scope of the documents.
Das steht nicht im Text.
Dazu gibt es keine Angaben.
Das weiß ich nicht.
Ich weiß es leider nicht.
Die Frage lässt sich anhand der Dokumente nicht beantworten.
Unbekannt
Das geht aus dem Text nicht hervor.
Keine Ahnung.
In den Unterlagen wird das nicht erwähnt.
Es liegen keine Informationen dazu vor.
Je ne sais pas.
Le document ne le précise pas.
Aucune information à ce sujet.
Le texte ne mentionne pas le prix.
Il est impossible de répondre à cette question.
Ce n'est pas indiqué dans le document.
Réponse inconnue.
No lo sé.
El documento no lo menciona.
No hay información suficiente.
No se especifica en el texto.
Se desconoce.
No puedo responder a esa pregunta.
El texto no indica la fecha.
Non lo so.
Il documento non lo specifica.
Non ci sono informazioni al riguardo.
Non è possibile rispondere.
Il testo non indica il prezzo.
Informazione non disponibile.
Dat weet ik niet.
Dat staat niet in de tekst.
Er is geen informatie over.
De documenten vermelden dit niet.
Onbekend.
Ik kan deze vraag niet beantwoorden.
Nie wiem.
Brak informacji na ten temat.
Dokument tego nie podaje.
Nie można odpowiedzieć na to pytanie.
Tekst nie zawiera takiej informacji.
わかりません。
文書には記載がありません。
その情報は含まれていません。
この質問には答えられません。
不明です。
不知道。
文中没有提到。
无法从文档中确定。
资料不足,无法回答。
文件中並未提及。
""".strip().splitlines()

ANSWERS = """
It costs 12 pounds.
The crossing is not included in the ticket.
Dogs are not allowed on deck.
He never came back.
No refunds after boarding.
An impossible triangle
The gate is open.
He knows the captain.
Nothing but water.
Tickets are sold without a fee.
You can help yourself to coffee.
Sorry Street 5
It is provided by the crew.
Die Überfahrt ist nicht inbegriffen.
Nein, Hunde sind nicht erlaubt.
Le billet n'est pas remboursable.
No, los perros no pueden subir.
Non è rimborsabile.
Het kaartje is niet geldig op zondag.
Bilet nie jest ważny.
払い戻しはできません。
不可以退票。
""".strip().splitlines()


@pytest.mark.parametrize("reply", REFUSALS)
def test_a_refusal_in_ordinary_words(reply: str) -> None:
    assert abstains(reply)
    nobody_can = Question(id="u", question="What does the night ferry cost?", answers=())
    anybody_can = Question(id="a", question="What does the day ferry cost?", answers=("12 pounds",))
    for question in (nobody_can, anybody_can):
        found = grade_by_rules(question, reply)
        assert found is not None
        assert found.grade is GradeName.ABSTAINED, found.reason


@pytest.mark.parametrize("reply", ANSWERS)
def test_an_answer_is_no_refusal(reply: str) -> None:
    assert not abstains(reply)


def test_a_long_reply_that_goes_on_with_an_answer_is_no_refusal() -> None:
    reply = (
        "As a language model I do not have access to the live timetable of the company and its ferries. However, "
        "according to the printed one that was handed out in spring the first boat leaves at seven."
    )
    assert not abstains(reply)
    assert abstains(reply.partition("However")[0])
