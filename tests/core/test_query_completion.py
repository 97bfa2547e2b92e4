"""What is offered while a filter is typed, and what becomes of it when it is taken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.query import parse
from core.query_completion import Completion, asks_the_desk, completed, known_here, named_here, place_at
from core.query_tree import Choice, FieldTest


def offered(text: str) -> list[str]:
    """What is offered at the end of a text."""
    return [one.written for one in known_here(place_at(text, len(text)))]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("", "p:"),
        ("p:1 ow", "owner:"),
        ("-st", "stage:"),
        ("(con", "contact:"),
        ("call", "caller:"),
        ("stage:re", "resolved"),
        ("stage:new,wa", "waiting"),
        ("sla:", "<30m"),
        ("sla:b", "breached"),
        ("owner:", "me"),
        ("opened:>y", "yesterday"),
        ("repeat:", "yes"),
    ],
)
def test_what_may_follow_is_offered(typed: str, first: str) -> None:
    assert offered(typed)[0] == first


def test_nothing_is_offered_inside_a_quoted_word() -> None:
    assert offered('"p') == []


@pytest.mark.parametrize(
    ("text", "taken", "becomes"),
    [
        ("p:1 ow", Completion("owner:"), "p:1 owner:|"),
        ("stage:re p:1", Completion("resolved"), "stage:resolved |p:1"),
        ("stage:re", Completion("resolved"), "stage:resolved |"),
        ("co:ac", Completion('"Acme Retail"'), 'co:"Acme Retail" |'),
        ('co:"Acme R', Completion('"Acme Retail"'), 'co:"Acme Retail" |'),
        ("sla:<3", Completion("30m"), "sla:<30m |"),
        ("(stage:ac)", Completion("active"), "(stage:active|)"),
    ],
)
def test_what_is_taken_replaces_what_was_typed_of_it(text: str, taken: Completion, becomes: str) -> None:
    cursor = max(text.find(beginning) + len(beginning) for beginning in ("ow", ":re", "co:ac", "Acme R", "<3", ":ac"))
    told, at = completed(text, place_at(text, cursor), taken)
    assert told[:at] + "|" + told[at:] == becomes


@given(st.text(min_size=1, max_size=12).filter(lambda name: name.strip() == name))
def test_every_name_of_the_desk_that_is_taken_is_read_as_that_name(name: str) -> None:
    place = place_at("co:", 3)
    assert asks_the_desk(place)
    (completion,) = named_here(place, (name,))
    text, _cursor = completed("co:", place, completion)
    assert parse(text) == FieldTest("co", (Choice("", name),))


@given(st.text('co:stage"-,() <=\\ab', max_size=20), st.integers(0, 20))
def test_a_place_is_found_in_any_text(text: str, cursor: int) -> None:
    place = place_at(text, min(cursor, len(text)))
    assert 0 <= place.begins <= min(cursor, len(text)) <= place.ends <= len(text)


def test_a_stage_that_only_this_desk_knows_is_taken_as_it_is_written() -> None:
    place = place_at("stage:", 6)
    text, _cursor = completed("stage:", place, named_here(place, ("pending", "new"))[0])
    assert parse(text) == FieldTest("stage", (Choice("=", "pending"),))
