"""A whole ticket as plain lines and as a JSON document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.clock import Instant
from core.clock_state import MET, NONE, PAUSED, RUNNING
from core.delivery import HANDED
from core.ids import EntityId
from core.sla import Clock
from core.stages import WAITING
from core.text import plain
from core.ticket_shown import ContactLine, TicketShown
from core.timeline import FROM_CUSTOMER, Entry
from tui.presenters.lamps import clock_words, row_lamp
from tui.presenters.money import money
from tui.presenters.sentences import party_word, stage_word
from tui.presenters.ticket_page import CHANNEL_WORDS, DELIVERY_WORDS, system_sentence
from tui.presenters.times import date_time
from tui.verbs.printing import fit, hexed, iso
from tui.words import _, ngettext

CLOCK_STATES = {RUNNING: "running", PAUSED: "paused", MET: "met", NONE: "none"}


def whole(text: str) -> str:
    """One harmless line, however long."""
    return plain(text, max(1, len(text)))


def lines(page: TicketShown, now: Instant | int, zone: str) -> Iterator[str]:
    """Facts, clocks, then every entry, newest first; nothing is cut."""
    at = Instant(now)
    yield f"{whole(page.row.number)}  {whole(page.row.subject)}"
    for label, value in _facts(page, at, zone):
        if value:
            yield f"{fit(label, 11)} {value}"
    yield ""
    count = page.entries_in_all
    yield ngettext("{count} entry, newest first", "{count} entries, newest first", count).format(count=count)
    for entry in page.entries:
        yield from _entry(entry, page.names, at, zone)


def _facts(page: TicketShown, now: Instant, zone: str) -> Iterator[tuple[str, str]]:
    row = page.row
    response, update, resolution = page.clocks
    yield _("company"), ", ".join(whole(part) for part in (row.company_name, page.site) if part)
    yield _("caller"), _contact(page.caller)
    yield _("equipment"), whole(page.equipment)
    yield _("contract"), whole(f"{page.contract} {page.grade}".strip())
    yield _("priority"), str(row.priority)
    yield _("stage"), _stage(page)
    yield _("owner"), whole(row.owner_name) or _("nobody")
    yield _("response"), _clock(response, now, zone)
    if update.state != NONE:
        yield _("update"), _clock(update, now, zone)
    yield _("resolve"), _clock(resolution, now, zone)
    told = ngettext("{count} waits to be settled", "{count} wait to be settled", page.open_conflicts)
    see = _("{told}; lampboard sync conflicts").format(told=told.format(count=page.open_conflicts))
    yield _("conflicts"), see if page.open_conflicts else ""
    yield _("promises"), _("SLA restated, said otherwise when it was closed") if page.restated else ""
    yield _("opened"), date_time(row.opened_at, now, zone)
    yield _("closed"), date_time(page.closed_at, now, zone) if page.closed_at is not None else ""
    yield _("category"), whole(page.category or page.request_type)
    yield _("fault"), whole(page.fault_code)
    yield _("resolution"), whole(page.resolution_code)
    yield _("repeat"), _("same fault on the same equipment within 30 days") if row.is_repeat else ""
    yield _("also"), ", ".join(whole(alias) for alias in page.aliases)
    for due_at, name, number in page.call_backs:
        yield _("call back"), f"{date_time(due_at, now, zone)} {whole(name)} {whole(number)}"
    yield _("derived"), whole(page.derived_by)


def _contact(contact: ContactLine | None) -> str:
    if contact is None:
        return ""
    told = ", ".join(whole(part) for part in (contact.name, contact.role, contact.phone, contact.email) if part)
    if not contact.may_order:
        return told
    limit = contact.order_limit
    may = (
        _("may order") if limit is None else _("may order up to {amount}").format(amount=money(limit, contact.currency))
    )
    return f"{told}; {whole(may)}"


def _stage(page: TicketShown) -> str:
    stage = stage_word(page.row.stage)
    if page.row.stage_class == WAITING and page.waiting_cause:
        told = _("{stage} for {party}: {cause}")
        return told.format(stage=stage, party=party_word(page.waiting_party), cause=whole(page.waiting_cause))
    return stage


def _clock(clock: Clock, now: Instant, zone: str) -> str:
    return "".join(text for text, _ink in clock_words(clock, now, zone))


def _entry(entry: Entry, names: dict[EntityId, str], now: Instant, zone: str) -> Iterator[str]:
    first, second = entry.person, entry.contact
    if entry.direction == FROM_CUSTOMER:
        first, second = second, first
    who = whole(names.get(first or second or EntityId(b""), ""))
    channel = _(CHANNEL_WORDS.get(entry.kind, "desk"))
    head = f"{date_time(entry.at, now, zone):12} {fit(channel, 4)} {plain(entry.direction)} {who}".rstrip()
    if entry.kind == "system":
        yield f"{head}  {system_sentence(entry, names, now, zone)}"
        return
    yield head
    for line in entry.text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ").split("\n"):
        yield f"    {whole(line)}".rstrip()
    if entry.delivery and entry.delivery != HANDED:
        reason = whole(str(entry.data.get("reason", "")))
        yield f"    ({_(DELIVERY_WORDS.get(entry.delivery, entry.delivery)).format(reason=reason)})"


def document(page: TicketShown, now: Instant | int) -> dict[str, Any]:
    """Everything of a ticket for JSON: ids as hex, times in UTC, seconds as numbers; entries newest first."""
    row = page.row
    shown = row_lamp(row, Instant(now))
    return {
        "id": hexed(row.id),
        "number": row.number,
        "subject": row.subject,
        "company_id": hexed(row.company),
        "company": row.company_name,
        "site": page.site,
        "equipment": page.equipment,
        "contract": page.contract,
        "grade": page.grade,
        "caller": contact_document(page.caller) if page.caller is not None else None,
        "stage": row.stage,
        "waiting_cause": page.waiting_cause,
        "waiting_party": page.waiting_party,
        "waiting_until": iso(page.waiting_until),
        "priority": row.priority,
        "owner_id": hexed(row.owner),
        "owner": row.owner_name,
        "request_type": page.request_type,
        "channel": page.channel,
        "category": page.category,
        "fault_code": page.fault_code,
        "resolution_code": page.resolution_code,
        "is_repeat": row.is_repeat,
        "reporter_count": row.reporter_count,
        "opened_at": iso(row.opened_at),
        "changed_at": iso(page.changed_at),
        "closed_at": iso(page.closed_at),
        "derived_by": page.derived_by,
        "aliases": list(page.aliases),
        "lamp": shown.level,
        "seconds_left": shown.seconds,
        "clocks": [_clock_document(clock, Instant(now)) for clock in page.clocks],
        "restated": page.restated,
        "open_conflicts": page.open_conflicts,
        "call_backs": [{"due_at": iso(at), "contact": name, "number": number} for at, name, number in page.call_backs],
        "entries": [_entry_document(entry, page.names) for entry in page.entries],
    }


def contact_document(contact: ContactLine) -> dict[str, Any]:
    """A person at a company; `order_limit_minor` in hundredths of `currency`, null when unlimited."""
    return {
        "id": hexed(contact.id),
        "name": contact.name,
        "role": contact.role,
        "phone": contact.phone,
        "email": contact.email,
        "may_order": bool(contact.may_order),
        "may_approve": bool(contact.may_approve),
        "order_limit_minor": contact.order_limit,
        "currency": contact.currency,
    }


def _clock_document(clock: Clock, now: Instant) -> dict[str, Any]:
    return {
        "kind": clock.kind,
        "state": CLOCK_STATES[clock.state],
        "target_seconds": clock.target,
        "used_seconds": clock.used,
        "due_at": iso(clock.due_at),
        "ended_at": iso(clock.ended_at),
        "is_breached": clock.is_breached(now),
    }


def _entry_document(entry: Entry, names: dict[EntityId, str]) -> dict[str, Any]:
    return {
        "id": hexed(entry.id),
        "at": iso(entry.at),
        "kind": entry.kind,
        "direction": entry.direction,
        "person_id": hexed(entry.person),
        "person": names.get(entry.person, "") if entry.person else "",
        "contact_id": hexed(entry.contact),
        "contact": names.get(entry.contact, "") if entry.contact else "",
        "text": entry.text,
        "code": entry.code,
        "data": entry.data,
        "delivery": entry.delivery,
        "derived_by": entry.derived_by,
    }
