"""A record of master data as lines and as a JSON document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core import record_fields as kinds
from core.clock import Instant
from core.record_fields import FIELDS, Field
from core.record_shown import RecordShown
from core.record_text import shown_value
from tui.presenters.record_words import entity_word, field_label
from tui.presenters.times import date
from tui.verbs.printing import fit, iso
from tui.verbs.ticket_told import whole
from tui.words import _

LABEL = 16


def lines(shown: RecordShown, zone: str) -> Iterator[str]:
    """The fields that say something, then the records on the same form."""
    yield f"{entity_word(shown.entity)} {whole(shown.name)}"
    if shown.merged_into:
        yield _("merged into {name}").format(name=whole(shown.merged_into))
    elif shown.archived:
        yield _("archived")
    yield from _fields(shown, zone)
    yield f"{fit('id', LABEL)} {shown.id.hex()}"
    for part in shown.parts:
        yield ""
        yield from _fields(part, zone)


def _fields(shown: RecordShown, zone: str) -> Iterator[str]:
    for field in FIELDS[shown.entity]:
        told = _told(field, shown, zone)
        if told and not (field.kind == kinds.FLAG and told == "no"):
            yield f"{fit(field_label(field.name), LABEL)} {whole(told)}"


def _told(field: Field, shown: RecordShown, zone: str) -> str:
    """A field for reading: days as on the panes, everything else as it is typed."""
    value = shown.fields.get(field.name)
    if field.kind == kinds.DAY and isinstance(value, int):
        try:
            return date(Instant(value), zone)
        except (ValueError, OverflowError, OSError):
            return str(value)
    return shown_value(field, value, zone, shown.names)


def document(shown: RecordShown) -> dict[str, Any]:
    """A record for JSON: references by id and name, times in UTC, money as `<field>_minor` in hundredths."""
    told: dict[str, Any] = {"entity": shown.entity, "id": shown.id.hex(), "archived": shown.archived}
    if shown.merged_into:
        told["merged_into"] = shown.merged_into
    for field in FIELDS[shown.entity]:
        value = shown.fields.get(field.name)
        if field.kind == kinds.REFERENCE:
            value = {"id": value, "name": shown.names.get(value, "")} if value else None
        elif field.kind == kinds.DAY:
            value = iso(value)
        told[f"{field.name}_minor" if field.kind == kinds.MONEY else field.name] = value
    if shown.fields.get("derived_by"):
        told["derived_by"] = shown.fields["derived_by"]
    if shown.parts:
        told["versions" if shown.entity == "contract" else "companies"] = [document(part) for part in shown.parts]
    return told
