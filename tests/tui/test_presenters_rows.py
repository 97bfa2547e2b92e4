"""Lamps in eight cells, columns where they are promised, texts cut and broken by what a terminal shows."""

from __future__ import annotations

from typing import Any

import pytest
from rich.cells import cell_len

from core.clock import Instant
from core.clock_state import RUNNING
from core.ids import EntityId
from core.pages import Counts, OwedCounts, QueueRow
from core.queue import BREACHED, DUE, KEPT, NO_PROMISE, ON_TIME, SOON, WAITS, Lamp, View
from core.sla import RESOLUTION, Clock
from tests.support.fixed import NOON
from tui.actions.all import ACTIONS, key_name
from tui.presenters.cells import cut, fit, line_width, spread, wrap
from tui.presenters.frame import Status, hint_line, status_line
from tui.presenters.lamps import LATE, clock_words, lamp_cells, row_lamp
from tui.presenters.queue_row import CALL_DUE, Columns, head, row_line
from tui.presenters.times import date_time, duration, lamp_time, short_time

NOW = Instant(NOON // 1000)
THAI = "เครื่องพิมพ์ไม่ทำงาน"
WIDE = "電源が入らない"


def a_row(**changes: Any) -> QueueRow:
    facts: dict[str, Any] = {
        "id": EntityId(b"1" * 16),
        "number": "T-104233",
        "subject": "Linia 4 stoi, błąd E07, operator czeka na technika",
        "company": None,
        "company_name": "Zakłady Łódź",
        "stage": "new",
        "stage_class": 0,
        "priority": 1,
        "owner": EntityId(b"2" * 16),
        "owner_name": "Piotr",
        "queue_rank": 0,
        "queue_key": NOW - 720,
        "sla_state": 0,
        "sla_missed": False,
        "is_repeat": True,
        "reporter_count": 1,
        "opened_at": NOW,
    }
    return QueueRow(**{**facts, **changes})


def text_of(line: list[tuple[str, str]]) -> str:
    return "".join(text for text, _ink in line)


@pytest.mark.parametrize(
    ("level", "seconds", "cells"),
    [
        (BREACHED, -720, "!! -0:12"),
        (BREACHED, -1, "!! -0:01"),
        (BREACHED, -40 * 86_400, "!!  -40d"),
        (DUE, 18 * 60, " !  0:18"),
        (SOON, 70 * 60, " ~  1:10"),
        (ON_TIME, 4 * 3600 + 1800, "    4:30"),
        (ON_TIME, 26 * 3600, "   1d 2h"),
        (ON_TIME, 140 * 86_400, "    140d"),
        (WAITS, None, " = pause"),
        (KEPT, None, " +   met"),
        (LATE, None, " x  late"),
        (NO_PROMISE, None, " .     -"),
    ],
)
def test_a_lamp_takes_eight_cells_and_says_its_level_without_colour(
    level: str, seconds: int | None, cells: str
) -> None:
    assert lamp_cells(Lamp(level, seconds)) == cells
    assert cell_len(cells) == 8


@pytest.mark.parametrize("days", [0, 1, 9, 10, 99, 999, 1000, 9999])
@pytest.mark.parametrize("seconds", [0, 59, 3_599, 36_000, 86_399])
@pytest.mark.parametrize("sign", [1, -1])
def test_no_time_on_a_lamp_is_longer_than_six_cells(sign: int, seconds: int, days: int) -> None:
    assert len(lamp_time(sign * (days * 86_400 + seconds))) <= 6


def cells_between(line: str, first: int, last: int) -> str:
    """The text in cells `first` to `last` of a line."""
    shown, at = "", 0
    for character in line:
        if first <= at <= last:
            shown += character
        at += cell_len(character)
    return shown


@pytest.mark.parametrize(
    ("width", "company", "subject", "marks", "owner"),
    [
        (80, (23, 38), (40, 68), 70, (73, 78)),
        (78, (23, 38), (40, 66), 68, (71, 76)),
        (84, (23, 40), (42, 72), 74, (77, 82)),
    ],
)
@pytest.mark.parametrize("is_cursor", [False, True])
def test_every_column_begins_where_it_is_promised(
    width: int, company: tuple[int, int], subject: tuple[int, int], marks: int, owner: tuple[int, int], is_cursor: bool
) -> None:
    line = text_of(row_line(a_row(), Columns.for_width(width), NOW, is_cursor=is_cursor, is_marked=True))

    assert cell_len(line) == width
    assert cells_between(line, 0, 0) == (">" if is_cursor else " ")
    assert cells_between(line, 1, 8) == "!! -0:12"
    assert cells_between(line, 10, 11) == "x1"
    assert cells_between(line, 13, 20) == "T-104233"
    assert cells_between(line, *company).rstrip() == "Zakłady Łódź"
    assert cells_between(line, *subject).startswith("Linia 4 stoi")
    assert cells_between(line, *subject).endswith("›")
    assert cells_between(line, marks, marks) == "R"
    assert cells_between(line, *owner).rstrip() == "Piotr"


def test_a_call_that_is_due_is_marked_beside_the_repeat_and_the_row_keeps_its_width() -> None:
    columns = Columns.for_width(80)
    line = row_line(a_row(), columns, NOW, is_cursor=False, is_marked=False, last=CALL_DUE)

    assert cells_between(text_of(line), 70, 71) == "Rc"
    assert line_width(line) == 80
    assert len(line) == len(row_line(a_row(), columns, NOW, is_cursor=False, is_marked=False))


@pytest.mark.parametrize("width", [80, 78, 84])
def test_the_names_of_the_columns_stand_above_them(width: int) -> None:
    names = text_of(head(Columns.for_width(width)))

    assert cell_len(names) == width
    assert (names[6:9], names[11], names[13:19]) == ("SLA", "P", "Ticket")
    assert names[23:30] == "Company"


@pytest.mark.parametrize("text", [THAI * 3, WIDE * 5, "Łódź " * 20, "ก่ำ" * 30, "e\u0301" * 60])
@pytest.mark.parametrize("width", [46, 58, 78, 80, 84, 120])
def test_a_row_has_its_width_in_every_script(width: int, text: str) -> None:
    row = a_row(subject=text, company_name=text, owner_name=text)

    assert line_width(row_line(row, Columns.for_width(width), NOW, is_cursor=False, is_marked=False)) == width


@pytest.mark.parametrize("text", [THAI, WIDE, "Łódź", "e\u0301clair", "a" * 90])
def test_fitting_gives_exactly_the_cells_asked_for(text: str) -> None:
    for width in range(40):
        assert cell_len(fit(text, width)) == width
        assert cell_len(cut(text, width)) <= width


def test_a_cut_never_parts_a_mark_from_its_letter() -> None:
    for width in range(1, cell_len(THAI)):
        kept = cut(THAI, width).removesuffix("›")
        following = THAI[len(kept) : len(kept) + 1]
        assert not following or cell_len(following) > 0, (width, kept)


def test_a_cut_text_ends_with_a_mark_and_a_fitting_one_does_not() -> None:
    assert cut("Scanner offline", 8) == "Scanner›"
    assert cut("Scanner", 8) == "Scanner"


@pytest.mark.parametrize("text", [THAI * 6, WIDE * 9, "one two three " * 12, "x" * 200])
@pytest.mark.parametrize("width", [8, 21, 56, 84])
def test_wrapping_loses_no_letter_and_keeps_the_width(width: int, text: str) -> None:
    lines = wrap(text, width, 999)

    assert all(cell_len(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_a_text_longer_than_its_lines_says_that_it_goes_on() -> None:
    lines = wrap("word " * 100, 20, 3)

    assert len(lines) == 3
    assert lines[-1].endswith("›")


def test_what_does_not_fit_gives_way_on_the_left() -> None:
    line = spread([("a long name of a view", "text")], [("14:32", "text")], 12)

    assert text_of(line) == "a long› 14:32" or text_of(line).endswith("14:32")
    assert line_width(line) == 12


def test_times_say_no_more_than_is_needed() -> None:
    assert short_time(NOW, NOW, "Europe/Warsaw") == "15:32"
    assert short_time(Instant(NOW - 86_400), NOW, "Europe/Warsaw") == "23.11"
    assert short_time(Instant(NOW - 400 * 86_400), NOW, "Europe/Warsaw") == "10/25"
    assert date_time(Instant(NOW + 86_400), NOW, "Europe/Warsaw") == "25.11. 15:32"
    assert duration(65) == "1m"
    assert duration(3 * 3600 + 300) == "3h 05m"
    assert duration(2 * 86_400 + 4 * 3600) == "2d 4h"


def test_a_zone_nobody_knows_is_told_in_utc() -> None:
    assert short_time(NOW, NOW, "Middle/Earth") == "14:32"


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
@pytest.mark.parametrize("is_reversed", [False, True])
def test_the_status_line_never_cuts_counts_and_clock(width: int, is_reversed: bool) -> None:
    view = View("all", "company", is_reversed)
    counts = Counts(total=20_000, breached=123, due=45)
    line = text_of(status_line(Status(view, counts, "14:32", newer=3, marked=2, person="Anna"), width))

    assert cell_len(line) == width
    for told in (" 20000 ", " 123 BREACHED ", "45 due <30m", "14:32"):
        assert told in line, line
    if width >= 80:
        assert "3 newer" in line and "2 marked" in line


@pytest.mark.parametrize("width", range(60, 200, 7))
@pytest.mark.parametrize("is_demo", [True, False])
def test_failed_mail_is_told_in_the_status_line_and_never_costs_counts_or_clock(width: int, is_demo: bool) -> None:
    counts = Counts(total=20_000, breached=123, due=45)
    status = Status(
        View("all"), counts, "14:32", newer=3, marked=2, is_demo=is_demo, person="Anna Nowak", owed=OwedCounts(2, 0)
    )
    line = status_line(status, width)

    assert line_width(line) == width
    for told in (" 20000 ", " 123 BREACHED ", "45 due <30m", "14:32"):
        assert told in text_of(line)
    if width >= 80:
        assert ("2 mail failed  ", "due bold") in line


def test_without_failed_mail_the_status_line_does_not_speak_of_it() -> None:
    assert "mail" not in text_of(status_line(Status(View(), Counts(12, 0, 0), "14:32"), 120))


def test_with_nothing_late_the_status_line_says_that_no_lamp_is_lit() -> None:
    line = text_of(status_line(Status(View(), Counts(12, 0, 0), "14:32"), 80))

    assert "no lamp lit" in line
    assert "BREACHED" not in line


def test_hints_are_cut_at_a_whole_hint() -> None:
    hints = [(key_name(action.keys[0]), action.hint) for action in ACTIONS if action.hint]
    whole = [f"{key} {word}" for key, word in hints]
    for width in range(20, 140):
        line = text_of(hint_line(hints, width))
        assert cell_len(line) <= width
        shown = line.split()
        assert len(shown) % 2 == 0
        told = [f"{key} {word}" for key, word in zip(shown[::2], shown[1::2], strict=True)]
        assert told == whole[: len(told)]


def test_all_hints_fit_a_screen_of_80_columns() -> None:
    hints = [(key_name(action.keys[0]), action.hint) for action in ACTIONS if action.hint]

    assert text_of(hint_line(hints, 80)).split()[-1] == hints[-1][1]


def test_after_closing_a_promise_used_up_tells_when_it_was_due_and_burns_only_after_the_next_opening() -> None:
    due_at, opening = Instant(NOW - 3 * 3600), Instant(NOW + 5 * 3600)
    clock = Clock(RESOLUTION, RUNNING, 3600, 0, due_at, None, opening)
    told = text_of(clock_words(clock, NOW, "UTC"))
    assert told.startswith("0:00 left, due ") and "BREACHED" not in told
    assert row_lamp(a_row(queue_key=opening), NOW) == Lamp(ON_TIME, 5 * 3600)
    assert text_of(clock_words(clock, Instant(opening + 600), "UTC")) == "!! BREACHED 10m ago"
