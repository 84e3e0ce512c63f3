"""A person ranks answers in the terminal, without seeing whose they are."""

import getpass
import random
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from evaluation.preferences.candidates import Candidates
from evaluation.preferences.ordering import as_made, ranks_of
from evaluation.preferences.rankings import Ranking, keep_ranking, read_rankings, withdraw

KEYS = "[1-5] best first, as in 2, 231 or 2=31  [b] all bad  [u]ndo  [s]kip  [q]uit and keep what is done"


def person() -> str:
    """Who ranks where nobody says a name."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no such user in the system's list
        return "me"


def shown_order(candidates: Candidates, by: str, seed: int) -> list[int]:
    """Which answer stands at each place of the screen: shuffled anew for each question and person."""
    draw = random.Random(f"{seed} {by} {candidates.question_id}")
    return draw.sample(range(len(candidates.answers)), len(candidates.answers))


def _show(console: Console, candidates: Candidates, order: Sequence[int], place: int, total: int) -> None:
    console.print(f"\n{place} of {total}", style="dim", markup=False)
    console.print(f"Question: {candidates.question}", style="bold", markup=False, highlight=False)
    for number, answer in enumerate(order, 1):
        console.print(f"  {number}  {candidates.answers[answer]}", markup=False, highlight=False)


def ranking_of(candidates: Candidates, ranks: tuple[int, ...] | None, by: str) -> Ranking:
    """What somebody says of these answers; `ranks` in their own order."""
    return Ranking(
        question_id=candidates.question_id, question=candidates.question, answers=candidates.answers, ranks=ranks, by=by
    )


def rank_answers(
    run: Path, todo: Sequence[Candidates], by: str, ask: Callable[[str], str], console: Console, seed: int
) -> int:
    """Go through the questions; each ranking is on the disk before the next is shown. Returns how many there are.

    Undo takes the last ranking of this session back and shows its question again.
    """
    done: list[tuple[int, Ranking]] = []
    place = 0
    while place < len(todo):
        candidates = todo[place]
        order = shown_order(candidates, by, seed)
        _show(console, candidates, order, place + 1, len(todo))
        choice = _choice(ask, len(order), bool(done))
        if choice == "q":
            break
        if choice == "u":
            place, last = done.pop()
            withdraw(run, last)
            continue
        if choice != "s":
            ranks = None if choice == "b" else as_made(order, ranks_of(choice, len(order)) or ())
            ranking = ranking_of(candidates, ranks, by)
            keep_ranking(run, ranking)
            done.append((place, ranking))
        place += 1
    return len(done)


def _choice(ask: Callable[[str], str], count: int, can_undo: bool) -> str:
    while True:
        choice = ask(f"{KEYS}: ").strip().lower()
        if choice in ("b", "s", "q") or (choice == "u" and can_undo) or ranks_of(choice, count):
            return choice


def not_ranked_yet(run: Path, candidates: Sequence[Candidates], by: str) -> list[Candidates]:
    """Those that this person has said nothing of."""
    done = {ranking.question_id for ranking in read_rankings(run) if ranking.by == by}
    return [one for one in candidates if one.question_id not in done]
