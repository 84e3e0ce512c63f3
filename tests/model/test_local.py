"""The base model answers in batches as it would answer alone, counts exactly, and never changes."""

from pathlib import Path
from typing import Any

import pytest

from data.errors import TriviumError
from data.prompt import PROMPT
from model.local import LocalModel
from model.sampling import Sampling

SAMPLING = Sampling(max_new_tokens=6, stop=())


def _prompts(model: LocalModel, n: int = 7) -> list[str]:
    return [
        model.render(PROMPT.messages("Answer briefly.", "Which flag is it" + " really" * i + "?")) for i in range(n)
    ]


def _all(model: LocalModel, prompts: list[str], **options: Any) -> dict[int, Any]:
    return {i: g for batch in model.generate(prompts, SAMPLING, **options) for i, g in batch}


def test_batches_padding_and_shared_prefixes_do_not_change_an_answer(tiny_model: LocalModel) -> None:
    prompts = _prompts(tiny_model)
    alone = [_all(tiny_model, [prompt])[0].text for prompt in prompts]
    assert len(set(alone)) > 1, "a model that says the same to everything could not show a difference"
    prefix = tiny_model.prefix_of(prompts)
    assert len(prefix) > 20
    for options in ({}, {"prefix": prefix}, {"batch_size": 3}, {"batch_size": 3, "prefix": prefix}):
        found = _all(tiny_model, prompts, **options)
        assert [found[i].text for i in range(len(prompts))] == alone, options


def test_tokens_are_counted_exactly(tiny_model: LocalModel) -> None:
    prompts = _prompts(tiny_model, 3)
    prefix = tiny_model.prefix_of(prompts)
    for index, generation in _all(tiny_model, prompts, prefix=prefix).items():
        assert generation.prompt_tokens == len(tiny_model.encode(prompts[index]))
        assert generation.cached_tokens == len(prefix)
        assert generation.completion_tokens == 6
        assert generation.finish_reason == "length"


def test_finished_batches_are_left_out_and_the_others_stay_the_same(tiny_model: LocalModel) -> None:
    prompts = _prompts(tiny_model)
    whole = list(tiny_model.generate(prompts, SAMPLING, batch_size=3))
    rest = list(tiny_model.generate(prompts, SAMPLING, batch_size=3, done=frozenset({0, 2})))
    assert len(whole) == 3
    assert [[(i, g.text) for i, g in batch] for batch in rest] == [[(i, g.text) for i, g in whole[1]]]


def test_fingerprint_sees_one_changed_bit(tiny_model: LocalModel) -> None:
    before = tiny_model.fingerprint()
    assert tiny_model.fingerprint() == before
    tiny_model.network.model.norm.weight.data[0] += 1e-3
    assert tiny_model.fingerprint() != before


def test_a_model_that_can_think_aloud_is_asked_not_to(tiny_model: LocalModel) -> None:
    assert tiny_model.render([{"role": "user", "content": "Hi"}]).endswith("<|assistant|>")


def test_a_prompt_beyond_the_window_is_refused(tiny_model: LocalModel) -> None:
    with pytest.raises(TriviumError, match="exceed the window"):
        list(tiny_model.generate(["flag " * 1100], SAMPLING))


def test_first_token_comes_before_the_last(tiny_model: LocalModel) -> None:
    generation, first = tiny_model.generate_one(_prompts(tiny_model, 1)[0], SAMPLING)
    assert 0 < first < generation.seconds


def test_prefixes_are_kept_read_once_and_bounded(tiny_model: LocalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    from model import prefix_memory
    from model.decoding.prefix import SharedPrefix

    monkeypatch.setattr(prefix_memory, "SHORT", 15)
    reads: list[int] = []
    real = SharedPrefix.read.__func__  # type: ignore[attr-defined]

    def counted(cls: type[SharedPrefix], network: Any, ids: Any, behind: Any) -> SharedPrefix:
        reads.append(len(ids))
        found: SharedPrefix = real(cls, network, ids, behind)
        return found

    monkeypatch.setattr(SharedPrefix, "read", classmethod(counted))
    first, second, third = (list(range(start, start + n)) for start, n in ((10, 20), (11, 21), (12, 22)))
    for ids in (first, first, second, third, first):
        tiny_model.read_prefix(ids)
    assert reads == [20, 21, 22, 20], "the third prefix pushed the first one out"
    tiny_model.read_prefix(first[:19])
    assert len(reads) == 4, "the beginning of a known prefix is cut from it"
    short = list(range(30, 40))
    for ids in (short, first, third):
        tiny_model.read_prefix(ids)
    assert reads[4:] == [10], "a short prefix takes no place of a long one"
    with tiny_model.adapted("some-adapter"):
        tiny_model.read_prefix(first)
    assert len(reads) == 6, "a cache made without an adapter is not used with one"


def test_an_unreachable_model_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(TriviumError, match="cannot be loaded") as error:
        LocalModel("nobody/no-such-model-anywhere")
    assert "\n" not in str(error.value)


def test_a_model_without_chat_template_is_refused(tiny_model_folder: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(tiny_model_folder, tmp_path / "m")
    (tmp_path / "m" / "chat_template.jinja").unlink()
    with pytest.raises(TriviumError, match="no chat template"):
        LocalModel(str(tmp_path / "m"))
