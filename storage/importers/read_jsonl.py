"""Records of a JSON lines file: an object on each line, whose nested fields are named by their path.

`a.b` is the field b of the object a, `a.0` the first of a list, `a[id=7].b` the field b of that object of the list a
whose id is 7. A list of plain values is read as one text with commas; what else is nested is read as its JSON.
Numbers stay as they are written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from core.text import storable
from storage.importers.fields import Wanted
from storage.importers.source_file import TOO_LONG, LineReader, Record, SourceFile

_ABSENT = object()
_STEP = re.compile(r"(?P<name>[^.\[\]]+)|\[(?P<key>[^=\[\]]+)=(?P<value>[^\]]*)\]")
_DEEPEST_NAMED = 8
Step = str | tuple[str, str]


class PathBroken(ValueError):
    """A path that cannot be followed."""


def steps_of(path: str) -> list[Step]:
    """The steps of a path; PathBroken when it is none."""
    steps: list[Step] = []
    at = 0
    while at < len(path):
        match = _STEP.match(path, at)
        if match is None:
            raise PathBroken(f"the path {path!r} cannot be read at {path[at:]!r}")
        steps.append(match["name"] if match["name"] is not None else (match["key"], match["value"]))
        at = match.end()
        if path[at : at + 1] == "." and at + 1 < len(path):
            at += 1
        elif at < len(path) and path[at] != "[":
            raise PathBroken(f"the path {path!r} cannot be read at {path[at:]!r}")
    if not steps:
        raise PathBroken("an empty path names no field")
    return steps


def read_objects(source: SourceFile, encoding: str) -> Iterator[tuple[Record, Any]]:
    """Each line's record without cells and the object on it; None where the line is none."""
    lines = LineReader(source)
    line = 0
    with source.reading(lambda: line + 1):
        while True:
            raw, is_cut = lines.next()
            if not raw:
                return
            line += 1
            if not raw.strip():
                continue
            record = Record(line, raw, None, problem=TOO_LONG if is_cut else "")
            yield record, None if is_cut else _object_in(record, encoding)


def read_records(source: SourceFile, encoding: str, wanted: Wanted) -> Iterator[Record]:
    """Every record with the fields that are wanted, in their order; ImportFailed when the file itself is broken."""
    paths = [(name, steps_of(name)) for name in wanted.names]
    for record, found in read_objects(source, encoding):
        if found is not None:
            if len(wanted.found) < 1:
                wanted.show(flat(found))
            cells: list[str | None] = []
            for name, steps in paths:
                value = found[name] if name in found else _follow(found, steps)
                if value is _ABSENT:
                    cells.append(None)
                    continue
                wanted.came((name,))
                cells.append(_text_of(value, record))
            record.cells = cells
        yield record


def flat(value: dict[str, Any]) -> dict[str, str | None]:
    """Every plain value below an object by its path, as a mapping would name it; lists of plain values are one."""
    fields: dict[str, str | None] = {}
    waiting: list[tuple[str, Any, int]] = [(name, part, 1) for name, part in reversed(value.items())]
    while waiting:
        path, part, depth = waiting.pop()
        inside = list(part.items()) if isinstance(part, dict) else []
        if isinstance(part, list) and any(isinstance(one, dict | list) for one in part):
            inside = [(str(place), one) for place, one in enumerate(part[:3])]
        if inside and depth < _DEEPEST_NAMED:
            waiting += [(f"{path}.{name}", one, depth + 1) for name, one in reversed(inside)]
        else:
            text = _plain(part)
            fields[path] = None if text is None else storable(text)[0]
    return fields


def _object_in(record: Record, encoding: str) -> dict[str, Any] | None:
    text = record.raw.decode(encoding, errors="surrogateescape")
    if not record.raw.isascii() or "\0" in text:
        text, record.replaced = storable(text)
    try:
        # Numbers as texts: what was written is kept, and no number of a million digits is ever computed.
        found = json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except json.JSONDecodeError as error:
        record.problem = f"no JSON at character {error.colno}: {error.msg}"
        return None
    except RecursionError:
        record.problem = "nested too deep"
        return None
    if not isinstance(found, dict):
        record.problem = "no JSON object"
        return None
    return found


def _follow(value: Any, steps: list[Step]) -> Any:
    for step in steps:
        if value is None:
            return None
        if isinstance(step, tuple):
            key, wanted = step
            parts = value if isinstance(value, list) else []
            value = next((part for part in parts if isinstance(part, dict) and _plain(part.get(key)) == wanted), None)
        elif isinstance(value, dict):
            value = value.get(step, _ABSENT)
        elif isinstance(value, list) and step.isdecimal():
            value = value[int(step)] if int(step) < len(value) else None
        else:
            return _ABSENT
        if value is _ABSENT:
            return _ABSENT
    return value


def _text_of(value: Any, record: Record) -> str | None:
    text = _plain(value)
    if text is None:
        return None
    text, replaced = storable(text)
    record.replaced += replaced
    return text


def _plain(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return ", ".join(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) if value else ""
