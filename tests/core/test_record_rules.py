"""What a record may say: every rule names the field that breaks it, and what stood there before is left in peace."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest

from core.errors import Refused
from core.ids import EntityId
from core.phones import digits_of, is_number, same_number
from core.record_fields import DESK_ENTITIES, FIELDS, Field, form_fields
from core.record_rules import Period, check_record, problems_of
from core.record_text import shown_value, typed_value

HERE, THERE, HALL, SHED = (EntityId(bytes([n]) * 16) for n in range(30, 34))


@dataclass
class Shelf:
    """Two companies, each with a hall."""

    held: dict[tuple[str, EntityId], dict[str, Any]] = field(
        default_factory=lambda: {
            ("company", HERE): {"name": "Here"},
            ("company", THERE): {"name": "There", "parent": HERE.hex()},
            ("site", HALL): {"name": "Hall", "company": HERE.hex()},
            ("site", SHED): {"name": "Shed", "company": THERE.hex()},
        }
    )

    def record(self, entity: str, record: EntityId) -> dict[str, Any] | None:
        return self.held.get((entity, record))

    def periods_of(self, contract: EntityId) -> Iterable[Period]:
        return (Period(SHED, 1000, 2000),)


def told(entity: str, **fields: Any) -> list[tuple[str, str]]:
    """Codes and fields of everything that is wrong with a record that says this."""
    return [(one.code, one.field) for one in problems_of(entity, HERE, fields, fields, Shelf())]


@pytest.mark.parametrize(
    ("entity", "fields", "code", "at"),
    [
        ("company", {"name": "  "}, "record.field_missing", "name"),
        ("company", {"name": "x" * 121}, "record.text_too_long", "name"),
        ("company", {"kind": "rival"}, "record.no_such_choice", "kind"),
        ("company", {"country": "PLL"}, "record.unknown_country", "country"),
        ("company", {"language": "polish"}, "record.unknown_language", "language"),
        ("company", {"currency": "ZŁ"}, "record.unknown_currency", "currency"),
        ("company", {"annual_value": 100}, "record.currency_missing", "currency"),
        ("company", {"annual_value": -1, "currency": "PLN"}, "record.number_out_of_range", "annual_value"),
        ("company", {"annual_value": 1.5, "currency": "PLN"}, "record.no_number", "annual_value"),
        ("company", {"account_manager": "ff" * 16}, "record.unknown_reference", "account_manager"),
        ("company", {"parent": "no id"}, "record.unknown_reference", "parent"),
        ("site", {"company": None}, "record.field_missing", "company"),
        ("site", {"zone": "Europe/Atlantis"}, "record.unknown_zone", "zone"),
        ("site", {"zone": "../../etc/passwd"}, "record.unknown_zone", "zone"),
        ("site", {"latitude": 91.0}, "record.number_out_of_range", "latitude"),
        ("contact", {"phone": "call reception"}, "contact.no_phone_number", "phone"),
        ("contact", {"phone": "12"}, "contact.no_phone_number", "phone"),
        ("contact", {"phone": "1" * 21}, "contact.no_phone_number", "phone"),
        ("contact", {"other_phones": ["112 113", "+"]}, "contact.no_phone_number", "other_phones"),
        ("contact", {"other_phones": ["112 113", "(112)113"]}, "contact.number_twice", "other_phones"),
        ("contact", {"phone": "+48 22 1", "other_phones": ["0048 22 1"]}, "contact.number_twice", "other_phones"),
        ("contact", {"email": "ewa at firm"}, "contact.no_mail_address", "email"),
        ("contact", {"email": "ewa\n@firm.example"}, "contact.no_mail_address", "email"),
        ("affiliation", {"since": 2000, "until": 1000}, "record.ends_before_it_begins", "until"),
        ("affiliation", {"may_order": "perhaps"}, "record.no_flag", "may_order"),
        ("equipment", {"company": HERE.hex(), "site": SHED.hex()}, "equipment.site_of_another", "site"),
        ("equipment", {"serial": "", "inventory_number": ""}, "equipment.without_number", "serial"),
        ("equipment", {"warranty_until": "soon"}, "record.no_day", "warranty_until"),
        (
            "contract_version",
            {"contract": HALL.hex(), "valid_from": 1000},
            "contract.version_begins_then",
            "valid_from",
        ),
        ("contract_version", {"coverage": "{"}, "record.malformed", "coverage"),
        ("person", {"skills": ["", "pl"]}, "record.malformed", "skills"),
        ("company", {"parent": THERE.hex()}, "record.parent_cycle", "parent"),
    ],
)
def test_what_cannot_stay_is_named_with_its_field(entity: str, fields: dict[str, Any], code: str, at: str) -> None:
    assert (code, at) in told(entity, **fields)


@pytest.mark.parametrize(
    ("entity", "fields"),
    [
        ("company", {"name": "Żółć [/bold] \x1b[31m", "country": "PL", "annual_value": 0, "currency": "PLN"}),
        ("contact", {"phone": "+48 (22) 555-01.02 ext. 7", "other_phones": ["0600/555 017"], "email": "a.b@c.example"}),
        ("site", {"zone": "Asia/Bangkok", "latitude": -33, "longitude": 151.2}),
        ("contract_version", {"contract": HALL.hex(), "valid_from": 2000, "valid_until": None}),
        ("equipment", {"company": HERE.hex(), "site": HALL.hex(), "serial": "A-1"}),
    ],
)
def test_what_is_usual_is_allowed(entity: str, fields: dict[str, Any]) -> None:
    assert told(entity, **fields) == []


def test_what_was_wrong_before_does_not_keep_anybody_from_changing_something_else() -> None:
    imported = {"name": "Ewa", "phone": "reception", "language": "polish", "notes": "loud"}
    assert list(problems_of("contact", HERE, imported, ("notes",), Shelf())) == []


def test_a_refusal_names_the_first_problem_and_lists_all() -> None:
    with pytest.raises(Refused, match=r"record.field_missing") as refused:
        check_record("contact", None, {"phone": "x"}, ("name", "phone"), Shelf())
    assert refused.value.facts["field"] == "name"
    assert refused.value.facts["problems"] == [["record.field_missing", "name"], ["contact.no_phone_number", "phone"]]


@pytest.mark.parametrize("number", ["", "+", "12", "call me", "٣٤", "1" * 21, "112\x1b[31m", "<script>"])
def test_what_cannot_be_dialled_is_no_number(number: str) -> None:
    assert not is_number(number)


@pytest.mark.parametrize("number", ["112", "+48 (22) 555-01-02", "00 48 22 5550102", "٠٢٢ ٥٥٥", "600.555.017 wew. 12"])
def test_a_number_may_be_written_as_people_write_it(number: str) -> None:
    assert is_number(number)


def test_digits_of_any_script_are_the_same_digits() -> None:
    assert digits_of("+٤٨ (22)") == "4822"
    assert same_number("0048 22", "+48-22") and not same_number("48 22", "48 23")


# How fields are typed and shown.

WARSAW = "Europe/Warsaw"


def field_named(name: str) -> Any:
    return next(one for fields in FIELDS.values() for one in fields if one.name == name)


@pytest.mark.parametrize(
    ("name", "typed", "value", "shown"),
    [
        ("annual_value", "12 000", 1_200_000, "12 000"),
        ("annual_value", "12,000.50", 1_200_050, "12 000.50"),
        ("annual_value", "12.000,5", 1_200_050, "12 000.50"),
        ("annual_value", "1'000", 100_000, "1 000"),
        ("annual_value", "", None, ""),
        ("valid_from", "2026-11-24", 1_795_474_800, "2026-11-24"),
        ("valid_from", "24.11.2026", 1_795_474_800, "2026-11-24"),
        ("other_phones", " 112 113 , +48 22 ;", ["112 113", "+48 22"], "112 113, +48 22"),
        ("may_order", "tak", True, "yes"),
        ("may_order", "", False, "no"),
        ("coverage", "printers, scanners", '["printers","scanners"]', "printers, scanners"),
        ("coverage", '[{"clause": "3"}]', '[{"clause":"3"}]', '[{"clause":"3"}]'),
        ("country", "pl", "PL", "PL"),
        ("latitude", "51,77", 51.77, "51.77"),
        ("included_units", "1 000", 1000, "1000"),
        ("name", "  Ewa\x00 Lis ", "Ewa\ufffd Lis", "Ewa\ufffd Lis"),
    ],
)
def test_a_typed_field_is_read_and_shown_so_that_it_is_read_again(
    name: str, typed: str, value: Any, shown: str
) -> None:
    kind = field_named(name)
    assert typed_value(kind, typed, WARSAW) == value
    assert shown_value(kind, value, WARSAW, {}) == shown or value is False
    assert typed_value(kind, shown, WARSAW) == value


@pytest.mark.parametrize(
    ("name", "typed", "code"),
    [
        ("annual_value", "much", "record.no_number"),
        ("annual_value", "1.234.5.6,7,8", "record.no_number"),
        ("annual_value", "9" * 400, "record.no_number"),
        ("valid_from", "tomorrow", "record.no_day"),
        ("valid_from", "2026-02-30", "record.no_day"),
        ("valid_from", "0001-01-01", "record.no_day"),
        ("may_order", "perhaps", "record.no_flag"),
        ("coverage", "[1,", "record.malformed"),
        ("included_units", "1.5", "record.no_number"),
        ("latitude", "north", "record.no_number"),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_field(name: str, typed: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        typed_value(field_named(name), typed, WARSAW)
    assert (refused.value.code, refused.value.facts["field"]) == (code, name)


HOSTILE = (
    "\x1b[31mred\x1b[0m",
    "[/x] [bold]",
    "\u202eevil",
    "a\x00b\ud800",
    "'; DROP TABLE contact; --",
    "%s{name}{0}",
    "\n\t\r",
    "x" * 5000,
    "ตะวัน👩‍👩‍👧",
    "[" * 3000,
)


def read_or_refused_at(kind: Field, text: str) -> Any:
    """What the text says, nothing if it was refused, which names the field."""
    try:
        return typed_value(kind, text, WARSAW)
    except Refused as refused:
        where = refused.facts["field"]
    assert where == kind.name
    return None


@pytest.mark.parametrize("entity", DESK_ENTITIES)
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_in_any_field_is_kept_as_text_or_refused_at_that_field(entity: str, text: str) -> None:
    for owner, kind in form_fields(entity):
        value = read_or_refused_at(kind, text)
        for problem in problems_of(owner, None, {kind.name: value}, (kind.name,), Shelf()):
            assert problem.field in (kind.name, "currency", "serial")


def test_no_field_of_a_form_has_the_name_of_another() -> None:
    for entity in DESK_ENTITIES:
        names = [kind.name for _owner, kind in form_fields(entity)]
        assert len(set(names)) == len(names), entity
