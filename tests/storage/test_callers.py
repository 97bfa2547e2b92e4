"""A call comes in: whoever rings is found by what the desk hears or reads first, and by the best reason first."""

from __future__ import annotations

import json
import random
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.caller_words import Known, rank_of, tokens_of, words_of
from core.commands import AddRecord, ChangeRecord, MoveStage, Undo
from core.finding import CallerHit, FindCallers
from core.ids import EntityId
from storage.caller_index import KIND_NAMES, is_stale, note_all, records_of, refresh
from storage.desk import OpenDesk
from storage.engine import open_file
from storage.reads import answer
from tests.storage.desk_story import WAIT_SECONDS, Story, begin
from tests.support.worlds import copy_of, world


def add(story: Story, entity: str, **fields: object) -> EntityId:
    record = story.new_id()
    story.act(AddRecord(entity, dict(fields), record))
    return record


def person(story: Story, name: str, phone: str = "", *, company: EntityId | None = None, **fields: object) -> EntityId:
    contact = add(story, "contact", name=name, phone=phone, **fields)
    place = {"contact": contact.hex(), "company": (company or story.company).hex(), "role": "shift lead"}
    story.act(AddRecord("affiliation", place))
    return contact


def find(story: Story, text: str, limit: int = 9) -> tuple[CallerHit, ...]:
    hits: tuple[CallerHit, ...] = story.desk.page_now(FindCallers(text, limit))
    return hits


def names(story: Story, text: str) -> list[str]:
    return [
        hit.contact_name or hit.equipment_name or hit.contract_number or hit.company_name for hit in find(story, text)
    ]


@pytest.mark.parametrize(
    "typed",
    [
        "8425",
        "58425",
        "425558425",
        "42 555 84 25",
        "+48 42 555 84 25",
        "0048 42 555-84-25",
        "042 555 84 25",
        "(42) 555 84 25",
        "+48 (0)42 555.84.25",
        "+48 042 5558425",
        "５５５８４２５",
    ],
)
def test_a_number_is_found_however_it_is_written(story: Story, typed: str) -> None:
    person(story, "Jan Kowalski", "+48 42 555 84 25")
    (hit,) = find(story, typed)
    assert (hit.contact_name, hit.company_name, hit.role) == ("Jan Kowalski", "Zakłady Łąki", "shift lead")
    assert (hit.phone, hit.matched) == ("+48 42 555 84 25", "+48 42 555 84 25")


@pytest.mark.parametrize("kept", ["042 555 84 25", "0048425558425", "42 555 84 25", "+48 (0) 42 555 84 25 ext. 7"])
def test_a_number_is_found_however_it_was_kept(story: Story, kept: str) -> None:
    person(story, "Jan Kowalski", kept)
    assert names(story, "+48 42 555 84 25") == ["Jan Kowalski"]


def test_another_area_is_another_number(story: Story) -> None:
    person(story, "Jan Kowalski", "+48 42 555 84 25")
    assert find(story, "+48 22 555 84 25") == ()


def test_further_numbers_count_and_the_one_that_hit_is_told(story: Story) -> None:
    person(story, "Jan Kowalski", "+48 42 555 84 25", other_phones=["601 222 333", "601 222 444"])
    assert [hit.matched for hit in find(story, "222444")] == ["601 222 444"]


def test_a_whole_number_stands_before_an_ending_and_an_ending_before_an_inner_part(story: Story) -> None:
    person(story, "Inner", "601 555 1234 9")
    person(story, "Ending", "601 555 1234")
    add(story, "equipment", company=story.company.hex(), serial="1234", inventory_number="P-1")
    assert names(story, "1234") == ["P-1", "Ending", "Inner"]


@pytest.mark.parametrize("typed", ["15p733483", "15P73", "733483", "P7334", "15P 733 483", "p-632", "632", "P632"])
def test_half_a_serial_or_inventory_number_finds_the_equipment(story: Story, typed: str) -> None:
    model = add(story, "model", name="Tag 230", maker="Ombra")
    fields = {"company": story.company.hex(), "model": model.hex()}
    machine = add(story, "equipment", serial="15P733483", inventory_number="P-632", **fields)
    (hit,) = find(story, typed)
    assert (hit.kind, hit.equipment, hit.equipment_name) == ("equipment", machine, "Ombra Tag 230 P-632")
    assert (hit.contact, hit.company) == (None, story.company)
    assert hit.matched == ("P-632" if "632" in typed else "15P733483")


@pytest.mark.parametrize("typed", ["K-1", "k1"])
def test_a_contract_number_finds_the_contract(story: Story, typed: str) -> None:
    (hit,) = find(story, typed)
    assert (hit.kind, hit.contract_number, hit.company_name) == ("contract", "K-1", "Zakłady Łąki")


@pytest.mark.parametrize("typed", ["zaklady laki", "ŁĄKI", "zakł", "aklad", "LAK"])
def test_a_company_is_found_without_its_marks_and_by_any_part(story: Story, typed: str) -> None:
    assert [(hit.kind, hit.company, hit.matched) for hit in find(story, typed)] == [
        ("company", story.company, "Zakłady Łąki")
    ]


@pytest.mark.parametrize("typed", ["kowlaski", "kowalsky", "kowalki", "kowallski", "zakldy"])
def test_a_mistyped_name_is_found(story: Story, typed: str) -> None:
    person(story, "Jan Kowalski")
    assert names(story, typed) == (["Zakłady Łąki"] if typed == "zakldy" else ["Jan Kowalski"])


def test_what_was_typed_right_stands_before_what_a_slip_would_make_of_it(story: Story) -> None:
    person(story, "Anna Nowack")
    person(story, "Zofia Nowak")
    assert names(story, "nowak") == ["Zofia Nowak", "Anna Nowack"]


def test_beginnings_of_words_stand_before_inner_parts(story: Story) -> None:
    person(story, "Bohdan Sejan")
    person(story, "Zofia Janiak")
    person(story, "Zofia Jan")
    assert names(story, "jan") == ["Zofia Jan", "Zofia Janiak", "Bohdan Sejan"]


def test_several_words_all_have_to_hit_and_the_company_counts(story: Story) -> None:
    elsewhere = add(story, "company", name="Tartak Bystrza")
    person(story, "Jan Kowalski")
    person(story, "Jan Wilk", company=elsewhere)
    assert names(story, "jan zakl") == ["Jan Kowalski"]
    assert names(story, "tart jan") == ["Jan Wilk"]
    assert names(story, "jan zakldy") == names(story, "kowlaski zakl") == ["Jan Kowalski"]
    assert names(story, "wilk zakl") == []


def test_a_name_typed_whole_ends_the_search_and_one_letter_less_does_not(story: Story) -> None:
    person(story, "Jan Kowal")
    person(story, "Jan Kowalski")
    person(story, "Kowal Janina")
    assert names(story, "jan kowal") == ["Jan Kowal"]
    assert sorted(names(story, "jan kowa")) == ["Jan Kowal", "Jan Kowalski", "Kowal Janina"]


def test_a_machine_is_found_by_its_number_and_a_word_of_the_company(story: Story) -> None:
    elsewhere = add(story, "company", name="Tartak Bystrza")
    add(story, "equipment", company=story.company.hex(), inventory_number="P-632")
    add(story, "equipment", company=elsewhere.hex(), inventory_number="P-632")
    assert [hit.company_name for hit in find(story, "p-632 tartak")] == ["Tartak Bystrza"]


def test_among_equals_people_with_an_open_ticket_come_first(story: Story) -> None:
    elsewhere = add(story, "company", name="Bystrza")
    person(story, "Adam Jan", company=elsewhere)
    person(story, "Zofia Jan")
    assert names(story, "jan") == ["Adam Jan", "Zofia Jan"]
    ticket = story.open_ticket()
    assert names(story, "jan") == ["Zofia Jan", "Adam Jan"]
    story.act(MoveStage(ticket, "closed"))
    assert names(story, "jan") == ["Adam Jan", "Zofia Jan"]


def test_a_contact_of_two_companies_is_listed_beside_each(story: Story) -> None:
    elsewhere = add(story, "company", name="Bystrza")
    jan = person(story, "Jan Kowalski")
    story.act(AddRecord("affiliation", {"contact": jan.hex(), "company": elsewhere.hex()}))
    assert sorted(hit.company_name for hit in find(story, "kowalski")) == ["Bystrza", "Zakłady Łąki"]


def test_a_contact_taken_back_is_not_found(story: Story) -> None:
    person(story, "Jan Kowalski", "601 555 1234")
    story.act(Undo())
    story.act(Undo())
    assert find(story, "kowalski") == find(story, "1234") == ()


def test_a_record_written_by_another_program_is_found_at_once(story: Story) -> None:
    with sqlite3.connect(story.path) as other:
        other.execute("UPDATE company SET name = 'Nowe Łąki' WHERE id = ?", (story.company,))
    assert names(story, "nowe") == ["Nowe Łąki"]
    assert find(story, "zakl") == ()


HOSTILE = (
    *("", " ", "\0", "'", '"', "- * ( ) ^ : +", "%_", '"jan', "jan* OR", "NEAR(a b)", "a" * 1_000_000, "\ud800"),
    *("\u0e31", "1 " * 500, "x\0y", "\U0001f642", "\u202ejan", "+++", "0" * 12, "NOT", "AND AND", "text:jan", "-jan"),
)


@pytest.mark.parametrize("typed", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_answered_like_any_other(story: Story, typed: str) -> None:
    person(story, "Jan 'AND' \"Kowalski\" *")
    assert isinstance(find(story, typed), tuple)


def test_a_record_full_of_hostile_text_is_written_and_found(story: Story) -> None:
    contact = person(story, "Ewa")
    hostile = ("Jan " + "x" * 200_000 + " \u202e\" ' NOT *", "+48 " + "7" * 5_000, json.dumps(["1"] * 500), contact)
    # As an import leaves it: at the keys a record says no more than its fields hold.
    update = "UPDATE contact SET name = ?, phone = ?, other_phones = ? WHERE id = ?"
    story.desk.write(lambda connection: connection.execute(update, hostile)).result(WAIT_SECONDS)
    story.act(ChangeRecord("contact", contact, {"notes": "loud"}))
    assert [hit.kind for hit in find(story, "jan")] == ["contact"]


# The whole answer beside reading every record.


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    connection = open_file(copy_of(world(2_000), tmp_path_factory.mktemp("callers")))
    yield connection
    connection.close()


def typed_texts(desk: sqlite3.Connection, count: int) -> list[str]:
    """What might be typed: parts of numbers, of names, slips, two words."""
    rng = random.Random(7)
    names = [row[0] for row in desk.execute("SELECT name FROM contact UNION ALL SELECT name FROM company ORDER BY 1")]
    numbers = [row[0] for row in desk.execute("SELECT phone FROM contact UNION ALL SELECT serial FROM equipment")]
    texts = []
    for _ in range(count):
        words, number = words_of(rng.choice(names)), rng.choice(numbers)
        word, cut = rng.choice(words), rng.randrange(3, 6)
        texts += [number, number[-cut:], number[:cut], word[:cut], word[1:cut], word[::2]]
        texts += [f"{rng.choice(words)} {word[:2] + word[3:]}"]
        texts += [word[:2] + word[3:], word[:1] + word[2:3] + word[1:2] + word[3:], f"{word[:3]} {rng.choice(words)}"]
    return [text for text in texts if text.strip()]


def by_reading_everything(desk: sqlite3.Connection) -> list[tuple[str, bytes, bytes, Known, Known]]:
    every = [(kind, id_) for kind, name in enumerate(KIND_NAMES) for (id_,) in desk.execute(f"SELECT id FROM {name}")]
    found = list(records_of(desk, every))
    firms = {one.id: one.known for one in found if KIND_NAMES[one.kind] == "company"}
    nothing = Known((), ())
    return [
        (KIND_NAMES[one.kind], one.id, one.company or b"", one.known, firms.get(one.company or b"", nothing))
        for one in found
    ]


def test_the_best_nine_are_those_of_reading_every_record(desk: sqlite3.Connection) -> None:
    every = by_reading_everything(desk)
    opened = {row[0] for row in desk.execute("SELECT company FROM ticket WHERE queue_rank < 4")}
    for text in typed_texts(desk, 25):
        tokens = tokens_of(text)
        ranked = sorted(
            (rank, company not in opened, KIND_NAMES.index(kind), own.words, id_, company)
            for kind, id_, company, own, around in every
            if (rank := rank_of(tokens, own, around)) is not None
        )
        hits = answer(desk, FindCallers(text))
        expected = [(place[4], place[5]) for place in ranked[:9]]
        got = [(hit.contact or hit.equipment or hit.company, hit.company) for hit in hits]
        contracts = {place[4]: place[5] for place in ranked if place[2] == 3}
        assert got == [(contracts.get(id_, id_), company) for id_, company in expected], text


def test_while_the_index_is_made_the_answer_is_the_same(desk: sqlite3.Connection) -> None:
    texts = typed_texts(desk, 3)
    before = [answer(desk, FindCallers(text)) for text in texts]
    desk.execute("BEGIN")
    note_all(desk)
    assert [answer(desk, FindCallers(text)) for text in texts] == before
    assert refresh(desk, seconds=0.0)
    assert [answer(desk, FindCallers(text)) for text in texts] == before
    assert not refresh(desk)
    assert [answer(desk, FindCallers(text)) for text in texts] == before
    desk.execute("COMMIT")


def test_what_the_index_holds_is_what_it_would_hold_if_made_again(desk: sqlite3.Connection) -> None:
    def held() -> list[object]:
        words = desk.execute("SELECT word, backward, uses FROM find_word ORDER BY word").fetchall()
        keys = desk.execute("SELECT k.key, r.id FROM find_key k JOIN find_record r ON r.n = k.record ORDER BY 1, 2")
        return [
            *words,
            *keys.fetchall(),
            *desk.execute("SELECT kind, id, company, text FROM find_record ORDER BY 2, 3"),
        ]

    before = held()
    desk.execute("BEGIN")
    note_all(desk)
    refresh(desk)
    desk.execute("COMMIT")
    assert held() == before
    assert desk.execute("INSERT INTO find_part (find_part) VALUES ('integrity-check')").fetchall() == []


def test_the_companies_with_open_tickets_are_counted_as_the_queue_has_them(desk: sqlite3.Connection) -> None:
    counted = desk.execute("SELECT company, tickets FROM open_by_company ORDER BY company").fetchall()
    query = "SELECT company, count(*) FROM ticket WHERE queue_rank < 4 AND company IS NOT NULL GROUP BY 1 ORDER BY 1"
    assert counted == desk.execute(query).fetchall()


def test_an_older_file_gets_its_index_in_idle_moments(tmp_path: Path) -> None:
    told = begin(tmp_path / "desk.db")
    person(told, "Jan Kowalski", "601 555 1234")
    told.desk.close()
    with sqlite3.connect(told.path, isolation_level=None) as other:
        for table in ("find_record", "find_key", "find_word"):
            other.execute(f"DELETE FROM {table}")
        other.execute("INSERT INTO find_part (find_part) VALUES ('rebuild')")
        note_all(other)
    desk = OpenDesk(told.path, told.clock, told.new_id)
    assert [hit.contact_name for hit in desk.page_now(FindCallers("kowalski"))] == ["Jan Kowalski"]
    desk.warm_up()
    ends_at = time.monotonic() + WAIT_SECONDS
    with sqlite3.connect(told.path) as other:
        while is_stale(other) and time.monotonic() < ends_at:
            time.sleep(0.01)
        assert not is_stale(other)
    assert [hit.contact_name for hit in desk.page_now(FindCallers("kowalski"))] == ["Jan Kowalski"]
    desk.close()
