"""What a ledger tells in words: causes, events with their authors, times and hours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.clock import Instant
from core.clock_runs import ANSWERED, ASKED, OPENED, POLICY, PRIORITY, STAGE, ClockEvent, Retarget
from core.closed_reasons import BREAK, CLOSED, CLOSURE, HOLIDAY, SITE_CLOSED, SPECIAL_DAY
from core.ledger import AFTER_ANSWER, AFTER_CLOSE, BEFORE_NEW_CLOCK, OPEN_HOURS, TO_COME, Ledger, Promise, Span
from core.ledger import PAUSED as WAITED
from core.stages import CLOSED as CLOSED_STAGE
from core.stages import WAITING
from core.text import plain
from tui.presenters.sentences import party_word, stage_word
from tui.presenters.times import local
from tui.words import _, later, ngettext

if TYPE_CHECKING:
    from core.date_changes import DateChange
    from core.policy import Target
    from core.restatements import Restatement

CLOCK_WORDS = {
    "first_response": later("first response"),
    "update": later("next response"),
    "resolution": later("resolution"),
}
OWNER_WORDS = {
    "us": later("us"),
    "customer": later("customer"),
    "contractor": later("contractor"),
    "vendor": later("vendor"),
}
CAUSE_WORDS = {
    OPEN_HOURS: later("open hours"),
    CLOSED: later("closed"),
    HOLIDAY: later("closed: {name}"),
    SPECIAL_DAY: later("closed: special hours {name}"),
    BREAK: later("closed: break {name}"),
    CLOSURE: later("closed: {name}"),
    SITE_CLOSED: later("site closed: {name}"),
    AFTER_CLOSE: later("after close"),
    AFTER_ANSWER: later("after the answer"),
    BEFORE_NEW_CLOCK: later("before the clock began anew"),
    TO_COME: later("to come, if nothing stops it"),
    WAITED: later("paused: {name}"),
}
UNNAMED = {HOLIDAY: later("holiday"), CLOSURE: later("closure"), SITE_CLOSED: later("closing day"), WAITED: ""}
WEEKDAYS = (later("Mon"), later("Tue"), later("Wed"), later("Thu"), later("Fri"), later("Sat"), later("Sun"))


def day_time(at: Instant, zone: str) -> str:
    """Fifteen cells: `Fri 20.11 14:12`."""
    then = local(at, zone)
    return f"{_(WEEKDAYS[then.weekday()])} {then:%d.%m %H:%M}"


def hours(seconds: int) -> str:
    """Hours and minutes, cut: `2:48`, `-0:12`."""
    minutes = abs(seconds) // 60
    return f"{'-' if seconds <= -60 else ''}{minutes // 60}:{minutes % 60:02}"


def shown_left(promise: Promise) -> str:
    """What is left of a target beside what is used, in minutes that add up to it."""
    if promise.target is None:
        return "-"
    return hours(promise.target // 60 * 60 - promise.used // 60 * 60)


def restated_words(one: Restatement, zone: str) -> str:
    """What was said of a clock, and how it is today."""
    said, verdict = one.announcement, (_("breached"), _("kept"))
    return _("{at} said: {then}, used {used}; today: {now}, used {used_now}").format(
        at=day_time(said.at, zone),
        then=verdict[0] if said.breached else verdict[1],
        used=hours(said.used_seconds),
        now=verdict[0] if one.breached else verdict[1],
        used_now=hours(one.used_seconds),
    )


def cause_words(span: Span, ledger: Ledger, days: int = 0) -> str:
    """Why a span counted or did not: the cause by name, what set the clock going, the calendar's version if several."""
    cause, name, event = span.why
    if cause == WAITED and event is not None:
        words = plain(event.source.words, 200) if event.source else ""
        name = _("waiting for {party}").format(party=party_word(event.party)) if event.party else _("waiting")
        name = ", ".join(part for part in (name, words, who(event)) if part)
    else:
        name = plain(name, 80)
    named = name or (_(UNNAMED[cause]) if UNNAMED.get(cause) else "")
    told = _(CAUSE_WORDS[cause]).format(name=named).rstrip(": ")
    if days:
        told += ", " + ngettext("{count} day", "{count} days", days).format(count=days)
    if cause == OPEN_HOURS and event is not None and event.kind != OPENED:
        told += f", {happened(event)}"
    if cause in (AFTER_CLOSE, AFTER_ANSWER) and event is not None and who(event):
        told += f", {who(event)}"
    return f"{told} (v{ledger.calendars[span.version].version})" if len(ledger.calendars) > 1 and span.counted else told


def who(event: ClockEvent) -> str:
    """Whose doing an event was, as far as it is known."""
    return plain(event.source.person, 40) if event.source else ""


def happened(event: ClockEvent) -> str:
    """What an event was, and whose."""
    told = {ASKED: _("customer wrote"), ANSWERED: _("we answered"), OPENED: _("opened"), POLICY: _("another contract")}
    words = told.get(event.kind, "")
    if event.kind == STAGE:
        words = stage_word(event.stage) if event.stage else _("moved on")
        if event.stage_class == WAITING and event.party:
            words = _("waiting for {party}").format(party=party_word(event.party))
        elif event.stage_class == CLOSED_STAGE:
            words = _("closed")
    elif event.kind == PRIORITY and isinstance(event.change, Retarget):
        words = _("priority P{was} to P{now}").format(was=event.change.priority_before, now=event.change.priority)
    return f"{words}, {who(event)}" if who(event) else words


def moved_by(change: DateChange) -> str:
    """What moved a date."""
    told = "; ".join(happened(event) for event in change.events) or _("another version of the calendar")
    if change.target_before != change.target_after and change.target_after is not None:
        was = target_words(change.target_before)
        told += ": " + _("target {was} to {now}").format(was=was, now=target_words(change.target_after))
    return told


def target_words(target: Target | None) -> str:
    """A target in open hours or working days."""
    if target is None:
        return _("none")
    return hours(target.seconds) if target.seconds is not None else _("{days} working days").format(days=target.days)
