"""Faults are told where chance would hardly look like them, and only there; probabilities by counting."""

from math import comb

import pytest

from evaluation.canary.diagnose import DEALS, Seen, find_cut, find_lost


def document(name: str, known: str) -> list[Seen]:
    """Canaries at words 0, 100, 200 …; "x": known."""
    return [Seen(name, 100 * place, mark == "x") for place, mark in enumerate(known)]


def test_one_lost_document_of_eight() -> None:
    seen = [one for n in range(8) for one in document(f"d{n}", "....." if n == 3 else "xxxxx")]
    found = find_lost(seen, find_cut(seen))
    assert found is not None
    assert found.documents == ("d3",)
    # Of all ways to miss 5 of 40, 8 lose a document as a whole: 8 / 658,008, less than one deal.
    assert 8 / comb(40, 5) < found.p_value == 1 / (DEALS + 1)


def test_scattered_misses_and_single_canaries_lose_nothing() -> None:
    scattered = [one for n in range(8) for one in document(f"d{n}", "xxxx." if n % 2 else ".xxxx")]
    assert find_lost(scattered, None) is None
    assert find_cut(scattered) is None
    single = [one for n in range(40) for one in document(f"d{n}", "." if n == 3 else "x")]
    assert find_lost(single, None) is None
    pairs = [one for n in range(4) for one in document(f"d{n}", ".." if n == 3 else "xx")]
    assert find_lost(pairs, None) is None, "4 of comb(8, 2) = 28 ways: 14 %"


def test_a_system_that_knows_nothing_or_all_has_neither_fault() -> None:
    for mark in (".....", "xxxxx"):
        seen = [one for n in range(8) for one in document(f"d{n}", mark)]
        assert (find_cut(seen), find_lost(seen, None)) == (None, None)


def test_a_cut_is_told_with_its_place_and_its_chance() -> None:
    seen = [one for n in range(4) for one in document(f"d{n}", "xxx..")] + document("short", "xx")
    found = find_cut(seen)
    assert found is not None
    assert (found.words, found.before, found.beyond) == (200, (14, 14), (0, 8))
    # Each of four documents misses its last two of five: one way of comb(5, 2) = 10, in all 1 in 10,000.
    assert found.p_value == pytest.approx(1e-4, abs=4e-4)
    assert find_lost(seen, found) is None


def test_two_documents_are_too_few_to_tell_a_cut() -> None:
    seen = [one for n in range(2) for one in document(f"d{n}", "xxxx.")]
    assert find_cut(seen) is None, "one way of five in each: 4 %"


def test_what_lies_beyond_a_cut_is_not_lost() -> None:
    seen = [one for n in range(6) for one in document(f"d{n}", "xxx..")]
    seen += [Seen("late", 500, False), Seen("late", 600, False), *document("gone", ".....")]
    cut = find_cut(seen)
    found = find_lost(seen, cut)
    assert cut is not None
    assert found is not None
    assert found.documents == ("gone",)
