"""The demo world: repeatable, in four languages, and true in every column that could be computed again."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.clock import Instant
from core.equipment import REPEAT_WITHIN_SECONDS
from core.errors import DomainError
from core.ids import EntityId
from core.pages import CompanyPage, QueueCounts, QueuePage, TicketPage
from core.queue import ALL_OPEN, BREACHED, DUE, KEPT, NO_PROMISE, ON_TIME, SOON, WAITS, View, lamp
from core.stages import STAGES, legal_moves
from core.timeline import KINDS
from storage.demo import world as demo_world
from storage.demo.dump import dump
from storage.demo.stories import stories_about
from storage.demo.world import fill
from storage.engine import open_file
from storage.new_desk import create_desk
from storage.reads import answer
from storage.rows import ticket_of
from storage.standing import derived_now
from tests.support.fixed import NOON, FixedClock, ids_from
from tests.support.worlds import build, copy_of, world

NOW = Instant(NOON // 1000)
TICKETS = 2_000


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = tmp_path_factory.mktemp("demo") / "desk.db"
    build(path, TICKETS)
    connection = open_file(path)
    connection.execute("PRAGMA query_only = ON")
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def large_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """A desk made the way large ones are, without the wait."""
    path = tmp_path_factory.mktemp("demo") / "large.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo_world, "BULK_FROM", 1_000)
        patch.setattr(demo_world, "BRIEF_FROM", 1_000)
        build(path, 1_000)
    connection = open_file(path)
    yield connection
    connection.close()


def rows_of(folder: Path, name: str, tickets: int, seed: int) -> list[bytes]:
    path = folder / f"{name}.db"
    build(path, tickets, seed)
    connection = open_file(path)
    try:
        return list(dump(connection))
    finally:
        connection.close()


def column(desk: sqlite3.Connection, query: str) -> list[object]:
    return [row[0] for row in desk.execute(query)]


def test_one_seed_always_makes_the_same_world(tmp_path: Path) -> None:
    assert rows_of(tmp_path, "one", 300, seed=7) == rows_of(tmp_path, "other", 300, seed=7)


def test_another_seed_makes_another_world(tmp_path: Path) -> None:
    one, other = rows_of(tmp_path, "one", 300, seed=7), rows_of(tmp_path, "other", 300, seed=8)
    assert len(set(one) & set(other)) == 0


def test_the_desk_is_marked_as_a_demo_and_somebody_sits_at_it(desk: sqlite3.Connection) -> None:
    is_demo, name = desk.execute("SELECT s.is_demo, p.name FROM store s JOIN person p ON p.id = s.person").fetchone()
    assert (is_demo, name) == (1, "Anna")


def test_a_demo_world_leaves_no_operation_that_could_reach_a_hub(desk: sqlite3.Connection) -> None:
    assert column(desk, "SELECT count(*) FROM operation") == [0]


def test_a_desk_that_is_not_a_demo_is_never_filled(tmp_path: Path) -> None:
    clock = FixedClock()
    connection = create_desk(tmp_path / "desk.db", "Real", clock, ids_from(1, clock))
    with pytest.raises(DomainError) as refused:
        fill(connection, tickets=10, seed=1, now=NOW)
    assert (refused.value.code, column(connection, "SELECT count(*) FROM company")) == ("demo.not_empty", [0])
    connection.close()


def test_a_desk_is_filled_only_once(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    build(path, 60)
    connection = open_file(path)
    with pytest.raises(DomainError):
        fill(connection, tickets=60, seed=1, now=NOW)
    assert column(connection, "SELECT count(*) FROM ticket") == [60]
    connection.close()


def test_progress_ends_with_every_ticket_told(tmp_path: Path) -> None:
    clock = FixedClock()
    heard: list[tuple[int, int]] = []
    connection = create_desk(tmp_path / "desk.db", "Demo", clock, ids_from(1, clock), is_demo=True)
    fill(connection, tickets=2_100, seed=1, now=NOW, progress=lambda done, total: heard.append((done, total)))
    connection.close()
    assert heard == [(2_000, 2_100), (2_100, 2_100)]


def test_a_large_world_gets_its_indexes_back(large_desk: sqlite3.Connection, desk: sqlite3.Connection) -> None:
    names = "SELECT name FROM sqlite_master WHERE type = 'index' ORDER BY name"
    assert column(large_desk, names) == column(desk, names)
    assert column(large_desk, "PRAGMA quick_check") == ["ok"]
    assert column(large_desk, "PRAGMA journal_mode") == ["wal"]


def test_a_large_world_tells_old_tickets_in_five_entries(large_desk: sqlite3.Connection) -> None:
    query = "SELECT count(*) FROM entry e JOIN ticket t ON t.id = e.ticket WHERE t.opened_at < ? GROUP BY t.id"
    told = [count for (count,) in large_desk.execute(query, (NOW - 46 * 86_400,))]
    assert len(told) > 500
    assert set(told) == {5}


def wrongly_derived(desk: sqlite3.Connection) -> list[tuple[str, str]]:
    """Numbers and derived columns of tickets that differ from what their rows give when asked anew."""
    names = dict(desk.execute("SELECT id, name FROM company").fetchall())
    cursor = desk.execute("SELECT * FROM ticket")
    titles = [title[0] for title in cursor.description]
    wrong = []
    for raw in cursor.fetchall():
        row = dict(zip(titles, raw, strict=True))
        reporters = desk.execute(
            "SELECT contact FROM ticket_reporter WHERE ticket = ? ORDER BY place", (row["id"],)
        ).fetchall()
        ticket = ticket_of(row, tuple(contact for (contact,) in reporters))
        told = derived_now(desk, ticket, names[ticket.company])
        told["reporter_count"] = len(ticket.reporters)
        wrong += [(row["number"], name) for name, value in told.items() if row[name] != value]
    return wrong


def test_every_derived_column_is_what_the_rows_say(desk: sqlite3.Connection) -> None:
    assert wrongly_derived(desk) == []


def test_derived_columns_of_briefly_told_tickets_are_true_as_well(large_desk: sqlite3.Connection) -> None:
    assert wrongly_derived(large_desk) == []


def test_a_world_is_built_once_and_a_copy_of_it_may_be_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAMPBOARD_WORLDS", str(tmp_path / "worlds"))
    first = world(60)
    built_at = first.stat().st_mtime_ns
    assert world(60).stat().st_mtime_ns == built_at
    assert list((tmp_path / "worlds").iterdir()) == [first]
    mine = open_file(copy_of(first, tmp_path))
    mine.execute("UPDATE ticket SET subject = 'mine'")
    mine.close()
    kept = open_file(first, read_only=True)
    assert column(kept, "SELECT count(*) FROM ticket WHERE subject = 'mine'") == [0]
    kept.close()


def test_a_ticket_is_a_repeat_exactly_when_its_fault_came_back_within_thirty_days(
    desk: sqlite3.Connection,
) -> None:
    opened = defaultdict(list)
    query = "SELECT number, equipment, fault_code, opened_at, is_repeat FROM ticket"
    for number, equipment, fault_code, opened_at, is_repeat in desk.execute(query):
        # A ticket without a machine or a fault is a group of its own.
        key = (equipment, fault_code) if equipment and fault_code else (number, "")
        opened[key].append((opened_at, number, is_repeat))
    wrong = []
    for group in opened.values():
        group.sort()
        for place, (opened_at, number, is_repeat) in enumerate(group):
            near = [at for at, _, _ in group[max(0, place - 1) : place + 2]]
            comes_back = sum(abs(at - opened_at) <= REPEAT_WITHIN_SECONDS for at in near) > 1
            wrong += [number] if bool(is_repeat) != comes_back else []
    assert wrong == []


def test_some_faults_come_back_and_most_do_not(desk: sqlite3.Connection) -> None:
    (repeats,) = column(desk, "SELECT sum(is_repeat) FROM ticket")
    assert 0.03 * TICKETS < int(str(repeats)) < 0.12 * TICKETS


def test_the_largest_customer_has_a_fault_that_keeps_coming_back(desk: sqlite3.Connection) -> None:
    (company,) = column(
        desk, "SELECT company FROM ticket WHERE is_repeat GROUP BY company ORDER BY count(*) DESC LIMIT 1"
    )
    assert isinstance(company, bytes)
    page = answer(desk, CompanyPage(EntityId(company), NOW))
    assert page.repeats
    assert all(len(group.numbers) > 1 for group in page.repeats)


def test_no_subject_is_read_more_often_than_on_every_hundredth_ticket(desk: sqlite3.Connection) -> None:
    subject, count = desk.execute("SELECT subject, count(*) FROM ticket GROUP BY 1 ORDER BY 2 DESC LIMIT 1").fetchone()
    assert count <= TICKETS // 100, subject


def test_tickets_are_told_in_four_languages(desk: sqlite3.Connection) -> None:
    told = Counter(column(desk, "SELECT c.language FROM ticket t JOIN company c ON c.id = t.company"))
    assert set(told) == {"en", "pl", "ru", "th"}
    assert min(told.values()) > TICKETS // 20


def test_a_customer_reads_texts_of_its_own_language(desk: sqlite3.Connection) -> None:
    query = "SELECT subject FROM ticket t JOIN company c ON c.id = t.company WHERE c.language = '{}'"
    thai = [str(subject) for subject in column(desk, query.format("th"))]
    assert all(any("\u0e00" < char < "\u0e7f" for char in subject) for subject in thai)
    english = [str(subject) for subject in column(desk, query.format("en"))]
    assert all(subject.isascii() for subject in english)


def test_no_placeholder_is_left_in_any_text(desk: sqlite3.Connection) -> None:
    assert column(desk, "SELECT subject FROM ticket WHERE subject LIKE '%{%'") == []
    assert column(desk, "SELECT text FROM entry WHERE text LIKE '%{%'") == []


def test_every_stage_is_to_be_seen(desk: sqlite3.Connection) -> None:
    assert set(column(desk, "SELECT DISTINCT stage FROM ticket")) == set(STAGES)


def test_every_move_was_a_legal_one_and_ends_where_the_ticket_stands(desk: sqlite3.Connection) -> None:
    wrong: list[object] = []
    stands: dict[bytes, str] = {}
    query = (
        "SELECT ticket, json_extract(data, '$.was'), json_extract(data, '$.to'),"
        " json_extract(data, '$.stage_class') FROM entry WHERE code = 'ticket.staged' ORDER BY at, id"
    )
    for ticket, was, to, stage_class in desk.execute(query):
        legal = {stage.name: stage.stage_class for stage in legal_moves(was)}
        if stands.get(ticket, "new") != was or legal.get(to) != stage_class:
            wrong.append((ticket, was, to))
        stands[ticket] = to
    wrong += [row for row in desk.execute("SELECT id, stage FROM ticket") if stands.get(row[0], "new") != row[1]]
    assert wrong == []


def test_the_owner_is_the_one_the_timeline_names_last(desk: sqlite3.Connection) -> None:
    query = "SELECT ticket, json_extract(data, '$.owner') FROM entry WHERE code = 'ticket.assigned' ORDER BY at, id"
    named = {ticket: bytes.fromhex(owner) for ticket, owner in desk.execute(query)}
    assert [row for row in desk.execute("SELECT id, owner FROM ticket") if named.get(row[0]) != row[1]] == []


def test_the_morning_queue_has_a_few_red_lamps_and_many_quiet_ones(desk: sqlite3.Connection) -> None:
    rows = answer(desk, QueuePage(View(ALL_OPEN), limit=1_000)).rows
    lamps = Counter(
        lamp(row.sla_state, Instant(row.queue_key) if row.queue_rank == 0 else None, None, NOW).level for row in rows
    )
    assert 180 <= len(rows) <= 260
    assert 3 <= lamps[BREACHED] <= 8
    assert 5 <= lamps[DUE] <= 10
    assert 5 <= lamps[SOON] <= 20
    assert 0.1 * len(rows) < lamps[WAITS] < 0.2 * len(rows)
    assert lamps[KEPT] >= 3
    assert lamps[NO_PROMISE] >= 5
    assert lamps[ON_TIME] > 0.5 * len(rows)


def test_a_sunday_night_has_its_red_lamps_too(tmp_path: Path) -> None:
    sunday_night = Instant(int(datetime(2026, 11, 22, 1, 10, tzinfo=UTC).timestamp()))
    path = tmp_path / "desk.db"
    build(path, 1_000, now=sunday_night)
    connection = open_file(path)
    counts = answer(connection, QueueCounts(View(ALL_OPEN), sunday_night))
    connection.close()
    assert (counts.total, counts.breached, counts.due) == (125, 3, 4)


def test_the_lamp_counts_of_the_queue_agree(desk: sqlite3.Connection) -> None:
    counts = answer(desk, QueueCounts(View(ALL_OPEN), NOW))
    assert (counts.total, counts.breached, counts.due) == (214, 5, 7)


def test_a_waiting_ticket_says_why_and_for_whom(desk: sqlite3.Connection) -> None:
    assert column(desk, "SELECT number FROM ticket WHERE stage = 'waiting' AND waiting_cause = ''") == []
    assert column(desk, "SELECT number FROM ticket WHERE stage <> 'waiting' AND waiting_cause <> ''") == []
    assert len(set(column(desk, "SELECT waiting_party FROM ticket WHERE stage = 'waiting'"))) > 2


def test_numbers_are_unique_and_rise_with_the_time_of_opening(desk: sqlite3.Connection) -> None:
    numbers = [
        int(str(number).removeprefix("T-"))
        for number in column(desk, "SELECT number FROM ticket ORDER BY opened_at, id")
    ]
    assert numbers == list(range(102_260, 104_260))
    assert column(desk, "SELECT last_number FROM store") == [104_259]


def test_nothing_happens_before_the_opening_or_after_now(desk: sqlite3.Connection) -> None:
    query = "SELECT t.number FROM entry e JOIN ticket t ON t.id = e.ticket WHERE e.at < t.opened_at OR e.at > ?"
    assert desk.execute(query, (NOW,)).fetchall() == []
    late = "SELECT number FROM ticket WHERE closed_at > changed_at OR closed_at < opened_at OR changed_at > ?"
    assert desk.execute(late, (NOW,)).fetchall() == []


def test_ids_of_a_timeline_are_in_the_order_it_is_told(desk: sqlite3.Connection) -> None:
    by_time = column(desk, "SELECT id FROM entry ORDER BY ticket, at, id")
    assert by_time == column(desk, "SELECT id FROM entry ORDER BY ticket, id")


def test_entries_are_of_known_kinds_and_replies_were_handed_over(desk: sqlite3.Connection) -> None:
    assert set(column(desk, "SELECT DISTINCT kind FROM entry")) <= set(KINDS)
    query = "SELECT DISTINCT delivery FROM entry WHERE kind = 'message' AND direction = '>'"
    assert column(desk, query) == ["handed"]
    assert column(desk, "SELECT DISTINCT delivery FROM entry WHERE direction <> '>'") == [""]


def test_the_customer_speaks_first_on_every_ticket(desk: sqlite3.Connection) -> None:
    shown = answer(desk, QueuePage(View(ALL_OPEN), limit=50)).rows
    for row in shown:
        page = answer(desk, TicketPage(row.id))
        told = [entry for entry in reversed(page.entries) if entry.text]
        assert (told[0].direction, told[0].at) == ("<", row.opened_at), row.number


REFERENCES = {
    "affiliation": {"contact": "contact", "company": "company"},
    "call_back": {"ticket": "ticket", "contact": "contact", "person": "person"},
    "company": {"account_manager": "person", "deputy_manager": "person"},
    "contract": {"company": "company"},
    "contract_version": {"contract": "contract", "policy": "policy", "calendar": "calendar"},
    "entry": {"ticket": "ticket", "person": "person", "contact": "contact"},
    "equipment": {"company": "company", "model": "model", "site": "site"},
    "person": {"team": "team"},
    "site": {"company": "company", "territory": "territory"},
    "ticket": {
        "company": "company",
        "site": "site",
        "equipment": "equipment",
        "contract_version": "contract_version",
        "owner": "person",
        "team": "team",
    },
    "ticket_reporter": {"ticket": "ticket", "contact": "contact"},
}


@pytest.mark.parametrize("table", REFERENCES)
def test_no_row_points_at_a_record_that_is_not_there(desk: sqlite3.Connection, table: str) -> None:
    for name, other in REFERENCES[table].items():
        (filled,) = column(desk, f"SELECT count({name}) FROM {table}")
        dangling = f"SELECT count(*) FROM {table} WHERE {name} IS NOT NULL AND {name} NOT IN (SELECT id FROM {other})"
        assert (filled != 0, column(desk, dangling)) == (True, [0]), name


def test_what_a_ticket_names_belongs_to_its_company(desk: sqlite3.Connection) -> None:
    for name, table in (("site", "site"), ("equipment", "equipment")):
        query = f"SELECT t.number FROM ticket t JOIN {table} o ON o.id = t.{name} WHERE o.company <> t.company"
        assert column(desk, query) == []
    strangers = (
        "SELECT t.number FROM ticket t JOIN ticket_reporter r ON r.ticket = t.id WHERE NOT EXISTS"
        " (SELECT 1 FROM affiliation a WHERE a.contact = r.contact AND a.company = t.company)"
    )
    assert column(desk, strangers) == []


def test_a_ticket_has_the_contract_that_was_in_force_when_it_was_opened(desk: sqlite3.Connection) -> None:
    in_force = (
        "(SELECT v.id FROM contract_version v JOIN contract k ON k.id = v.contract WHERE k.company = t.company"
        " AND v.valid_from <= t.opened_at AND (v.valid_until IS NULL OR v.valid_until > t.opened_at)"
        " ORDER BY v.valid_from DESC, v.id LIMIT 1)"
    )
    assert column(desk, f"SELECT number FROM ticket t WHERE t.contract_version IS NOT {in_force}") == []


def test_there_are_contracts_of_three_grades_and_customers_without_one(desk: sqlite3.Connection) -> None:
    assert set(column(desk, "SELECT DISTINCT grade FROM contract_version")) == {"gold", "silver", "bronze"}
    query = (
        "SELECT count(*) FROM company c WHERE kind = 'customer'"
        " AND NOT EXISTS (SELECT 1 FROM contract WHERE company = c.id)"
    )
    assert column(desk, query) != [0]


def test_a_fault_is_told_about_a_machine_of_its_kind(desk: sqlite3.Connection) -> None:
    query = (
        "SELECT t.number FROM ticket t LEFT JOIN equipment e ON e.id = t.equipment"
        " LEFT JOIN model m ON m.id = e.model WHERE t.category <> COALESCE(m.category, '')"
    )
    assert column(desk, query) == []


@pytest.mark.parametrize("language", ["en", "pl", "ru", "th"])
def test_every_story_of_a_language_is_told_in_a_small_world(desk: sqlite3.Connection, language: str) -> None:
    query = (
        "SELECT count(DISTINCT t.category || t.fault_code) FROM ticket t"
        " JOIN company c ON c.id = t.company WHERE c.language = ? AND t.fault_code <> ''"
    )
    (told,) = desk.execute(query, (language,)).fetchone()
    categories = column(desk, "SELECT DISTINCT category FROM model")
    known = {
        (category, story.fault_code)
        for category in categories
        for story in stories_about(language, str(category))
        if story.fault_code
    }
    assert told >= 0.85 * len(known)


def test_phone_digits_are_the_digits_of_the_phone(desk: sqlite3.Connection) -> None:
    rows = desk.execute("SELECT phone, phone_digits FROM contact").fetchall()
    assert [row for row in rows if "".join(filter(str.isdigit, row[0])) != row[1] or len(row[1]) < 9] == []


def test_some_callers_have_a_second_number_best_hours_or_a_note_and_most_have_none(desk: sqlite3.Connection) -> None:
    told = "SELECT avg(other_phones <> ''), avg(best_hours <> ''), avg(notes <> '') FROM contact"
    assert all(0.05 < share < 0.6 for share in desk.execute(told).fetchone())


def test_second_numbers_are_those_of_nobody_else(desk: sqlite3.Connection) -> None:
    numbers = column(desk, "SELECT other_phones FROM contact WHERE other_phones <> ''")
    first = set(column(desk, "SELECT phone FROM contact"))
    assert all(len(json.loads(str(one))) == 1 for one in numbers)
    assert not {json.loads(str(one))[0] for one in numbers} & first


def test_work_says_how_many_minutes_it_took(desk: sqlite3.Connection) -> None:
    told = [json.loads(str(data)) for data in column(desk, "SELECT data FROM entry WHERE kind = 'work'")]
    assert told and {facts["minutes"] % 15 for facts in told} == {0}
