"""What a filter means when it is read, how it is written back, and where it says it cannot be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.query import LONGEST, QueryError, check_people, parse, tidy
from core.query_fields import FIELDS, Field
from core.query_tree import HAS, IS, ME, NOTHING, Both, Choice, Either, FieldTest, Not, Tree, Words, written
from tests.core.queries import trees


@given(trees())
def test_a_filter_read_again_is_the_same_filter(tree: Tree) -> None:
    assert parse(written(tree)) == tree


@given(st.text(max_size=60) | st.text('()|-,:<>="\\ porme1not', max_size=40))
def test_any_text_is_read_or_refused_at_a_place_inside_it(text: str) -> None:
    refused, tree = None, None
    try:
        tree = parse(text)
    except QueryError as error:
        refused = error
    assert parse(written(tree)) == tree
    assert refused is None or (0 <= refused.column <= len(text) and refused.length >= 1)


def test_the_words_of_the_console_design_are_read() -> None:
    assert parse("p:1 co:acme sla:<30m") == Both(
        (
            FieldTest("p", (Choice(HAS, "1"),)),
            FieldTest("co", (Choice(HAS, "acme"),)),
            FieldTest("sla", (Choice("<", "30m"),)),
        )
    )


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_the_example_of_every_field_is_read_and_written_back(field: Field) -> None:
    example = field.example
    assert parse(tidy(example)) == parse(example)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  p:1   and CO:Acme ", "p:1 co:Acme"),
        ("priority:=2", "p:2"),
        ("owner:ME,-", "owner:me,-"),
        ('owner:"me"', 'owner:"me"'),
        ("sla:30m", "sla:<30m"),
        ("opened:24h", "opened:<1d"),
        ("age:>2w", "age:>14d"),
        ("stage:on-site", "stage:on_site"),
        ("class:w", "class:waiting"),
        ('stage:"with vendor"', 'stage:="with vendor"'),
        ("not not printer", "printer"),
        ("-(p:1 or p:2) (x)", "-(p:1 or p:2) x"),
        ("a | b c | d", "a or b c or d"),
        ('"or" "a b"', '"or" "a b"'),
        ("p:1,1,2", "p:1,2"),
        ("", ""),
    ],
)
def test_what_is_typed_is_kept_in_one_form(typed: str, kept: str) -> None:
    assert tidy(typed) == kept


def test_and_binds_closer_than_or_and_not_closest() -> None:
    assert parse("-a b or c") == Either((Both((Not(Words("a")), Words("b"))), Words("c")))


def test_me_nobody_and_a_name_are_three_things() -> None:
    assert parse("owner:me,-,=Anna") == FieldTest("owner", (Choice(ME), Choice(NOTHING), Choice(IS, "Anna")))


@pytest.mark.parametrize(
    ("typed", "code", "column", "length"),
    [
        ("p:1 compny:x", "query.unknown_field", 4, 6),
        ("p:1,one", "query.no_number", 4, 3),
        ("p:", "query.value_missing", 2, 1),
        ("p:1 sla:", "query.value_missing", 8, 1),
        ("stage:activ,ooo", "query.unknown_word", 12, 3),
        ("sla:<soonish", "query.no_time", 5, 7),
        ("age:3", "query.no_time", 4, 1),
        ("opened:2026-02-30", "query.no_time", 7, 10),
        ("co:<a", "query.no_comparison", 3, 1),
        ('co:"a b', "query.quote_open", 3, 4),
        ("(p:1", "query.bracket_open", 0, 1),
        ("p:1) x", "query.bracket_unopened", 3, 1),
        ("p:1 or", "query.part_missing", 6, 1),
        ("a or or b", "query.part_missing", 5, 1),
        ("x -", "query.part_missing", 2, 1),
        ("()", "query.part_missing", 1, 1),
        ("co:acme p:9", "query.unknown_word", 10, 1),
        ("(" * 30 + "a", "query.too_deep", 21, 1),
        ("a" * (LONGEST + 1), "query.too_long", LONGEST, 1),
    ],
)
def test_a_filter_that_cannot_be_read_says_where(typed: str, code: str, column: int, length: int) -> None:
    with pytest.raises(QueryError) as refused:
        parse(typed)
    assert (refused.value.code, refused.value.column, refused.value.length) == (code, column, length)


@pytest.mark.parametrize(
    ("typed", "column", "length"),
    [
        ("owner:zzz", 6, 3),
        ("p:1 -owner:me,=ann", 15, 3),
        ('(owner:"Pan Zzz" or x)', 7, 9),
        ("owner:Anna owner:zz", 17, 2),
    ],
)
def test_somebody_nobody_is_called_like_is_told_at_their_column(typed: str, column: int, length: int) -> None:
    parse(typed)
    with pytest.raises(QueryError) as refused:
        check_people(typed, ("Anna", "Żaneta Pan"))
    assert (refused.value.code, refused.value.column, refused.value.length) == ("query.nobody", column, length)
    known = refused.value.facts["known"]
    assert isinstance(known, tuple)
    assert set(known) == {"Anna", '"Żaneta Pan"'}


@pytest.mark.parametrize("typed", ["", "owner:me", "owner:-", "owner:NN", "owner:=anna", "owner:zaneta", "co:zzz"])
def test_people_that_are_there_may_be_asked_for_in_any_way(typed: str) -> None:
    check_people(typed, ("Anna", "Żaneta Pan"))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("compny:x", "company"), ("onwer:x", "owner"), ("stage:reslved", "resolved"), ("sla:brech", "breached")],
)
def test_the_known_word_that_was_probably_meant_is_told_first(typed: str, meant: str) -> None:
    with pytest.raises(QueryError) as refused:
        parse(typed)
    known = refused.value.facts["known"]
    assert isinstance(known, tuple)
    assert known[0] == meant
