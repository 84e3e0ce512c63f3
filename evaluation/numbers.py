"""How numbers are written, the same in terminal, report and app."""


def percent(value: float | None) -> str:
    """A share in whole per cent."""
    return "n/a" if value is None else f"{value:.0%}"


def share(rate: float | None, n: int) -> str:
    """A share with its denominator."""
    return f"{percent(rate)} of {n}" if n else "n/a"


def span(low: float | None, high: float | None) -> str:
    """An interval of shares."""
    return "n/a" if low is None or high is None else f"{percent(low)} to {percent(high)}"


def points(value: float) -> str:
    """A difference of shares in whole percentage points, without its sign."""
    size = abs(round(value * 100))
    return f"{size} point" if size == 1 else f"{size} points"


def signed_points(value: float) -> str:
    """A difference of shares in whole percentage points, with its sign and without the word."""
    return f"{value * 100:+.0f}"


def seconds(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.2f} s"


def megabytes(value: float | None) -> str:
    return "n/a" if value is None else f"{value / 2**20:,.0f} MiB"


def money(value: float | None) -> str:
    """An amount with four digits."""
    if value is None:
        return "n/a"
    if 0 < value < 0.0001:
        return "under 0.0001"
    return f"{value:,.2f}" if value >= 100 or value == 0 else f"{value:.4g}"
