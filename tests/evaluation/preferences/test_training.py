"""`trivium prefer --train` from rankings to preferences.json and the report, on the tiny model."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from data.errors import TriviumError
from data.load import load_domain
from evaluation.cli.main import app
from evaluation.preferences.questions import held_out
from evaluation.preferences.rankings import Ranking, keep_ranking, read_rankings
from evaluation.preferences.training import adapter_folder
from evaluation.results.preference import FILE, read_preferences
from evaluation.run.folder import RunFolder
from evaluation.run.settings import settings_of


def ranked(run: Path, turned: bool = False, by: str = "ann", count: int = 3) -> None:
    domain = load_domain(settings_of(RunFolder(run)).domain)
    for question in domain.split("train")[:count]:
        keep_ranking(run, Ranking(
            question_id=question.id, question=question.question, answers=("the otter it is", "no"),
            ranks=(2, 1) if turned else (1, 2), by=by,
        ))  # fmt: skip


def prefer(run: Path, *options: str) -> str:
    done = CliRunner().invoke(app, ["prefer", str(run), *options])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.filterwarnings("ignore:Already found a .peft_config.")
def test_a_method_is_tuned_and_what_changed_is_told(run: Path) -> None:
    ranked(run)
    told = prefer(run, "--train", "--methods", "lora", "--epochs", "4", "--held-out", "6")
    (found,) = read_preferences(run).changes
    assert found.sentence in told
    assert (found.method, found.by, found.pairs, found.questions) == ("lora", "", 3, 3)
    assert found.words.n == 6
    assert found.right["overall"].n <= 6
    assert found.kl
    assert found.kl.mean > 0
    assert (adapter_folder(run, "lora", "", "") / "adapter_model.safetensors").exists()
    start = json.loads((adapter_folder(run, "lora", "", "") / "training.json").read_text())["start"]
    assert start, "the adapter of the run is what it began with"
    assert "Preferences" in (run / "report.md").read_text()
    assert "tuned on preferences of everybody" in (run / "report.html").read_text()
    seen = {ranking.question_id for ranking in read_rankings(run)}
    domain = load_domain(settings_of(RunFolder(run)).domain)
    assert not seen & {question.id for question in held_out(domain, read_rankings(run), 6, 0)}


@pytest.mark.filterwarnings("ignore:Already found a .peft_config.")
def test_a_tuning_goes_on_from_another_and_both_are_kept(run: Path) -> None:
    ranked(run)
    ranked(run, turned=True, by="bob")
    common = ["--train", "--methods", "base", "--epochs", "4", "--held-out", "4"]
    prefer(run, *common, "--by", "ann")
    prefer(run, *common, "--by", "bob", "--after", "ann")
    first, second = read_preferences(run).changes
    assert (first.by, first.after, second.by, second.after) == ("ann", "", "bob", "ann")
    start = json.loads((adapter_folder(run, "base", "bob", "ann") / "training.json").read_text())["start"]
    assert start == json.loads((adapter_folder(run, "base", "ann", "") / "training.json").read_text())["sha256"]


def test_without_preferences_or_an_earlier_tuning_the_sentence_says_what_to_do(run: Path) -> None:
    with pytest.raises(TriviumError, match="there are no preferences of 'eve'"):
        prefer(run, "--train", "--by", "eve")
    ranked(run)
    with pytest.raises(TriviumError, match="nothing was tuned on the preferences of 'eve' yet"):
        prefer(run, "--train", "--methods", "base", "--after", "eve")


@pytest.mark.filterwarnings("ignore:Already found a .peft_config.")
def test_what_a_person_ranked_is_told_by_a_reward_model_and_what_a_rule_of_form_ranked_is_not(run: Path) -> None:
    ranked(run, count=5)
    ranked(run, by="rule:plain-form", count=5)
    common = ["--train", "--methods", "base", "--held-out", "4"]
    told = prefer(run, *common, "--by", "ann", "--epochs", "4", "--learning-rate", "0.01")
    prefer(run, *common, "--by", "rule:plain-form")
    person, rule = read_preferences(run).changes
    assert person.preferred
    assert person.preferred.accuracy.mean == 1, "the same two answers to every question are told apart"
    assert person.preferred.share.n == 4
    assert person.preferred.judge in person.sentence
    assert "preferred by the reward model" in told
    assert "by a reward model with 100%" in (run / "report.md").read_text()
    assert rule.preferred is None
    assert person.operations
    assert rule.operations
    assert person.operations > 3 * rule.operations, "four epochs on the same pairs against one; the reference read once"


def test_a_damaged_file_is_named(run: Path) -> None:
    (run / FILE).parent.mkdir(exist_ok=True)
    (run / FILE).write_text("{}")
    with pytest.raises(TriviumError, match=r"preferences\.json: it is not what was written"):
        read_preferences(run)


def test_a_reward_model_takes_the_best_of_two_answers(run: Path) -> None:
    ranked(run, count=5)
    told = prefer(run, "--reward", "--best-of", "2", "--methods", "base", "--held-out", "4", "--temperature", "2")
    known = read_preferences(run)
    (figures,), (change,) = known.rewards, known.changes
    assert figures.sentence in told
    assert figures.accuracy.mean == 1, "the same two answers to every question are told apart"
    assert figures.method == "base"
    assert (change.best_of, change.kl, change.steps) == (2, None, 0)
    assert (change.general, change.perplexity_after) == (None, None), "nobody asked best of n for these"
    assert "best of 2 by a reward model" in (run / "report.md").read_text()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--train", "--methods", "base,lora"], "take one method"),
        (["--train", "--reward"], "five commands"),
        (["--after", "ann"], "it needs --train"),
        (["--best-of", "2"], "needs --reward"),
        (["--reward", "--best-of", "1"], "2 answers or more"),
    ],
)
def test_options_that_do_not_go_together_are_named(run: Path, options: list[str], sentence: str) -> None:
    with pytest.raises(TriviumError, match=sentence):
        prefer(run, *options)


def test_a_learning_rate_of_zero_is_refused(run: Path) -> None:
    ranked(run)
    with pytest.raises(TriviumError, match="learning_rate"):
        prefer(run, "--train", "--learning-rate", "0")
