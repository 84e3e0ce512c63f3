"""How a grade is shown: a mark, a word and a tint, each of which says it alone."""

from collections.abc import Sequence

from evaluation.analysis.graded_run import GradedAnswer
from ui.text import swatch

WORDS = {"correct": "right", "wrong": "wrong", "abstained": "said “unknown”", "unscored": "not graded"}
MARKS = {"correct": "✓", "wrong": "✗", "abstained": "–", "unscored": "?"}
# Outcomes: the first three of questions that have an answer, the others of those that no document answers.
RIGHT, UNKNOWN, WRONG, MADE_UP, RIGHTLY_UNKNOWN = "right", "unknown", "wrong", "made up", "rightly unknown"
OUTCOMES = (RIGHT, UNKNOWN, WRONG, MADE_UP, RIGHTLY_UNKNOWN)
RIGHTLY = "✓ –"  # an unanswerable question to which the reply was "unknown", as it should be
LEGEND = "✓ right · ✗ wrong · – said “unknown” (✓ – rightly, as no document answers it) · ? not graded"
# Laid over the page's own background, so that they are readable in the light and the dark look.
TINTS = {"right": "rgba(0, 158, 115, .20)", "wrong": "rgba(213, 94, 0, .24)", "unknown": "rgba(128, 128, 128, .16)"}


def is_right(judged: GradedAnswer) -> bool:
    """Whether it is what one wants: the answer where there is one, else "unknown"."""
    return judged.grade == ("correct" if judged.question.answerable else "abstained")


def is_failure(judged: GradedAnswer) -> bool:
    return judged.grade != "unscored" and not is_right(judged)


def outcome_of(judged: GradedAnswer) -> str:
    """The outcome in words, the same for filters and links."""
    if not judged.question.answerable:
        return {"abstained": RIGHTLY_UNKNOWN, "wrong": MADE_UP}.get(judged.grade, WORDS["unscored"])
    return {"correct": RIGHT, "abstained": UNKNOWN, "wrong": WRONG}.get(judged.grade, WORDS["unscored"])


def mark(judged: GradedAnswer) -> str:
    return RIGHTLY if is_right(judged) and judged.grade == "abstained" else MARKS[judged.grade]


def tint(judged: GradedAnswer) -> str:
    """A background colour; none where nothing was graded."""
    if is_right(judged):
        return TINTS["right"]
    return TINTS.get({"wrong": "wrong", "abstained": "unknown"}.get(judged.grade, ""), "")


def head(judged: GradedAnswer, colour: str) -> str:
    """HTML of who answered, with the grade as mark and word."""
    rightly = ", rightly" if is_right(judged) and judged.grade == "abstained" else ""
    return swatch(judged.answer.method, colour, f"{mark(judged)} {WORDS[judged.grade]}{rightly}")


def by_question(answers: Sequence[GradedAnswer]) -> dict[str, list[GradedAnswer]]:
    """Answers to one question beside each other, by `key_of`."""
    found: dict[str, list[GradedAnswer]] = {}
    for judged in answers:
        found.setdefault(key_of(judged), []).append(judged)
    return found


def key_of(judged: GradedAnswer) -> str:
    """Names a question in the address: its id, with the pass where that is not the first."""
    phase = judged.answer.phase
    return judged.question.id if phase == "main" else f"{judged.question.id}@{phase}"
