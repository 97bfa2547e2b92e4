"""Conflicts in words: what a field is called, what each side made of it, who they are, and why one of them holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from core.clock import Instant
from core.conflicts import (
    ARCHIVED_ACTIVE,
    BOTH_STAND,
    CLOSED_UNSEEN,
    FIRST_HOLDS,
    IN_ORDER,
    LATER,
    NOT_LEGAL,
    STAYS_CLOSED,
    VERSION,
    Conflict,
    Side,
)
from core.ids import EntityId
from core.record_fields import REFERENCE, field_of
from core.record_text import shown_value
from core.review_shown import ConflictLine
from core.text import plain
from tui.presenters.names import short_name
from tui.presenters.record_words import entity_word, field_label
from tui.presenters.sentences import party_word, stage_word
from tui.presenters.times import clock_time, date, date_time, local
from tui.words import _, later

TICKET_FIELDS = {
    "owner": later("owner"),
    "stage": later("stage"),
    "priority": later("priority"),
    "equipment": later("equipment"),
    "contract": later("contract"),
    "archived": later("on the desk"),
    "call_back": later("call back"),
    "entry": later("entry"),
    "closed": later("closed"),
}
RECORD_FIELDS = {"archived": later("on the desk"), "version": later("version")}
RULES = {
    LATER: later("the later one holds, by the hub's time"),
    IN_ORDER: later("both moves were made, one after the other"),
    FIRST_HOLDS: later("who was first at the hub holds it"),
    NOT_LEGAL: later("from there the ticket could not move so"),
    STAYS_CLOSED: later("closed stays closed, until somebody looks"),
    BOTH_STAND: later("both stand, nothing was taken out"),
}
DID = {
    "attachment.added": later("attached {told}"),
    "attachment.removed": later("took off the file {told}, or put it back"),
    "call_back.planned": later("promised a call, or dropped it"),
    "call_back.dropped": later("dropped a call"),
    "document.changed": later("wrote a version"),
    "entry.hidden": later("took an entry back, or showed it again"),
    "entry.posted": later("wrote: {told}"),
    "record.added": later("entered {told}"),
    "record.archived": later("archived it, or brought it back"),
    "record.changed": later("changed {told}"),
    "records.merged": later("merged it, or took that back"),
    "reporter.joined": later("changed who reports it"),
    "ticket.archived": later("took it off the desk, or put it back"),
    "ticket.assigned": later("changed the owner"),
    "ticket.equipped": later("changed the equipment"),
    "ticket.imported": later("imported it"),
    "ticket.opened": later("opened {told}"),
    "ticket.prioritised": later("changed the priority"),
    "ticket.retargeted": later("changed the contract"),
    "ticket.staged": later("moved it to {told}"),
}
LONGEST = 4000
_NO_VALUE_OF_OURS = (AttributeError, KeyError, TypeError, ValueError, OverflowError, OSError)
"""What reading a value ends in that another program wrote; it is shown as it is."""

Names = Mapping[str, str]


class Heads(NamedTuple):
    """What the two sides are called, in the order in which they stand: `applied_is_first` says which of them holds."""

    first: str
    second: str
    applied_is_first: bool


def field_word(conflict: Conflict) -> str:
    """What was changed, in a word or two."""
    kind = conflict.field.partition(":")[0]
    words = TICKET_FIELDS if conflict.entity == "ticket" else RECORD_FIELDS
    return _(words[kind]) if kind in words else field_label(kind)


def record_word(line: ConflictLine) -> str:
    """What stands where a ticket has its number: the kind of the record."""
    if line.row is not None:
        return plain(line.row.number, 40)
    conflict = line.conflict
    entity = str(conflict.applied.value["kind"]) if conflict.entity == "document" else conflict.entity
    return entity_word(entity) if entity != "view" else _("view")


def rule_words(conflict: Conflict) -> str:
    """Why the applied side holds."""
    if conflict.kind == ARCHIVED_ACTIVE:
        return _("archived stays so, and so does what was added")
    return _(RULES[conflict.rule]) if conflict.rule in RULES else plain(conflict.rule, 60)


def did_words(kind: str, told: str) -> str:
    """What an operation did, in the past tense and without its author."""
    if kind == "ticket.staged":
        told = stage_word(told)
    elif kind == "record.changed":
        told = ", ".join(field_label(name) for name in told.split(", "))
    return _(DID[kind]).format(told=plain(told, 400)).strip() if kind in DID else plain(kind, 40)


def who(author: EntityId, me: EntityId | None, names: Names) -> str:
    """Who did it: `you`, or a name."""
    return _("you") if author == me else plain(names.get(author.hex(), ""), 80) or _("somebody")


def heads(conflict: Conflict, me: EntityId | None, names: Names) -> Heads:
    """What stands above the two sides: whose it is where one of them is mine, else two names, else which was earlier.

    Mine, or the earlier one, stands first.
    """
    applied, other = conflict.applied, conflict.other
    if (applied.author == me) != (other.author == me):
        return Heads(_("YOURS"), _("THEIRS"), applied.author == me)
    is_first = (applied.at, applied.console, applied.n) <= (other.at, other.console, other.n)
    first, second = (applied, other) if is_first else (other, applied)
    if first.author == second.author:
        return Heads(_("EARLIER"), _("LATER"), is_first)
    told = [plain(names.get(side.author.hex(), ""), 80) for side in (first, second)]
    short = [short_name(name) for name in told]
    first_head, second_head = short if short[0] != short[1] else told
    if not first_head or not second_head or first_head == second_head:
        return Heads(_("EARLIER"), _("LATER"), is_first)
    return Heads(first_head, second_head, is_first)


def between_words(conflict: Conflict, me: EntityId | None, names: Names, now: Instant, zone: str) -> str:
    """Who did it and when, the earlier first."""
    first, second = sorted((conflict.applied, conflict.other), key=lambda side: (side.at, side.console, side.n))
    if first.author == second.author:
        whose = who(first.author, me, names)
    else:
        whose = _("{first} and {second}").format(first=_short(first, me, names), second=_short(second, me, names))
    is_one_day = local(first.at, zone).date() == local(second.at, zone).date()
    end = clock_time(second.at, zone) if is_one_day else date_time(second.at, now, zone)
    return _("{whose}, {begin} to {end}").format(whose=whose, begin=date_time(first.at, now, zone), end=end)


def _short(side: Side, me: EntityId | None, names: Names) -> str:
    told = who(side.author, me, names)
    return told if side.author == me else short_name(told) or told


def value_lines(line: ConflictLine, value: Any, names: Names, now: Instant, zone: str) -> list[str]:
    """What a side made of the field: the value first, what belongs to it after; `-` for nothing, or nothing known."""
    conflict = line.conflict
    try:
        told = [plain(one, LONGEST) for one in _values(conflict, value, names, now, zone)]
    except _NO_VALUE_OF_OURS:
        told = [plain(str(value), LONGEST)]
    return [one for one in told if one.strip()] or ["-"]


def _values(conflict: Conflict, value: Any, names: Names, now: Instant, zone: str) -> list[str]:
    kind = conflict.field.partition(":")[0]
    if value is None:
        return []
    if conflict.kind in (CLOSED_UNSEEN, ARCHIVED_ACTIVE) and isinstance(value, dict) and "kind" in value:
        told = value.get("text") or names.get(str(value.get("id") or ""), "")
        return [did_words(str(value["kind"]), str(told))]
    if conflict.entity == "ticket":
        return _TICKET_VALUES[kind](conflict, value, names, now, zone) if kind in _TICKET_VALUES else [str(value)]
    if kind == "archived":
        return _stands(value, names)
    if kind == "version":
        begins = _("in force from {time}").format(time=date_time(Instant(value["valid_from"]), now, zone))
        if conflict.entity == "document":
            return [_("version {number}").format(number=value["number"]), begins]
        return [names.get(str(value["version"]), "") or _("what is not on this desk"), begins]
    field = field_of(conflict.entity, kind)
    if field is None:
        return [str(value)]
    if field.kind == REFERENCE:
        return [names.get(str(value), "") or _("what is not on this desk")] if value else []
    return [shown_value(field, value, zone, names)]


def _stands(value: Any, names: Names) -> list[str]:
    if not isinstance(value, dict):
        return [_("archived") if value else _("on the desk")]
    if value.get("merged_into"):
        return [_("merged into {name}").format(name=names.get(value["merged_into"], "") or _("another"))]
    return [_("archived") if value.get("archived") else _("on the desk")]


def _owner(conflict: Conflict, value: Any, names: Names, now: Instant, zone: str) -> list[str]:
    owner = names.get(value["owner"], _("somebody")) if value.get("owner") else _("nobody")
    return [owner, names.get(value.get("team") or "", "")]


def _place(conflict: Conflict, value: Any, names: Names, now: Instant, zone: str) -> list[str]:
    told = [stage_word(str(value["stage"]))]
    waiting = value.get("waiting")
    if waiting:
        told.append(_("for {party}: {cause}").format(party=party_word(waiting["party"]), cause=waiting["cause"]))
        if waiting.get("until"):
            told.append(_("until {time}").format(time=date_time(Instant(waiting["until"]), now, zone)))
    return [*told, str(value.get("resolution_code") or "")]


def _priority(conflict: Conflict, value: Any, names: Names, now: Instant, zone: str) -> list[str]:
    return [f"P{value}"]


def _equipment(conflict: Conflict, value: Any, names: Names, now: Instant, zone: str) -> list[str]:
    known = names.get(value.get("equipment") or "", "")
    about = known or (_("what is not on this desk") if value.get("equipment") else _("no equipment"))
    return [about, names.get(value.get("site") or "", "")]


def _contract(conflict: Conflict, value: Any, names: Names, now: Instant, zone: str) -> list[str]:
    version = value.get("contract_version")
    if not version:
        return [_("no contract")]
    pinned_at = value.get("pinned_at")
    as_of = _("as of {date}").format(date=date(Instant(pinned_at), zone)) if pinned_at else ""
    return [names.get(version, "") or _("what is not on this desk"), as_of]


def _archived(conflict: Conflict, value: Any, names: Names, now: Instant, zone: str) -> list[str]:
    return [_("off the desk") if value else _("on the desk")]


def _call_back(conflict: Conflict, value: Any, names: Names, now: Instant, zone: str) -> list[str]:
    at = date_time(Instant(value["due_at"]), now, zone)
    told = _("no call at {time}") if value.get("is_dropped") else _("call at {time}")
    whom = " ".join(part for part in (names.get(value.get("contact") or "", ""), str(value["number"])) if part)
    return [told.format(time=at), whom, str(value.get("note") or "")]


def _entry(conflict: Conflict, value: Any, names: Names, now: Instant, zone: str) -> list[str]:
    return [_("taken back") if value else _("stands"), names.get(conflict.field.partition(":")[2], "")]


_TICKET_VALUES = {
    "owner": _owner,
    "stage": _place,
    "closed": _place,
    "priority": _priority,
    "equipment": _equipment,
    "contract": _contract,
    "archived": _archived,
    "call_back": _call_back,
    "entry": _entry,
}


class Choice(NamedTuple):
    """What a key does and what comes of it."""

    does: str
    follows: str


def choices(line: ConflictLine, me: EntityId | None, names: Names, now: Instant, zone: str) -> tuple[Choice, Choice]:
    """What keeping what holds means here, and what taking the other one means."""
    conflict = line.conflict
    applied, other = conflict.applied, conflict.other
    ours, theirs = (value_lines(line, side.value, names, now, zone)[0] for side in (applied, other))
    new = _("a new change by you, seen by everybody")
    if conflict.kind == CLOSED_UNSEEN:
        return (
            Choice(_("leave it closed"), _("what was done after it stays in the timeline")),
            Choice(_("open it again"), _("it is active again, its clocks go on")),
        )
    if conflict.kind == ARCHIVED_ACTIVE:
        return (
            Choice(_("leave it archived"), _("what was added to it stays, too")),
            Choice(_("bring it back"), _("it is on the desk again, with what was added")),
        )
    if conflict.kind == VERSION:
        # Two versions written at once may have one number.
        ours, theirs = (
            _("{version} of {name}").format(version=told, name=who(side.author, me, names))
            for told, side in ((ours, applied), (theirs, other))
        )
        return (
            Choice(_("leave both"), _("{version} stays in force").format(version=ours)),
            Choice(_("take back {version}").format(version=ours), _("{version} comes in force").format(version=theirs)),
        )
    kept = Choice(_("keep {value}").format(value=ours), _("what holds stands, the question is closed"))
    if other.author == me:
        return kept, Choice(_("put mine back: {value}").format(value=theirs), new)
    return kept, Choice(_("take the other: {value}").format(value=theirs), new)
