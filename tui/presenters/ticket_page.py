"""One ticket as lines: its facts, then its timeline, newest first."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from core.attachments import attached_in
from core.clock import Instant
from core.clock_state import NONE, RUNNING
from core.delivery import (
    BAD_ADDRESS,
    BAD_SENDER,
    BY_KEEPER,
    EXIT_CODE,
    FAILED,
    HANDED,
    HANDING,
    INTERRUPTED,
    NO_ADDRESS,
    NOT_SENT,
    NOT_STARTED,
    PUT_BACK,
    QUEUED,
    TIMED_OUT,
    may_have_left,
)
from core.ids import EntityId
from core.stages import WAITING
from core.text import plain, plain_lines
from core.timeline import FROM_CUSTOMER, INTERNAL, NOT_APPLIED, Entry
from tui.presenters.cells import Line, cut_line, fit, line_width, spread, wrap
from tui.presenters.context_lines import also_lines, earlier_lines, manners, note_lines, tried_lines
from tui.presenters.lamps import clock_words
from tui.presenters.money import money
from tui.presenters.names import short_name
from tui.presenters.sentences import party_word, stage_word
from tui.presenters.times import date, date_time, duration, short_time
from tui.words import _, later, ngettext

if TYPE_CHECKING:
    from core.company_shown import ContractLine
    from core.ticket_shown import ContactLine, TicketShown

CHANNEL_WORDS = {
    "message": later("mail"),
    "note": later("note"),
    "call": later("call"),
    "work": later("work"),
    "part": later("part"),
    "visit": later("site"),
    "score": later("csat"),
    "system": later("desk"),
}
DELIVERY_WORDS = {
    NOT_SENT: later("not sent: no mail command"),
    QUEUED: later("waits for the mail command"),
    HANDING: later("being handed to the mail command"),
    HANDED: "",
    FAILED: later("not sent: {reason}"),
}
KEEPER_WORDS = {
    QUEUED: later("waits for the keeper of the hub, who sends it"),
    HANDING: later("the keeper of the hub is sending it"),
}
FAILURE_WORDS = {
    INTERRUPTED: later("the console ended while the mail command ran; it may have been sent"),
    TIMED_OUT: later("the mail command was stopped after {detail} seconds; it may have been sent"),
    PUT_BACK: later("it waited when the backup was made from which the desk was put back; it may have been sent"),
    NO_ADDRESS: later("the contact has no e-mail address"),
    BAD_ADDRESS: later("{detail} is no usable e-mail address"),
    BAD_SENDER: later("mail_from in settings.toml is no usable e-mail address"),
    NOT_STARTED: later("the mail command {detail} cannot be started; check settings.toml"),
    EXIT_CODE: later("the mail command ended with code {detail}"),
}
CLOCK_WORDS = {
    "first_response": later("first response"),
    "update": later("next response"),
    "resolution": later("resolution"),
}
LONGEST_ENTRY_LINES = 60
LONGEST_FILE_NAME = 120
TEXT_CELLS = 84


class Shown(NamedTuple):
    """A line and the ground it lies on: `raised` for internal notes."""

    line: Line
    ground: str = "panel"


def header_fact(page: TicketShown, now: Instant) -> str:
    """What stands flush right in the pane's header."""
    opened = duration(now - page.row.opened_at) if page.closed_at is None else stage_word(page.row.stage)
    told = _("P{priority} open {age}") if page.closed_at is None else _("P{priority} {age}")
    return told.format(priority=page.row.priority, age=opened)


def ticket_lines(page: TicketShown, width: int, now: Instant, zone: str, *, is_zoomed: bool) -> list[Shown]:
    """Facts and timeline for a pane of `width` cells."""
    lines = [Shown(line) for line in _facts(page, width, now, zone, is_zoomed)]
    lines += [Shown(line) for line in also_lines(page, width, now, zone)]
    tried = [Shown(line) for line in tried_lines(page, width, now, zone, is_zoomed=is_zoomed)]
    lines += [Shown([]), *tried] if tried and is_zoomed else tried
    lines.append(Shown([]))
    if is_zoomed:
        count = page.entries_in_all
        told = ngettext("{count} entry, newest first", "{count} entries, newest first", count).format(count=count)
        lines.append(Shown(spread([(f" {_('TIMELINE')}", "muted bold")], [(f"{told} ", "muted")], width), "raised"))
    for entry in page.entries:
        lines += entry_lines(entry, page.names, width, now, zone, is_zoomed=is_zoomed)
        if is_zoomed:
            lines.append(Shown([]))
    if page.entries_in_all > len(page.entries):
        more = page.entries_in_all - len(page.entries)
        lines.append(Shown([(" " + _("{count} older entries are not read here").format(count=more), "faint")]))
    earlier = [Shown(line) for line in earlier_lines(page, width, now, zone)]
    if earlier:
        lines += earlier if is_zoomed else [Shown([]), *earlier]
    return lines


def _facts(page: TicketShown, width: int, now: Instant, zone: str, is_zoomed: bool) -> list[Line]:
    marks = []
    if page.row.is_repeat:
        marks.append(_("R repeat"))
    if page.row.reporter_count > 1:
        marks.append(_("{count} reporters").format(count=page.row.reporter_count))
    subject: Line = [(" " + plain(page.row.subject, 2000), "strong bold")]
    lines = [spread(subject, [(", ".join(marks) + " " if marks else "", "due")], width)]
    if page.open_conflicts:
        lines.append(_conflict_line(page.open_conflicts, width))
    if is_zoomed:
        lines.append([])
    response, update, resolution = page.clocks
    caller, phone = _caller(page.caller)
    told = manners(page.caller)
    pairs: list[tuple[str, Line]] = []
    if caller:
        pairs += [
            (_("caller"), [(caller, "text")]),
            (_("phone"), [(phone, "text"), (f"  {told}" if told else "", "strong")]),
        ]
    lines += note_lines(page.caller, width, is_zoomed=is_zoomed)
    if page.equipment or page.caller:
        pairs.append((_("equipment"), [(page.equipment or "-", "text")]))
        pairs.append((_("may order"), _may_order(page.caller)))
    if response.state != NONE or resolution.state != NONE:
        if update.state == RUNNING:
            # Somebody asked and waits: that goes before what was promised for the beginning.
            pairs.append((_("update"), clock_words(update, now, zone)))
        else:
            pairs.append((_("response"), clock_words(response, now, zone)))
        pairs.append((_("resolve"), clock_words(resolution, now, zone)))
    if page.restated:
        lines, pairs = [*lines, *_fact_rows(pairs, width), _restated_line(width)], []
    stage = stage_word(page.row.stage)
    if page.row.stage_class == WAITING and page.waiting_cause:
        told = _("{stage} for {party}: {cause}") if page.waiting_party else _("{stage}: {cause}")
        stage = told.format(stage=stage, party=party_word(page.waiting_party), cause=page.waiting_cause)
    owner = page.row.owner_name or _("nobody")
    pairs += [(_("stage"), [(stage, "text")]), (_("owner"), [(owner, "text")])]
    if is_zoomed or width >= 100:
        site = ", ".join(part for part in (page.site, page.row.company_name) if part)
        pairs += [
            (_("site"), [(site, "text")]),
            (_("contract"), [(f"{page.contract} {page.grade}".strip() or "-", "text")]),
        ]
        pairs += [(_("category"), [(page.category or page.request_type, "text")])]
        pairs += [(_("also"), [(", ".join(page.aliases) or "-", "text")])]
    lines += _fact_rows(pairs, width)
    for due_at, name, number in page.call_backs:
        told = _("call back {name} {number} at {time}").format(
            name=plain(name, 60), number=plain(number, 40), time=date_time(due_at, now, zone)
        )
        lines.append([(" " + told, "due" if due_at <= now else "text")])
    if page.derived_by:
        lines.append([(" " + _("derived: {rule}").format(rule=plain(page.derived_by, 200)), "muted")])
    return [cut_line(line, width) for line in lines]


def _conflict_line(count: int, width: int) -> Line:
    """Right below the subject: whatever stands there may not be what a colleague wanted."""
    told = ngettext("! CONFLICT", "! {count} CONFLICTS", count).format(count=count)
    why = _(": two changed it at once; R shows both sides")
    has_room = line_width([(told + why, "due")]) < width
    return [(f" {told}", "due bold"), (why if has_room else "", "due")]


def _restated_line(width: int) -> Line:
    """Below the clocks, because it is about both; without its reason where there is no room for it."""
    told, why = _("SLA restated"), _(": said otherwise when it was closed; d tells why")
    has_room = line_width([(told + why, "due")]) < width
    return [(f" {told}{why if has_room else ''}", "due")]


def _fact_rows(pairs: list[tuple[str, Line]], width: int) -> list[Line]:
    if width < 72:
        return [[(f" {fit(label, 9)} ", "muted"), *value] for label, value in pairs if line_width(value)]
    half = min(50, width // 2)
    rows: list[Line] = []
    for left, right in zip(pairs[::2], pairs[1::2], strict=False):
        first: Line = [(f" {fit(left[0], 9)} ", "muted"), *left[1]]
        first = cut_line(first, half - 1)
        first.append((" " * (half - line_width(first)), "text"))
        rows.append([*first, (f"{fit(right[0], 9)} ", "muted"), *right[1]])
    return rows


def _caller(contact: ContactLine | None) -> tuple[str, str]:
    if contact is None:
        return "", ""
    name = f"{contact.name}, {contact.role}" if contact.role else contact.name
    return plain(name, 200), plain(contact.phone or "-", 60)


def _may_order(contact: ContactLine | None) -> Line:
    if contact is None or not contact.role:
        return [("-", "muted")]
    if not contact.may_order:
        return [(_("x no, ask who may"), "due")]
    if contact.order_limit is None:
        return [(_("yes"), "good")]
    return [(_("yes, up to {amount}").format(amount=money(contact.order_limit, contact.currency)), "good")]


def contract_words(line: ContractLine, present: EntityId | None, zone: str) -> str:
    """What there is to know of a contract before a ticket is put under it."""
    if line.version == present:
        return _("as it stands today")
    return _("until {date}").format(date=date(line.until, zone)) if line.until is not None else _("without end")


def entry_lines(
    entry: Entry, names: dict[EntityId, str], width: int, now: Instant, zone: str, *, is_zoomed: bool
) -> list[Shown]:
    """One entry with hanging indent: time, channel, direction, who, text."""
    column = 29 if is_zoomed else 22
    who_cells = column - 15
    who = names.get(entry.person or entry.contact or EntityId(b""), "")
    if entry.direction == FROM_CUSTOMER:
        who = names.get(entry.contact or entry.person or EntityId(b""), "")
    name = fit(who if is_zoomed else short_name(who), who_cells)
    channel = fit(_(CHANNEL_WORDS.get(entry.kind, "desk")), 4)
    said = entry.direction == FROM_CUSTOMER
    ground = "raised" if entry.direction == INTERNAL else "panel"
    head: Line = [
        (f" {short_time(entry.at, now, zone)} ", "muted"),
        (f"{channel} {entry.direction}", "text bold" if said else "muted"),
        (f" {name} ", "muted"),
    ]
    text_width = max(8, min(TEXT_CELLS, width - column - 1))
    lines: list[Shown] = []
    for position, text in enumerate(_entry_text(entry, names, text_width, now, zone)):
        begin: Line = head if position == 0 else [(" " * column, "muted")]
        lines.append(Shown([*begin, *text], ground))
    return lines


def _entry_text(entry: Entry, names: dict[EntityId, str], width: int, now: Instant, zone: str) -> list[Line]:
    ink = "text"
    if entry.kind == "system":
        told, ink = [system_sentence(entry, names, now, zone)], "muted"
    else:
        told = plain_lines(entry.text)
    lines: list[Line] = []
    for paragraph in told:
        lines += [[(line, ink)] for line in wrap(paragraph, width, LONGEST_ENTRY_LINES)]
        if len(lines) > LONGEST_ENTRY_LINES:
            lines = [
                *lines[:LONGEST_ENTRY_LINES],
                [(_("the text goes on; lampboard ticket show prints it all"), "muted")],
            ]
            break
    if entry.delivery and entry.delivery != HANDED:
        # First, because a small pane shows no more than the beginning of an entry.
        lines = [[(line, "due")] for line in wrap(delivery_sentence(entry), width, 3)] + lines
    return lines


def delivery_sentence(entry: Entry) -> str:
    """Why a reply has not gone out: our own reasons in the language of the screen, else what the mail command said."""
    reason = plain(str(entry.data.get("reason", "")), 200)
    if may_have_left(reason):
        return _failure(reason)
    if entry.data.get(BY_KEEPER) is True and entry.delivery in KEEPER_WORDS:
        return _(KEEPER_WORDS[entry.delivery])
    return _(DELIVERY_WORDS[entry.delivery]).format(reason=_failure(reason))


def _failure(reason: str) -> str:
    code, _blank, detail = reason.partition(" ")
    return _(FAILURE_WORDS[code]).format(detail=detail) if code in FAILURE_WORDS else reason


def system_sentence(entry: Entry, names: dict[EntityId, str], now: Instant, zone: str) -> str:
    """What the system says of an act, in the language of the screen."""
    data = entry.data

    def name(field: str) -> str:
        value = data.get(field)
        return plain(names.get(EntityId(bytes.fromhex(value)), "?"), 80) if value else _("nobody")

    if entry.code == NOT_APPLIED:
        wanted = replace(entry, code=str(data.get("of", "")))
        return _("not applied: {wanted}").format(wanted=system_sentence(wanted, names, now, zone))
    if entry.code == "ticket.opened":
        return _("opened by {channel}").format(channel=plain(str(data.get("channel", "")), 40) or "?")
    if entry.code == "ticket.assigned":
        if not data.get("owner"):
            return _("given back, was {name}").format(name=name("was_owner"))
        return _("given to {name}, was {before}").format(name=name("owner"), before=name("was_owner"))
    if entry.code == "ticket.staged":
        told = _("{was} > {to}").format(
            was=stage_word(str(data.get("was", ""))), to=stage_word(str(data.get("to", "")))
        )
        if data.get("cause"):
            party = party_word(str(data.get("party", "")))
            waits = _(", waits for {party}: {cause}") if party else _(", waits: {cause}")
            told += waits.format(party=party, cause=plain(str(data["cause"]), 200))
        return told
    if entry.code == "ticket.prioritised":
        return _("priority {was} > {priority}").format(was=data.get("was"), priority=data.get("priority"))
    if entry.code == "ticket.numbered":
        return _("numbered, was {was}").format(was=plain(str(data.get("was", "")), 40))
    if entry.code == "ticket.retargeted":
        is_other = data.get("contract_version") != data.get("was")
        return _("put under another contract") if is_other else _("put under the policy as of another day")
    if entry.code == "ticket.equipped":
        return _("about other equipment") if data.get("equipment") else _("about no equipment any more")
    if entry.code == "attachment.added":
        return _attached(entry)
    if entry.code == "attachment.removed":
        told = _("file taken off: {name}") if data.get("removed") is not False else _("file put back: {name}")
        return told.format(name=plain(str(data.get("name", "")), LONGEST_FILE_NAME))
    if entry.code == "sla.announced":
        return _("SLA: {clocks}").format(clocks=", ".join(_said_of_clock(said) for said in data.get("clocks", ())))
    if entry.code == "reporter.joined":
        told = _("{name} reports it too") if data.get("has_joined") else _("{name} no longer counts as a reporter")
        return told.format(name=name("contact"))
    if entry.code == "ticket.archived":
        return _("taken off the desk") if data.get("archived") else _("put back on the desk")
    if entry.code == "call_back.planned":
        at = date_time(Instant(int(data.get("due_at", 0))), now, zone)
        told = _("call back dropped, was {time}") if data.get("is_dropped") else _("call back at {time}")
        return told.format(time=at)
    what = data.get("what", data)
    return plain(
        ", ".join(f"{key} {value}" for key, value in what.items()) if isinstance(what, dict) else str(what), 400
    )


def _attached(entry: Entry) -> str:
    """A file by its name, its size and what it is; the beginning of its hash tells two of one name apart."""
    one = attached_in(entry)
    if one is None:
        return _("a file that cannot be told")
    return _("file {name}, {size}, {type}, {hash}").format(
        name=plain(one.name, LONGEST_FILE_NAME),
        size=file_size(one.size),
        type=plain(one.media_type, 80),
        hash=one.digest[:8],
    )


def file_size(size: int) -> str:
    """A size as people tell it: `812 B`, `48 kB`, `1.2 MB`."""
    if size < 1000:
        return f"{size} B"
    if size < 1_000_000:
        return f"{size / 1000:.0f} kB"
    return f"{size / 1_000_000:.1f} MB"


def _said_of_clock(said: dict[str, Any]) -> str:
    clock = str(said.get("clock", ""))
    name = _(CLOCK_WORDS[clock]) if clock in CLOCK_WORDS else plain(clock, 40)
    if not said.get("is_breached"):
        return _("{clock} kept").format(clock=name)
    # A breach of less than a minute is told as one: it is a breach.
    minutes = max(1, (int(said.get("used", 0)) - int(said.get("target", 0))) // 60)
    return _("{clock} breached by {time}").format(clock=name, time=f"{minutes // 60}:{minutes % 60:02}")
