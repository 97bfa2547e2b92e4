"""Searching the desk's past: every word, in every script, anywhere in a ticket, and what was saved a moment ago."""

from __future__ import annotations

import random
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.caller_words import words_of
from core.commands import AddRecord, PostEntry, Undo
from core.finding import Search, SearchHit, SearchResult
from core.ids import EntityId
from core.search_words import normal
from core.text import fold, storable
from storage.desk import OpenDesk
from storage.engine import open_file
from storage.reads import answer
from storage.search import matching_tickets
from storage.text_index import forget_all, index_some, is_behind
from tests.storage.desk_story import WAIT_SECONDS, Story, begin
from tests.support.worlds import copy_of, world


def index(story: Story) -> None:
    with sqlite3.connect(story.path, isolation_level=None) as writing:
        writing.execute("BEGIN IMMEDIATE")
        index_some(writing)
        writing.execute("COMMIT")


def find(story: Story, text: str, limit: int = 50, before: tuple[int, int] | None = None) -> SearchResult:
    found: SearchResult = story.desk.page_now(Search(text, limit, before))
    return found


def subjects(story: Story, text: str) -> list[str]:
    return [hit.row.subject for hit in find(story, text).hits]


def shown(hit: SearchHit) -> str:
    return hit.excerpt[hit.at : hit.at + hit.length]


Settle = Callable[[], None]


@pytest.fixture(params=["waiting", "indexed"])
def settle(request: pytest.FixtureRequest, story: Story) -> Settle:
    """Each story is told before the index has heard of it and after."""
    return lambda: index(story) if request.param == "indexed" else None


@pytest.mark.parametrize(
    ("subject", "typed"),
    [
        ("Wałek dociskowy zacięty", "walek ZACIETY"),
        ("Ёлка у ворот", "елка"),
        ("Straße gesperrt", "strasse"),
        ("ฉลากพิมพ์จางช่วงเช้า", "พิมพ์"),
        ("Printer P-632 shows E11", "p-632 e11"),
        ("Printer P-632 shows E11", "63 rin"),
        ("Compressor trips", "co tr"),
        ("Scanner 47", "4"),
    ],
)
def test_a_ticket_is_found_by_parts_of_its_words(story: Story, settle: Settle, subject: str, typed: str) -> None:
    story.open_ticket("Something else")
    story.open_ticket(subject)
    settle()
    assert subjects(story, typed) == [subject]


def test_two_letters_begin_a_word(story: Story, settle: Settle) -> None:
    story.open_ticket("Drum")
    story.open_ticket("Rum")
    settle()
    assert subjects(story, "ru") == ["Rum"]


def test_all_words_have_to_be_somewhere_in_the_ticket(story: Story, settle: Settle) -> None:
    ticket = story.open_ticket("Printer jams", text="The fuser is worn")
    story.open_ticket("Printer is slow")
    story.act(PostEntry(ticket, "note", "Ordered a new roller"))
    settle()
    assert subjects(story, "printer fuser roller") == ["Printer jams"]


def test_the_excerpt_shows_where_it_was_found(story: Story, settle: Settle) -> None:
    ticket = story.open_ticket("Printer jams")
    note = "x " * 100 + "Zamówiono nowy wałek, będzie w środę " + "y " * 100
    story.act(PostEntry(ticket, "note", note))
    settle()
    (hit,) = find(story, "walek").hits
    assert (shown(hit), hit.is_near) == ("wałek", False)
    assert hit.excerpt.startswith("x x ") and len(hit.excerpt) <= 120
    assert hit.entry is not None


def test_a_note_taken_back_is_not_found(story: Story, settle: Settle) -> None:
    ticket = story.open_ticket("Printer jams")
    story.act(PostEntry(ticket, "note", "secret roller"))
    settle()
    story.act(Undo())
    assert subjects(story, "roller") == []


def test_newest_tickets_come_first_and_pages_follow_each_other(story: Story, settle: Settle) -> None:
    for number in range(12):
        story.clock.forward(minutes=7)
        story.open_ticket(f"Jam {number}")
    settle()
    page = find(story, "jam", limit=5)
    seen = [hit.row.subject for hit in page.hits]
    while page.following is not None:
        page = find(story, "jam", limit=5, before=page.following)
        seen += [hit.row.subject for hit in page.hits]
    assert seen == [f"Jam {number}" for number in reversed(range(12))]


@pytest.mark.parametrize(
    ("subject", "typed", "is_met"),
    [
        ("Drukarka stoi", "drukraka", "Drukarka"),
        ("Drukarka stoi", "drukara", "Drukarka"),
        ("Drukarka stoi", "drukarkka", "Drukarka"),
        ("Pompa stoi", "poapa", "Pompa"),
        ("Насос гудит", "насса", ""),
        ("Принтер стоит", "прнтер", "Принтер"),
        ("Jam in tray", "jma", ""),
    ],
)
def test_one_slip_is_forgiven_in_a_word_of_five(
    story: Story,
    settle: Settle,
    subject: str,
    typed: str,
    is_met: str,
) -> None:
    story.open_ticket(subject)
    index(story)
    settle()
    hits = find(story, typed).hits
    assert [(shown(hit), hit.is_near) for hit in hits] == ([(is_met, True)] if is_met else [])


def test_a_slip_inside_thai_is_forgiven(story: Story, settle: Settle) -> None:
    story.open_ticket("ลิฟต์เครื่องพิมพ์จางช่วงเช้า")
    settle()
    for typed in ("เครือ่ง", "เครืองพิมพ์", "เครื่องพิพม์"):
        (hit,) = find(story, typed).hits
        assert hit.is_near


def test_hits_with_a_slip_come_after_the_others(story: Story, settle: Settle) -> None:
    story.open_ticket("Drukarka one")
    story.clock.forward(minutes=5)
    story.open_ticket("Drukarki two")
    index(story)
    settle()
    assert [(hit.row.subject, hit.is_near) for hit in find(story, "drukarka").hits] == [
        ("Drukarka one", False),
        ("Drukarki two", True),
    ]


def test_equipment_is_found_by_model_and_place(story: Story, settle: Settle) -> None:
    model = story.new_id()
    story.act(AddRecord("model", {"name": "Tag 230", "maker": "Ombra"}, model))
    fields = {"company": story.company.hex(), "model": model.hex(), "serial": "15P733483", "place": "hala 9, linia 1"}
    machine = story.act(AddRecord("equipment", fields)).touched[0]
    settle()
    for typed in ("ombra hala", "733483", "linia tag"):
        assert [hit.equipment for hit in find(story, typed).equipment] == [machine], typed


def test_a_renamed_model_is_found_by_its_new_name(story: Story) -> None:
    model = story.new_id()
    story.act(AddRecord("model", {"name": "Tag 230", "maker": "Ombra"}, model))
    story.act(AddRecord("equipment", {"company": story.company.hex(), "model": model.hex(), "serial": "15P"}))
    index(story)
    with sqlite3.connect(story.path) as other:
        other.execute("UPDATE model SET maker = 'Kestria'")
    assert len(find(story, "kestria").equipment) == 1
    index(story)
    assert len(find(story, "kestria").equipment) == 1
    assert find(story, "ombra").equipment == ()


HOSTILE = (
    *("", " ", "\0", "'", '"', "- * ( ) ^ : +", "%_", '"jam', "jam* OR", "NEAR(a b)", "a" * 1_000_000, "\ud800"),
    *(
        "\u0e31",
        "1 " * 500,
        "x\0y",
        "\U0001f642",
        "\u202ejam",
        "NOT",
        "AND AND",
        "text:jam",
        "-jam",
        "\u0301",
        "é" * 300,
    ),
)


@pytest.mark.parametrize("typed", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_searched_like_any_other(story: Story, settle: Settle, typed: str) -> None:
    story.open_ticket('Jam "AND" OR * (x')
    settle()
    assert isinstance(find(story, typed), SearchResult)


@pytest.mark.parametrize("text", HOSTILE[2:], ids=range(len(HOSTILE[2:])))
def test_hostile_text_in_a_note_does_not_hinder_the_others(story: Story, text: str) -> None:
    ticket = story.open_ticket("Printer jams")
    if storable(text)[0].strip():
        story.act(PostEntry(ticket, "note", storable(text)[0]))
    index(story)
    assert subjects(story, "printer") == ["Printer jams"]


def test_a_megabyte_is_found_to_its_end(story: Story, settle: Settle) -> None:
    ticket = story.open_ticket("Log")
    story.act(PostEntry(ticket, "note", "lorem ipsum " * 80_000 + "needle"))
    settle()
    (hit,) = find(story, "needle").hits
    assert shown(hit) == "needle"


def test_what_waits_beyond_reading_is_said(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.search.MOST_WAITING", 3)
    for number in range(5):
        story.open_ticket(f"Jam {number}")
    assert find(story, "jam").waiting == 5
    index(story)
    assert find(story, "jam").waiting == 0


def test_the_console_indexes_what_was_written_within_a_second(tmp_path: Path) -> None:
    told = begin(tmp_path / "desk.db")
    told.desk.warm_up()
    told.open_ticket("Printer jams")
    ends_at = time.monotonic() + WAIT_SECONDS
    with told.look() as other:
        while is_behind(other) and time.monotonic() < ends_at:
            time.sleep(0.01)
        assert not is_behind(other)
    assert subjects(told, "printer") == ["Printer jams"]
    told.desk.close()


def test_another_console_finds_it_as_well(story: Story, settle: Settle) -> None:
    other = OpenDesk(story.path, story.clock, story.new_id)
    story.open_ticket("Printer jams")
    settle()
    assert [hit.row.subject for hit in other.page_now(Search("printer")).hits] == ["Printer jams"]
    other.close()


def test_a_slice_that_was_broken_off_is_made_again(story: Story) -> None:
    story.open_ticket("Printer jams")
    with sqlite3.connect(story.path, isolation_level=None) as writing:
        writing.execute("BEGIN IMMEDIATE")
        index_some(writing)
        writing.execute("ROLLBACK")
        assert is_behind(writing)
    assert subjects(story, "printer") == ["Printer jams"]
    index(story)
    assert subjects(story, "printer") == ["Printer jams"]


def test_an_index_that_was_forgotten_is_made_anew(story: Story) -> None:
    story.open_ticket("Printer jams")
    story.act(AddRecord("equipment", {"company": story.company.hex(), "serial": "15P733483"}))
    index(story)
    with sqlite3.connect(story.path, isolation_level=None) as writing:
        forget_all(writing)
        assert is_behind(writing)
    index(story)
    assert subjects(story, "printer") == ["Printer jams"]
    assert len(find(story, "733483").equipment) == 1


# The whole answer beside reading every ticket.


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    connection = open_file(copy_of(world(2_000), tmp_path_factory.mktemp("search")))
    yield connection
    connection.close()


def written(desk: sqlite3.Connection) -> dict[bytes, str]:
    """Every ticket's texts that a person can read."""
    texts = {
        id_: f"{subject}\n{number}" for id_, number, subject in desk.execute("SELECT id, number, subject FROM ticket")
    }
    for ticket, text in desk.execute("SELECT ticket, text FROM entry WHERE hidden = 0 AND text <> ''"):
        texts[ticket] += "\n" + text
    return texts


SCRIPTS = {"english": "a-z", "polish": "ąćęłńóśźż", "russian": "а-я", "thai": "ก-ฮ"}


@pytest.mark.parametrize("script", SCRIPTS)
def test_nothing_is_missed_that_reading_every_ticket_finds(desk: sqlite3.Connection, script: str) -> None:
    rng = random.Random(script)
    texts = {id_: fold(text) for id_, text in written(desk).items()}
    letters = re.compile(f"[{SCRIPTS[script]}]")
    met = sorted(
        {word for text in written(desk).values() for word in re.findall(r"[^\s!-/:-@\[-`{-~–—„”«»…]+", text.casefold())}
    )
    words = [word for word in met if letters.search(word) and len(fold(word)) >= 3]
    for _ in range(200):
        word = fold(rng.choice(words))
        start = rng.randrange(len(word) - 2) if script == "thai" or rng.random() < 0.5 else 0
        part = word[start : start + rng.randint(3, 8)]
        if len(part) < 3 or words_of(part) != (part,):
            continue
        expected = {id_ for id_, text in texts.items() if part in text}
        found = matching_tickets(desk, part, at_most=10_000)
        assert found.is_all
        assert set(found.tickets) == expected, part


def test_the_first_page_is_the_newest_fifty(desk: sqlite3.Connection) -> None:
    opened = dict(desk.execute("SELECT id, opened_at FROM ticket").fetchall())
    for typed in ("printer", "drukark", "เครื่อง"):
        expected = {id_ for id_, text in written(desk).items() if typed in normal(text)}
        times = sorted((opened[id_] for id_ in expected), reverse=True)[:50]
        hits = [hit for hit in answer(desk, Search(typed)).hits if not hit.is_near]
        assert [hit.row.opened_at for hit in hits] == pytest.approx(times, abs=64)
        assert {hit.row.id for hit in hits} <= expected


def test_open_tickets_alone_are_all_found(desk: sqlite3.Connection) -> None:
    texts = written(desk)
    opened = {row[0] for row in desk.execute("SELECT id FROM ticket WHERE queue_rank < 4")}
    found = matching_tickets(desk, "printer", at_most=10_000, open_only=True)
    assert set(found.tickets) == {id_ for id_ in opened if "printer" in normal(texts[id_])}
    assert found.is_all and all(isinstance(one, bytes) for one in found.tickets)
    assert EntityId(b"") not in found.tickets
