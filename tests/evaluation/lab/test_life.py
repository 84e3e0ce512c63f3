"""The phases of a model's life: published where they are published, else from the run's own records."""

from pathlib import Path

import pytest
from fakes import says_right, write_domain, write_run

from data.load import load_domain
from evaluation.lab.life import life, pretraining
from evaluation.results.file import read_results
from evaluation.results.preference import Change, PreferenceChange
from evaluation.run.folder import RunFolder

SOME = Change(n=1, before=0, after=0, difference=0, ci_low=0, ci_high=0)


def changed(by: str, best_of: int = 0, after: str = "") -> PreferenceChange:
    return PreferenceChange(
        method="lora", by=by, after=after, best_of=best_of, pairs=1, questions=1, settings={}, seconds=1,
        calibrated_s=1, steps=1, read_tokens=700, operations=None if best_of else 9e9, form=None, right={},
        refused=SOME, words=SOME, general=None, perplexity_before=None, perplexity_after=None, kl=None, examples=[],
        sentence="",
    )  # fmt: skip


def test_pretraining_is_called_published_and_counted_by_formula() -> None:
    found = pretraining("smollm2-135m-reader", 100)
    assert found
    assert (found.phase.tokens, found.phase.operations) == (2e12, 6 * 100 * 2e12)
    assert "published, not measured" in found.phase.source
    assert pretraining("another", 100) is None, "what nobody has published is not made up"


def test_phases_come_in_the_order_of_a_life_and_best_of_trains_nothing(tmp_path: Path) -> None:
    domain = load_domain(write_domain(tmp_path / "domain"))
    write_run(tmp_path / "run", domain, {"base": says_right, "rag": says_right})
    results = read_results(RunFolder(tmp_path / "run"))
    phases = life(results, [changed("ann"), changed("ann", best_of=4), changed("bob", after="ann")])
    assert [phase.phase for phase in phases] == [
        "preference tuning, lora on ann", "preference tuning, lora on bob after ann", "one answer, base",
        "one answer, rag",
    ]  # fmt: skip
    assert (phases[0].tokens, phases[0].operations) == (700, 9e9)
    old = life(results, [changed("ann").model_copy(update={"operations": None})])[0]
    assert "not counted" in old.source, "why a figure is missing is said"
    usage = results.methods["rag"].usage
    assert usage
    assert phases[-1].tokens == pytest.approx(usage.read + usage.written)
