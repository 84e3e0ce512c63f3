"""What is kept free of the window is enough for every question, however long the instruction."""

from pathlib import Path
from typing import Any

import pytest

from data.errors import TriviumError
from data.progress import silent
from data.schema import Domain
from evaluation.run import material
from evaluation.run.methods import Method
from evaluation.run.preparing import reserve
from evaluation.run.settings import RunSettings
from finetune.examples import Example, Taught
from finetune.rehearsal import Rehearsal
from finetune.self_study import study
from finetune.self_study.writing import Outcome, by_rule
from finetune.settings import TrainingSettings
from model.sampling import Sampling


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIVIUM_CACHE", str(tmp_path / "cache"))


def with_instruction(domain: Domain, instruction: str) -> Domain:
    return Domain(**dict(domain) | {"settings": domain.settings.model_copy(update={"instruction": instruction})})


@pytest.mark.parametrize("sentences", [1, 2, 4])
def test_injected_prompts_fit_however_long_the_instruction(domain: Domain, tiny_model: Any, sentences: int) -> None:
    """Documents far larger than the window, and an instruction of up to half of it."""
    instruction = "Answer in one word, without any explanation, in the language of the question asked." * sentences
    asked = with_instruction(domain, instruction)
    many = [
        document.model_copy(update={"id": f"{n}-{document.id}"}) for n in range(12) for document in domain.documents
    ]
    full = asked.with_documents([*asked.documents, *many])
    settings = RunSettings(domain=domain.folder, sampling=Sampling(max_new_tokens=5), methods=("inject",))
    method = Method("inject", settings, domain.folder / "run", (), lambda: pytest.fail("no embedder needed"), 0)
    details = method.prepare(full, tiny_model, silent).details
    assert details["left_out"]
    prompts = method.trace(full.split("test"))
    lengths = [tiny_model.count_tokens(prompt.text) for prompt in prompts]
    assert max(lengths) + 5 <= tiny_model.window
    assert len([answer for batch in method.answer(prompts) for answer in batch]) == len(prompts)


def test_a_short_frame_keeps_the_usual_reserve(domain: Domain, tiny_model: Any) -> None:
    settings = RunSettings(domain=domain.folder, sampling=Sampling(max_new_tokens=5))

    class OneTokenAWord:
        render = staticmethod(tiny_model.render)

        def count_tokens(self, text: str) -> int:
            return len(text.split())

    assert reserve(domain, OneTokenAWord(), settings) == 5 + 128  # type: ignore[arg-type]


def prepared(name: str, domain: Domain, model: Any, embedder: Any, **options: Any) -> tuple[Method, dict[str, Any]]:
    training = TrainingSettings(rank=4, epochs=2, learning_rate=1e-2, rehearsal=0)
    settings = RunSettings(domain=domain.folder, sampling=Sampling(max_new_tokens=5), training=training, **options)
    method = Method(name, settings, domain.folder / "run", domain.split("train"), lambda: embedder, 0)
    return method, method.prepare(domain, model, silent).details


def test_what_asking_general_questions_took_is_part_of_preparing(
    domain: Domain, tiny_model: Any, embedder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    took = {"questions": 1, "seconds": 5000.0, "calibrated_s": 4000.0}
    general = [Example((1, 2, 3), (4,), teacher=Taught(((4, 5),), ((-0.1, -2.0),), 1.0), rehearsal=1)]
    monkeypatch.setattr(material, "obtain_rehearsal", lambda *_: Rehearsal(general, took))
    training = TrainingSettings(rank=4, epochs=1, rehearsal=0.5)
    settings = RunSettings(domain=domain.folder, sampling=Sampling(max_new_tokens=5), training=training)
    method = Method("lora", settings, domain.folder / "run", domain.split("train"), lambda: embedder, 0)
    found = method.prepare(domain, tiny_model, silent)
    assert found.details["rehearsal"] == took
    assert found.details["training"]["examples"] > 1
    assert 5000 < found.seconds < 6000
    assert 4000 < found.calibrated_s < 5000


def test_pasted_documents_are_forgotten_before_a_training(domain: Domain, tiny_model: Any, embedder: Any) -> None:
    inject, _ = prepared("inject", domain, tiny_model, embedder)
    prepared("lora", domain, tiny_model, embedder)
    assert len(tiny_model.prefixes) == 1  # what the prompts of lora share
    tiny_model.read_prefix(inject.prefix_)
    assert len(tiny_model.prefixes) == 2


def test_a_prefix_is_trained_once_for_both_of_its_methods(domain: Domain, tiny_model: Any, embedder: Any) -> None:
    before = tiny_model.fingerprint()
    options = {"prefix_tokens": 16, "methods": ("prefix", "prefix+rag")}
    alone, first = prepared("prefix", domain, tiny_model, embedder, **options)
    beside, second = prepared("prefix+rag", domain, tiny_model, embedder, **options)
    assert first["virtual_tokens"] == 16
    assert first["adapter_sha256"] == second["adapter_sha256"]
    assert second["adapter_reused"]
    question = domain.split("test")[:1]
    for method in (alone, beside):
        ((answer,),) = method.answer(method.trace(question))
        assert answer.adapter == first["adapter_sha256"][:16]
        assert answer.cached_tokens >= 16, "its keys and values are kept, not read"
        assert bool(answer.contexts) is (method is beside)
    assert tiny_model.fingerprint() == before


@pytest.mark.parametrize(
    ("name", "by"), [("lora", "nothing"), ("lora+rag", "index"), ("prefix", "nothing"), ("prefix+rag", "index")]
)
def test_what_was_trained_stays_as_it_was_when_documents_change(
    domain: Domain, tiny_model: Any, embedder: Any, name: str, by: str
) -> None:
    """An answer after the change comes from what was trained before it, and the record says so."""
    method, details = prepared(name, domain, tiny_model, embedder, prefix_tokens=16, methods=(name,))
    question = domain.split("test")[:1]
    changed = domain.with_documents([
        document.model_copy(update={"text": document.text.replace("otter", "walrus")}) for document in domain.documents
    ])  # fmt: skip
    ((before,),) = method.answer(method.trace(question))
    assert method.refresh(changed, silent).by == by
    prompts = method.trace(question)
    ((after,),) = method.answer(prompts, "updated")
    assert after.adapter == before.adapter == details["adapter_sha256"][:16]
    if by == "nothing":
        assert after.answer == before.answer
    else:
        assert any("walrus" in passage.text for passage in prompts[0].passages)


def test_a_prefix_answers_where_the_documents_do_not_fit_the_window(
    domain: Domain, tiny_model: Any, embedder: Any
) -> None:
    many = [
        document.model_copy(update={"id": f"{n}-{document.id}"}) for n in range(12) for document in domain.documents
    ]
    full = domain.with_documents([*domain.documents, *many])
    corpus = sum(tiny_model.count_tokens(document.text) for document in full.documents)
    assert corpus > 2 * tiny_model.window
    method, details = prepared("prefix", full, tiny_model, embedder, prefix_tokens=16, methods=("prefix",))
    answers = [answer for batch in method.answer(method.trace(full.split("test"))) for answer in batch]
    assert len(answers) == len(full.split("test"))
    assert all(answer.prompt_tokens < tiny_model.window for answer in answers)
    assert details["virtual_tokens"] == 16


def test_a_model_that_reads_prompts_as_a_whole_has_no_prefix(
    domain: Domain, tiny_model: Any, embedder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiny_model, "shares_prefixes", False)
    with pytest.raises(TriviumError, match="stands before the prompt"):
        prepared("prefix", domain, tiny_model, embedder)


def test_two_kinds_of_training_stand_in_one_run(
    domain: Domain, tiny_model: Any, embedder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(together: Any, *_: Any) -> list[Outcome]:
        return [Outcome([w for spot in spots for w in by_rule(spot)], len(spots)) for _, spots in together]

    monkeypatch.setattr(study, "write_about", write)
    studied, about = prepared("lora", domain, tiny_model, embedder, train_on="documents")
    pairs, taught = prepared("lora-pairs", domain, tiny_model, embedder, train_on="documents")
    assert (about["training_source"], taught["training_source"]) == ("self-study", "wordings")
    assert about["adapter_sha256"] != taught["adapter_sha256"]
    assert studied.taught
    assert pairs.taught is None, "it is asked what the plan says"
    assert taught["coverage"]["facts"]["taught"] == ["flag0", "flag2"]
