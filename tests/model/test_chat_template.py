"""A chat template that would not put the question to the model is refused; one without a system role is helped."""

from datetime import date
from typing import Any

import pytest

from data.errors import TriviumError
from data.prompt import Message
from model.chat_template import ChatTemplate

SYSTEM, USER = "Answer briefly.", "Which flag?"
MESSAGES: list[Message] = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": USER}]
TURNS = "{% for m in messages %}<{{ m.role }}>{{ m.content }}</{{ m.role }}>{% endfor %}"
NO_SYSTEM = "{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}" + TURNS


@pytest.fixture
def load(tiny_model: Any) -> Any:
    def made(source: str, **options: Any) -> ChatTemplate:
        tiny_model.tokenizer.chat_template = source
        return ChatTemplate(tiny_model.tokenizer, "some-model", **options)

    return made


def test_messages_come_out_as_the_template_writes_them(load: Any) -> None:
    template = load(TURNS)
    prompt = template.render(MESSAGES)
    assert prompt == template.tokenizer.apply_chat_template(MESSAGES, tokenize=False)
    assert prompt.pieces == ("<system>", SYSTEM, "</system><user>", USER, "</user>")
    assert template.note == ""


def test_without_a_system_role_the_system_text_stands_before_the_users_and_that_is_said(load: Any) -> None:
    template = load(NO_SYSTEM)
    assert template.render(MESSAGES) == f"<user>{SYSTEM}\n\n{USER}</user>"
    assert "no system role" in template.note


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("{% for m in messages if m.role == 'user' %}{{ m.content }}{% endfor %}", "leaves the system text out"),
        ("{% for m in messages if m.role == 'system' %}{{ m.content }}{% endfor %}", "leaves the user text out"),
        (TURNS + TURNS, "writes the system text 2 times"),
        ("{{ messages[1].content }}{{ messages[0].content }}", "changes the order"),
        ("{% for m in messages %}{% for c in m.content %}{{ c.text }}{% endfor %}{% endfor %}", "leaves the system"),
        ("{% for a in %}", "cannot be used"),
        ("{{ messages[7].content.foo.bar }}", "cannot be used"),
    ],
)
def test_a_template_that_does_not_ask_what_is_compared_is_refused(load: Any, source: str, reason: str) -> None:
    with pytest.raises(TriviumError, match=reason) as error:
        load(source)
    assert "some-model" in str(error.value)


@pytest.mark.parametrize("source", [TURNS, TURNS.replace("m.content", "m.content | trim")])
def test_outer_spaces_of_contents_go_whether_the_template_trims_or_not(load: Any, source: str) -> None:
    spaced: list[Message] = [{"role": "system", "content": f" {SYSTEM}\n"}, {"role": "user", "content": f"\n{USER} "}]
    template = load(source)
    assert template.render(spaced) == template.render(MESSAGES)


def test_the_date_is_the_one_given_and_known_to_matter(load: Any) -> None:
    dated = "{{ strftime_now('%d %b %Y') }} " + TURNS
    template = load(dated, day=date(2024, 2, 29))
    assert template.prints_date
    assert template.render(MESSAGES).startswith("29 Feb 2024 <system>")
    template.use_day(date(2024, 3, 1))
    assert template.render(MESSAGES).startswith("01 Mar 2024 <system>")
    assert not load(TURNS).prints_date


def test_contents_cannot_steer_the_template(load: Any) -> None:
    """As Qwen's and DeepSeek's templates do, this one looks into contents."""
    template = load("{% for m in messages %}[{{ m.content.split('</think>')[-1] }}]{% endfor %}")
    messages: list[Message] = [MESSAGES[0], {"role": "user", "content": "a</think>b {{ x }}"}]
    assert template.render(messages) == f"[{SYSTEM}][a</think>b {{{{ x }}}}]"
