"""Single questions to the methods of a run: what an answer took, and what each setting of sampling leaves."""

from pathlib import Path
from typing import Any

from evaluation.lab.playground import Playground
from model.local import LocalModel
from model.sampling import Sampling


def test_the_playground_tells_what_a_question_took(trained: tuple[Path, dict[str, Any]]) -> None:
    folder, record = trained
    ground = Playground(folder)
    parts: list[str] = []
    sampling = Sampling(max_new_tokens=6, stop=())
    told = {
        name: ground.ask(name, "The quay is how many metres long?", sampling, parts.append) for name in ground.methods
    }
    base, lora = told["base"], told["lora"]
    assert parts[len(base.written) - 1].strip().startswith(base.text[:1])
    assert base.trained == 0
    assert lora.trained == record["facts"]["training"]["changed"]
    assert base.prompt == lora.prompt
    prints = {one.fingerprint_before for one in told.values()} | {one.fingerprint_after for one in told.values()}
    assert prints == {record["fingerprint_before"]}
    assert told["inject"].prompt_tokens > base.prompt_tokens
    assert 0 < base.first_s <= base.total_s


def test_the_adapter_that_answers_is_the_one_that_was_watched(trained: tuple[Path, dict[str, Any]]) -> None:
    folder, record = trained
    method = Playground(folder).method("lora").trained_
    assert method is not None
    assert method.sha256 == record["adapter_sha256"]


def test_what_prompts_share_is_read_once_whatever_is_asked_between(trained: tuple[Path, dict[str, Any]]) -> None:
    ground = Playground(trained[0])
    assert isinstance(ground.model, LocalModel)
    sampling = Sampling(max_new_tokens=2, stop=())
    for name in ("lora", "base", "inject"):
        ground.ask(name, "Who?", sampling)
    known = dict(ground.model.prefixes._prefixes)
    for name in ("lora", "inject"):
        ground.ask(name, "Which quay?", sampling)
    assert ground.model.prefixes._prefixes == known
    assert any(len(ids) > 40 for _, ids in known), "the corpus is among them"


def test_the_bars_at_a_position_lead_to_the_token_that_was_written(trained: tuple[Path, dict[str, Any]]) -> None:
    ground = Playground(trained[0])
    told = ground.ask("lora", "The quay is how many metres long?", Sampling(max_new_tokens=4, stop=()))
    for position, token in enumerate(told.written):
        ((_, chances),) = ground.chances(told, position, Sampling())
        assert chances[0].token == ground.model.token_text(token), "greedy: the likeliest"
        assert [c.probability for c in chances] == sorted((c.probability for c in chances), reverse=True)
    stages = ground.chances(told, 0, Sampling(temperature=0.5, top_k=2))
    assert [name for name, _ in stages] == ["the model", "temperature", "top-k"]
    assert sum(chance.probability > 0 for chance in stages[-1][1]) == 2


def test_a_threshold_of_refusing_is_shown_at_the_first_token_alone(trained: tuple[Path, dict[str, Any]]) -> None:
    ground = Playground(trained[0])
    assert isinstance(ground.model, LocalModel)
    ground.model.refuse_above = 0.0  # as a reader that always refuses
    told = ground.ask("base", "The quay is how many metres long?", Sampling(max_new_tokens=3, stop=()))
    assert told.written[0] == ground.model.abstention()[0]
    first, after = ground.chances(told, 0, Sampling()), ground.chances(told, 1, Sampling())
    assert [name for name, _ in first] == ["the model", "refusal"]
    assert sum(chance.probability for chance in first[1][1]) in (0, 1), "all or nothing is left of those shown"
    assert [name for name, _ in after] == ["the model"]
