"""What a grade may say of contracts, and what a contract version takes over from it."""

from __future__ import annotations

from typing import Any

import pytest

from core.documents import GRADE, check_document
from core.errors import DomainError
from core.grade import promised, taken_over

GOLD: dict[str, Any] = {
    "title": "Gold",
    "policy": "Gold 24/7",
    "calendar": "Round the clock",
    "included_units": 40,
    "unit": "hour",
    "coverage": ["printers", {"what": "scanners", "clause": "3.2"}],
    "exclusions": ["toner"],
}


def test_a_grade_may_say_all_that_a_contract_promises_or_nothing() -> None:
    check_document(GRADE, GOLD)
    check_document(GRADE, {})


@pytest.mark.parametrize(
    ("field", "told", "named"),
    [
        ("title", 7, "title"),
        ("title", "g" * 61, "title"),
        ("policy", ["Gold"], "policy"),
        ("calendar", "c" * 121, "calendar"),
        ("unit", "hour\x00", "unit"),
        ("unit", "h" * 41, "unit"),
        ("included_units", "40", "included_units"),
        ("included_units", True, "included_units"),
        ("included_units", -1, "included_units"),
        ("included_units", 10**9 + 1, "included_units"),
        ("coverage", "printers", "coverage"),
        ("coverage", ["printers", " "], "coverage[1]"),
        ("coverage", [7], "coverage[0]"),
        ("coverage", [{"clause": "3.2"}], "coverage[0]"),
        ("exclusions", [{"what": "toner", "clause": 3}], "exclusions[0]"),
        ("exclusions", [{"what": "toner", "price": "3"}], "exclusions[0]"),
        ("exclusions", ["t" * 4000], "exclusions"),
    ],
)
def test_a_field_that_no_contract_could_hold_is_named(field: str, told: object, named: str) -> None:
    with pytest.raises(DomainError) as refused:
        check_document(GRADE, {**GOLD, field: told})
    assert (refused.value.code, refused.value.facts["field"]) == ("terms.malformed", named)


def test_a_field_written_wrongly_is_told_with_the_one_that_was_meant() -> None:
    with pytest.raises(DomainError) as refused:
        check_document(GRADE, {"polcy": "Gold"})
    assert refused.value.facts == {"field": "polcy", "known": ["policy"]}


def test_what_is_covered_becomes_the_text_that_contracts_keep() -> None:
    assert promised(GOLD)["coverage"] == '["printers",{"clause":"3.2","what":"scanners"}]'
    assert promised({**GOLD, "coverage": [], "unit": ""}).keys() == GOLD.keys() - {"title", "coverage", "unit"}


def test_what_was_said_is_not_taken_over_not_even_where_it_says_nothing() -> None:
    taken = taken_over({"policy": "0a", "exclusions": None}, promised(GOLD))
    assert taken.keys() == {"calendar", "included_units", "unit", "coverage"}


def test_an_amount_is_not_taken_over_without_its_unit() -> None:
    assert "included_units" not in taken_over({"unit": "visit"}, promised(GOLD))
    assert taken_over({"unit": "hour"}, promised(GOLD))["included_units"] == 40
    assert "included_units" not in taken_over({"unit": ""}, promised(GOLD))


def test_no_units_at_all_are_a_promise_too() -> None:
    assert promised({"included_units": 0}) == {"included_units": 0}
