"""--answer-words changes the instruction and leaves room for the answer."""

from pathlib import Path

from data.schema import Domain, DomainSettings
from evaluation.run.answer_length import asking_at_length
from evaluation.run.settings import RunSettings
from model.sampling import Sampling


def test_room_and_no_end_at_a_new_line() -> None:
    short = RunSettings(domain=Path("d"))
    assert (short.sampling.max_new_tokens, short.sampling.stop) == (32, ("\n",))
    long = RunSettings(domain=Path("d"), answer_words=120)
    assert (long.sampling.max_new_tokens, long.sampling.stop) == (240, ())
    given = RunSettings(domain=Path("d"), answer_words=10, sampling=Sampling(max_new_tokens=500))
    assert given.sampling.max_new_tokens == 500
    assert RunSettings.model_validate(long.model_dump(mode="json")) == long, "a run that is resumed"


def test_the_instruction_asks_for_a_full_answer_in_the_domains_language() -> None:
    for language, part in (("en", "at most 80 words"), ("de", "höchstens 80 Wörtern"), ("sv", "at most 80 words")):
        domain = Domain(
            folder=Path("d"), settings=DomainSettings(name="d", language=language), documents=(), questions=()
        )
        assert part in asking_at_length(domain, 80).settings.instruction
        assert asking_at_length(domain, None) is domain
