"""Sync in words for the command line: what a round did, what would be sent, what was refused and all that it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.errors import DomainError
from core.text import plain
from tui.presenters.hub_words import REASONS
from tui.presenters.record_words import ENTITIES
from tui.presenters.sentences import act_name, why_not
from tui.words import _, later

KINDS = {
    "attachment.added": later("files attached"),
    "attachment.removed": later("files taken off"),
    "call_back.planned": later("promised calls"),
    "conflict.settled": later("settled conflicts"),
    "delivery.recorded": later("deliveries of replies"),
    "document.changed": later("versions of calendars, policies and grades"),
    "entry.hidden": later("entries taken back"),
    "entry.posted": later("replies, notes and calls"),
    "person.purged": later("erased persons"),
    "record.added": later("new: {entity}"),
    "record.archived": later("archived: {entity}"),
    "record.changed": later("changed: {entity}"),
    "records.merged": later("merged records"),
    "reporter.joined": later("further people who reported a ticket"),
    "sla.announced": later("verdicts on promises"),
    "ticket.archived": later("tickets taken off the desk"),
    "ticket.assigned": later("changes of owner"),
    "ticket.equipped": later("changes of equipment"),
    "ticket.imported": later("imported tickets"),
    "ticket.numbered": later("numbers given later"),
    "ticket.opened": later("new tickets"),
    "ticket.prioritised": later("changes of priority"),
    "ticket.retargeted": later("changes of contract"),
    "ticket.staged": later("moves of tickets"),
}
LONGEST_TEXT = 100_000


def kind_told(kind: str, entity: str = "") -> str:
    """A kind of operation, as many of it are called."""
    words = _(KINDS[kind]) if kind in KINDS else plain(kind, 60)
    return words.format(entity=_(ENTITIES.get(entity, entity or "record")))


def reason_told(reason: str) -> str:
    """Why the hub would not take an operation."""
    return _(REASONS[reason]) if reason in REASONS else plain(reason, 80)


def error_told(code: str, facts: Mapping[str, Any]) -> str:
    """An error that was written down, as a sentence."""
    return why_not(DomainError(code, **facts))


def round_told(sent: int, received: int, refused: int) -> str:
    """What a round did."""
    return _("sent {sent}, received {received}, refused {refused}").format(
        sent=sent, received=received, refused=refused
    )


def act_told(title: str, facts: Mapping[str, Any], kind: str) -> str:
    """The act that an operation belongs to, else what kind it is."""
    return act_name(title, facts) if title else kind_told(kind)


def content_told(payload: Mapping[str, Any], name_of: Callable[[str], str]) -> list[str]:
    """Everything an operation says, line by line; ids of records that are on the desk with their names."""
    return list(_lines("", payload, name_of))


def _lines(path: str, value: Any, name_of: Callable[[str], str]) -> list[str]:
    if isinstance(value, Mapping):
        parts = [(f"{path}.{key}" if path else str(key), one) for key, one in value.items()]
    elif isinstance(value, list | tuple):
        parts = [(f"{path} {place}", one) for place, one in enumerate(value, 1)]
    else:
        return [] if value in (None, "") else [f"{plain(path, 200)}: {_value(value, name_of)}"]
    return [line for name, one in parts for line in _lines(name, one, name_of)]


def _value(value: Any, name_of: Callable[[str], str]) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    text = plain(str(value), LONGEST_TEXT)
    is_id = isinstance(value, str) and len(value) == 32 and set(value) <= set("0123456789abcdef")
    name = name_of(value) if is_id else ""
    return f"{plain(name, 200)} ({text})" if name else text
