"""The four steps of preferences in the lab, and a job that learns from them."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fakes import says_right, write_domain, write_run
from streamlit.testing.v1 import AppTest

from data.errors import TriviumError
from data.load import load_domain
from evaluation.jobs.preferences import learning_job, start_learning
from evaluation.preferences.candidates import Candidates, keep_candidates
from evaluation.preferences.rankings import Ranking, keep_ranking
from evaluation.results.preference import Change, Mean, PreferenceChange, RewardModel, keep_change, keep_reward

Open = Callable[..., AppTest]
VIEW = {"run": "made-up", "lab-view": "Prefer"}


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    domain = load_domain(write_domain(tmp_path / "domain"))
    write_run(tmp_path / "runs" / "made-up", domain, {"base": says_right, "rag": says_right})
    return tmp_path / "runs"


def ranked(run: Path) -> None:
    answers = ("an *otter*", "a seal")
    keep_candidates(run, [
        Candidates(drawing="d", question_id="q1", question="Which animal?", answers=answers, sources=("rag, a", "rag"))
    ])  # fmt: skip
    keep_ranking(run, Ranking(question_id="q1", question="Which animal?", answers=answers, ranks=(2, 1), by="ann"))


def learned(run: Path) -> None:
    def mean(value: float) -> Mean:
        return Mean(n=5, mean=value, ci_low=value - 0.1, ci_high=value + 0.1)

    one = Change(n=5, before=0.2, after=0.6, difference=0.4, ci_low=0.1, ci_high=0.7)
    keep_reward(run, RewardModel(
        method="rag", by="ann", pairs=5, questions=5, folds=5, accuracy=mean(0.8), length_alone=mean(0.6),
        beyond_length=mean(0.2),
    ))  # fmt: skip
    keep_change(run, PreferenceChange(
        method="rag", by="ann", pairs=5, questions=5, settings={}, seconds=1, calibrated_s=1, steps=1, read_tokens=700,
        operations=9e9, form=one, right={"overall": one}, refused=one, words=one, general=None, perplexity_before=None,
        perplexity_after=None, kl=None, examples=[], sentence="Behaviour changed by so much.",
    ))  # fmt: skip


def test_what_is_not_done_says_how_it_is_done(opened: Open, texts: Callable[[AppTest], str], runs: Path) -> None:
    page = opened("lab", runs, **VIEW)
    assert not page.exception
    assert "Nobody has ranked" in texts(page)
    assert not [one for one in page.button if "reward model" in one.label], "there is nothing to learn from"
    ranked(runs / "made-up")
    page = opened("lab", runs, **VIEW)
    assert not page.exception
    said = texts(page)
    assert "trivium prefer runs/made-up --reward --methods rag --by ann" in said
    assert "trivium prefer runs/made-up --train --methods rag --by ann" in said
    assert "an *otter*" in said, "shown as text"


def test_the_figures_of_all_four_steps_are_the_runs_own(
    opened: Open, texts: Callable[[AppTest], str], tables: Callable[[AppTest], list[Any]], runs: Path
) -> None:
    ranked(runs / "made-up")
    learned(runs / "made-up")
    page = opened("lab", runs, **VIEW)
    assert not page.exception
    assert "puts 80% of 5 pairs in the right order" in texts(page)
    assert "Behaviour changed by so much." in texts(page)
    who, reward, change = tables(page)[:3]
    assert who.iloc[0].tolist()[0] == "ann"
    assert reward["share"].tolist() == ["80%", "60%", "50%"]
    assert "+40 points (10 to 70)" in change.to_string()
    assert not [one for one in page.button if one.label.startswith("Tune")]
    page = opened("lab", runs, **(VIEW | {"lab-view": "A model's life"}))
    assert not page.exception
    phases = tables(page)[-1]
    assert phases["phase"].tolist() == ["preference tuning, rag on ann", "one answer, base", "one answer, rag"]
    assert float(phases["operations"][0]) == 9e9


def test_a_tuning_is_started_watched_and_stopped(
    opened: Open, texts: Callable[[AppTest], str], button: Callable[[AppTest, str], Any],
    make_job: Callable[..., Path], runs: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    ranked(runs / "made-up")
    began: list[tuple[str, ...]] = []
    monkeypatch.setattr("ui.lab.tuning.start_learning", lambda *given: began.append(given[1:]))
    page = opened("lab", runs, **VIEW)
    button(page, "Tune the model on these preferences").click().run()
    assert began == [("made-up", "train", "rag", "ann")]
    folder = runs / "made-up" / "preferences" / "adapters"
    folder.mkdir()
    line = {"step": 1, "loss": 0.7, "learning_rate": 0.1, "accuracies": 0.5}
    (folder / "rag-1.curve.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    make_job(runs, runs / "made-up", os.getpid(), "prefer", began="", log_txt="  preference tuning 1/9\n")
    for address in ("lab", "runs"):
        page = opened(address, runs, **VIEW)
        assert not page.exception
        assert "preference tuning 1/9" in texts(page)
        assert button(page, "Stop")
    stopped: list[object] = []
    monkeypatch.setattr("ui.lab.tuning.stop", stopped.append)
    page = opened("lab", runs, **VIEW)
    button(page, "Stop").click().run()
    assert len(stopped) == 1
    with pytest.raises(TriviumError, match="works on it"):
        start_learning(runs, "made-up", "train", "rag", "ann")
    job = learning_job(runs, "made-up")
    assert job
    (job.folder / "stopped").touch()
    assert "as they were" in texts(opened("lab", runs, **VIEW))
