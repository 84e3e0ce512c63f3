"""What a reader makes of a file."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """The text as Markdown, the title where the form has one apart from the text, and what a user should know of it."""

    text: str
    title: str = ""
    notes: tuple[str, ...] = ()
