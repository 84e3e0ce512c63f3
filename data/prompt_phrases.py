"""The wording of the prompt in other languages than English: the same parts in the same order."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Phrases:
    """One language.

    Args:
        refusal: what the prompt permits a model to say where it does not know.
        instruction: of a domain that states none.
        permission, guess: what follows the instruction, with and without the permission to say so; a gap where the
            language puts a space between sentences.
        documents, question, answer: labels of the parts.
    """

    refusal: str
    instruction: str
    permission: str
    guess: str
    documents: str
    question: str
    answer: str
    gap: str = " "


PHRASES = {
    "de": Phrases(
        "unbekannt", "Beantworte die Frage mit so wenigen Wörtern wie möglich.",
        "Wenn du die Antwort nicht weißt, antworte nur mit dem Wort unbekannt.", "Nenne immer deine beste Vermutung.",
        "Dokumente:", "Frage: ", "Kurze Antwort:",
    ),
    "fr": Phrases(
        "inconnu", "Réponds à la question en aussi peu de mots que possible.",
        "Si tu ne connais pas la réponse, réponds par le seul mot inconnu.", "Donne toujours ta meilleure estimation.",
        "Documents :", "Question : ", "Réponse courte :",
    ),
    "es": Phrases(
        "desconocido", "Responde a la pregunta con el menor número de palabras posible.",
        "Si no sabes la respuesta, responde solo con la palabra desconocido.", "Da siempre tu mejor suposición.",
        "Documentos:", "Pregunta: ", "Respuesta breve:",
    ),
    "it": Phrases(
        "sconosciuto", "Rispondi alla domanda con il minor numero di parole possibile.",
        "Se non conosci la risposta, rispondi solo con la parola sconosciuto.", "Dai sempre l'ipotesi migliore.",
        "Documenti:", "Domanda: ", "Risposta breve:",
    ),
    "nl": Phrases(
        "onbekend", "Beantwoord de vraag in zo weinig mogelijk woorden.",
        "Als je het antwoord niet weet, antwoord dan alleen met het woord onbekend.", "Geef altijd je beste gok.",
        "Documenten:", "Vraag: ", "Kort antwoord:",
    ),
    "pl": Phrases(
        "nieznane", "Odpowiedz na pytanie jak najmniejszą liczbą słów.",
        "Jeśli nie znasz odpowiedzi, odpowiedz jednym słowem: nieznane.",
        "Zawsze podaj najbardziej prawdopodobną odpowiedź.",
        "Dokumenty:", "Pytanie: ", "Krótka odpowiedź:",
    ),
    "ja": Phrases(
        "不明", "質問にできるだけ短く答えてください。",
        "答えがわからない場合は、「不明」とだけ答えてください。", "必ず最も可能性の高い答えを書いてください。",
        "文書:", "質問: ", "短い答え:", gap="",
    ),
    "zh": Phrases(
        "未知", "请用尽可能少的字回答问题。",
        "如果不知道答案，只回答“未知”。", "请始终给出你认为最可能的答案。",
        "文档：", "问题：", "简短回答：", gap="",
    ),
}  # fmt: skip
