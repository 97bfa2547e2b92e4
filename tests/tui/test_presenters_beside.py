"""Contract and equipment as lines: what they tell, in which room, and never wider than their pane."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core.clock import Instant
from core.clock_state import MET, NONE, PAUSED, RUNNING
from core.contract_shown import ContractShown, NoContract, UnitsShown
from core.coverage import HOUR, MONTH, TERM, UnitsUsed
from core.equipment_shown import EquipmentShown, NoEquipment, Relative, Repair
from core.ids import EntityId
from core.sla import FIRST_RESPONSE, RESOLUTION, UPDATE, Clock
from tests.support.fixed import NOON
from tui.presenters.bars import FILLED, TRACK, bar
from tui.presenters.cells import Line, line_width
from tui.presenters.contract_page import contract_lines, header_facts, no_contract_lines
from tui.presenters.equipment_page import equipment_lines, no_equipment_lines
from tui.presenters.equipment_page import header_facts as equipment_facts
from tui.presenters.told import not_read

NOW = Instant(NOON // 1000)
DAY = 86_400
MONTH_BEGAN, MONTH_ENDS = Instant(NOW - 23 * DAY), Instant(NOW + 6 * DAY)
TICKET, OTHER = EntityId(b"1" * 16), EntityId(b"2" * 16)
HOSTILE = "\x1b[31m[/x]\u202e" + "เครื่องพิมพ์電源" * 40 + "\u0301" * 50
SIDE, BODY = 41, 10
"""Cells and lines of the contract's pane at 120x40, its header apart."""


def text_of(line: Line) -> str:
    return "".join(text for text, _ink in line)


def told(lines: list[Line]) -> str:
    return "\n".join(text_of(line) for line in lines)


def ink_of(lines: list[Line], words: str) -> str:
    return next(ink for line in lines for text, ink in line if words in text)


def running(kind: str, minutes_left: int, target_hours: int = 4) -> Clock:
    due_at = Instant(NOW + minutes_left * 60)
    return Clock(kind, RUNNING, target_hours * 3600, 0, due_at, None, due_at)


def units(used: float = 16.5, included: int = 20, untimed: int = 0) -> UnitsShown:
    return UnitsShown(included, HOUR, MONTH, MONTH_BEGAN, MONTH_ENDS, UnitsUsed(used, 7, untimed))


def a_contract(**changes: Any) -> ContractShown:
    facts: dict[str, Any] = {
        "ticket": TICKET,
        "number": "C-2291",
        "grade": "gold",
        "company_name": "Zakłady Łódź",
        "valid_from": Instant(NOW - 300 * DAY),
        "valid_until": Instant(NOW + 400 * DAY),
        "coverage": ("label_printer", "scanner", "PLC"),
        "exclusions": ("cabling", "user training"),
        "clocks": (running(FIRST_RESPONSE, -12), Clock(UPDATE, NONE), running(RESOLUTION, 18)),
        "used": (4 * 3600, 0, 3 * 3600),
        "units": units(),
        "annual_value": 8_400_000,
        "currency": "EUR",
        "paid_until": Instant(NOW + 6 * DAY),
        "zone": "Europe/Warsaw",
        "derived_by": "",
    }
    return ContractShown(**{**facts, **changes})


def a_repair(days_ago: int, **changes: Any) -> Repair:
    at = Instant(NOW - days_ago * DAY)
    facts: dict[str, Any] = {
        "number": "T-103840",
        "fault_code": "E07",
        "subject": "Line stopped",
        "done": "Head cleaned",
    }
    facts |= {"ticket": OTHER, "opened_at": at, "request_type": "fault", "is_open": False, "is_same": True}
    return Repair(**{**facts, **changes})


def an_equipment(**changes: Any) -> EquipmentShown:
    here = a_repair(0, ticket=TICKET, number="T-104233", done="", is_open=True)
    facts: dict[str, Any] = {
        "ticket": TICKET,
        "fault_code": "E07",
        "name": "P-118",
        "serial": "18J204101",
        "maker": "Zebra",
        "model": "ZT411",
        "category": "label_printer",
        "site": "Hall 4",
        "place": "line 4",
        "zone": "Europe/Warsaw",
        "commissioned_at": None,
        "warranty_until": Instant(NOW + 120 * DAY),
        "grade": "gold",
        "is_covered": True,
        "history": (here, a_repair(12), a_repair(26), a_repair(280, fault_code="", done="", is_same=False)),
        "history_in_all": 4,
        "faults": 4,
        "mean_seconds_between": 93 * DAY,
        "parent": None,
        "parts": (),
        "parts_in_all": 0,
        "derived_by": "",
    }
    return EquipmentShown(**{**facts, **changes})


def side(page: ContractShown, height: int = BODY) -> list[Line]:
    return contract_lines(page, SIDE, height, NOW, "UTC")


@pytest.mark.parametrize("width", [60, 80, 120])
def test_without_a_header_the_contract_names_itself_first(width: int) -> None:
    named = contract_lines(a_contract(), width, 8, NOW, "UTC", has_header=False)
    bare = contract_lines(a_contract(), width, 7, NOW, "UTC")

    assert " to " in text_of(named[0]) and a_contract().number in text_of(named[0])
    assert named[1:] == bare


# Bars.


@pytest.mark.parametrize(
    ("share", "filled"), [(0, 0), (0.001, 1), (0.5, 5), (0.999, 9), (1, 10), (1.7, 10), (-0.2, 0), (0.26, 3)]
)
def test_a_bar_is_full_only_when_all_is_used_and_empty_only_when_nothing_is(share: float, filled: int) -> None:
    assert text_of(bar(share, 10, "accent")) == FILLED * filled + TRACK * (10 - filled)


# The contract.


def test_the_side_pane_tells_clocks_units_coverage_and_payment_in_ten_lines() -> None:
    shown = [text_of(line).rstrip() for line in side(a_contract())]
    assert len(shown) == BODY
    assert shown[0].startswith(" response 4h") and shown[0].endswith("!! BREACHED 12m ago")
    assert shown[2].startswith(" resolve  4h") and shown[2].endswith("! 0:18 left, due 14:50")
    assert shown[4].startswith(" hours    Nov") and shown[4].endswith("3.5 of 20 left")
    assert [shown[6], shown[7]] == [" covers    label printer, scanner, PLC", " not       cabling, user training"]
    assert shown[8].startswith(" paid      yes, to ")
    assert shown[9] == " d why the clocks stand there"


def test_a_bar_has_the_ink_of_its_clocks_lamp() -> None:
    lines = side(a_contract())
    inks = [next(ink for text, ink in lines[at] if FILLED in text) for at in (1, 3, 5)]
    assert inks == ["breach_text", "due", "accent"]
    assert text_of(lines[3]).count(FILLED) == round(0.75 * (SIDE - 2))


def test_where_lines_are_few_bars_give_way_to_words() -> None:
    shown = told(side(a_contract(), height=7))
    assert FILLED not in shown
    assert "BREACHED" in shown and "3.5 of 20 left" in shown and "paid" in shown


def test_where_lines_are_many_the_coverage_is_told_whole() -> None:
    many = tuple(f"kind_of_machine_{number}" for number in range(9))
    shown = told(side(a_contract(coverage=many), height=20))
    assert "kind of machine 8" in " ".join(shown.split())


def test_an_answer_that_is_awaited_goes_before_the_first_one() -> None:
    page = a_contract(clocks=(Clock(FIRST_RESPONSE, MET, 3600, 60), running(UPDATE, 90), running(RESOLUTION, 200)))
    assert "update" in told(side(page)) and "response" not in told(side(page))
    assert "response" in told(contract_lines(page, 120, 36, NOW, "UTC"))


def test_units_used_beyond_what_is_included_say_by_how_much() -> None:
    lines = side(a_contract(units=units(used=23.25)))
    assert "! 3.2 over 20" in told(lines)
    assert ink_of(lines, "over") == "due bold"


def test_work_without_a_time_is_counted_beside_the_units() -> None:
    assert "Nov, 3 untimed" in told(side(a_contract(units=units(used=0, untimed=3))))
    wide = told(contract_lines(a_contract(units=units(untimed=1)), 120, 36, NOW, "UTC"))
    assert "1 work entry names no time" in wide


def test_units_of_the_whole_term_say_so() -> None:
    whole = UnitsShown(8, "visit", TERM, MONTH_BEGAN, None, UnitsUsed(8, 8, 0))
    lines = side(a_contract(units=whole))
    assert "visit    whole term" in told(lines)
    assert ink_of(lines, "0 of 8 left") == "due"


@pytest.mark.parametrize(
    ("paid_until", "words", "ink"),
    [
        (NOW + DAY, "yes, to 25.11.2026", "good"),
        (NOW - DAY, "x not since 23.11.2026", "due"),
        (None, "nothing is", "muted"),
    ],
)
def test_payment_is_told_by_its_day(paid_until: int | None, words: str, ink: str) -> None:
    lines = side(a_contract(paid_until=None if paid_until is None else Instant(paid_until)))
    assert ink_of(lines, words) == ink


def test_a_contract_that_ended_says_what_to_do() -> None:
    page = a_contract(valid_until=Instant(NOW - DAY))
    assert "! ended 23.11.2026: ask before billable" in told(side(page))
    assert header_facts(page, NOW) == ("C-2291", "GOLD ended 23.11.2026")


def test_a_contract_without_any_promise_runs_no_clock() -> None:
    shown = told(side(a_contract(clocks=tuple(Clock(kind, NONE) for kind in (FIRST_RESPONSE, UPDATE, RESOLUTION)))))
    assert ". no promise on this ticket" in shown and "why the clocks" not in shown


def test_zoomed_every_clause_stands_in_a_line_of_its_own() -> None:
    page = a_contract(
        clocks=(Clock(FIRST_RESPONSE, MET, 3600, 60), Clock(UPDATE, NONE), Clock(RESOLUTION, PAUSED, 7200))
    )
    lines = [text_of(line) for line in contract_lines(page, 120, 36, NOW, "UTC")]
    assert [line.split("  ")[0].strip() for line in lines if "+ covered" in line] == ["label printer", "scanner", "PLC"]
    assert sum("x not covered" in line for line in lines) == 2
    assert any("no due time while paused" in line for line in lines)
    assert any("full bar = the promise used up" in line for line in lines)


def test_without_a_contract_the_pane_says_whom_to_ask() -> None:
    ended = NoContract(TICKET, "Nordwind", "C-7", Instant(NOW - DAY), "Marek")
    shown = " ".join(told(no_contract_lines(ended, SIDE, NOW)).split())
    assert "No contract on this ticket" in shown and "C-7 of Nordwind ended on 23.11.2026." in shown
    assert "Ask Marek before billable work" in shown and "i note" in shown
    nobody = no_contract_lines(NoContract(TICKET, "Nordwind", "", None, ""), SIDE, NOW)
    assert "Ask the account manager" in " ".join(told(nobody).split())


# The equipment.


def test_the_same_fault_is_counted_and_marked() -> None:
    lines = equipment_lines(an_equipment(), SIDE, NOW, "UTC")
    marked = [text_of(line) for line in lines if " R " in text_of(line)[:9]]
    assert "REPEAT R  E07 3 times in 30 days" in told(lines)
    assert [line[1:6] for line in marked] == ["14:32", "12.11", "29.10"]


def test_a_fault_that_came_once_is_no_repeat() -> None:
    page = an_equipment(history=(a_repair(0, ticket=TICKET), a_repair(90, is_same=False)))
    assert " R " not in told(equipment_lines(page, SIDE, NOW, "UTC"))


def test_the_history_tells_what_was_done_and_before_that_what_is_wrong() -> None:
    lines = [text_of(line).rstrip() for line in equipment_lines(an_equipment(), SIDE, NOW, "UTC")][-4:]
    assert "E07, Line stopped" in lines[0] and lines[0].endswith("T-104233")
    assert "E07, Head cleaned" in lines[1] and "Line stopped" in lines[3]


def test_equipment_says_what_it_is_where_it_stands_and_how_often_it_fails() -> None:
    shown = told(equipment_lines(an_equipment(), 60, NOW, "UTC"))
    for words in (
        *("Zebra ZT411, label printer", "Hall 4, line 4", "18J204101", "+ yes, GOLD", "+ to 03.2027"),
        "every 93 days, 4 faults",
    ):
        assert words in shown
    assert equipment_facts(an_equipment()) == ("P-118", "Zebra ZT411")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"is_covered": False}, "x no, the contract leaves it out"),
        ({"is_covered": None}, "the contract says nothing of it"),
        ({"is_covered": None, "grade": ""}, "no contract says so"),
        ({"warranty_until": Instant(NOW - 90 * DAY)}, "over since 08.2026"),
        ({"warranty_until": None}, "nothing is known"),
        ({"faults": 1, "mean_seconds_between": None}, "1 fault"),
        ({"faults": 0, "mean_seconds_between": None}, "no fault on record"),
        ({"mean_seconds_between": 3600}, "every 1h"),
        ({"parent": Relative("L-4", "Packer", "hall 4")}, "part of   L-4 Packer, hall 4"),
        ({"parts": (Relative("H-1", "", ""),), "parts_in_all": 3}, "H-1 and 2 more"),
        ({"history_in_all": 90}, "86 older tickets are not read here"),
    ],
)
def test_each_fact_of_equipment_has_its_words(changes: dict[str, object], words: str) -> None:
    assert words in told(equipment_lines(an_equipment(**changes), 60, NOW, "UTC"))


def test_without_equipment_the_pane_says_what_to_ask() -> None:
    shown = " ".join(told(no_equipment_lines(NoEquipment(TICKET, "Nordwind", 24), SIDE)).split())
    assert "No equipment is named on this ticket." in shown
    assert "Nordwind has 24 pieces." in shown and "number on its label" in shown and "3 company" in shown


def test_a_pane_that_could_not_be_read_names_the_reason_and_the_key() -> None:
    shown = told(not_read("the disk is full", SIDE))
    assert "could not be read" in shown and "the disk is full" in shown and "ctrl+r reads it again" in shown


# Widths.

POISONED_CONTRACT = a_contract(
    number=HOSTILE,
    grade=HOSTILE,
    coverage=(HOSTILE, "x"),
    exclusions=(HOSTILE,),
    currency=HOSTILE,
    derived_by=HOSTILE,
    units=UnitsShown(3, HOSTILE, MONTH, MONTH_BEGAN, MONTH_ENDS, UnitsUsed(1e8, 10**9, 10**9)),
    valid_until=Instant(NOW - 1),
)
POISONED_EQUIPMENT = an_equipment(
    **dict.fromkeys(("fault_code", "name", "serial", "maker", "model", "category", "site", "place", "grade"), HOSTILE),
    history=(a_repair(0, number=HOSTILE, fault_code=HOSTILE, subject=HOSTILE, done=HOSTILE), a_repair(1)),
    parent=Relative(HOSTILE, HOSTILE, HOSTILE),
    parts=(Relative(HOSTILE, HOSTILE, HOSTILE),) * 9,
    parts_in_all=900,
    derived_by=HOSTILE,
)
EVERY: dict[str, Callable[[int], list[Line]]] = {
    "contract": lambda width: contract_lines(a_contract(), width, width % 30, NOW, "UTC"),
    "poisoned contract": lambda width: contract_lines(POISONED_CONTRACT, width, 40, NOW, "no/zone"),
    "no contract": lambda width: no_contract_lines(NoContract(TICKET, HOSTILE, HOSTILE, NOW, HOSTILE), width, NOW),
    "equipment": lambda width: equipment_lines(an_equipment(), width, NOW, "UTC"),
    "poisoned equipment": lambda width: equipment_lines(POISONED_EQUIPMENT, width, NOW, "UTC"),
    "no equipment": lambda width: no_equipment_lines(NoEquipment(TICKET, HOSTILE, 3), width),
    "not read": lambda width: not_read(HOSTILE, width),
}


@pytest.mark.parametrize("what", EVERY)
def test_no_line_is_wider_than_its_pane_or_acts_on_the_terminal(what: str) -> None:
    for width in range(30, 161):
        for line in EVERY[what](width):
            shown = text_of(line)
            assert line_width(line) <= width, (width, shown)
            assert not any(character in shown for character in "\x1b\u202e\n\x07")
