"""Fields of records as people type and read them: one way in and one way out for the verbs and the forms."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from core import record_fields as kinds
from core.errors import Refused
from core.record_fields import Field
from core.text import plain, storable
from core.wall_clock import zone

YES = frozenset(("yes", "y", "true", "1", "x", "tak", "t", "да", "ใช่"))
NO = frozenset(("no", "n", "false", "0", "", "-", "nie", "нет", "ไม่"))
BLANKS = re.compile("[\\s\u00a0\u2009\u202f']+")
"""What people part thousands by, beside points and commas."""
ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
POINTED_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
LISTS = frozenset((kinds.PHONES, kinds.WORDS))
EMPTY_IS_NOTHING = frozenset((kinds.MONEY, kinds.NUMBER, kinds.REAL, kinds.DAY, kinds.REFERENCE))


def typed_value(field: Field, text: str, zone_name: str) -> Any:
    """What a typed text says, as in payloads; days begin at midnight in `zone_name`. Refused names the field.

    References are chosen and not typed: what is not an id in hex is refused like an unknown one.
    """
    typed = storable(text)[0].strip()
    if not typed and field.kind in EMPTY_IS_NOTHING:
        return None
    if field.kind in LISTS:
        return [part.strip() for part in re.split(r"[,;\n]", typed) if part.strip()]
    if field.kind in (kinds.COUNTRY, kinds.CURRENCY):
        return typed.upper()
    if field.kind in (kinds.LANGUAGE, kinds.CHOICE):
        return typed.casefold()
    read = _READERS.get(field.kind)
    if read is None:
        return typed
    try:
        return read(typed, zone_name)
    except (ValueError, OverflowError, RecursionError) as error:
        raise Refused(_NOT_READ[field.kind], field=field.name, value=plain(typed, 40)) from error


def shown_value(field: Field, value: Any, zone_name: str, names: Mapping[str, str]) -> str:
    """A value as it is typed: `typed_value` of it is the value again, references are shown by name."""
    if value is None or value == "" or value == []:
        return ""
    if field.kind == kinds.REFERENCE:
        return names.get(value, value)
    if field.kind in LISTS:
        return ", ".join(str(part) for part in value) if isinstance(value, list) else str(value)
    if field.kind == kinds.FLAG:
        return "yes" if value else "no"
    if field.kind == kinds.MONEY:
        whole, cents = divmod(abs(int(value)), 100)
        return f"{'-' if value < 0 else ''}{whole:,}".replace(",", " ") + (f".{cents:02d}" if cents else "")
    if field.kind == kinds.DAY:
        try:
            return datetime.fromtimestamp(int(value), zone(zone_name or "UTC")).date().isoformat()
        except (ValueError, OverflowError, OSError):
            return str(value)
    if field.kind == kinds.CLAUSES:
        return _clauses_shown(value)
    return str(value)


def _flag(text: str, _zone: str) -> bool:
    told = text.casefold()
    if told not in YES | NO:
        raise ValueError(text)
    return told in YES


def _money(text: str, _zone: str) -> int:
    return round(_decimal(text) * 100)


def _decimal(text: str) -> float:
    """A number with thousands parted by blanks, points or commas; the last of two kinds of signs parts the decimals."""
    bare = BLANKS.sub("", text)
    if not re.fullmatch(r"-?\d[\d.,]*", bare):
        raise ValueError(text)
    last = max(bare.rfind("."), bare.rfind(","))
    signs = {sign for sign in bare if sign in ".,"}
    if len(signs) == 2 and bare.count(bare[last]) > 1:
        raise ValueError(text)
    has_decimals = last >= 0 and (len(signs) == 2 or (bare.count(bare[last]) == 1 and len(bare) - last - 1 != 3))
    whole, decimals = (bare[:last], bare[last + 1 :]) if has_decimals else (bare, "")
    if len(decimals) > 2:
        raise ValueError(text)
    return float(f"{re.sub('[.,]', '', whole)}.{decimals or 0}")


def _number(text: str, _zone: str) -> int:
    bare = BLANKS.sub("", text)
    if not re.fullmatch(r"-?\d+", bare):
        raise ValueError(text)
    return int(bare)


def _real(text: str, _zone: str) -> float:
    if not re.fullmatch(r"[+-]?\d+([.,]\d+)?", text):
        raise ValueError(text)
    return float(text.replace(",", "."))


def _day(text: str, zone_name: str) -> int:
    iso, pointed = ISO_DAY.fullmatch(text), POINTED_DAY.fullmatch(text)
    if iso:
        year, month, day = map(int, iso.groups())
    elif pointed:
        day, month, year = map(int, pointed.groups())
    else:
        raise ValueError(text)
    if not 1900 <= year <= 2300:
        raise ValueError(text)
    date(year, month, day)
    return int(datetime(year, month, day, tzinfo=zone(zone_name or "UTC")).timestamp())


def _clauses(text: str, _zone: str) -> str:
    if not text:
        return ""
    if text[0] in "[{":
        return json.dumps(json.loads(text), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    words = [part.strip() for part in re.split(r"[,;\n]", text) if part.strip()]
    return json.dumps(words, ensure_ascii=False, separators=(",", ":"))


def _clauses_shown(value: Any) -> str:
    try:
        told = json.loads(value)
    except (ValueError, TypeError, RecursionError):
        return str(value)
    is_plain = isinstance(told, list) and all(isinstance(part, str) and not set(part) & set(",;\n") for part in told)
    return ", ".join(told) if is_plain else str(value)


_READERS = {
    kinds.FLAG: _flag,
    kinds.MONEY: _money,
    kinds.NUMBER: _number,
    kinds.REAL: _real,
    kinds.DAY: _day,
    kinds.CLAUSES: _clauses,
}
_NOT_READ = {
    kinds.FLAG: "record.no_flag",
    kinds.MONEY: "record.no_number",
    kinds.NUMBER: "record.no_number",
    kinds.REAL: "record.no_number",
    kinds.DAY: "record.no_day",
    kinds.CLAUSES: "record.malformed",
}
