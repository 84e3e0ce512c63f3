"""Money: currencies by symbol, code (ISO 4217) and name, as one word each, and what that word may mean."""

import re
from collections.abc import Mapping
from functools import cache

from babel import Locale
from babel.numbers import get_currency_name, list_currencies

from evaluation.grading.languages import either, table
from evaluation.grading.values.plain import plain

_ENGLISH_WORDS = frozenset({"ALL", "TOP", "SOS", "CUP", "PEN", "GEL", "MOP", "BAM", "ANG", "XXX", "XTS"})
# A symbol or everyday name that several countries use is a word of its own; its first meaning is the usual one.
_SHARED: dict[str, tuple[tuple[str, float], ...]] = {
    "dollar": (("usd", 1.0),),
    "yen": (("jpy", 1.0), ("cny", 1.0)),
    "yuan": (("cny", 1.0),),
    "krone": (("sek", 1.0), ("nok", 1.0), ("dkk", 1.0), ("isk", 1.0), ("czk", 1.0)),
    "peso": (("mxn", 1.0), ("php", 1.0), ("ars", 1.0), ("clp", 1.0), ("cop", 1.0), ("uyu", 1.0)),
    "rupee": (("inr", 1.0), ("pkr", 1.0), ("lkr", 1.0), ("npr", 1.0)),
    "franc": (("chf", 1.0), ("frf", 1.0), ("xof", 1.0)),
    "pound": (("gbp", 1.0),),
    "cent": (("usd", 0.01), ("eur", 0.01)),
    "pence": (("gbp", 0.01),),
    "grosz": (("pln", 0.01),),
}
DOLLARS = frozenset({"usd", "cad", "aud", "nzd", "sgd", "hkd"})  # what a dollar sign may mean
_SYMBOLS = {
    "£": "gbp", "$": "dollar", "€": "eur", "¥": "yen", "₹": "inr", "₽": "rub", "₩": "krw", "₺": "try", "₴": "uah",
    "₫": "vnd", "₪": "ils", "₦": "ngn", "₱": "php", "₿": "btc", "zł": "pln", "zl": "pln", "Kč": "czk", "Kc": "czk",
    "Ft": "huf", "kr": "krone", "kr.": "krone", "R$": "brl", "US$": "usd", "U$": "usd", "A$": "aud", "AU$": "aud",
    "C$": "cad", "CA$": "cad", "NZ$": "nzd", "HK$": "hkd", "S$": "sgd", "NT$": "twd", "MX$": "mxn", "Rs": "rupee",
    "Rs.": "rupee", "Fr": "chf", "Fr.": "chf", "SFr.": "chf", "RMB": "cny", "Stg": "gbp", "¢": "cent", "元": "yuan",
    "円": "jpy",
}  # fmt: skip
_NAMES = {
    "pounds sterling": "gbp", "pound sterling": "gbp", "sterling": "gbp", "quid": "gbp", "dollar": "dollar",
    "euro": "eur", "bucks": "dollar", "yen": "jpy", "yuan": "cny", "renminbi": "cny", "rupee": "inr", "franc": "franc",
    "swiss franc": "chf", "peso": "peso", "krona": "krone", "kronor": "krone", "krone": "krone", "kroner": "krone",
    "rouble": "rub", "ruble": "rub", "zloty": "pln", "forint": "huf", "lira": "try", "rand": "zar", "real": "brl",
    "reais": "brl", "shekel": "ils", "won": "krw", "baht": "thb", "dong": "vnd", "cent": "cent", "penny": "pence",
    "pence": "pence", "pennies": "pence", "pound": "pound", "bitcoin": "btc", "dirham": "aed", "riyal": "sar",
    "naira": "ngn",
}  # fmt: skip
# Currencies whose names are looked up in CLDR.
_NAMED = "USD GBP EUR CHF JPY CNY INR CAD AUD NZD SEK NOK DKK PLN CZK HUF MXN BRL ZAR RUB TRY KRW ILS HKD SGD"


@cache
def _codes() -> frozenset[str]:
    return frozenset(list_currencies()) - _ENGLISH_WORDS


@cache
def names(code: str) -> Mapping[str, str]:
    """Word of each name of a currency in English and the language, in small letters."""
    found: dict[str, str] = {}
    for spoken in ("en", code) if Locale(code).language != "en" else ("en",):
        for currency in _NAMED.split():
            for count in (None, 1, 2, 5):
                name = plain(get_currency_name(currency, count, locale=spoken)).casefold()
                found[name] = currency.lower()
    found |= _NAMES
    for word, forms in table(code).get("money", {}).items():
        found |= {plain(form).casefold(): word.lower() for form in forms}
    return found


@cache
def _before() -> re.Pattern[str]:
    signs = [plain(sign) for sign in _SYMBOLS if not sign.isalpha() or sign in ("Rs", "RMB", "kr", "Fr", "Stg")]
    return re.compile(rf"(?:(?<![A-Za-z])|(?<=-))({either({*signs, *_codes()})})\s?$")


@cache
def _symbols() -> Mapping[str, str]:
    return {plain(sign): word for sign, word in _SYMBOLS.items()}


def currency_before(text: str) -> tuple[str, int]:
    """The word of the currency at the end of `text`, with the place where it begins; "" where there is none."""
    found = _before().search(text[-8:])
    if not found:
        return "", len(text)
    word = _symbols().get(found[1]) or found[1].lower()
    return word, len(text) - len(text[-8:]) + found.start(1)


def currency_word(text: str, code: str = "en") -> str:
    """The word of the currency that `text` is, "" where it is none."""
    if text in _symbols():
        return _symbols()[text]
    if text in _codes():
        return text.lower()
    folded = text.casefold()
    return names(code).get(folded) or names(code).get(folded.removesuffix("s"), "")


def money_of(word: str) -> tuple[tuple[str, float], ...]:
    """(currency, factor) of what a currency's word may mean; empty where it is no currency or a weight too."""
    if word == "pound":
        return ()
    if word in _SHARED:
        return _SHARED[word]
    return ((word, 1.0),) if word.upper() in _codes() or word == "btc" else ()
