"""What is kept free of the window is enough for every question, however long the instruction."""

from typing import Any

import pytest

from data.progress import silent
from data.schema import Domain
from evaluation.run.methods import Method
from evaluation.run.preparing import reserve
from evaluation.run.settings import RunSettings
from model.sampling import Sampling


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
