"""Settings of decoding: which are asked how often, how alike answers are, and what needs weights."""

from typing import Any

import pytest

from data.errors import Incapable
from evaluation.drills import decoding, rounded
from evaluation.drills.carry_out import carry_out
from evaluation.drills.decoding import PLAIN, SETTINGS, Decoding


def test_a_model_without_chance_answers_alike_under_every_setting(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounded, "load_model", lambda name, options: bench().model)
    results = carry_out(Decoding(), bench())
    assert {point.method for point in results.points} == {"rag"}
    assert [p.setting for p in results.points] == [s.name for s in SETTINGS if s.in_smoke and s.name != PLAIN]
    by_name = {point.setting: point for point in results.points}
    assert by_name["greedy"].cell.n == 8
    assert by_name["temperature 0.7"].cell.n == 16
    assert by_name["temperature 0.7"].figures["agreement"] == 1
    assert by_name["greedy"].figures["agreement"] is None
    assert results.sentences[0].endswith("none of 9 other settings differs by more than chance.")
    same = results.tables[0].heads.index("same as greedy")
    assert {row[same] for row in results.tables[0].rows} == {"100%"}


def test_agreement_counts_pairs_of_answers_with_the_same_words(bench: Any) -> None:
    made = bench()
    said = iter(["Otter.", "heron", "otter", "seal", "crab", "heron"])  # three rounds of two questions
    made.model.answer = lambda messages: next(said)
    rounds = [made.ask("rag", made.questions()[:2]) for _ in range(3)]
    # question 1: Otter/otter/crab, 1 pair of 3 alike; question 2: heron/seal/heron, 1 of 3
    assert decoding._agreement(rounds) == pytest.approx(2 / 6)


def test_weights_that_cannot_be_rounded_are_told(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str, options: Any) -> Any:
        raise Incapable(f"{options.load_in} is not for scripted models.")

    monkeypatch.setattr(rounded, "load_model", refuse)
    results = carry_out(Decoding(), bench())
    assert results.not_applicable["rag: 8-bit weights"] == "8bit is not for scripted models."


def test_settings_reach_the_model(bench: Any) -> None:
    made = bench()
    seen = []
    generate = made.model.generate

    def watched(prompts: Any, sampling: Any, *rest: Any) -> Any:
        seen.append(sampling)
        return generate(prompts, sampling, *rest)

    made.model.generate = watched
    drill = Decoding()
    for point in drill.points(made):
        if point.setting in ("temperature 0.7", "at most 4 tokens", "no stop sequence"):
            drill.measure(made, point)
    assert [(s.temperature, s.seed, s.max_new_tokens, s.stop) for s in seen if s.max_new_tokens > 1] == [
        (0.7, 0, 32, ("\n",)), (0.7, 1, 32, ("\n",)), (0.0, 0, 4, ("\n",)), (0.0, 0, 32, ()),
    ]  # fmt: skip


def test_rounded_weights_are_compared_with_whole_ones_that_have_no_reader_either(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, loaded = bench(), []
    made.model.plain_name = "plain"
    plain = bench().model
    plain.answer = lambda messages: "no idea"
    monkeypatch.setattr(rounded, "load_model", lambda name, options: loaded.append((name, options.load_in)) or plain)
    results = carry_out(Decoding(), made)
    assert loaded == [("plain", None), ("plain", "8bit"), ("plain", "4bit")]
    right = {p.setting: p.cell.correct for p in results.points}
    assert (right["greedy"], right[PLAIN], right["4-bit weights"]) == (8, 0, 0)
    assert "none of 9 other settings differs by more than chance" in results.sentences[0]
