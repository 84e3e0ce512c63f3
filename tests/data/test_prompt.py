"""One prompt for all methods; context is the only difference."""

from data.prompt import PROMPT, Passage

PASSAGES = [Passage("d", "d#0", "Title {not a field}", "Text."), Passage("e", "e#0", "Other", "More.")]


def test_without_its_context_the_prompt_is_the_closed_book_prompt() -> None:
    closed = PROMPT.messages("Be brief.", "Why?")
    opened = PROMPT.messages("Be brief.", "Why?", PASSAGES)
    assert opened[0] == closed[0]
    assert opened[1]["content"].endswith(closed[1]["content"])
    context = opened[1]["content"].removesuffix(closed[1]["content"])
    assert "Title {not a field}" in context
    assert context.index("Text.") < context.index("More.")


def test_every_prompt_permits_unknown() -> None:
    assert "unknown" in PROMPT.messages("Be brief.", "Why?")[0]["content"]
