"""What answers prove, in figures and in sentences."""

from typing import Any

import pytest

from evaluation.canary.check import Heard, judge
from evaluation.canary.manifest import Canary, Given, Manifest
from evaluation.canary.say import describe


def canary(number: int, document: str, changed: bool = False) -> Canary:
    old, new = str(2000 + number), str(3000 + number) if changed else ""
    return Canary(
        id=f"c{number}", document=document, words=100 * (number % 5), sentence=f"It is {old}.", question=f"{number}?",
        answer=old, changed=f"It is {new}." if changed else "", changed_answer=new,
    )  # fmt: skip


CANARIES = tuple(canary(number, f"d{number // 5}.md", changed=number % 5 == 0) for number in range(40))
MANIFEST = Manifest(seed=0, language="en", documents={f"d{n}.md": 450 for n in range(8)}, canaries=CANARIES)


def heard(say: Any, passages: Any = None) -> list[Heard]:
    return [Heard(id=c.id, answer=say(c), passages=passages(c) if passages else None) for c in CANARIES]


def told(given: Given, say: Any, passages: Any = None) -> tuple[Any, str]:
    check = judge(MANIFEST, "own:x", given, heard(say, passages))
    return check, "\n".join(describe(check, MANIFEST))


def test_a_system_that_finds_all() -> None:
    check, text = told("before", lambda c: f"It is {c.answer}.", lambda c: (c.sentence,))
    assert (check.known.k, check.known.n, check.faults, check.unseen) == (40, 40, (), 0)
    assert "40 of 40 (100%" in text
    assert "Not lost: none of the 8 documents" in text
    assert "the longest document has 450 words" in text
    assert not {"LOST", "CUT", "STALE", "LEARNED"} & {*text.replace(":", " ").split()}


def test_refusals_other_answers_and_none_at_all() -> None:
    def say(one: Canary) -> str | None:
        kind = int(one.id[1:]) % 4
        return (one.answer, "I do not know.", "12", None)[kind]

    check, text = told("before", say)
    assert (check.known.k, check.known.n, check.refused, check.other, check.not_answered) == (10, 30, 10, 10, 10)
    assert "10 questions of 40 got no answer and do not count" in text
    assert "it refused 10, and 10 are something else" in text
    assert "So little is found" in text
    assert "Not lost" not in text


def test_an_old_index_and_one_that_keeps_old_copies() -> None:
    check, text = told("after", lambda c: c.answer)
    assert (check.stale.k, check.stale.n, check.known.k, check.faults) == (8, 8, 32, ("stale",))
    assert "STALE: 8 of 8" in text
    assert "the index is an old one" in text
    assert (check.lost, check.cut) == (None, None), "what is known in its old form is not missing"
    both, text = told("after", lambda c: f"{c.answer} or {c.changed_answer}" if c.id in ("c0", "c5") else
                      c.changed_answer or c.answer)  # fmt: skip
    assert (both.stale.k, both.faults) == (2, ("stale",))
    assert "old copies are still searched" in text
    fresh, text = told("after", lambda c: c.changed_answer or c.answer)
    assert (fresh.stale.k, fresh.faults) == (0, ())
    assert "Not stale: none of 8 changed canaries" in text


def test_lost_and_cut_are_named() -> None:
    _, text = told("before", lambda c: "unknown" if c.document == "d3.md" else c.answer)
    assert "LOST: nothing of d3.md is known (0 of 5 canaries)" in text
    assert "The file was skipped" in text
    check, text = told("before", lambda c: "unknown" if c.words >= 300 else c.answer)
    assert check.cut.words == 200
    assert "CUT: behind about 200 words of a document 0 of 16 are known, before that 24 of 24" in text


def test_what_was_learned_or_leaked() -> None:
    check, text = told("before", lambda c: c.answer, lambda c: (c.sentence,) if c.id != "c7" else ("Something.",))
    assert (check.unseen, check.faults) == (1, ())
    assert "LEARNED: 1 of the 40 found stand in no passage" in text
    check, text = told("never", lambda c: c.answer if c.id == "c7" else "unknown")
    assert check.faults == ("leaked",)
    assert "LEAKED: it knows 1 of 40" in text
    check, text = told("never", lambda c: "unknown")
    assert (check.faults, "nothing leaked" in text) == ((), True)
    check, text = told("no-more", lambda c: c.answer if c.document == "d1.md" else "unknown")
    assert (check.faults, "LEARNED: it knows 5 of 40" in text) == ((), True)


@pytest.mark.parametrize("given", ["before", "after"])
def test_a_system_without_the_documents(given: Given) -> None:
    check, text = told(given, lambda c: "unknown")
    assert check.faults == ()
    assert "NOTHING FOUND" in text
    nobody, text = told(given, lambda c: None)
    assert (nobody.known, "none of 40 questions was answered" in text) == (None, True)
