"""What a keeper writes down of a record is read as the same record; what nobody of us wrote is refused."""

from __future__ import annotations

import json
import zlib
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import Instant
from core.conflicts import FIELD, LATER, Conflict, Writer, side_of
from core.errors import DomainError
from core.ids import EntityId
from core.operations.document_changed import DocumentChanged
from core.operations.envelope import Stamp, canonical_json
from core.operations.operation import Alias, CallBack, Record, State
from core.operations.record_added import RecordAdded
from core.operations.record_changed import Change, RecordChanged
from core.operations.records_merged import RecordsMerged
from core.state_document import (
    VERSION,
    Deed,
    StateDocument,
    as_values,
    deeds_of,
    is_gone,
    packed,
    settled,
    unpacked,
)
from core.state_fields import CALL_BACK_KINDS, CONFLICT_KINDS, ENTRY_KINDS, SIDE_KINDS, STAMP_KINDS, TICKET_KINDS
from core.ticket import Ticket
from core.timeline import Entry
from tests.core.examples import (
    ANNA,
    BORIS,
    COMPANY,
    CONSOLE,
    TICKET,
    any_of,
    ids,
    maybe_ids,
    seconds,
    stamps,
    states,
    texts,
)
from tests.support.fixed import NOON

STAMP = Stamp(CONSOLE, 7, NOON << 16, ANNA, (NOON + 1) << 16, 40, 12)
DOCUMENT = EntityId(b"d" * 16)
values = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts | st.lists(texts, max_size=2)

writers = st.builds(
    Writer, st.builds(replace, stamps, eff=st.integers(0, 2**62), seq=st.integers(0, 2**40)), values, seconds
)
sides = st.builds(side_of, stamps, values)


def conflicts_of(record: EntityId) -> st.SearchStrategy[Conflict]:
    return st.builds(
        Conflict,
        ids,
        st.just(FIELD),
        st.just("ticket"),
        st.just(record),
        texts,
        values,
        sides,
        sides,
        st.just(LATER),
        st.none() | sides,
    )


entries = st.builds(
    Entry,
    ids,
    st.just(TICKET),
    seconds,
    texts,
    st.just("<"),
    maybe_ids,
    maybe_ids,
    texts,
    texts,
    st.dictionaries(texts, values, max_size=2),
    texts,
    st.booleans(),
    texts,
)

ticket_deeds = any_of["ticket.opened"] | any_of["ticket.assigned"] | any_of["conflict.settled"]


@st.composite
def ticket_documents(draw: st.DrawFn) -> StateDocument:
    state = draw(states())
    told = draw(st.lists(entries, max_size=4))
    met = draw(st.lists(conflicts_of(TICKET), max_size=2))
    ticket = replace(state.the_ticket(), reporters=tuple(draw(st.lists(ids, max_size=3))), extra=draw(texts))
    state = State(
        ticket,
        entries=tuple(told),
        call_backs=tuple(
            draw(st.lists(st.builds(CallBack, ids, st.just(TICKET), maybe_ids, texts, seconds, ids), max_size=2))
        ),
        known_entries={**state.known_entries, **{entry.id: entry for entry in told}},
        aliases=tuple(draw(st.lists(st.builds(Alias, texts, texts), max_size=2))),
        writers=draw(st.dictionaries(texts, writers, max_size=3)),
        conflicts={conflict.id: conflict for conflict in met},
    )
    deeds = deeds_of(draw(st.lists(st.tuples(ticket_deeds, stamps), max_size=3)))
    return StateDocument("ticket", TICKET, state, deeds)


def a_company() -> StateDocument:
    state = State()
    done = (
        RecordAdded("company", COMPANY, {"id": COMPANY.hex(), "name": "Alpha", "tier": ""}),
        RecordChanged("company", COMPANY, {"tier": Change("", "gold")}),
        RecordsMerged("company", COMPANY, BORIS),
    )
    for operation in done:
        state = operation.apply(state, STAMP)
    return StateDocument("record", COMPANY, state, deeds_of((operation, STAMP) for operation in done))


@given(ticket_documents())
def test_a_ticket_written_down_is_read_as_the_same_ticket(document: StateDocument) -> None:
    read = unpacked(packed(document))
    assert read == document._replace(state=settled(document.state))
    assert packed(read) == packed(document)


def test_a_record_written_down_has_every_change_and_where_it_was_merged_into() -> None:
    read = unpacked(packed(a_company()))
    assert read.state.records == (
        Record(
            "company",
            {
                "id": COMPANY.hex(),
                "name": "Alpha",
                "tier": "gold",
                "archived": True,
                "merged_into": BORIS.hex(),
            },
        ),
    )


def test_what_made_a_record_and_took_it_off_the_desk_is_kept_with_its_stamp() -> None:
    merged = RecordsMerged("company", COMPANY, BORIS)
    assert unpacked(packed(a_company())).deeds == (
        Deed("record.added", STAMP),
        Deed("records.merged", STAMP, merged.to_document()),
    )


def test_a_calendar_written_down_has_all_its_versions() -> None:
    fields = {"id": DOCUMENT.hex(), "name": "Week", "body": "{}"}
    state = RecordAdded("calendar", DOCUMENT, fields).apply(State(), STAMP)
    for number in (2, 3):
        version = EntityId(bytes([number]) * 16)
        state = DocumentChanged("calendar", DOCUMENT, version, number, Instant(5), "{}").apply(state, STAMP)
    read = unpacked(packed(StateDocument("record", DOCUMENT, state)))
    assert [record.fields.get("number") for record in read.state.records] == [None, 2, 3]


def test_a_fold_goes_on_from_what_was_written_down() -> None:
    change = RecordChanged("company", COMPANY, {"name": Change("Alpha", "Beta")})
    whole = change.apply(a_company().state, STAMP)
    on_top = change.apply(unpacked(packed(a_company())).state, STAMP)
    assert settled(on_top) == settled(whole)


def test_what_was_refused_whole_is_gone() -> None:
    assert is_gone(unpacked(packed(StateDocument("ticket", TICKET, State()))).state)
    assert not is_gone(a_company().state)


@pytest.mark.parametrize(
    ("kinds", "of", "otherwise"),
    [
        (TICKET_KINDS, Ticket, {"waiting"}),
        (ENTRY_KINDS, Entry, {"ticket"}),
        (CALL_BACK_KINDS, CallBack, {"ticket"}),
        (STAMP_KINDS, Stamp, set()),
        (CONFLICT_KINDS, Conflict, {"applied", "other", "settled_by"}),
    ],
)
def test_no_field_is_forgotten(kinds: dict[str, str], of: Any, otherwise: set[str]) -> None:
    assert {field.name for field in fields(of)} == set(kinds) | otherwise


def test_no_part_of_a_side_is_forgotten() -> None:
    assert set(SIDE_KINDS) == set(side_of(STAMP, None)._fields)


def a_ticket() -> dict[str, Any]:
    ticket = Ticket(TICKET, "T-7", "Leak", COMPANY, Instant(1), Instant(2))
    entry = Entry(EntityId(b"e" * 16), TICKET, Instant(1), "note", "#", text="Called back")
    return as_values(StateDocument("ticket", TICKET, State(ticket, known_entries={entry.id: entry})))


def changed(*path: Any, to: Any) -> bytes:
    """The bytes of a ticket's document of which one value is another."""
    document = a_ticket()
    place: Any = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return canonical_json(document)


TOLD = as_values(a_company())["deeds"][0]["stamp"]
HOSTILE = {
    "nothing": b"",
    "no document": b"[]",
    "torn": zlib.compress(canonical_json({"v": 1}))[:-3],
    "more behind it": zlib.compress(canonical_json({"v": 1})) + b"more",
    "not canonical": b'{"v": 1}',
    "twice the same name": b'{"v":1,"v":1}',
    "no number that is one": b'{"v":NaN}',
    "deeper than anybody reads": b'{"v":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "another ticket": changed("ticket", "id", to="00" * 16),
    "a number as text": changed("ticket", "priority", to="1"),
    "yes as a number": changed("ticket", "archived", to=1),
    "a number that no column takes": changed("ticket", "opened_at", to=2**63),
    "a field of nobody": changed("ticket", "stolen", to=1),
    "a short id": changed("entries", 0, "id", to="00"),
    "an id with blanks": changed("entries", 0, "id", to=" ".join(["00"] * 16)),
    "half a deed": changed("deeds", to=[{"kind": "ticket.opened"}]),
    "a deed of no use": changed("deeds", to=[{"kind": "ticket.assigned", "stamp": TOLD, "payload": {}}]),
    "a settlement of nothing": changed("deeds", to=[{"kind": "conflict.settled", "stamp": TOLD, "payload": {}}]),
    "what made it, with a payload": changed("deeds", to=[{"kind": "ticket.opened", "stamp": TOLD, "payload": {}}]),
    "a record in a ticket": changed("records", to=[{"entity": "team", "fields": {"id": TICKET.hex()}}]),
    "a table of ours": changed("entity", to="store"),
    "half an alias": changed("aliases", to=[["uci498"]]),
    "an alias that is no text": changed("aliases", to=[["uci498", 7]]),
    "no list": changed("entries", to={}),
    "the same entry twice": changed("entries", to=[a_ticket()["entries"][0]] * 2),
    "a document of no kind": changed("conflicts", to=[{}]),
}


@pytest.mark.parametrize("told", sorted(HOSTILE))
def test_what_no_keeper_wrote_is_refused_whole(told: str) -> None:
    with pytest.raises(DomainError, match=r"state_document\.unfit"):
        unpacked(HOSTILE[told])


@pytest.mark.parametrize("field", ["rowid", "name; DROP TABLE company", "console"])
def test_a_record_names_no_column_but_its_own(field: str) -> None:
    document = as_values(a_company())
    document["records"][0]["fields"][field] = 1
    with pytest.raises(DomainError, match=r"state_document\.unfit"):
        unpacked(canonical_json(document))


@given(st.binary(max_size=60))
def test_noise_is_refused(noise: bytes) -> None:
    with pytest.raises(DomainError):
        unpacked(noise)


def test_a_document_of_a_newer_program_says_so() -> None:
    with pytest.raises(DomainError, match=r"state_document\.newer"):
        unpacked(json.dumps({"v": VERSION + 1}, separators=(",", ":")).encode())
