"""Sentences about things that do not exist, each with its question, in nine languages.

{name} is an invented name, {value} what is asked for. Names stand in quotation marks where a language would inflect
them. The kind says what the value is: a number, a code or a person.
"""

from typing import Literal, NamedTuple

Kind = Literal["number", "code", "person"]


class Phrase(NamedTuple):
    """A sentence and the question that it answers."""

    kind: Kind
    sentence: str
    question: str


_ENGLISH = (
    Phrase("number", "The {name} register holds {value} entries.", "How many entries does the {name} register hold?"),
    Phrase("number", "A {name} permit is valid for {value} days.", "For how many days is a {name} permit valid?"),
    Phrase("number", "The {name} store has room for {value} crates.",
           "For how many crates does the {name} store have room?"),
    Phrase("number", "The {name} pump is serviced every {value} hours.",
           "Every how many hours is the {name} pump serviced?"),
    Phrase("number", "Under the {name} scheme, {value} vouchers were issued.",
           "How many vouchers were issued under the {name} scheme?"),
    Phrase("number", "The {name} sensor reports every {value} seconds.",
           "Every how many seconds does the {name} sensor report?"),
    Phrase("number", "The {name} line was tested over {value} cycles.",
           "Over how many cycles was the {name} line tested?"),
    Phrase("number", "The {name} survey received {value} replies.", "How many replies did the {name} survey receive?"),
    Phrase("number", "The {name} tank takes {value} litres.", "How many litres does the {name} tank take?"),
    Phrase("code", "The part number of the {name} valve is {value}.", "What is the part number of the {name} valve?"),
    Phrase("code", "Requests to the {name} desk carry the code {value}.",
           "Which code do requests to the {name} desk carry?"),
    Phrase("code", "Shipments of {name} are booked under {value}.", "Under what are shipments of {name} booked?"),
    Phrase("code", "The {name} form is filed as {value}.", "As what is the {name} form filed?"),
    Phrase("code", "The serial number of the {name} gauge begins with {value}.",
           "With what does the serial number of the {name} gauge begin?"),
    Phrase("code", "The {name} room has the door code {value}.", "What is the door code of the {name} room?"),
    Phrase("person", "The {name} file is kept by {value}.", "Who keeps the {name} file?"),
    Phrase("person", "Questions about the {name} procedure go to {value}.",
           "To whom do questions about the {name} procedure go?"),
    Phrase("person", "The {name} award went to {value}.", "To whom did the {name} award go?"),
    Phrase("person", "The {name} contract was signed by {value}.", "Who signed the {name} contract?"),
    Phrase("person", "The {name} workshop is led by {value}.", "Who leads the {name} workshop?"),
)  # fmt: skip

PHRASES = {
    "en": _ENGLISH,
    "de": (
        Phrase("number", "Das Register „{name}“ umfasst {value} Einträge.",
               "Wie viele Einträge umfasst das Register „{name}“?"),
        Phrase("number", "Das Lager „{name}“ bietet Platz für {value} Kisten.",
               "Für wie viele Kisten bietet das Lager „{name}“ Platz?"),
        Phrase("code", "Das Ventil „{name}“ hat die Teilenummer {value}.",
               "Welche Teilenummer hat das Ventil „{name}“?"),
        Phrase("person", "Die Akte „{name}“ führt {value}.", "Wer führt die Akte „{name}“?"),
    ),
    "fr": (
        Phrase("number", "Le registre « {name} » compte {value} entrées.",
               "Combien d'entrées compte le registre « {name} » ?"),
        Phrase("number", "Le dépôt « {name} » peut contenir {value} caisses.",
               "Combien de caisses le dépôt « {name} » peut-il contenir ?"),
        Phrase("code", "La vanne « {name} » porte la référence {value}.",
               "Quelle référence porte la vanne « {name} » ?"),
        Phrase("person", "Le dossier « {name} » est tenu par {value}.",
               "Par qui le dossier « {name} » est-il tenu ?"),
    ),
    "es": (
        Phrase("number", "El registro «{name}» contiene {value} entradas.",
               "¿Cuántas entradas contiene el registro «{name}»?"),
        Phrase("number", "El almacén «{name}» tiene sitio para {value} cajas.",
               "¿Para cuántas cajas tiene sitio el almacén «{name}»?"),
        Phrase("code", "La válvula «{name}» lleva la referencia {value}.",
               "¿Qué referencia lleva la válvula «{name}»?"),
        Phrase("person", "El expediente «{name}» lo lleva {value}.", "¿Quién lleva el expediente «{name}»?"),
    ),
    "it": (
        Phrase("number", "Il registro «{name}» contiene {value} voci.", "Quante voci contiene il registro «{name}»?"),
        Phrase("number", "Il deposito «{name}» ha posto per {value} casse.",
               "Per quante casse ha posto il deposito «{name}»?"),
        Phrase("code", "La valvola «{name}» porta il codice {value}.", "Quale codice porta la valvola «{name}»?"),
        Phrase("person", "La pratica «{name}» è seguita da {value}.", "Da chi è seguita la pratica «{name}»?"),
    ),
    "nl": (
        Phrase("number", "Het register '{name}' bevat {value} vermeldingen.",
               "Hoeveel vermeldingen bevat het register '{name}'?"),
        Phrase("number", "Het magazijn '{name}' biedt plaats aan {value} kisten.",
               "Aan hoeveel kisten biedt het magazijn '{name}' plaats?"),
        Phrase("code", "De klep '{name}' heeft onderdeelnummer {value}.",
               "Welk onderdeelnummer heeft de klep '{name}'?"),
        Phrase("person", "Het dossier '{name}' wordt beheerd door {value}.",
               "Door wie wordt het dossier '{name}' beheerd?"),
    ),
    "pl": (
        Phrase("number", "Rejestr „{name}” zawiera następującą liczbę wpisów: {value}.",
               "Ile wpisów zawiera rejestr „{name}”?"),
        Phrase("number", "Liczba skrzyń w magazynie „{name}” wynosi {value}.",
               "Ile wynosi liczba skrzyń w magazynie „{name}”?"),
        Phrase("code", "Zawór „{name}” ma numer części {value}.", "Jaki numer części ma zawór „{name}”?"),
        Phrase("person", "Akta „{name}” prowadzi {value}.", "Kto prowadzi akta „{name}”?"),
    ),
    "ja": (
        Phrase("number", "「{name}」の登録簿には{value}件の記載があります。",
               "「{name}」の登録簿には何件の記載がありますか。"),
        Phrase("number", "「{name}」の倉庫には{value}箱を収納できます。", "「{name}」の倉庫には何箱を収納できますか。"),
        Phrase("code", "「{name}」のバルブの部品番号は{value}です。", "「{name}」のバルブの部品番号は何ですか。"),
        Phrase("person", "「{name}」の書類は{value}が管理しています。", "「{name}」の書類は誰が管理していますか。"),
    ),
    "zh": (
        Phrase("number", "“{name}”登记册共有{value}条记录。", "“{name}”登记册共有多少条记录？"),
        Phrase("number", "“{name}”仓库可存放{value}个箱子。", "“{name}”仓库可存放多少个箱子？"),
        Phrase("code", "“{name}”阀门的部件编号是{value}。", "“{name}”阀门的部件编号是什么？"),
        Phrase("person", "“{name}”档案由{value}管理。", "“{name}”档案由谁管理？"),
    ),
}  # fmt: skip
