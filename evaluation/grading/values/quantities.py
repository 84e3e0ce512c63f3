"""Quantities in comparable words, compared by what they are worth, and where a reply mentions an accepted form."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isclose

from evaluation.grading.values.money import DOLLARS
from evaluation.grading.values.numbers import LONGEST
from evaluation.grading.values.units import Unit, units_of

NUMBER = re.compile(r"-?\d+(\.\d+)?")
_DEGREES = frozenset({"degree", "degree_Celsius", "degree_Fahrenheit"})
_ROUNDED = 0.02  # relative: 3 miles are about 4.8 km
_LONG = 7  # digits: from here on a number is a code that may be written in groups


@dataclass(frozen=True)
class Quantity:
    """A number with its unit's word ("" where none follows), at words `start` to `end`."""

    number: Fraction
    unit: str
    start: int
    end: int

    @property
    def meanings(self) -> tuple[Unit, ...]:
        return units_of(self.unit) if self.unit else ()

    @property
    def dimension(self) -> str:
        """What is measured; several joined where the unit's word may mean several; "" without unit."""
        return "|".join(meaning.dimension for meaning in self.meanings)

    def _nearest(self, other: "Quantity") -> float | None:
        """Smallest relative difference over what the units may mean; None where no meaning is shared."""
        gaps = [
            abs(one - two) / max(abs(one), abs(two), 1e-300)
            for mine in self.meanings for theirs in other.meanings if mine.dimension == theirs.dimension
            for one, two in [(self._in(mine), other._in(theirs))]
        ]  # fmt: skip
        return min(gaps, default=None)

    def _in(self, unit: Unit) -> float:
        return float(self.number) * unit.factor + unit.offset

    def equals(self, other: "Quantity") -> bool:
        """Whether both are the same amount: 90 minutes and 1.5 hours, 0.75 and 75 %."""
        if self.unit == other.unit:
            return self.number == other.number
        if {self.unit, other.unit} == {"", "percent"}:
            share, bare = (self, other) if self.unit else (other, self)
            return bare.number < 1 and share.number == bare.number * 100
        if "degree" in (self.unit, other.unit) and {self.unit, other.unit} <= _DEGREES:
            return self.number == other.number
        nearest = self._nearest(other)
        return nearest is not None and isclose(nearest, 0, abs_tol=1e-6)

    def may_equal(self, other: "Quantity") -> bool:
        """Whether a person has to say: rounded in another unit, or dollars of another country."""
        if self.equals(other):
            return True
        nearest = self._nearest(other)
        if self.unit != other.unit and nearest is not None and nearest <= _ROUNDED:
            return True
        kinds = {self.unit, other.unit}
        return "dollar" in kinds and kinds - {"dollar"} <= DOLLARS and self.number == other.number


def quantities(words: Sequence[str]) -> list[Quantity]:
    """The numbers in `words` with their units; "1 hour 30 minute" is one quantity."""
    found: list[Quantity] = []
    for at, word in enumerate(words):
        if not NUMBER.fullmatch(word) or len(word) > LONGEST:
            continue
        unit = words[at + 1] if at + 1 < len(words) and units_of(words[at + 1]) else ""
        this = Quantity(Fraction(word), unit, at, at + (2 if unit else 1))
        joined = _joined(found[-1], this, words) if found and unit else None
        if joined:
            found[-1] = joined
        else:
            found.append(this)
    return found


def _joined(before: Quantity, this: Quantity, words: Sequence[str]) -> Quantity | None:
    """Both as one amount where a smaller unit of the same kind follows at once: 5 foot 10 inch."""
    if words[before.end : this.start] not in ([], ["and"]) or before.unit == this.unit:
        return None
    shared = [(big, small) for big in before.meanings for small in this.meanings if big.dimension == small.dimension]
    if not shared or shared[0][0].factor <= shared[0][1].factor or shared[0][0].offset or before.number < 0:
        return None
    ratio = Fraction(shared[0][0].factor / shared[0][1].factor).limit_denominator(1_000_000)
    if ratio.denominator != 1 or this.number >= ratio:
        return None  # "12.65 metres (41.5 feet)" is one amount twice
    return Quantity(before.number * ratio + this.number, this.unit, before.start, this.end)


def as_quantity(words: Sequence[str]) -> Quantity | None:
    """The quantity that `words` are and nothing else, else None."""
    found = quantities(words)
    return found[0] if len(found) == 1 and (found[0].start, found[0].end) == (0, len(words)) else None


def _joined_end(needle: str, hay: Sequence[str], at: int) -> int:
    """End of the words from `at` that, written as one, are `needle`: "e mail" is "email", but "1 2" is not "12"."""
    text, end = "", at
    code = needle.isdigit() and len(needle) >= _LONG
    while end < len(hay) and len(text) < len(needle):
        if text and text[-1].isdigit() and hay[end][:1].isdigit() and not code:
            return -1
        text, end = text + hay[end], end + 1
    return end if text == needle else -1


def mentions(form: Sequence[str], said: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where `said` gives `form`, as ranges of words: the same words in a row, or an equal quantity in other units."""
    if not form:
        return
    whole = as_quantity(form)
    if whole and whole.unit:
        same = [quantity for quantity in quantities(said) if quantity.equals(whole)]
        if not same:  # a reply may be just the number, or end in it
            same = [q for q in quantities(said) if not q.unit and q.number == whole.number and q.end == len(said)]
        yield from ((quantity.start, quantity.end) for quantity in same)
        return
    if whole and 0 < whole.number < 1:
        yield from ((share.start, share.end) for share in quantities(said) if share.unit and share.equals(whole))
    needle, size = "".join(form), len(form)
    joinable = len(needle) > 3 and (not needle.isdigit() or len(needle) >= _LONG)
    at = 0
    while at < len(said):
        end = at + size if list(said[at : at + size]) == list(form) else -1
        if end < 0 and joinable and said[at][:1] == needle[:1]:
            end = _joined_end(needle, said, at)
        if end > 0:
            yield at, end
        at = end if end > 0 else at + 1
