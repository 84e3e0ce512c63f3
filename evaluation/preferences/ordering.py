"""What a person types to rank answers: "2" the best, "231" all in order, "2=31" with a tie, "b" all bad."""

from collections.abc import Sequence


def ranks_of(typed: str, count: int) -> tuple[int, ...] | None:
    """The rank of each shown answer; those that are not named share the last place. None: it is no order.

    Args:
        typed: digits from 1 to `count`, the best first; "=" between two of them makes a tie.
    """
    text = "".join(typed.split())
    groups: list[list[int]] = []
    tied = False
    for sign in text:
        if sign == "=" and groups and not tied:
            tied = True
        elif sign.isascii() and sign.isdigit() and 1 <= int(sign) <= count:
            if tied:
                groups[-1].append(int(sign))
            else:
                groups.append([int(sign)])
            tied = False
        else:
            return None
    named = [place for group in groups for place in group]
    if not named or tied or len(set(named)) < len(named):
        return None
    rank = {place: number for number, group in enumerate(groups, 1) for place in group}
    return tuple(rank.get(place, len(groups) + 1) for place in range(1, count + 1))


def as_made(shown: Sequence[int], ranks: Sequence[int]) -> tuple[int, ...]:
    """Ranks in the order in which the answers were made.

    Args:
        shown: of each place on the screen, which answer stood there.
        ranks: of each place on the screen.
    """
    by_answer = dict(zip(shown, ranks, strict=True))
    return tuple(by_answer[number] for number in range(len(shown)))
