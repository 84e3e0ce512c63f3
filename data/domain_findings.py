"""What can be seen of a domain's own data that makes its figures mean less than they seem to."""

from collections import Counter
from collections.abc import Iterator

from data.findings import Finding, error, warning
from data.language import sure_language
from data.mentions import Mentions
from data.schema import Category, Domain


def _mix_of_nothing(domain: Domain) -> Iterator[Finding]:
    """Shares for kinds of questions that are never asked."""
    asked = Counter(domain.category(question) for question in domain.split("test"))
    unasked = [str(category) for category, share in domain.settings.mix.items() if share and not asked[category]]
    if unasked:
        sentence = f"[mix] gives a share to {', '.join(unasked)}, of which the domain has no test question"
        rest = any(share and asked[category] for category, share in domain.settings.mix.items())
        remedy = "The others are weighted without it." if rest else "Nothing is weighted; name kinds that are asked."
        yield warning("domain.toml", sentence, remedy)


def _updates_without_answer(domain: Domain) -> Iterator[Finding]:
    """Updates after which no accepted answer stands in the document that changed."""
    if not domain.updates:
        return
    mentions = Mentions(domain.updated().documents)
    for update in domain.updates:
        if not mentions.any_says(update.answers, [update.document_id]):
            sentence = f"after its update {update.document_id} says none of its new answers word for word"
            yield warning(update.fact_id, sentence, "Let the new sentence say the answer.")


def _clashing_ids(domain: Domain) -> Iterator[Finding]:
    """One id for two questions: their answers could not be told apart."""
    ids = Counter(question.id for question in domain.questions)
    ids.update(question.id for question in domain.updated_questions())  # made of others, or the domain's own
    ids.subtract(q.id for q in domain.split("test") if domain.category(q) is Category.UPDATED)
    for name in (name for name, times in ids.items() if times > 1):
        yield error(name, "two questions have this id (one of them after an update or in training.jsonl, perhaps)",
                    "Rename one of them.")  # fmt: skip


def _other_language(domain: Domain) -> Iterator[Finding]:
    """Settings that name another language than the texts speak."""
    texts = [*(document.text for document in domain.documents), *(q.question for q in domain.split("test"))]
    set_to = domain.settings.language
    found = sure_language(texts, set_to)
    if found != set_to:
        sentence = f"its language is '{set_to}' and the texts seem to be in '{found}'"
        yield warning("domain.toml", sentence, f'Write language = "{found}" if they are.')


def domain_findings(domain: Domain) -> list[Finding]:
    """All of them."""
    looks = (_mix_of_nothing, _updates_without_answer, _clashing_ids, _other_language)
    return [finding for look in looks for finding in look(domain)]
