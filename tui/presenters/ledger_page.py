"""Why a deadline is where it is, as lines: each stretch of time, what moved the date, who used the time, what if."""

from __future__ import annotations

from collections.abc import Iterable

from core.clock import Instant
from core.clock_runs import ANSWERED, ASKED, OPENED, POLICY, PRIORITY, STAGE, ClockEvent, Retarget
from core.clock_state import MET, PAUSED, RUNNING
from core.closed_reasons import BREAK, CLOSED, CLOSURE, HOLIDAY, SITE_CLOSED, SPECIAL_DAY
from core.ledger import (
    AFTER_ANSWER,
    AFTER_CLOSE,
    BEFORE_NEW_CLOCK,
    OPEN_HOURS,
    TO_COME,
    DateChange,
    Ledger,
    Promise,
    Span,
)
from core.ledger import PAUSED as WAITED
from core.pages import ClockShown, PolicyCalled, Supposed
from core.policy import RESOLUTION, Target
from core.stages import CLOSED as CLOSED_STAGE
from core.stages import WAITING
from core.text import plain
from core.warning_levels import Warned
from core.what_if import AnsweredAt, ClosedAt, CustomerWritesAt, PriorityIs, UnderPolicy, WaitsUntil
from tui.presenters.cells import Line, cut, fit, spread
from tui.presenters.sentences import party_word, stage_word
from tui.presenters.times import local
from tui.words import _, later

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
    TO_COME: later("still to come, if nothing stops it"),
    WAITED: later("paused: {name}"),
}
UNNAMED = {HOLIDAY: later("holiday"), CLOSURE: later("closure"), SITE_CLOSED: later("closing day"), WAITED: ""}
WEEKDAYS = (later("Mon"), later("Tue"), later("Wed"), later("Thu"), later("Fri"), later("Sat"), later("Sun"))

BAR_CELLS = 16
WIDE, MIDDLE = 120, 100
"""From here on there is room for bars, and for how long a stretch was."""


def day_time(at: Instant, zone: str) -> str:
    """Fifteen cells: `Fri 20.11 14:12`."""
    then = local(at, zone)
    return f"{_(WEEKDAYS[then.weekday()])} {then:%d.%m %H:%M}"


def hours(seconds: int) -> str:
    """Hours and minutes, cut: `2:48`, `-0:12`."""
    minutes = abs(seconds) // 60
    return f"{'-' if seconds <= -60 else ''}{minutes // 60}:{minutes % 60:02}"


def title_of(page: ClockShown, ledger: Ledger) -> tuple[str, str]:
    """What the header tells: which clock of which ticket, and flush right by which versions."""
    clock = _(CLOCK_WORDS[ledger.clock])
    subject = f"{page.row.number} {clock}, P{page.row.priority}"
    calendars = ", ".join(f"{plain(one.name, 40)} v{one.version}" for one in ledger.calendars)
    policy = f"{plain(ledger.policy.name, 40)} v{ledger.policy.version}"
    return subject, _("{calendars}, policy {policy}, tzdata {zones}").format(
        calendars=calendars, policy=policy, zones=ledger.zone_data
    )


def ledger_lines(page: ClockShown, place: int, width: int, zone: str) -> list[Line]:
    """Everything about the clock at `place` of `page.ledgers`."""
    if not page.ledgers:
        told = _("Nothing was promised for this ticket: it has no contract in force, or a contract without targets.")
        return [[], [(f" {told}", "text")]]
    ledger = page.ledgers[place]
    lines: list[Line] = [[], *_summary(page, ledger, zone), []]
    lines += _table(ledger, width, zone)
    lines += _said(page, ledger, width, zone)
    lines += _changes(ledger, width, zone)
    lines += _used_by(page, ledger, width)
    lines += _warnings(page, ledger, zone)
    return lines + _what_if(page, ledger, width, zone)


def ledger_text(page: ClockShown, zone: str, width: int = 100) -> str:
    """Every clock as text to paste into a mail."""
    parts = []
    for place, ledger in enumerate(page.ledgers):
        subject, versions = title_of(page, ledger)
        parts += [f"{subject}  {versions}"]
        parts += ["".join(text for text, _ink in line).rstrip() for line in ledger_lines(page, place, width, zone)]
    if not parts:
        parts = ["".join(text for text, _ink in line).rstrip() for line in ledger_lines(page, 0, width, zone)]
    return "\n".join(parts).strip("\n") + "\n"


def answer_text(page: ClockShown, place: int, zone: str) -> str:
    """The promise and how it stands, in a sentence."""
    ledger = page.ledgers[place]
    told = "; ".join("".join(text for text, _ink in line[1:]).strip() for line in _summary(page, ledger, zone))
    return f"{page.row.number} {_(CLOCK_WORDS[ledger.clock])}: {told}"


def _summary(page: ClockShown, ledger: Ledger, zone: str) -> list[Line]:
    promise = ledger.promise
    target = hours(promise.target) if promise.target is not None else _("no target")
    told = _("{target} open hours from {contract}").format(target=target, contract=plain(page.contract, 60) or "-")
    lines: list[Line] = [[(fit(f" {_('promised')}", 11), "muted"), (told, "text")]]
    return [*lines, [(fit(f" {_('answer')}", 11), "muted"), *_stands(promise, zone)]]


def _stands(promise: Promise, zone: str) -> Line:
    late = "breach_text bold"
    if promise.state == RUNNING and promise.due_at is not None:
        due = (_("due {at}").format(at=day_time(promise.due_at, zone)), "text bold")
        if promise.breached_by:
            return [due, (f"   {_('BREACHED by {time}').format(time=hours(promise.breached_by))}", late)]
        return [due, (f"   {_('{time} left, counting').format(time=hours(promise.left or 0))}", "soon")]
    if promise.breached_by:
        told = _("used {used}, BREACHED by {time}")
        return [(told.format(used=hours(promise.used), time=hours(promise.breached_by)), late)]
    if promise.state == PAUSED:
        return [(_("no date while it waits, {time} left").format(time=hours(promise.left or 0)), "text bold")]
    if promise.state == MET:
        return [(_("kept: used {used} open hours").format(used=hours(promise.used)), "good")]
    return [(_("no date: these hours never use it up"), "text")]


def _table(ledger: Ledger, width: int, zone: str) -> list[Line]:
    has_length, has_bar = width >= MIDDLE, width >= WIDE
    head = f" {fit(_('From'), 17)}{fit(_('To'), 17)}"
    head += fit(_("Length"), 7, right=True) if has_length else ""
    head += f"{fit(_('Counted'), 9, right=True)}{fit(_('Sum'), 8, right=True)}   {_('Why')}"
    lines: list[Line] = [[(head, "muted")]]
    target = ledger.promise.target
    for span in [*ledger.spans, *([ledger.coming] if ledger.coming else [])]:
        is_coming = span is ledger.coming
        ink = "due" if is_coming else "text" if span.counted else "faint"
        told = f" {fit(day_time(span.from_at, zone), 17)}{fit(day_time(span.until_at, zone), 17)}"
        told += fit(hours(span.seconds), 7, right=True) if has_length else ""
        counted = fit(hours(span.counted) if span.counted else "-", 9, right=True)
        total = fit(hours(span.total), 8, right=True)
        room = width - len(told) - 9 - 8 - 3 - 1 - (BAR_CELLS + 2 if has_bar else 0)
        figure = f"{ink} bold" if span.counted else ink
        line: Line = [(told, ink), (counted, figure), (total, ink), (f"   {fit(_why(span, ledger), room)}", ink)]
        if has_bar and target:
            line += _bar(span.total / target, "due" if is_coming else "accent" if span.counted else "faint")
        lines.append(line)
    indent = " " * (35 + (7 if has_length else 0) + 9)
    lines.append([(f"{indent}{fit('-----', 8, right=True)}", "faint")])
    told = _("= counted of {target}").format(target=hours(target or 0))
    lines.append([(f"{indent}{fit(hours(ledger.promise.used), 8, right=True)}", "strong bold"), (f"   {told}", "good")])
    return [*lines, []]


def _bar(share: float, ink: str) -> Line:
    cells = max(0, min(BAR_CELLS, round(share * BAR_CELLS)))
    if 0 < share < 1:
        cells = max(1, min(BAR_CELLS - 1, cells))
    return [("  " + "━" * cells, ink), ("─" * (BAR_CELLS - cells), "faint")]


def _why(span: Span, ledger: Ledger) -> str:
    cause, name, event = span.why
    if cause == WAITED and event is not None:
        words = plain(event.source.words, 200) if event.source else ""
        name = _("waiting for {party}").format(party=party_word(event.party)) if event.party else _("waiting")
        name = ", ".join(part for part in (name, words, _who(event)) if part)
    named = plain(name, 80) or (_(UNNAMED[cause]) if UNNAMED.get(cause) else "")
    told = _(CAUSE_WORDS[cause]).format(name=named).rstrip(": ")
    if cause == OPEN_HOURS and event is not None and event.kind != OPENED:
        told += f", {_happened(event)}"
    if cause in (AFTER_CLOSE, AFTER_ANSWER) and event is not None and _who(event):
        told += f", {_who(event)}"
    return f"{told} (v{ledger.calendars[span.version].version})" if len(ledger.calendars) > 1 and span.counted else told


def _who(event: ClockEvent) -> str:
    return plain(event.source.person, 40) if event.source else ""


def _happened(event: ClockEvent) -> str:
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
    return f"{words}, {_who(event)}" if _who(event) else words


def _section(title: str, told: str) -> Line:
    return [(f" {title}", "muted bold"), (f"  {told}", "muted")]


def _said(page: ClockShown, ledger: Ledger, width: int, zone: str) -> list[Line]:
    of_clock = [one for one in page.restated if one.announcement.clock == ledger.clock]
    if not of_clock:
        return []
    lines: list[Line] = [_section(_("SLA RESTATED"), _("what was said stays; later facts changed the verdict"))]
    for one in of_clock:
        said = one.announcement
        verdict = (_("breached"), _("kept"))
        told = _("{at} said: {then}, used {used}; today: {now}, used {used_now}").format(
            at=day_time(said.at, zone),
            then=verdict[0] if said.breached else verdict[1],
            used=hours(said.used_seconds),
            now=verdict[0] if one.breached else verdict[1],
            used_now=hours(one.used_seconds),
        )
        lines.append([(f" {cut(told, width - 2)}", "due")])
    return [*lines, []]


def _changes(ledger: Ledger, width: int, zone: str) -> list[Line]:
    if not ledger.changes:
        return []
    lines: list[Line] = [_section(_("CHANGES"), _("what moved the date, newest first"))]
    for change in ledger.changes:
        before, after = (_("no date") if at is None else day_time(at, zone) for at in (change.before, change.after))
        dates = f"{fit(before, 15, right=True)}  >  {fit(after, 15)}"
        room = max(10, width - 17 - len(dates) - 2)
        lines.append(
            [
                (f" {fit(day_time(change.at, zone), 16)}", "muted"),
                (fit(_moved_by(change), room), "text"),
                (dates, "text"),
            ]
        )
    return [*lines, []]


def _moved_by(change: DateChange) -> str:
    told = "; ".join(_happened(event) for event in change.events) or _("another version of the calendar")
    if change.target_before != change.target_after and change.target_after is not None:
        was = _target(change.target_before)
        told += ": " + _("target {was} to {now}").format(was=was, now=_target(change.target_after))
    return told


def _target(target: Target | None) -> str:
    if target is None:
        return _("none")
    return hours(target.seconds) if target.seconds is not None else _("{days} working days").format(days=target.days)


def _used_by(page: ClockShown, ledger: Ledger, width: int) -> list[Line]:
    used = page.used
    if used is None or not (used.used or page.stages) or ledger.clock != RESOLUTION:
        return []
    lines: list[Line] = [_section(_("WHO USED THE TIME"), _("the resolution target divided over the stages"))]
    lines.append(
        [
            (
                f" {fit(_('Stage'), 24)}{fit(_('Owner'), 12)}{fit(_('Share'), 8, right=True)}"
                f"{fit(_('Used'), 8, right=True)}{fit(_('Over'), 8, right=True)}",
                "muted",
            )
        ]
    )
    for stage in page.stages:
        name = stage_word(stage.stage) + (f" {party_word(stage.party)}" if stage.party else "")
        share = hours(stage.target) if stage.target is not None else "-"
        over = hours(stage.over) if stage.over else "-"
        line: Line = [(f" {fit(name, 24)}{fit(_(OWNER_WORDS.get(stage.owner, stage.owner)), 12)}", "text")]
        line.append((f"{fit(share, 8, right=True)}{fit(hours(stage.used), 8, right=True)}", "text"))
        line.append((fit(over, 8, right=True), "breach_text" if stage.over else "faint"))
        lines.append([*line, (f"   {_('running')}", "muted")] if stage.is_running else line)
    counted = ", ".join(_amounts(used.counted_by_owner))
    lines.append([(f" {_('counted')} {hours(used.used)}", "strong bold"), (f": {cut(counted, width - 20)}", "text")])
    if used.breach:
        blamed = ", ".join(_amounts(used.breach_by_owner))
        lines.append(
            [(f" {_('breach')} {hours(used.breach)}", "breach_text bold"), (f": {cut(blamed, width - 20)}", "text")]
        )
    return [*lines, []]


def _amounts(by_owner: dict[str, int]) -> Iterable[str]:
    for owner, seconds in sorted(by_owner.items(), key=lambda one: -one[1]):
        yield f"{_(OWNER_WORDS.get(owner, owner))} {hours(seconds)}"


def _warnings(page: ClockShown, ledger: Ledger, zone: str) -> list[Line]:
    levels = [one for one in page.warned if one.level.clock == ledger.clock]
    if not levels:
        return []
    lines: list[Line] = [_section(_("WARNINGS"), _("every level of the policy"))]
    for one in levels:
        is_reached = one.at is not None and one.at <= ledger.now
        at = _("never") if one.at is None else day_time(one.at, zone)
        told = _("reached") if is_reached else _("to come")
        lines.append([(f" {fit(_level(one), 24)}{fit(at, 17)}", "text"), (told, "due" if is_reached else "muted")])
    return [*lines, []]


def _level(warned: Warned) -> str:
    level = warned.level
    if level.fraction is not None:
        return _("{share} % used").format(share=f"{float(level.fraction) * 100:g}")
    return _("{time} before").format(time=hours(level.seconds_before or 0))


def _what_if(page: ClockShown, ledger: Ledger, width: int, zone: str) -> list[Line]:
    lines: list[Line] = [_section(_("WHAT IF"), _("nothing is written"))]
    for supposed in page.supposed:
        outcome = next((one for one in supposed.outcome.promises if one.clock == ledger.clock), None)
        if outcome is None:
            continue
        told = fit(supposition_words(supposed, zone), 40 if width >= MIDDLE else 27)
        lines.append([(f" {told} ", "muted"), *_stands(outcome, zone)])
    return lines if len(lines) > 1 else []


def supposition_words(supposed: Supposed, zone: str) -> str:
    """What was supposed, in words."""
    return ", ".join(_supposition(one, zone) for one in supposed.suppositions)


def _supposition(one: object, zone: str) -> str:
    match one:
        case PriorityIs(priority):
            return _("priority P{priority}").format(priority=priority)
        case PolicyCalled(name):
            return _("policy {name}").format(name=plain(name, 60))
        case UnderPolicy(policy):
            return _("policy {name}").format(name=plain(policy.name, 60))
        case AnsweredAt(at):
            return _("we answer {at}").format(at=day_time(at, zone))
        case CustomerWritesAt(at):
            return _("customer writes {at}").format(at=day_time(at, zone))
        case WaitsUntil(at, until, party):
            told = _("waits for {party} until {until}")
            return told.format(party=party_word(party), at=day_time(at, zone), until=day_time(until, zone))
        case ClosedAt(at):
            return _("closed {at}").format(at=day_time(at, zone))
    return str(one)


def clock_tabs(page: ClockShown, place: int, width: int) -> Line:
    """The clocks of the ticket, the shown one strong."""
    tabs: Line = []
    for number, ledger in enumerate(page.ledgers):
        ink = "strong bold" if number == place else "muted"
        tabs.append((f" {_(CLOCK_WORDS[ledger.clock])} ", ink))
    return spread(tabs, [(_("tab: next clock") + " ", "muted")] if len(page.ledgers) > 1 else [], width)
