"""What a contract covers in words, and how many units the work on record uses."""

from __future__ import annotations

import pytest

from core.coverage import MONTH, TERM, UnitsUsed, clauses, covers, units_period, units_used


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("", ()),
        ('["printers", "PLC panels"]', ("printers", "PLC panels")),
        ('[{"clause": "2.1", "what": "printers"}, {"what": "scales"}]', ("2.1 printers", "scales")),
        ('{"clause": "5.2", "what": "cabling"}', ("5.2 cabling",)),
        ("printers and scanners", ("printers and scanners",)),
        ('[1, null, ["x"], "till"]', ("till",)),
        ("[broken", ()),
        ("[" * 100_000, ()),
    ],
)
def test_a_coverage_document_is_told_in_its_words(document: str, words: tuple[str, ...]) -> None:
    assert clauses(document) == words


def test_an_exclusion_wins_and_what_is_not_named_is_not_decided() -> None:
    assert covers("label_printer", ["Label printer"], []) is True
    assert covers("label_printer", ["label printer"], ["label_printer"]) is False
    assert covers("scale", ["label printer"], ["router"]) is None
    assert covers("", [""], []) is None


def test_hours_are_the_minutes_of_the_work_and_work_without_them_is_counted_apart() -> None:
    works = ['{"minutes": 90}', '{"minutes": 45}', "", '{"minutes": "soon"}', '{"minutes": true}', "[]"]
    assert units_used(works, "hour") == UnitsUsed(2.25, 6, 4)


def test_of_other_units_every_work_uses_one_or_what_it_says() -> None:
    assert units_used(["", '{"units": 3}', '{"minutes": 90}'], "visit") == UnitsUsed(5, 3, 0)


def test_units_are_included_by_the_month_unless_the_contract_says_for_its_whole_term() -> None:
    assert units_period("") == units_period('{"hour": 9500}') == units_period("nonsense") == MONTH
    assert units_period('{"period": "contract"}') == TERM
