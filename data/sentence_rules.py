"""What each language abbreviates with a full stop, and how its sentences begin: tables for data/sentences.py."""

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl", "ja", "zh")

_SHARED = "dr prof ing tel approx ca cf vs fig figs vol st"
# Abbreviations that never end a sentence: what they belong to follows.
_ABBREVIATIONS = {
    "en": "mr mrs ms messrs rev capt col gen lt sgt cmdr hon gov sen rep mt ft e.g i.e eds pres supt viz al",
    "de": "hr fr frl dipl bzw d.h z.b u.a evtl ggf inkl exkl sog vgl abs bd hrsg nr str zzgl mag i.d.r z.t s.o s.u "
    "bspw mind max min ggü lt geb gest jh d.i o.g u.u verh dgl",
    "fr": "m mm mme mmes mlle mlles mgr me env p.ex av bd chap éd tél apr boul hab n.b c.-à-d",
    "es": "sr sra sres srta d dña ud uds vd vds núm pág págs aprox p.ej ej avda dpto gral cap",
    "it": "sig sigg sig.ra sig.na dott dott.ssa avv pag pagg art es p.es geom rag cap on sen ecc.mo tab",
    "nl": "dhr mevr mw drs ir mej bijv bv d.w.z blz incl excl m.b.t o.a i.v.m t/m ong zgn m.n jl nl resp",
    "pl": "p pp pn ul al pl tzw np tj godz gen ks inż mgr hab red im św płk kpt por m.in ub zob wyd os ok str tys mln",
}  # fmt: skip
# Those that also end sentences: they do where a usual first word follows.
_EITHER = {
    "en": "etc inc ltd co corp jr sr u.s u.k ph.d",
    "de": "usw etc jr sen u.s",
    "fr": "etc",
    "es": "etc cía",
    "it": "ecc etc",
    "nl": "enz etc",
    "pl": "itd itp r w",
}
_STARTERS = {
    "en": "the a an it he she they we i you this that these those in on at for but and if when there his her its their "
    "then after before who what where how why no one all each both",
    "de": "der die das ein eine es er sie wir ich ihr in im am an auf bei für mit nach dann aber und wenn dort hier "
    "dieser diese dieses wer was wo wie warum sein seine alle jeder kein keine zum zur vom von",
    "fr": "le la les l un une des il elle ils elles on nous vous je ce cette ces en dans à au aux pour mais et si "
    "quand qui puis",
    "es": "el la los las un una unos es en no se lo su sus este esta para pero y si cuando quién qué dónde "
    "luego después",
    "it": "il lo la i gli le un una in è non si ma e se quando chi che dove poi questo questa per nel nella",
    "nl": "de het een er hij zij ze we wij ik in op bij voor maar en als wanneer daar dit dat deze wie wat waar dan",
    "pl": "w na to on ona ono oni nie z za do po i a ale gdy jeśli kto co gdzie potem ten ta te jest są dla od przy",
}  # fmt: skip
BEFORE_NUMBERS = frozenset(
    [
        "no",
        "nos",
        "nr",
        "nrs",
        "art",
        "p",
        "pp",
        "pag",
        "pág",
        "ch",
        "sec",
        "vol",
        "fig",
        "n",
        "núm",
        "poz",
        "pkt",
        "s",
        "t",
        "abb",
        "tab",
        "kap",
        "§",
        "z",
        "ust",
        "rys",
    ]
)
ORDINAL_LANGUAGES = ("de",)  # that write ordinal numbers with a full stop: am 3. Oktober


def abbreviations(language: str) -> frozenset[str]:
    """Lower-case words without their last full stop; those of English for a language without a table."""
    return frozenset(f"{_SHARED} {_ABBREVIATIONS.get(language, _ABBREVIATIONS['en'])}".split())


def either(language: str) -> frozenset[str]:
    """Abbreviations that may end a sentence."""
    return frozenset(_EITHER.get(language, _EITHER["en"]).split())


def starters(language: str) -> frozenset[str]:
    """Words with which sentences begin, in lower case."""
    return frozenset(_STARTERS.get(language, _STARTERS["en"]).split())
