"""Units of measure: what people write for them, and by pint what they are worth in base units."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from evaluation.grading.languages import table
from evaluation.grading.values.plain import plain

_TABLE = Path(__file__).with_name("units.toml")
_LONGEST = 40  # letters of a unit's spelling
_ALONE = 3  # letters: a shorter spelling is a unit only beside a number


@dataclass(frozen=True)
class Unit:
    """A number of this unit is `factor` times it plus `offset` in the base unit of the dimension."""

    dimension: str
    factor: float
    offset: float = 0.0


@cache
def _registry() -> Any:
    import pint

    return pint.UnitRegistry()


@cache
def _content() -> Mapping[str, Any]:
    return tomllib.loads(_TABLE.read_text(encoding="utf-8"))


def _prefixed() -> Iterable[tuple[str, str]]:
    """(spelling, word) of "mg", "milligram" and their kin."""
    prefixes = _content()["prefixes"]
    for base, forms in _content()["prefixed"].items():
        for short in forms["prefixes"].split():
            long = prefixes[short.rstrip("_")]
            signs = [short] + (["µ", "u"] if short == "μ" else [])
            for name in forms["names"]:
                yield f"{long}{name}", f"{long}{base}"
            yield from ((f"{sign}{symbol}", f"{long}{base}") for sign in signs for symbol in forms["symbols"])
        yield from ((spelling, base) for spelling in (*forms["symbols"], *forms["names"]))


@cache
def spellings(code: str) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Word of each spelling of a unit: exact (symbols in their case), and in small letters."""
    exact = {plain(spelling): word for spelling, word in _prefixed()}
    for word, forms in _content()["others"].items():
        exact |= {plain(form): word for form in forms}
    for word, forms in table(code).get("units", {}).items():
        exact |= {plain(form): word for form in forms}
    for identity, word in _content()["cldr"].items() if code not in ("en", "ja", "zh") else ():
        exact = {plain(form): word for form in _cldr(identity, code)} | exact
    small: dict[str, str] = {}
    for spelling, word in exact.items():
        small.setdefault(spelling.casefold(), word)
    for wrong in ("mw", "pa", "kb/s", "mb/s", "gb/s"):  # only the case tells milli from mega, bits from bytes
        small.pop(wrong, None)
    return exact, small


def _cldr(identity: str, code: str) -> set[str]:
    """What CLDR calls a unit in a language, in all its plurals."""
    from babel.units import format_unit

    found = set()
    for length in ("long", "short"):
        for number in (1, 2, 5, 1.5):
            text = format_unit(number, identity, length, locale=code)
            name = re.sub(r"^[\d.,\s]+|[\d.,\s]+$", "", text)
            found.add(name)
    return {name for name in found if len(name) > 1}


@lru_cache(maxsize=65536)
def unit_word(text: str, code: str = "en") -> str:
    """The word for the unit that `text` is, "" where it is none: "mg" and "milligrams" are both "milligram"."""
    if len(text) > _LONGEST:
        return ""
    exact, small = spellings(code)
    for form in (text, text.rstrip("."), text.replace("-", " ")):
        if form in exact:
            return exact[form]
        folded = form.casefold()
        single = folded.removesuffix("s")
        if folded in small or (len(single) >= _ALONE and single in small):
            return small.get(folded) or small[single]
    if found := re.fullmatch(r"(.+?)(?:/| per | a la | an? | pro | par | por | al )(.+)", text, re.IGNORECASE):
        over, under = unit_word(found[1].strip(), code), unit_word(found[2].strip(), code)
        if over and under:
            return f"{over}_per_{under}"
    powered = re.fullmatch(r"(square|cubic|sq|cu) (.+)|(.+?)(?:\^?([23])|[ -](squared|cubed))", text, re.IGNORECASE)
    if powered:
        base = unit_word(powered[2] or powered[3], code)
        three = (powered[1] or "").lower().startswith("cu") or powered[4] == "3" or powered[5] == "cubed"
        return f"{'cubic' if three else 'square'}_{base}" if base else ""
    return ""


def is_unit(word: str) -> bool:
    return bool(units_of(word))


@cache
def units_of(word: str) -> tuple[Unit, ...]:
    """What a unit's word may mean; a pound is a weight and money, so there may be several."""
    from evaluation.grading.values.money import money_of

    if found := money_of(word):
        return tuple(Unit(code, factor) for code, factor in found)
    names = _content()["ambiguous"].get(word)
    if names:
        return tuple(unit for name in names for unit in units_of(name))
    if word not in _known_words() and "_per_" not in word and not word.startswith(("square_", "cubic_")):
        return ()
    return _by_pint(word)


@cache
def _known_words() -> frozenset[str]:
    content = _content()
    return frozenset(word for _, word in _prefixed()) | set(content["others"]) | set(content["ambiguous"])


def _by_pint(word: str) -> tuple[Unit, ...]:
    if word in _content()["own"]:
        dimension, factor = _content()["own"][word]
        return (Unit(dimension, float(factor)),)
    over, _, under = word.partition("_per_")
    if under:
        return tuple(
            Unit(f"{one.dimension} per {two.dimension}", one.factor / two.factor)
            for one in units_of(over) for two in units_of(under)
        )  # fmt: skip
    if found := re.fullmatch(r"(square|cubic)_(.+)", word):
        power = 2 if found[1] == "square" else 3
        return tuple(Unit(_power_of(one.dimension, power), one.factor**power) for one in units_of(found[2]))
    registry = _registry()
    quantity = registry.Quantity(1, word)
    zero = registry.Quantity(0, word).to_base_units().magnitude
    base = quantity.to_base_units()
    return (Unit(_power_of(str(base.units), 1), base.magnitude - zero, zero),)


def _power_of(dimension: str, power: int) -> str:
    return dimension.replace(" ** ", "^") if power == 1 else f"{dimension}^{power}"
