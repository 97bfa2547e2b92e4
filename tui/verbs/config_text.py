"""A document as TOML that a person can edit, with short lines of help, and back into what is stored."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any, NamedTuple

from core.documents import CALENDAR, GRADE, POLICY, VIEW

ONE_LINE_ITEMS = 4
"""A list of more stands with one item a line, so that a change of one day is a change of one line."""
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


class Help(NamedTuple):
    """What a field means, and how it looks where the document has none."""

    field: str
    told: str
    example: str


HELP = {
    CALENDAR: (
        Help("tz", "The zone whose clock on the wall decides.", 'tz = "Europe/Warsaw"'),
        Help("always", "Open round the clock, in place of [weekly].", "always = true"),
        Help("holidays", "Dates that are closed from midnight to midnight.", 'holidays = ["2026-11-11"]'),
        Help("holidays_yearly", "Closed every year, as month-day.", 'holidays_yearly = ["12-25"]'),
        Help(
            "closures",
            "Closed from one instant to another.",
            'closures = [["2026-11-26T09:00:00+01:00", "2026-11-26T11:00:00+01:00"]]',
        ),
        Help(
            "weekly",
            "Shifts by weekday, mon to sun; 22:00 to 06:00 runs into the next day, a whole day is 00:00 to 24:00.",
            '[weekly]\nmon = [["08:00", "12:00"], ["12:30", "16:30"]]',
        ),
        Help("exceptions", "Other shifts of one date.", '[exceptions]\n2026-12-24 = [["08:00", "12:00"]]'),
        Help("breaks", "Taken out of the shifts of one date.", '[breaks]\n2026-11-24 = [["09:00", "10:00"]]'),
        Help("names", "What closed dates are called.", '[names]\n2026-11-11 = "Independence Day"'),
    ),
    POLICY: (
        Help("name", "What the policy is called on the screen.", 'name = "Gold"'),
        Help("pause_applies_to", "Clocks that a waiting stage stops.", 'pause_applies_to = ["update", "resolution"]'),
        Help("day_rule", "How a target in working days is counted.", 'day_rule = "open-then-same-time"'),
        Help("first_response_seconds", "Seconds of open time by priority.", "[first_response_seconds]\n1 = 1800"),
        Help("update_seconds", "The same for an answer to the customer's question.", "[update_seconds]\n1 = 7200"),
        Help("resolution_seconds", "The same until the work is done.", "[resolution_seconds]\n1 = 14400"),
        Help("first_response_days", "In working days, before the seconds.", "[first_response_days]\n4 = 1"),
        Help("resolution_days", "In working days, before the seconds.", "[resolution_days]\n4 = 5"),
    ),
    VIEW: (
        Help("title", "What it is called where views are chosen; else its name.", 'title = "Late and mine"'),
        Help("letter", "The key that chooses it there.", 'letter = "l"'),
        Help("scope", "my+unassigned, mine, team, open or all.", 'scope = "open"'),
        Help("filter", "Only those, as after f; docs/finding-filters.md tells the fields.", 'filter = "sla:<30m"'),
        Help("sort", "urgency, age or company.", 'sort = "age"'),
        Help("reversed", "The other way round.", "reversed = true"),
        Help("person", "The id of the only colleague who sees it; without it everybody does.", 'person = "0192..."'),
    ),
    GRADE: (
        Help("title", "What it is called in full.", 'title = "Gold, round the clock"'),
        Help("policy", "By name; lampboard config list tells them.", 'policy = "Gold"'),
        Help("calendar", "By name.", 'calendar = "Round the clock"'),
        Help("included_units", "How many units a month are included.", "included_units = 40"),
        Help("unit", "What is counted; of hours the minutes told with the work.", 'unit = "hour"'),
        Help("coverage", "Words, or what and clause; [] promises nothing.", 'coverage = ["printers", "scanners"]'),
        Help("exclusions", "The same; what stands here wins.", 'exclusions = [{ what = "toner", clause = "3.2" }]'),
    ),
}  # fmt: skip


class Unreadable(Exception):
    """The text is no TOML; the message says where."""


def toml_of(body: Mapping[str, Any]) -> str:
    """The document alone; single values first, because a table ends only at the next one."""
    return "\n".join(line for name in _in_order(body) for line in _field(name, body[name])) + "\n"


def text_to_edit(kind: str, heading: tuple[str, ...], body: Mapping[str, Any]) -> str:
    """The document under its heading, each field after a line of help; fields it has not stand as examples."""
    told = {help_.field: help_ for help_ in HELP[kind]}
    missing = [help_ for help_ in HELP[kind] if help_.field not in body]
    lines = [f"# {line}" for line in heading]
    tables = [name for name in _in_order(body) if isinstance(body[name], Mapping)]
    for name in _in_order(body):
        if name in tables:
            continue
        lines += ["", *([f"# {told[name].told}"] if name in told else []), *_field(name, body[name])]
    for help_ in missing:
        if not help_.example.startswith("["):
            lines += ["", f"# {help_.told}", f"# {help_.example}"]
    for name in tables:
        lines += ["", *([f"# {told[name].told}"] if name in told else []), *_field(name, body[name])]
    for help_ in missing:
        if help_.example.startswith("["):
            lines += ["", f"# {help_.told}", *(f"# {line}" for line in help_.example.split("\n"))]
    return "\n".join(lines) + "\n"


def read_text(text: str) -> dict[str, Any]:
    """The document in TOML, or in JSON when the text is an object; Unreadable says where it cannot be read."""
    try:
        found = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(str(error)) from error
    kept: dict[str, Any] = _stored(found)
    return kept


def without_nothing(body: Mapping[str, Any]) -> dict[str, Any]:
    """A stored document without fields that hold nothing: TOML has no word for that."""
    return {name: value for name, value in body.items() if value is not None}


def _stored(value: Any) -> Any:
    """Dates and times may be written bare; they are kept as texts."""
    if isinstance(value, dict):
        return {name: _stored(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_stored(one) for one in value]
    if isinstance(value, time):
        return value.isoformat() if value.second else f"{value:%H:%M}"
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value


def _in_order(body: Mapping[str, Any]) -> list[str]:
    known = list(dict.fromkeys(help_.field for kind in HELP.values() for help_ in kind))
    place = {name: number for number, name in enumerate(known)}
    return sorted(body, key=lambda name: (isinstance(body[name], Mapping), place.get(name, len(place)), name))


def _field(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield f"[{_key(name)}]"
        for key in sorted(value, key=_weekday_first):
            yield f"{_key(key)} = {_inline(value[key])}"
    elif isinstance(value, list) and len(value) > ONE_LINE_ITEMS:
        yield f"{_key(name)} = ["
        yield from (f"  {_inline(one)}," for one in value)
        yield "]"
    else:
        yield f"{_key(name)} = {_inline(value)}"


def _weekday_first(key: str) -> tuple[int, str]:
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return (days.index(key) if key in days else len(days), key)


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else _quoted(name)


def _inline(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, Mapping):
        held = ", ".join(f"{_key(name)} = {_inline(one)}" for name, one in value.items() if one is not None)
        return f"{{ {held} }}" if held else "{}"
    if isinstance(value, list):
        return f"[{', '.join(_inline(one) for one in value)}]"
    return str(value)


def _quoted(text: str) -> str:
    # JSON's escapes are TOML's too, but for one control character that JSON leaves bare.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
