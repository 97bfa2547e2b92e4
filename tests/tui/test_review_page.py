"""The page of conflicts as lines: true words for whose side it is, nothing wider than the screen, no text that acts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.conflicts import ARCHIVED_ACTIVE, CLOSED_UNSEEN, FIELD, LATER, NOT_LEGAL, STAGE, VERSION, Conflict
from core.ids import EntityId
from core.review_shown import BesideShown, ConflictLine, Merged, ReviewPage, ReviewShown
from tests.support.crossed import ELSEWHERE, HERE, ago, crossed, put, side
from tests.support.driver import Desk, demo_desk, sitting_at
from tests.tui.test_hostile_text import HOSTILE, PIECE, looks_harmless
from tui.presenters.cells import line_width
from tui.presenters.review_page import Looking, body_lines, head_lines, rows_shown
from tui.presenters.review_words import between_words, choices, heads, value_lines

ANNA, BORIS, OLGA = (EntityId(letter * 16) for letter in (b"A", b"B", b"O"))
NAMES = {ANNA.hex(): "Anna Lis", BORIS.hex(): "Boris Kos", OLGA.hex(): "Olga Bem"}
NOW = ago(0)
SIZES = [(40, 12), (60, 20), (80, 24), (120, 40), (200, 60)]


def about(field: str, before: object, applied: object, other: object, **changes: Any) -> ConflictLine:
    conflict = Conflict(
        *(EntityId(b"c" * 16), FIELD, "ticket", EntityId(b"t" * 16), field, before),
        *(side(ANNA, 2, applied, HERE), side(BORIS, 1, other), LATER),
    )
    return ConflictLine(replace(conflict, **changes), None, "T-1", "Acme")


def told(line: ConflictLine, me: EntityId) -> tuple[str, str, bool]:
    return heads(line.conflict, me, NAMES)


def test_mine_is_yours_and_the_others_is_theirs_whichever_holds() -> None:
    line = about("priority", 3, 1, 2)
    assert told(line, ANNA) == ("YOURS", "THEIRS", True)
    assert told(line, BORIS) == ("YOURS", "THEIRS", False)


def test_of_two_colleagues_each_stands_under_a_name_the_earlier_first() -> None:
    line = about("priority", 3, 1, 2)
    assert told(line, OLGA) == ("Anna", "Boris", True)
    turned = replace(line.conflict, applied=line.conflict.other, other=line.conflict.applied)
    assert heads(turned, OLGA, NAMES) == ("Anna", "Boris", False)


def test_one_person_at_two_consoles_is_told_apart_by_time() -> None:
    conflict = replace(about("priority", 3, 1, 2).conflict, other=side(ANNA, 1, 2, ELSEWHERE))
    assert heads(conflict, ANNA, NAMES) == heads(conflict, OLGA, NAMES) == ("EARLIER", "LATER", True)


def test_two_of_one_name_on_the_desk_are_told_apart_by_time() -> None:
    line = about("priority", 3, 1, 2)
    assert heads(line.conflict, OLGA, {ANNA.hex(): "Anna", BORIS.hex(): "Anna"}) == ("EARLIER", "LATER", True)


def test_who_met_whom_is_told_in_the_order_of_time() -> None:
    assert (
        between_words(about("priority", 3, 1, 2).conflict, BORIS, NAMES, NOW, "UTC") == "Anna and you, 12:32 to 13:32"
    )


@pytest.mark.parametrize(
    ("field", "value", "lines"),
    [
        ("owner", {"owner": ANNA.hex(), "team": None}, ["Anna Lis"]),
        ("owner", {"owner": None, "team": None}, ["nobody"]),
        ("priority", 2, ["P2"]),
        ("priority", None, ["-"]),
        ("archived", True, ["off the desk"]),
        ("contract", {"contract_version": None, "pinned_at": 0}, ["no contract"]),
        ("equipment", {"equipment": None, "site": None}, ["no equipment"]),
        ("entry:" + "e" * 32, True, ["taken back"]),
        (
            "stage",
            {
                **{"stage": "waiting", "stage_class": 1, "closed_at": None, "resolution_code": ""},
                "waiting": {"cause": "spare part", "party": "vendor", "until": None},
            },
            ["waiting", "for vendor: spare part"],
        ),
        (
            "call_back:" + "e" * 32,
            {"due_at": ago(-1), "number": "+48 1", "contact": None, "note": "", "is_dropped": False},
            ["call at 15:32", "+48 1"],
        ),
    ],
)
def test_each_field_says_its_value_first(field: str, value: object, lines: list[str]) -> None:
    assert value_lines(about(field, None, value, value), value, NAMES, NOW, "UTC") == lines


def test_fields_of_records_are_shown_as_they_are_typed() -> None:
    line = about("order_limit", 100, 12_000_00, 99_50, entity="affiliation")
    shown = [value_lines(line, value, NAMES, NOW, "UTC") for value in (100, 12_000_00, None)]
    assert shown == [["1"], ["12 000"], ["-"]]
    stands = about("archived", None, {"archived": True, "merged_into": OLGA.hex()}, None, entity="contact")
    assert value_lines(stands, stands.conflict.applied.value, NAMES, NOW, "UTC") == ["merged into Olga Bem"]


def test_work_on_what_was_closed_is_told_in_words() -> None:
    done = [{"kind": kind, "text": text} for kind, text in (("ticket.assigned", ""), ("ticket.staged", "on_site"))]
    line = about("closed", None, *done, kind=CLOSED_UNSEEN)
    assert [value_lines(line, one, NAMES, NOW, "UTC") for one in done] == [
        ["changed the owner"],
        ["moved it to on site"],
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("owner", "somebody else's client wrote this"),
        ("stage", {"stage": "new", "waiting": {"cause": "x"}}),
        ("call_back:" + "e" * 32, {"due_at": "noon", "number": None}),
        ("contract", {"contract_version": ["a"], "pinned_at": 10**30}),
        ("priority", {"no": "number"}),
    ],
)
def test_a_value_that_no_console_of_ours_wrote_is_shown_as_it_is(field: str, value: object) -> None:
    line = about(field, value, value, value)
    page = ReviewShown((line,), 1, NAMES)
    look = Looking(ANNA, NOW, "UTC")
    assert value_lines(line, value, NAMES, NOW, "UTC")
    assert head_lines(page, 0, 0, 1, 80, look) and body_lines(line, page, None, 80, 24, look)


def test_work_on_what_was_archived_and_two_versions_of_a_contract_are_told_in_words() -> None:
    added = {"kind": "ticket.opened", "id": "e" * 32}
    names = {**NAMES, "e" * 32: "T-7 Printer jams"}
    line = about("archived:" + "e" * 32, None, {"archived": True}, added, kind=ARCHIVED_ACTIVE, entity="company")
    shown = [value_lines(line, side.value, names, NOW, "UTC") for side in (line.conflict.applied, line.conflict.other)]
    assert shown == [["archived"], ["opened T-7 Printer jams"]]
    assert [choice.does for choice in choices(line, ANNA, names, NOW, "UTC")] == ["leave it archived", "bring it back"]

    one, other = ({"version": id_, "valid_from": ago(-1)} for id_ in (ANNA.hex(), "e" * 32))
    line = about("version:" + "e" * 32, None, one, other, kind=VERSION, entity="contract_version")
    names = {ANNA.hex(): "C-1 GOLD", "e" * 32: "C-1 SILVER", BORIS.hex(): "Boris"}
    assert value_lines(line, other, names, NOW, "UTC") == ["C-1 SILVER", "in force from 15:32"]
    assert choices(line, ANNA, names, NOW, "UTC")[1] == (
        "take back C-1 GOLD of you",
        "C-1 SILVER of Boris comes in force",
    )


def test_the_key_for_the_other_side_says_what_it_will_be() -> None:
    line = about("priority", 3, 1, 2)
    assert [choice.does for choice in choices(line, BORIS, NAMES, NOW, "UTC")] == ["keep P1", "put mine back: P2"]
    assert [choice.does for choice in choices(line, ANNA, NAMES, NOW, "UTC")] == ["keep P1", "take the other: P2"]


def test_a_move_that_was_not_possible_says_so() -> None:
    place = {"stage": "active", "stage_class": 0, "waiting": None, "closed_at": None, "resolution_code": ""}
    line = about("stage", None, place, {**place, "stage": "new"}, kind=STAGE, rule=NOT_LEGAL)
    page = ReviewShown((line,), 1, NAMES)
    shown = head_lines(page, 0, 0, 1, 120, Looking(ANNA, NOW, "UTC"))
    assert "from there the ticket could not move so" in "".join(text for text, _ink in shown[-1][0])


@pytest.fixture(scope="module")
def five(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ReviewShown, Looking]]:
    desk = demo_desk(tmp_path_factory.mktemp("crossed"))
    crossed(desk.path)
    seat = desk.seat()
    yield seat.desk.page_now(ReviewPage()), Looking(seat.person.id, NOW, seat.zone)
    seat.desk.close()


def test_the_page_begins_with_what_is_most_urgent_and_ends_with_versions(five: tuple[ReviewShown, Looking]) -> None:
    fields = [line.conflict.field for line in five[0].lines]
    assert fields == ["priority", "owner", "closed", "address", "version"]


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_no_line_is_wider_than_the_screen(size: tuple[int, int], five: tuple[ReviewShown, Looking]) -> None:
    page, look = five
    width, height = size
    merged = Merged(ANNA, NOW, "entry.posted", "x" * 300)
    beside = BesideShown({}, (), (merged,), 9, NAMES)
    for cursor, line in enumerate(page.lines):
        head = head_lines(page, cursor, 0, rows_shown(height - 3, len(page.lines)), width, look)
        body = body_lines(line, page, beside, width, height, look)
        wide = [one for one in [*(shown for shown, _ground in head), *body] if line_width(one) > width]
        assert wide == []
        assert any("applied" in text for one in body for text, _ink in one)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=str)
async def test_hostile_values_names_and_words_are_texts(size: tuple[int, int], tmp_path: Path) -> None:
    desk = poisoned(tmp_path)
    async with sitting_at(desk, columns=size[0], rows=size[1]) as anna:
        await anna.presses("R")
        await anna.sees("CONFLICTS", "[/x]")
        for _ in range(12):
            await looks_harmless(anna)
            await anna.presses("j")
        await anna.presses("ctrl+d")
        await looks_harmless(anna)


def poisoned(folder: Path) -> Desk:
    """A desk whose conflicts say the worst in every field a fold takes over from an operation."""
    desk = demo_desk(folder)
    conflicts = crossed(desk.path)
    site = next(one for one in conflicts if one.entity == "site")
    closed = next(one for one in conflicts if one.field == "closed")
    place = {**closed.applied.value, "stage": PIECE, "resolution_code": PIECE}
    worse = [
        replace(
            site,
            id=EntityId(bytes([100 + number]) * 16),
            before=text,
            rule=text,
            applied=site.applied._replace(value=text + PIECE),
            other=site.other._replace(value=PIECE + text),
        )
        for number, text in enumerate(HOSTILE)
    ]
    worse += [
        replace(
            closed,
            id=EntityId(b"x" * 16),
            applied=closed.applied._replace(value=place),
            other=closed.other._replace(value={"kind": PIECE, "text": PIECE}),
        ),
        replace(site, id=EntityId(b"y" * 16), field=PIECE, kind=PIECE),
    ]
    put(desk.path, *worse)
    return desk
