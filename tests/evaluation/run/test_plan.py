"""What is asked and trained is drawn by seed, with one wording a fact."""

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from data.leaks import find_leaks
from data.load import load_domain
from data.schema import Category, Domain
from evaluation.run.plan import make_plan
from evaluation.run.settings import RunSettings


@pytest.fixture(scope="module")
def ferries() -> Domain:
    return load_domain(Path(__file__).parents[3] / "data" / "orrin_ferries")


def settings(**options: object) -> RunSettings:
    return RunSettings.model_validate({"domain": ".", **options})


def test_smoke_is_a_sample_and_trains_its_own_facts_only(ferries: Domain) -> None:
    plan = make_plan(ferries, settings(profile="smoke"))
    counts = Counter(plan.categories[question.id] for question in plan.questions)
    assert counts == {Category.PARAPHRASED: 55, Category.HELD_OUT: 55, Category.UNANSWERABLE: 20}
    assert len({question.fact_id for question in plan.questions}) == len(plan.questions)
    asked = {q.fact_id for q in plan.questions if plan.categories[q.id] is Category.PARAPHRASED}
    assert plan.trained_facts == asked
    assert {question.fact_id for question in plan.convergence} == asked
    assert all(question.split == "train" for question in plan.convergence)


def test_the_seed_decides(ferries: Domain) -> None:
    def ids(seed: int) -> list[str]:
        return [question.id for question in make_plan(ferries, settings(profile="smoke", seed=seed)).questions]

    assert ids(0) == ids(0)
    assert ids(0) != ids(1)


def test_standard_asks_one_wording_of_everything_and_full_asks_all(ferries: Domain) -> None:
    standard, full = (make_plan(ferries, settings(profile=name)) for name in ("standard", "full"))
    counts = Counter(standard.categories.values())
    assert counts[Category.TRAINED] == counts[Category.PARAPHRASED] == len(ferries.trained_facts)
    assert len(full.questions) == len(ferries.split("test")) + len(ferries.trained_facts)
    assert len(standard.updated) == len(ferries.updates)
    assert len(full.updated) == 2 * len(ferries.updates)
    assert set(counts) == set(Category)


def test_unknown_is_at_most_a_tenth_of_what_is_trained(ferries: Domain) -> None:
    for profile in ("smoke", "standard"):
        training = make_plan(ferries, settings(profile=profile)).training
        unknown = sum(not question.answerable for question in training)
        assert 0.05 * len(training) <= unknown <= 0.1 * len(training)


def test_a_domain_without_training_wordings_has_no_trained_facts(ferries: Domain) -> None:
    bare = Domain(**dict(ferries) | {"questions": tuple(ferries.split("test")), "updates": ()})
    plan = make_plan(bare, settings())
    assert plan.trained_facts is None
    assert plan.convergence == ()


def test_a_sample_without_paraphrases_trains_what_the_domain_brings(ferries: Domain) -> None:
    """What the record says was trained is what training sees."""
    others = [q for q in ferries.questions if q.split == "train" or ferries.category(q) is Category.HELD_OUT]
    plan = make_plan(Domain(**dict(ferries) | {"questions": tuple(others), "updates": ()}), settings(profile="smoke"))
    taught = {question.fact_id for question in plan.training if question.answerable}
    assert plan.trained_facts == taught == ferries.trained_facts


def test_the_gate_sees_what_is_asked_after_the_change(ferries: Domain) -> None:
    """A test wording that training saw, asked only after the documents changed, is a leak."""
    plan = make_plan(ferries, settings())
    assert {question.id for question in plan.updated} <= {question.id for question in plan.tested}
    assert all(question.split == "test" for question in plan.tested)
    (asked, *_) = plan.updated
    trained = asked.model_copy(update={"id": "trained", "split": "train"})
    (leak,) = find_leaks([trained], plan.tested, ferries.documents)[:1]
    assert leak.train_id == "trained"


@pytest.mark.parametrize("profile", ["smoke", "standard", "full"])
def test_a_run_until_decided_asks_the_same_in_random_order_and_rounds(ferries: Domain, profile: str) -> None:
    """50 facts, then 25 at a time, all wordings of a fact in one round; what has no answer stands behind them."""
    plain = make_plan(ferries, settings(profile=profile))
    plan = make_plan(ferries, settings(profile=profile, until_decided=True))
    assert Counter(q.id for q in plan.questions) == Counter(q.id for q in plain.questions)
    assert (plan.updated, plan.training, plan.convergence) == (plain.updated, plain.training, plain.convergence)
    assert plain.rounds == ()
    assert plan.rounds[-1] == sum(q.answerable for q in plan.questions)
    assert not any(q.answerable for q in plan.questions[plan.rounds[-1] :])
    facts = [
        {q.fact_id for q in plan.questions[start:end]} for start, end in pairwise((0, *plan.rounds))
    ]  # fmt: skip
    assert [len(round_) for round_ in facts[:-1]] == [50, *[25] * (len(facts) - 2)]
    assert sum(map(len, facts)) == len(set().union(*facts))
    other = make_plan(ferries, settings(profile=profile, until_decided=True, seed=1))
    assert [q.id for q in other.questions] != [q.id for q in plan.questions]


def test_what_was_asked_until_the_end_is_a_plan(ferries: Domain) -> None:
    plan = make_plan(ferries, settings(profile="smoke", until_decided=True))
    short = plan.until(75)
    assert short.questions == plan.questions[:75] + plan.questions[110:]
    assert short.rounds == (50, 75)


def test_the_order_of_asking_changes_no_name_of_other_runs() -> None:
    """Runs that ask all keep the folders that they have."""
    assert settings().digest("") == settings(smallest=9.0).digest("")
    assert len({settings(until_decided=True, smallest=least).digest("") for least in (5.0, 9.0)}) == 2
