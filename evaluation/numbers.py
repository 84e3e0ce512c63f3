"""How numbers are written, the same in terminal, report and app."""

from collections.abc import Sequence
from math import floor, log10

MINUS = "−"


def percent(value: float | None) -> str:
    """A share in whole per cent."""
    return "n/a" if value is None else f"{value:.0%}"


def share(rate: float | None, n: int) -> str:
    """A share with its denominator."""
    return f"{percent(rate)} of {n:,}" if n else "n/a"


def span(low: float | None, high: float | None) -> str:
    """An interval of shares."""
    return "n/a" if low is None or high is None else f"{percent(low)} to {percent(high)}"


def _in_points(value: float) -> str:
    """A size in whole percentage points; in its first digit where it would round to 0 and is not 0.

    An interval that leaves out 0 is then never shown as one that begins there.
    """
    size = abs(value * 100)
    return f"{max(size, 0.01):.1g}" if 1e-9 < size <= 0.5 else f"{size:.0f}"


def points(value: float) -> str:
    """A difference of shares in whole percentage points, without its sign."""
    size = _in_points(value)
    return f"{size} point" if size == "1" else f"{size} points"


def signed(number: int) -> str:
    """A whole number with a true minus sign where it has one."""
    return f"{MINUS}{-number}" if number < 0 else str(number)


def signed_points(value: float) -> str:
    """A difference of shares in whole percentage points, with its sign and without the word."""
    size = _in_points(value)
    return f"{MINUS if value < 0 and size != '0' else '+'}{size}"


def points_span(low: float, high: float) -> str:
    """An interval of differences in whole percentage points, without the word."""
    return " to ".join(signed_points(end).removeprefix("+") for end in (low, high))


def seconds(value: float | None) -> str:
    """Seconds in two significant digits."""
    if value is None:
        return "n/a"
    return "< 0.01 s" if 0 < value < 0.005 else f"{two_digits(value):,g} s"


def duration(value: float | None) -> str:
    """Seconds as people say them: 2.3 s, 12 min, 3.5 h, 59 days."""
    for size, unit in ((86400.0, "days"), (3600.0, "h"), (60.0, "min")):
        if value is not None and value >= 1.5 * size:
            return f"{two_digits(value / size):,g} {unit}"
    return seconds(value)


def megabytes(value: float | None) -> str:
    return "n/a" if value is None else f"{value / 2**20:,.0f} MiB"


def gigabytes(value: float) -> str:
    """Bytes of memory, in billions."""
    return f"{value / 1e9:.1f} GB"


def two_digits(value: float) -> float:
    """Rounded to two significant digits."""
    return 0.0 if value == 0 else round(value, 1 - floor(log10(abs(value))))


def about(value: float) -> str:
    """A large number as people say it: 190, 2,200, 12 million, 0.92 billion."""
    rounded = two_digits(value)
    for size, name in ((1e8, "billion"), (1e6, "million")):
        if rounded >= size:
            return f"{two_digits(rounded / (1e9 if name == 'billion' else 1e6)):g} {name}"
    return f"{rounded:,.0f}"


def about_span(low: float, high: float | None) -> str:
    """An interval of large numbers, the unit once: 14 to 15 million. Without an upper end it reaches to never."""
    start, end = about(low), "never" if high is None else about(high)
    unit = start.partition(" ")[2]
    return f"{start.partition(' ')[0]} to {end}" if unit and end.endswith(unit) else f"{start} to {end}"


def price(value: float | None, currency: str) -> str:
    """An amount in two significant digits, with whole cents below ten: < $0.01, $0.05, $1.20, $120, EUR 1.20."""
    if value is None:
        return "n/a"
    sign = "$" if currency == "USD" else f"{currency} "
    if 0 < value < 0.005:
        return f"< {sign}0.01"
    rounded = two_digits(value)
    return f"{sign}{rounded:,.2f}" if 0 < rounded < 10 else f"{sign}{rounded:,.0f}"


def listed(names: Sequence[str], last: str = "and") -> str:
    """a, b and c."""
    return f" {last} ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def volume(questions: float, a_month: float) -> str:
    """So many questions and the time they take to come: about 15 million questions (123 years at 10,000 a month)."""
    years = questions / a_month / 12
    rate = f"at {about(a_month)} a month"
    if years < 1 / 12:
        return f"about {about(questions)} questions (less than a month {rate})"
    if years < 2:
        months = max(1, round(years * 12))
        return f"about {about(questions)} questions ({months} month{'' if months == 1 else 's'} {rate})"
    return f"about {about(questions)} questions ({two_digits(years):,.0f} years {rate})"
