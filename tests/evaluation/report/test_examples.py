"""Which answers a report holds, and which of them a sentence means."""

from pathlib import Path

from evaluation.report.examples import EACH, Asked, Said, _most_telling, answers_of, is_meant
from evaluation.results.file import read_results
from evaluation.results.verdict import Behind
from evaluation.run.folder import RunFolder


def _said(method: str, good: bool) -> Said:
    return Said(method, "x", "right" if good else "wrong", "", good, "" if good else "given_not_used", "", ())


def _asked(name: str, *good: bool, kind: str = "held_out", overall: bool = True) -> Asked:
    said = tuple(_said(f"m{place}", one) for place, one in enumerate(good))
    return Asked(name, "?", "", (), kind, kind, overall, said)


def test_an_outcome_without_a_kind_means_the_questions_of_the_main_table() -> None:
    answerable, nowhere = _asked("a", False), _asked("b", False, kind="unanswerable", overall=False)
    wrong = Behind(methods=("m0",), outcome="wrong")
    assert is_meant(wrong, answerable, answerable.said[0])
    assert not is_meant(wrong, nowhere, nowhere.said[0])
    assert is_meant(wrong.model_copy(update={"category": "unanswerable"}), nowhere, nowhere.said[0])
    assert not is_meant(wrong.model_copy(update={"methods": ("m1",)}), answerable, answerable.said[0])
    assert is_meant(Behind(cause="given_not_used"), nowhere, nowhere.said[0])
    assert not is_meant(Behind(cause="not_retrieved"), nowhere, nowhere.said[0])


def test_where_methods_differ_most_is_told_first() -> None:
    alike, split, half = (
        _asked("alike", True, True, True),
        _asked("split", True, False, True),
        _asked("b", False, False),
    )
    assert next(one.id for one in _most_telling([alike, half, split])) == "split"


def test_at_most_so_many_answers_of_a_method_and_all_its_outcomes() -> None:
    """Of 1,000 right answers and 3 wrong ones, the wrong ones are among the 50 that are held."""
    many = [_asked(f"{number:04}", number >= 3) for number in range(1003)]
    held = _most_telling(many)
    assert len(held) == EACH
    assert {"0000", "0001", "0002"} <= {one.id for one in held}


def test_all_answers_of_a_small_run_and_the_most_telling_of_a_large_one(runs: Path) -> None:
    folder = RunFolder(runs / "made-up")
    results = read_results(folder)
    assert answers_of(folder, results).complete
    small = answers_of(folder, results, largest=10)
    assert small.of == results.domain.n_asked
    assert answers_of(folder, results, largest=None).complete


def test_what_was_read_and_why_it_was_not_right(runs: Path) -> None:
    folder = RunFolder(runs / "made-up")
    held = answers_of(folder, read_results(folder))
    first = next(one for one in held.asked if one.id == "flag0-q")
    by_method = {said.method: said for said in first.said}
    assert by_method["rag"].read == ("Harbour0.md",)
    assert (by_method["rag"].grade, by_method["rag"].good) == ("✓ right", True)
    assert (by_method["base"].outcome, by_method["base"].why) == ("wrong", "not known to the base model")
    assert first.accepted == "otter | a otter"
    assert first.evidence == ("The flag of Harbour0 shows a otter and nothing else.",)
