"""Words for records of master data: what their fields are called, what may stand there, and why it may not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core import record_fields as kinds
from core.record_fields import Field, field_of
from core.record_text import shown_value
from core.text import plain
from tui.words import _, later

ENTITIES = {
    "affiliation": later("role"),
    "calendar": later("calendar"),
    "company": later("company"),
    "contact": later("contact"),
    "contract": later("contract"),
    "contract_version": later("contract"),
    "equipment": later("equipment"),
    "grade": later("grade"),
    "model": later("model"),
    "person": later("person"),
    "policy": later("policy"),
    "site": later("site"),
    "team": later("team"),
    "territory": later("territory"),
}

LABELS = {
    "account_manager": later("manager"),
    "address": later("address"),
    "annual_value": later("value a year"),
    "best_hours": later("best hours"),
    "calendar": later("calendar"),
    "category": later("category"),
    "closing_days": later("closing days"),
    "commissioned_at": later("in use since"),
    "company": later("company"),
    "country": later("country"),
    "coverage": later("covers"),
    "currency": later("currency"),
    "deputy_manager": later("deputy"),
    "email": later("mail"),
    "exclusions": later("covers not"),
    "grade": later("grade"),
    "included_units": later("units included"),
    "inventory_number": later("inventory no."),
    "kind": later("kind"),
    "language": later("language"),
    "latitude": later("latitude"),
    "longitude": later("longitude"),
    "maker": later("maker"),
    "may_approve": later("may approve"),
    "may_order": later("may order"),
    "model": later("model"),
    "name": later("name"),
    "notes": later("notes"),
    "number": later("number"),
    "opening_hours": later("opening hours"),
    "order_limit": later("orders up to"),
    "other_phones": later("more phones"),
    "paid_until": later("paid until"),
    "parent": later("part of"),
    "phone": later("phone"),
    "place": later("place"),
    "policy": later("policy"),
    "rights": later("rights"),
    "role": later("role"),
    "serial": later("serial no."),
    "since": later("since"),
    "site": later("site"),
    "skills": later("skills"),
    "team": later("team"),
    "territory": later("territory"),
    "tier": later("tier"),
    "unit": later("unit"),
    "until": later("until"),
    "valid_from": later("in force from"),
    "valid_until": later("in force until"),
    "warranty_until": later("warranty until"),
    "zone": later("time zone"),
    "archived": later("archived"),
}

HINTS = {
    kinds.REFERENCE: later("type to choose"),
    kinds.FLAG: later("yes or no"),
    kinds.MONEY: later("as 12 000 or 99.50"),
    kinds.DAY: later("as 2027-03-31 or 31.03.2027"),
    kinds.PHONE: later("as written; digits are found"),
    kinds.PHONES: later("several, parted by commas"),
    kinds.WORDS: later("parted by commas"),
    kinds.CLAUSES: later("parted by commas"),
    kinds.ZONE: later("as Europe/Warsaw"),
    kinds.COUNTRY: later("two letters, as PL"),
    kinds.CURRENCY: later("three letters, as PLN"),
    kinds.LANGUAGE: later("two letters, as pl"),
    kinds.EMAIL: later("as ewa@firm.example"),
    kinds.NUMBER: later("a whole number"),
    kinds.REAL: later("degrees, as 51.77"),
}

FIELD_HINTS = {
    "best_hours": later("as 08:00-12:00"),
    "notes": later("seen before one speaks"),
    "opening_hours": later("as mon-fri 06:00-22:00"),
    "closing_days": later("as 2027-05-03"),
    "unit": later("as hour"),
    "grade": later("fills what is left empty"),
    "parent": later("the larger one it belongs to"),
}

REFUSALS = {
    "record.field_missing": later("{field} is missing: {one} needs it"),
    "record.text_too_long": later("{field} has {length} characters; at most {most} fit"),
    "record.malformed": later("{field} cannot be read; part the words by commas"),
    "record.no_such_choice": later("{field}: there is no {value}; choose among {known}"),
    "record.no_number": later("{field}: {value} is no number"),
    "record.number_out_of_range": later("{field} goes from {least} to {greatest}"),
    "record.no_day": later("{field}: {value} is no day; write it as 2027-03-31"),
    "record.no_flag": later("{field}: write yes or no, not {value}"),
    "record.unknown_zone": later("{field}: there is no time zone {value}; write it as Europe/Warsaw"),
    "record.unknown_country": later("{field}: {value} is no country; write its two letters, as PL"),
    "record.unknown_currency": later("{field}: {value} is no currency; write its three letters, as PLN"),
    "record.unknown_language": later("{field}: {value} is no language; write its two letters, as pl"),
    "record.unknown_reference": later("{field}: there is no such {refers_to} on this desk"),
    "record.reference_archived": later("{field}: {name} is archived; bring it back first or choose another"),
    "record.parent_cycle": later("{field} would lead round in a circle: {chain}"),
    "record.ends_before_it_begins": later("{field}: it would end before it begins"),
    "record.currency_missing": later("{field} is missing: an amount needs its currency"),
    "record.unknown": later("this {entity} is not on the desk"),
    "record.nothing_changed": later("nothing of {entity} {name} was changed"),
    "record.changed_meanwhile": later(
        "{fields} of {name} changed meanwhile: now {now}. Yours is kept here; saving again overwrites it"
    ),
    "record.changed_since": later("{fields} changed again since; that is not taken back"),
    "record.merged_meanwhile": later("{name} was merged into {into} meanwhile; write it there"),
    "record.archived_meanwhile": later("{entity} {name} is archived; bring it back first"),
    "record.is_merged": later("this {entity} was merged into another; take the merge back first"),
    "record.not_merged": later("these are two already"),
    "record.archived_already": later("this {entity} is archived already"),
    "record.on_the_desk_already": later("this {entity} is on the desk already"),
    "record.not_mergeable": later("{one} cannot be merged"),
    "record.merge_with_itself": later("choose another {entity} to merge with"),
    "record.merge_with_parent": later("{name} and {into} are one above the other, so they are not the same"),
    "record.merge_across_companies": later(
        "{name} and {into} belong to different companies; merge those first, or move one"
    ),
    "contact.no_phone_number": later("{field}: {number} is no telephone number; write digits, + ( ) - and ext. 12"),
    "contact.number_twice": later("{field}: {number} stands there twice"),
    "contact.no_mail_address": later("{field}: {address} is no mail address"),
    "contract.version_begins_then": later("{field}: another version begins on {from} already; choose another day"),
    "contract.merge_overlaps": later("{name} and {into} hold at the same time; end one before the other begins"),
    "grade.name_taken": later("there is a grade {name} already; edit that one"),
    "grade.names_unknown": later("{field}: there is no {refers_to} called {name} on this desk"),
    "grade.names_several": later(
        "{field}: {count} are called {name}; write the id, lampboard config list --json tells it"
    ),
    "grade.names_gone": later(
        "{field}: grade {grade} names {name}, which is not on this desk; say another one, or edit the grade"
    ),
    "equipment.without_number": later("{field} is missing: equipment needs a serial or an inventory number"),
    "equipment.site_of_another": later("{field}: {name} is a site of another company"),
    "equipment.parent_of_another": later("{field}: {name} stands at another company"),
    "person.sits_here": later("{name} sits here; let somebody else sit down first"),
}

DOUBTS = {
    "company.same_name": later("there is a company {name} already"),
    "contact.same_name": later("{company} has a contact {name} already"),
    "contact.number_shared": later("{number} is also the number of {name}"),
    "contract.same_number": later("there is a contract {number} already, of {company}"),
    "equipment.same_serial": later("there is a serial no. {serial} already, at {company}"),
}
"""What may be a mistake and is not refused: told with the act, or before it where somebody can say so once more."""


def entity_word(entity: str) -> str:
    """An entity as people say it."""
    return _(ENTITIES[entity]) if entity in ENTITIES else plain(entity, 40)


def one_of(entity: str) -> str:
    """An entity with its article."""
    return _("a piece of equipment") if entity == "equipment" else _("a {entity}").format(entity=entity_word(entity))


def field_label(name: str) -> str:
    """A field as people say it."""
    return _(LABELS[name]) if name in LABELS else plain(name.replace("_", " "), 40)


def field_hint(field: Field) -> str:
    """What may stand in a field, in a few words."""
    if field.kind == kinds.CHOICE:
        return ", ".join(field.options)
    if field.kind == kinds.REFERENCE and field.name != "parent":
        return _("type to choose {one}").format(one=one_of(field.refers_to))
    hint = FIELD_HINTS.get(field.name) or HINTS.get(field.kind)
    return _(hint) if hint else ""


def worded(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts of an act or a refusal with entities, fields and days in words."""
    told = dict(facts)
    entity = str(facts.get("entity", ""))
    told["one"] = one_of(entity)
    for name in ("entity", "refers_to"):
        if isinstance(told.get(name), str):
            told[name] = entity_word(told[name])
    if isinstance(told.get("field"), str):
        told["field"] = field_label(told["field"])
    if isinstance(told.get("fields"), list | tuple):
        told["fields"] = ", ".join(field_label(str(name)) for name in told["fields"])
    if isinstance(told.get("filled"), list | tuple):
        told["filled"] = ", ".join(field_label(str(name)) for name in told["filled"])
    if isinstance(told.get("now"), Mapping):
        told["now"] = ", ".join(_value_now(entity, name, value) for name, value in told["now"].items())
    for name in ("from", "until"):
        if name in told:
            told[name] = _("for ever") if told[name] is None else shown_value(DAY, told[name], "UTC", {})
    return told


DAY = Field("day", kinds.DAY)


def _value_now(entity: str, name: str, value: Any) -> str:
    field = field_of(entity, name)
    if field is None or (field.kind == kinds.REFERENCE and value):
        return _("another {label}").format(label=field_label(name))
    shown = plain(shown_value(field, value, "UTC", {}), 60)
    return shown or _("empty")
