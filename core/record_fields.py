"""What a person may write into each record of master data: one table that the rules, the verbs and the forms read."""

from __future__ import annotations

from typing import NamedTuple

from core.company import COMPANY_KINDS

TEXT, NOTE, CHOICE, REFERENCE, FLAG, MONEY, NUMBER, REAL, DAY = (
    "text",
    "note",
    "choice",
    "reference",
    "flag",
    "money",
    "number",
    "real",
    "day",
)
PHONE, PHONES, EMAIL, WORDS, CLAUSES = "phone", "phones", "email", "words", "clauses"
ZONE, COUNTRY, CURRENCY, LANGUAGE = "zone", "country", "currency", "language"


class Field(NamedTuple):
    """A field of a record: `kind` says how it is read and checked, `most` how many characters it may have.

    `options` belong to a choice, `refers_to` is the entity a reference names, `least` and `greatest` bound numbers.
    """

    name: str
    kind: str = TEXT
    is_required: bool = False
    options: tuple[str, ...] = ()
    refers_to: str = ""
    most: int = 120
    least: float = 0
    greatest: float = 10**15


NOTES_MOST = 4000

FIELDS: dict[str, tuple[Field, ...]] = {
    "company": (
        Field("name", is_required=True),
        Field("kind", CHOICE, options=COMPANY_KINDS),
        Field("tier", most=20),
        Field("parent", REFERENCE, refers_to="company"),
        Field("country", COUNTRY),
        Field("language", LANGUAGE),
        Field("annual_value", MONEY),
        Field("currency", CURRENCY),
        Field("account_manager", REFERENCE, refers_to="person"),
        Field("deputy_manager", REFERENCE, refers_to="person"),
    ),
    "site": (
        Field("name", is_required=True),
        Field("company", REFERENCE, is_required=True, refers_to="company"),
        Field("territory", REFERENCE, refers_to="territory"),
        Field("address", most=300),
        Field("zone", ZONE),
        Field("opening_hours", most=200),
        Field("closing_days", most=1000),
        Field("latitude", REAL, least=-90, greatest=90),
        Field("longitude", REAL, least=-180, greatest=180),
    ),
    "territory": (Field("name", is_required=True), Field("zone", ZONE)),
    "contact": (
        Field("name", is_required=True),
        Field("phone", PHONE),
        Field("other_phones", PHONES, most=400),
        Field("email", EMAIL, most=254),
        Field("language", LANGUAGE),
        Field("best_hours"),
        Field("notes", NOTE, most=NOTES_MOST),
    ),
    "affiliation": (
        Field("company", REFERENCE, is_required=True, refers_to="company"),
        Field("role"),
        Field("may_order", FLAG),
        Field("may_approve", FLAG),
        Field("order_limit", MONEY),
        Field("currency", CURRENCY),
        Field("since", DAY),
        Field("until", DAY),
    ),
    "equipment": (
        Field("company", REFERENCE, is_required=True, refers_to="company"),
        Field("serial"),
        Field("inventory_number"),
        Field("model", REFERENCE, refers_to="model"),
        Field("site", REFERENCE, refers_to="site"),
        Field("place", most=200),
        Field("parent", REFERENCE, refers_to="equipment"),
        Field("commissioned_at", DAY),
        Field("warranty_until", DAY),
    ),
    "model": (Field("name", is_required=True), Field("maker"), Field("category")),
    "contract": (
        Field("number", is_required=True, most=60),
        Field("company", REFERENCE, is_required=True, refers_to="company"),
    ),
    "contract_version": (
        Field("valid_from", DAY, is_required=True),
        Field("valid_until", DAY),
        Field("grade", most=60),
        Field("policy", REFERENCE, refers_to="policy"),
        Field("calendar", REFERENCE, refers_to="calendar"),
        Field("coverage", CLAUSES, most=NOTES_MOST),
        Field("exclusions", CLAUSES, most=NOTES_MOST),
        Field("included_units", NUMBER, greatest=10**9),
        Field("unit", most=40),
        Field("annual_value", MONEY),
        Field("currency", CURRENCY),
        Field("paid_until", DAY),
    ),
    "person": (
        Field("name", is_required=True),
        Field("team", REFERENCE, refers_to="team"),
        Field("zone", ZONE),
        Field("language", LANGUAGE),
        Field("skills", WORDS, most=1000),
        Field("rights", WORDS, most=1000),
    ),
    "team": (Field("name", is_required=True),),
}

ON_ONE_FORM = {"contact": "affiliation", "contract": "contract_version"}
"""What is written on one form although it is two records: a contact and what it is at a company, a contract and its
version. Their fields have no name in common."""

PROMISED = ("policy", "calendar", "included_units", "unit", "coverage", "exclusions")
"""The fields of a contract version that its grade may fill."""

OWNERS = {"affiliation": "contact", "contract_version": "contract"}
"""The field by which the second record of such a form names the first."""

DESK_ENTITIES = ("company", "site", "territory", "contact", "equipment", "model", "contract", "person", "team")
"""The entities that have forms and verbs of their own."""

LABELS = {"contract": "number", "equipment": "inventory_number"}
"""The field by which a record is called, where that is not its name."""


def form_fields(entity: str) -> tuple[tuple[str, Field], ...]:
    """The fields on the form of an entity in order, each with the record it belongs to."""
    second = ON_ONE_FORM.get(entity)
    own = tuple((entity, field) for field in FIELDS[entity])
    return own + (tuple((second, field) for field in FIELDS[second]) if second else ())


def field_of(entity: str, name: str) -> Field | None:
    """The field of that name, None for one that no person writes."""
    return next((field for field in FIELDS.get(entity, ()) if field.name == name), None)
