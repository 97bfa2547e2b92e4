"""The queue as plain lines, over sqlite3 alone.

A list that scripts call in a loop may cost five bare interpreter starts, and dataclasses or click would cost most of
that. So arguments and lamps are read here by hand; tests hold both to what click and the console say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from core.text import plain
from storage.queue_sql import SCOPE_NAMES, SORT_COLUMNS
from tui.verbs.printing import fit, hexed, iso, say, say_json, terminal_columns

if TYPE_CHECKING:
    from storage.sitting import Sitting

SORT_NAMES = tuple(SORT_COLUMNS)
USUAL_LIMIT = 50
GREATEST_LIMIT = 1_000_000

_GLYPHS = {
    "breached": "!!",
    "due": " !",
    "soon": " ~",
    "on_time": "  ",
    "paused": " =",
    "met": " +",
    "late": " x",
    "none": " .",
}
_BEFORE_SUBJECT = 73
_WORDS = {"paused": "pause", "met": "met", "late": "late", "none": "-"}


class Wish(NamedTuple):
    """What is to be listed; `desk` None means the usual one."""

    desk: str | None = None
    view: str = "my+unassigned"
    sort: str = "urgency"
    limit: int = USUAL_LIMIT
    is_reversed: bool = False
    is_json: bool = False
    filter: str = ""


def from_arguments(arguments: list[str]) -> Wish | None:
    """The wish in `lampboard [--desk NAME] queue ...`; None for anything else, which click then reads or refuses."""
    words = list(arguments)
    desk = words[1] if words[:1] == ["--desk"] and len(words) > 2 else None
    if desk is not None:
        del words[:2]
    if words[:1] != ["queue"]:
        return None
    wish = Wish(desk)
    rest = iter(words[1:])
    for word in rest:
        name, has_value, value = word.partition("=")
        if word == "--json":
            wish = wish._replace(is_json=True)
        elif word == "--reverse":
            wish = wish._replace(is_reversed=True)
        elif name in ("--view", "--sort", "--limit", "--filter"):
            given = value if has_value else next(rest, None)
            taken = None if given is None else _with(wish, name[2:], given)
            if taken is None:
                return None
            wish = taken
        else:
            return None
    return wish


def _with(wish: Wish, name: str, value: str) -> Wish | None:
    if name == "view":
        return wish._replace(view=value) if value in SCOPE_NAMES else None
    if name == "sort":
        return wish._replace(sort=value) if value in SORT_NAMES else None
    if name == "filter":
        return wish._replace(filter=value)
    is_number = value.isascii() and value.isdigit() and len(value) < 8 and 1 <= int(value) <= GREATEST_LIMIT
    return wish._replace(limit=int(value)) if is_number else None


def print_queue(desk: str, wish: Wish) -> None:
    """Print the rows of the wish in the order of the console."""
    from storage import places
    from storage.sitting import open_sitting

    sitting = open_sitting(places.desk_path(desk))
    try:
        rows = _filtered(sitting, wish) if wish.filter.strip() else _all(sitting, wish)
    finally:
        sitting.close()
    if wish.is_json:
        say_json([document(row, sitting.now) for row in rows])
        return
    across = terminal_columns()
    _print_rows(rows, sitting.now, sitting.person, across)


def _all(sitting: Sitting, wish: Wish) -> list[tuple[Any, ...]]:
    return sitting.queue(wish.view, wish.sort, wish.limit, is_reversed=wish.is_reversed)


def _filtered(sitting: Sitting, wish: Wish) -> list[tuple[Any, ...]]:
    from core.finding import FilterValues
    from core.query import QueryError, check_people, names_people
    from core.query_people import EVERYBODY, OWNER
    from tui.presenters.sentences import filter_refused
    from tui.verbs.opening import Refusal

    try:
        if names_people(wish.filter):
            check_people(wish.filter, sitting.page(FilterValues(OWNER, "", EVERYBODY, with_archived=True)))
        return sitting.queue(wish.view, wish.sort, wish.limit, is_reversed=wish.is_reversed, filter_text=wish.filter)
    except QueryError as error:
        raise Refusal(filter_refused(error)) from error


def document(row: tuple[Any, ...], now: int) -> dict[str, Any]:
    """A row of `EXCERPT` for JSON: ids as hex, times in UTC, the lamp as level and seconds left."""
    level, seconds = lamp(row[10], row[11], row[12], row[13], now, row[17])
    return {
        "id": hexed(row[0]),
        "number": row[1],
        "subject": row[2],
        "company_id": hexed(row[3]),
        "company": row[4] or "",
        "stage": row[5],
        "priority": row[7],
        "owner_id": hexed(row[8]),
        "owner": row[9] or "",
        "lamp": level,
        "seconds_left": seconds,
        "is_repeat": bool(row[14]),
        "reporter_count": row[15],
        "opened_at": iso(row[16]),
        "warnings": [iso(int(at)) for at in row[17].split()],
    }


def lamp(rank: int, key: int, state: int, missed: int, now: int, warnings: str = "") -> tuple[str, int | None]:
    """Level and seconds to the deadline of a row, as `tui.presenters.lamps.row_lamp` tells them."""
    if rank == 0:
        left = key - now
        is_warned = bool(warnings) and int(warnings.partition(" ")[0]) <= now
        is_soon = is_warned or left < 7200
        return "breached" if left < 0 else "due" if left < 1800 else "soon" if is_soon else "on_time", left
    if rank < 4:
        return ("paused", key) if rank == 1 else ("met" if rank == 2 else "none", None)
    return ("none" if state == 3 else "late" if missed else "met"), None


def lamp_cells(level: str, seconds: int | None) -> str:
    """Eight cells, as `tui.presenters.lamps.lamp_cells` shows them."""
    told = _WORDS.get(level) or _lamp_time(min(seconds or 0, -60) if level == "breached" else seconds or 0)
    return f"{_GLYPHS[level]}{told:>6}"[:8]


def _lamp_time(seconds: int) -> str:
    sign = "-" if seconds < 0 else ""
    minutes = abs(seconds) // 60
    hours = minutes // 60
    if hours < 10 or (hours < 24 and not sign):
        return f"{sign}{hours}:{minutes % 60:02}"
    if hours < 24:
        return f"{sign}{hours}h"
    days = hours // 24
    if days < 10 and not sign:
        return f"{days}d {hours % 24}h"
    return f"{sign}{days}d" if days < 1000 else f"{sign}{days // 365}y"


def _print_rows(rows: list[tuple[Any, ...]], now: int, person: bytes, across: int | None) -> None:
    if rows:
        say(f"{'SLA':>8}  P {'Stage':9} {'Ticket':10} {'Owner':14} {'Company':24} Subject".rstrip())
    for row in rows:
        cells = lamp_cells(*lamp(row[10], row[11], row[12], row[13], now, row[17]))
        owner = "me" if row[8] == person else row[9] or "-"
        mark = "R" if row[14] else "&" if row[15] > 1 else " "
        begin = f"{cells} {mark}{row[7]} {fit(row[5], 9)} {fit(row[1], 10)} {fit(owner, 14)} {fit(row[4] or '-', 24)} "
        subject = plain(row[2]) if across is None else fit(row[2], max(8, across - _BEFORE_SUBJECT)).rstrip()
        say((begin + subject).rstrip())
