"""Records that tools write, as the flat fields of a question; docs/domain.md has the table.

Each rule takes a record with plain names (`column`) and returns flat fields, None where it is another kind of record,
or raises ValueError with the reason why the record cannot be a question.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from data.questions.cells import is_missing, parsed, text_of
from data.questions.columns import ANSWER, QUESTION, column

Fields = Mapping[str, Any]
_SPEAKERS = {
    "user": "user", "human": "user", "assistant": "assistant", "gpt": "assistant", "model": "assistant",
    "ai": "assistant", "bot": "assistant", "chatgpt": "assistant",
}  # fmt: skip
_QUESTION_VARS = (*QUESTION, "topic", "message", "text")
_EXPECTED = ("equals", "contains", "icontains", "starts-with", "similar", "factuality", "model-graded-factuality",
             "contains-any", "icontains-any", "contains-all", "icontains-all", "rouge-n", "levenshtein",
             "context-recall", "answer-equals")  # fmt: skip
_ASSERTION = re.compile(r"^([a-z-]+)(?:\([\d.,\s]*\))?:\s*(.*)$", re.DOTALL)


def _spoken(content: Any) -> str:
    """The text of a message, whose content may be a list of parts."""
    if isinstance(content, list):
        parts = [part.get("text", "") if isinstance(part, Mapping) else part for part in content]
        return "\n".join(str(part) for part in parts if isinstance(part, str) and part.strip())
    return content if isinstance(content, str) else ""


def _turns(messages: Any) -> list[tuple[str, str]]:
    """(speaker, text) of each message; what the system says is no turn."""
    turns = []
    for message in messages if isinstance(messages, list) else ():
        if isinstance(message, Mapping):
            who = str(message.get("role", message.get("from", message.get("type", "")))).lower()
            said = _spoken(message.get("content", message.get("value", message.get("parts"))))
            if who in _SPEAKERS and said.strip():
                turns.append((_SPEAKERS[who], said.strip()))
    return turns


def _single(turns: list[tuple[str, str]]) -> dict[str, Any]:
    if [who for who, _ in turns] != ["user", "assistant"]:
        raise ValueError(f"a conversation of {len(turns)} turns, not one question and one answer")
    return {"question": turns[0][1], "answer": turns[1][1]}


def chat(fields: Fields) -> Fields | None:
    """OpenAI's `messages`, ShareGPT's `conversations` (LLaMA-Factory, easy-dataset, Kiln), Gemini's `contents`."""
    name = next((n for n in ("messages", "conversations", "conversation", "contents") if n in fields), "")
    messages = parsed(fields[name]) if name else None
    if not isinstance(messages, list) or any(n in fields for n in ("question", "user_input")):
        return None
    rest = {key: value for key, value in fields.items() if key in ("id", "category", "split", "fact_id", "meta")}
    return _single(_turns(messages)) | rest


def asked_with_ideal(fields: Fields) -> Fields | None:
    """OpenAI evals: `input` as messages, `ideal` as one or several answers."""
    messages = fields.get("input", fields.get("user_input"))
    if not isinstance(messages, list):
        return None
    turns = [turn for turn in _turns(messages) if turn[0] == "user"]
    if len(turns) != 1:
        raise ValueError(f"a conversation of {len(turns)} questions, not one")
    return {**fields, "question": turns[0][1], "input": None, "user_input": None}


def instruction(fields: Fields) -> Fields | None:
    """Alpaca (LLaMA-Factory, easy-dataset): `instruction`, `input` under it, `output`."""
    if "instruction" not in fields or any(name in fields for name in ("question", "user_input", "query")):
        return None
    if fields.get("history") and parsed(fields["history"]):
        raise ValueError("a conversation of several turns, not one question and one answer")
    parts = [text_of(fields[n]) for n in ("instruction", "input") if not is_missing(fields.get(n))]
    made = {key: value for key, value in fields.items() if key not in ("instruction", "input", "system", "history")}
    reply = next((name for name in ("output", "response") if name in fields), "")
    if reply and not any(name in fields for name in ANSWER):
        made["answer"] = made.pop(reply)
    return made | {"question": "\n".join(parts)}


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _pairs(value: Any, first: str, second: str) -> list[tuple[Any, Any]]:
    """Pairs from a list of pairs, or from two columns."""
    if isinstance(value, Mapping):
        return list(zip(_listed(value.get(first)), _listed(value.get(second)), strict=False))
    return [(pair[0], pair[1]) for pair in _listed(value) if isinstance(pair, list | tuple) and len(pair) == 2]


def _supporting(facts: Any) -> list[tuple[str, int]]:
    pairs = _pairs(facts, "title", "sent_id")
    return [(str(title), number) for title, number in pairs if isinstance(number, int)]


def supporting_facts(fields: Fields) -> Fields | None:
    """HotpotQA and 2WikiMultihopQA: paragraphs by title, and the sentences of them that the answer needs."""
    if "supporting_facts" not in fields or "context" not in fields:
        return None
    facts = _supporting(parsed(fields["supporting_facts"]))
    context = [list(pair) for pair in _pairs(parsed(fields["context"]), "title", "sentences")]
    pairs = {str(title): sentences for title, sentences in context}
    quotes = [
        text_of(pairs[title][number])
        for title, number in facts
        if isinstance(pairs.get(title), list) and 0 <= number < len(pairs[title])
    ]
    needed = list(dict.fromkeys(title for title, _ in facts if title in pairs))
    made = {**fields, "contexts": context, "context": None, "needed_titles": needed, "evidence": quotes}
    return made | ({"category": "multi_hop"} if len(needed) > 1 else {})


def marked_paragraphs(fields: Fields) -> Fields | None:
    """MuSiQue: paragraphs of which some are marked as supporting."""
    paragraphs = parsed(fields.get("paragraphs"))
    if not isinstance(paragraphs, list) or not all(isinstance(p, Mapping) for p in paragraphs):
        return None
    if not any("is_supporting" in p for p in paragraphs):
        return None
    needed = [str(p.get("title", "")) for p in paragraphs if p.get("is_supporting")]
    forms = [fields.get("answer"), *_listed(fields.get("answer_aliases"))]
    made = {**fields, "contexts": paragraphs, "needed_titles": list(dict.fromkeys(needed)), "answers": forms}
    made.pop("answer", None)
    return made | ({"category": "multi_hop"} if len(set(needed)) > 1 else {})


def _accepted(kind: str, value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [text_of(one) for one in values if not is_missing(one)] if kind in _EXPECTED else []


def test_case(fields: Fields) -> Fields | None:
    """promptfoo: `vars` and `assert`, or a table with `__expected`."""
    if isinstance(fields.get("vars"), Mapping):
        given = {column(key): value for key, value in fields["vars"].items()}
        checks = [check for check in _listed(fields.get("assert")) if isinstance(check, Mapping)]
        answers = [form for check in checks for form in _accepted(str(check.get("type")), check.get("value"))]
        meta = fields.get("metadata") if isinstance(fields.get("metadata"), Mapping) else {}
        given = {**(meta or {}), **given}
    elif any(name.startswith("__expected") for name in fields):
        given = {name: value for name, value in fields.items() if not name.startswith("__")}
        answers = []
        for name in (name for name in fields if re.fullmatch(r"__expected\d*", name)):
            found = _ASSERTION.match(text_of(fields[name]))
            kind, value = (found[1], found[2]) if found else ("equals", text_of(fields[name]))
            answers += _accepted(kind, value.split(",") if kind.endswith(("-any", "-all")) else value)
    else:
        return None
    name = next((name for name in _QUESTION_VARS if name in given), "")
    if not name:
        raise ValueError(f"none of its variables is a question (looked for {', '.join(_QUESTION_VARS[:6])} …)")
    reference = next((n for n in ANSWER if not is_missing(given.get(n))), "")
    if not answers and not reference:
        raise ValueError("its assertions name no answer (equals, contains, similar, factuality do)")
    made = {key: value for key, value in given.items() if key != name}
    return made | {"question": given[name], **({"answers": answers} if answers else {})}


def task_run(fields: Fields) -> Fields | None:
    """Kiln's runs: `input`, and `output` as a record that holds the text."""
    output = fields.get("output")
    if not isinstance(output, Mapping) or "output" not in output or "input" not in fields:
        return None
    return {"id": fields.get("id"), "input": fields["input"], "output": output["output"]}


RULES: tuple[Callable[[Fields], Fields | None], ...] = (
    test_case, chat, task_run, asked_with_ideal, supporting_facts, marked_paragraphs, instruction,
)  # fmt: skip


def flat(fields: Mapping[Any, Any]) -> Fields:
    """The fields of a question from a record of any known kind.

    Raises:
        ValueError: it is of a known kind and cannot be a question.
    """
    plain = {column(key): value for key, value in fields.items()}
    for rule in RULES:
        made = rule(plain)
        if made is not None:
            return {key: value for key, value in made.items() if value is not None or key in ANSWER}
    return plain


def asks(fields: Any) -> bool:
    """Whether a record looks like a question of any kind."""
    if not isinstance(fields, Mapping):
        return False
    names = {column(key) for key in fields}
    kinds = {"messages", "conversations", "conversation", "contents", "vars"}
    return bool(names & set(QUESTION) or names & kinds or any(name.startswith("__expected") for name in names))
