"""Where the records lie in a JSON file: a list, a list inside a record, columns, splits."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from data import jsonl
from data.errors import TriviumError
from data.questions.records import asks
from data.questions.source import Material, Row
from data.questions.squad import is_squad, read_squad

_SPLITS = {"train", "training", "validation", "valid", "dev", "test", "eval"}


def _number(text: str) -> float:
    return float("nan" if text == "NaN" else "inf")


def json_lines(path: Path, text: str) -> Iterator[Row]:
    """A record a line. Raises TriviumError that names file and line."""
    for line in jsonl.lines_of(path, text.encode("utf-8", "replace")):
        value = line.value(_number)
        yield Row(line.number, f"line {line.number}", value)


def _in_columns(content: Mapping[str, Any]) -> list[Any] | None:
    """Rows of columns: {"question": {"0": …}} or {"question": […]}, and {"columns": […], "data": [[…]]}."""
    names, data = content.get("columns"), content.get("data")
    if isinstance(names, list) and isinstance(data, list) and all(isinstance(row, list) for row in data):
        return [dict(zip(map(str, names), row, strict=False)) for row in data]
    if not asks(content):
        return None
    columns = {}
    for name, column in content.items():
        if isinstance(column, list):
            columns[name] = dict(enumerate(column))
        elif isinstance(column, Mapping) and all(str(key).isdigit() for key in column):
            columns[name] = {int(key): value for key, value in column.items()}
    keys = sorted({key for column in columns.values() for key in column})
    rows = [{name: column[key] for name, column in columns.items() if key in column} for key in keys]
    asked = any(isinstance(value, str) for row in rows for name, value in row.items() if asks({name: value}))
    return rows if len(columns) > 1 and asked else None


def _inner(row: Any) -> Any:
    """A row of the data set viewer lies one level deeper."""
    return row["row"] if isinstance(row, Mapping) and isinstance(row.get("row"), Mapping) else row


def _records(content: Any, depth: int = 0) -> list[Any] | None:
    if isinstance(content, list):
        listed = [_inner(row) for row in content]
        return listed if any(map(asks, listed)) else None
    if not isinstance(content, Mapping) or depth > 2:
        return None
    lists = [part for part in content.values() if isinstance(part, list) and any(map(asks, map(_inner, part)))]
    if len(lists) == 1:
        return _records(lists[0])
    in_columns = _in_columns(content)
    if in_columns is not None or asks(content):
        return in_columns or [content]
    if content and all(isinstance(part, Mapping) and asks(part) for part in content.values()):
        return [{"id": name, **part} for name, part in content.items()]
    found = {name: rows for name, part in content.items() if (rows := _records(part, depth + 1))}
    if found and found.keys() <= _SPLITS:
        return [{"split": name, **row} for name, rows in found.items() for row in rows if isinstance(row, Mapping)]
    return next(iter(found.values()), None)


def read_json(path: Path, text: str, material: Material) -> Iterator[Row] | None:
    """Rows of a JSON file, also of JSON lines under that name; None where nothing in it looks like questions.

    Raises:
        TriviumError: it is not JSON; names file and line.
    """
    try:
        content = jsonl.loads(text, _number)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            return json_lines(path, text)
        raise TriviumError(f"{path}, line {error.lineno}: not valid JSON ({error.msg}).") from error
    except ValueError as error:
        raise TriviumError(f"{path}: not valid JSON ({error}).") from error
    if is_squad(content):
        return read_squad(path, content, material)
    rows = _records(content)
    return None if rows is None else (Row(number, f"item {number}", row) for number, row in enumerate(rows, 1))
