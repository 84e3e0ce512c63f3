"""Of 40 canaries, three seeded faults are found in each of ten seeds, and a healthy system raises no alarm."""

from pathlib import Path

import pytest
from canary_search import Search

from evaluation.canary.check import Check, Heard, judge
from evaluation.canary.manifest import Given, Manifest, read_manifest
from evaluation.canary.plant import AFTER, DOCUMENTS, plant

SEEDS = range(10)
CUT = 250  # words


@pytest.fixture(params=SEEDS)
def planted(request: pytest.FixtureRequest, corpus: Path, tmp_path: Path) -> Path:
    out = tmp_path / "out"
    plant(corpus, out, seed=request.param)
    return out


def check(manifest: Manifest, search: Search, given: Given) -> Check:
    return judge(manifest, "own:x", given, [Heard(id=c.id, answer=search(c.question)) for c in manifest.canaries])


def test_a_skipped_file_a_cut_and_an_old_index_are_all_found(planted: Path) -> None:
    manifest = read_manifest(planted)
    assert len(manifest.canaries) == 40
    skipped = sorted(manifest.documents)[manifest.seed % len(manifest.documents)]
    faulty = Search(planted / DOCUMENTS, skipped=skipped, words=CUT)
    first = check(manifest, faulty, "before")
    second = check(manifest, faulty, "after")  # the index is still that of the documents as they were
    for found in (first, second):
        assert found.lost is not None
        assert found.lost.documents == (skipped,)
        assert found.cut is not None
        assert CUT / 2 < found.cut.words < CUT * 1.5
    assert first.faults == ("lost", "cut")
    assert second.faults == ("lost", "cut", "stale")
    assert second.stale is not None
    reachable = [c for c in manifest.canaries if c.changed and c.document != skipped]
    assert 0 < second.stale.k <= len(reachable)


@pytest.mark.parametrize("misses", [0.0, 0.15])
def test_a_healthy_system_raises_no_alarm(planted: Path, misses: float) -> None:
    manifest = read_manifest(planted)
    for folder, given in ((DOCUMENTS, "before"), (AFTER, "after")):
        found = check(manifest, Search(planted / folder, misses=misses), given)  # type: ignore[arg-type]
        assert found.faults == ()
        assert found.known is not None
        assert found.known.k >= 26
        if not misses:
            assert found.known.k == 40


def test_what_was_never_given_is_never_known(planted: Path, corpus: Path) -> None:
    manifest = read_manifest(planted)
    found = check(manifest, Search(corpus), "never")
    assert (found.faults, found.known and found.known.k) == ((), 0)
    assert check(manifest, Search(planted / DOCUMENTS), "never").faults == ("leaked",)
