"""What a check proves, in sentences for a person."""

from collections.abc import Iterator

from data.findings import counted
from evaluation.canary.check import Check, Known
from evaluation.canary.diagnose import Cut, Lost
from evaluation.canary.manifest import Manifest
from evaluation.numbers import percent, span

_GIVEN = {
    "before": "given the documents as planted",
    "after": "given the documents as they changed",
    "no-more": "with the documents taken away",
    "never": "which was never given the documents",
}
_NAMED = 8  # documents that a sentence names
_LITTLE = 0.7  # share found below which a document that is missing would be told in every other check or less


def _of(known: Known) -> str:
    return f"{known.k} of {known.n} ({percent(known.k / known.n)}, {span(known.low, known.high)})"


def _chance(p_value: float) -> str:
    """How seldom chance looks like that; the permutations allow no finer statement than 1 in 10,000."""
    return f"chance would do so in fewer than 1 of {max(1, int(1 / p_value)):,} cases"


def describe(check: Check, manifest: Manifest) -> list[str]:
    """All sentences of a check, the main one first."""
    known = check.known
    if known is None:
        return [f"{check.system}: none of {counted(check.asked, 'question')} was answered."]
    lines = [f"{check.system}, {_GIVEN[check.given]}: {_main(check, known)}"]
    if check.not_answered:
        lines.append(f"{counted(check.not_answered, 'question')} of {check.asked} got no answer and do not count.")
    if check.given in ("never", "no-more"):
        return lines
    stale = f", {check.stale.k} gave an old value" if check.stale and check.stale.k else ""
    lines.append(f"Of the others it refused {check.refused}, and {check.other} are something else{stale}.")
    lines += _faults(check, manifest)
    if check.unseen:
        lines.append(
            f"LEARNED: {check.unseen} of the {known.k} found stand in no passage that it returned. It knows them "
            "without, or does not return all that it reads."
        )
    return lines


def _main(check: Check, known: Known) -> str:
    if check.given == "never":
        if known.k:
            return f"LEAKED: it knows {_of(known)} of the canaries. It, or what it was made from, has seen them."
        return f"nothing leaked: it knows none of {known.n} canaries (at most {percent(known.high)} by the interval)."
    if check.given == "no-more":
        if known.k:
            return f"LEARNED: it knows {_of(known)} of the canaries without the documents, in its weights or in a copy."
        return f"it has learned or kept none of {known.n} canaries (at most {percent(known.high)} by the interval)."
    state = "as they are now" if check.given == "after" else "planted"
    return f"{_of(known)} of the canaries {state} are found; the interval takes the document as the unit."


def _faults(check: Check, manifest: Manifest) -> Iterator[str]:
    known = check.known
    if known and not known.k and not (check.stale and check.stale.k):
        yield "NOTHING FOUND: the system does not have these documents, or does not answer questions about them."
        return
    seen = (known.k if known else 0) + (check.stale.k if check.stale else 0)
    little = known is not None and seen < _LITTLE * known.n and not check.cut
    if check.lost:
        yield _lost(check.lost, manifest)
    elif not little:
        yield _not_lost(manifest)
    if check.cut:
        yield _cut(check.cut)
    elif not little:
        yield _not_cut(manifest)
    if little and not check.lost:
        yield (
            "Lost, cut: what is missed is spread over documents and places. So little is found that a document which "
            "is missing or cut off could not be told from it."
        )
    if check.given == "after":
        yield _stale(check.stale)


def _lost(lost: Lost, manifest: Manifest) -> str:
    names = ", ".join(lost.documents[:_NAMED])
    more = f" and {len(lost.documents) - _NAMED} more" if len(lost.documents) > _NAMED else ""
    each = [sum(canary.document == name for canary in manifest.canaries) for name in lost.documents]
    return (
        f"LOST: nothing of {names}{more} is known (0 of {sum(each)} canaries); {_chance(lost.p_value)}. "
        f"{'The file was' if len(lost.documents) == 1 else 'These files were'} skipped, or could not be read."
    )


def _not_lost(manifest: Manifest) -> str:
    several = sum(
        sum(canary.document == name for canary in manifest.canaries) > 1 for name in manifest.documents
    )  # fmt: skip
    if not several:
        return "Lost: whether a file is missing as a whole cannot be told, with one canary in each (--per-document)."
    return f"Not lost: none of the {several} documents with canaries is missing as a whole."


def _cut(cut: Cut) -> str:
    before, beyond = (f"{known} of {asked}" for known, asked in (cut.before, cut.beyond))
    return (
        f"CUT: behind about {cut.words:,} words of a document {beyond} are known, before that {before}; "
        f"{_chance(cut.p_value)}. Documents are cut off there when they are read, embedded or put into a prompt."
    )


def _not_cut(manifest: Manifest) -> str:
    longest = max(manifest.documents.values(), default=0)
    return f"Not cut: late places are known as early ones are (the longest document has {longest:,} words)."


def _stale(stale: Known | None) -> str:
    if stale is None:
        return "Stale: no canary was changed."
    if not stale.k:
        return f"Not stale: none of {stale.n} changed canaries is answered with its old value."
    if stale.k / stale.n > 0.5:
        return f"STALE: {_of(stale)} of the changed canaries are answered as they were: the index is an old one."
    return f"STALE: {_of(stale)} of the changed canaries are answered as they were: old copies are still searched."
