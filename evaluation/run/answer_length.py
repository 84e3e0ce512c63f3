"""Long answers: what a run with --answer-words asks for in place of the domain's instruction, and their length."""

from data.schema import Domain
from model.sampling import Sampling

TOKENS_A_WORD = 2  # room for a word, in tokens; English needs 1.3
_ASKED = {
    "en": "Answer the question fully, with everything that it asks for, in at most {words} words.",
    "de": "Beantworte die Frage vollständig, mit allem, wonach gefragt wird, in höchstens {words} Wörtern.",
    "fr": "Réponds à la question complètement, avec tout ce qui est demandé, en {words} mots au plus.",
    "es": "Responde a la pregunta por completo, con todo lo que se pide, en {words} palabras como máximo.",
    "it": "Rispondi alla domanda in modo completo, con tutto ciò che è chiesto, in al massimo {words} parole.",
    "nl": "Beantwoord de vraag volledig, met alles waarnaar gevraagd wordt, in hoogstens {words} woorden.",
    "pl": "Odpowiedz na pytanie w pełni, podając wszystko, o co pyta, w najwyżej {words} słowach.",
    "ja": "質問に、求められていることをすべて含めて、{words}語以内で答えてください。",
    "zh": "请完整回答问题，包括所问的全部内容，不超过{words}个词。",
}


def asking_at_length(domain: Domain, words: int | None) -> Domain:
    """The same domain with an instruction for answers of so many words; itself where `words` is None."""
    if words is None:
        return domain
    asked = _ASKED.get(domain.settings.language, _ASKED["en"]).format(words=words)
    settings = domain.settings.model_copy(update={"instruction": asked})
    return Domain(
        folder=domain.folder, settings=settings, documents=domain.documents, questions=domain.questions,
        updates=domain.updates,
    )  # fmt: skip


def room_for(words: int, sampling: Sampling) -> Sampling:
    """Sampling with room for so many words, which a new line does not end."""
    longest = max(sampling.max_new_tokens, TOKENS_A_WORD * words)
    return sampling.model_copy(update={"max_new_tokens": longest, "stop": ()})
