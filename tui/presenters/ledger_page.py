"""Why a deadline is where it is, as lines: each stretch of time, what moved the date, who used the time, what if."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.clock_state import MET, NONE, PAUSED, RUNNING
from core.policy import RESOLUTION
from core.text import plain
from tui.presenters.cells import Line, cut, fit, line_width, spread, width_of, wrap
from tui.presenters.ledger_table import MIDDLE, table
from tui.presenters.ledger_words import (
    CLOCK_WORDS,
    OWNER_WORDS,
    day_time,
    hours,
    moved_by,
    restated_words,
    shown_left,
    target_words,
)
from tui.presenters.sentences import party_word, stage_word
from tui.presenters.supposition_words import supposition_words
from tui.presenters.times import date, local
from tui.words import _

if TYPE_CHECKING:
    from core.clock_shown import ClockShown
    from core.ledger import Ledger, Promise
    from core.warning_levels import Warned

ONE_LINE = 1_000
"""More cells than a sentence takes."""


def title_of(page: ClockShown, ledger: Ledger) -> tuple[str, str]:
    """What the header tells: which clock of which ticket, and flush right by which versions."""
    clock = _(CLOCK_WORDS[ledger.clock])
    subject = f"{page.row.number} {clock}, P{page.row.priority}"
    by_name: dict[str, list[str]] = {}
    for one in ledger.calendars:
        by_name.setdefault(plain(one.name, 40), []).append(f"v{one.version}")
    calendars = ", ".join(f"{name} {' '.join(numbers)}" for name, numbers in by_name.items())
    policy = f"{plain(ledger.policy.name, 40)} v{ledger.policy.version}"
    return subject, _("{calendars}, policy {policy}, tzdata {zones}").format(
        calendars=calendars, policy=policy, zones=ledger.zone_data
    )


def ledger_lines(page: ClockShown, place: int, width: int, zone: str) -> list[Line]:
    """Everything about the clock at `place` of `page.ledgers`."""
    if not page.ledgers:
        told = _("Nothing was promised for this ticket: it has no contract in force, or a contract without targets.")
        return [[], *([(f" {line}", "text")] for line in wrap(told, width - 2, 9))]
    ledger = page.ledgers[place]
    lines: list[Line] = [[], *_summary(page, ledger, width, zone), []]
    lines += table(ledger, width, zone)
    lines += _said(page, ledger, width, zone)
    lines += _changes(ledger, width, zone)
    lines += _used_by(page, ledger, width)
    lines += _warnings(page, ledger, zone)
    lines += _what_if(page, ledger, width, zone)
    return [_within(line, width) for line in lines]


def what_if_place(page: ClockShown, place: int, width: int, zone: str) -> int:
    """At which of `ledger_lines` the suppositions begin."""
    if not page.ledgers:
        return 0
    lines = ledger_lines(page, place, width, zone)
    return len(lines) - len(_what_if(page, page.ledgers[place], width, zone))


def _within(line: Line, width: int) -> Line:
    """The line without what is beyond the screen."""
    if line_width(line) <= width:
        return line
    shown: Line = []
    for text, ink in line:
        room = width - line_width(shown)
        if room <= 0:
            break
        shown.append((text if width_of(text) <= room else cut(text, room), ink))
    return shown


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
    told = "; ".join(
        "".join(text for text, _ink in line[1:]).strip() for line in _summary(page, ledger, ONE_LINE, zone)
    )
    return f"{page.row.number} {_(CLOCK_WORDS[ledger.clock])}: {told}"


def _summary(page: ClockShown, ledger: Ledger, width: int, zone: str) -> list[Line]:
    contract = plain(page.contract, 60) or "-"
    told = _("{target} from {contract}").format(target=_promised(ledger), contract=contract)
    started_at = ledger.promise.started_at
    if started_at is not None and local(started_at, zone).year != local(ledger.now, zone).year:
        told += ", " + _("since {date}").format(date=date(started_at, zone))
    lines: list[Line] = [[(fit(f" {_('promised')}", 11), "muted"), (told, "text")]]
    stands = _stands(ledger.promise, zone)
    if 11 + line_width(stands) <= width:
        return [*lines, [(fit(f" {_('answer')}", 11), "muted"), *stands]]
    labels = [_("answer"), *[""] * (len(stands) - 1)]
    parts = [(text.strip(), ink) for text, ink in stands]
    return [*lines, *([(fit(f" {label}", 11), "muted"), run] for label, run in zip(labels, parts, strict=True))]


def _promised(ledger: Ledger) -> str:
    seconds, promised = ledger.promise.target, ledger.promised
    if promised is not None and promised.seconds is None:
        days = target_words(promised)
        return days if seconds is None else _("{days} ({target} open hours)").format(days=days, target=hours(seconds))
    return _("no target") if seconds is None else _("{target} open hours").format(target=hours(seconds))


def _stands(promise: Promise, zone: str, *, is_later: bool = False) -> Line:
    """How a clock stands now; or as of what was supposed last."""
    late = "breach_text bold"
    breached = _("BREACHED by {time} by then") if is_later else _("BREACHED by {time}")
    breach = breached.format(time=hours(promise.breached_by))
    left = shown_left(promise)
    if promise.state == RUNNING and promise.due_at is not None:
        due = (_("due {at}").format(at=day_time(promise.due_at, zone)), "text bold")
        if promise.breached_by:
            return [due, (f"   {breach}", late)]
        told = _("{time} left then") if is_later else _("{time} left, counting")
        return [due, (f"   {told.format(time=left)}", "soon")]
    if promise.breached_by:
        return [(_("used {used}, {breach}").format(used=hours(promise.used), breach=breach), late)]
    if promise.state == PAUSED:
        return [(_("no date while it waits, {time} left").format(time=left), "text bold")]
    if promise.state == MET:
        return [(_("kept: used {used} open hours").format(used=hours(promise.used)), "good")]
    if promise.state == NONE:
        return [(_("nothing promised"), "text")]
    return [(_("no date: these hours never use it up"), "text")]


def _section(title: str, told: str) -> Line:
    return [(f" {title}", "muted bold"), (f"  {told}", "muted")]


def _said(page: ClockShown, ledger: Ledger, width: int, zone: str) -> list[Line]:
    of_clock = [one for one in page.restated if one.announcement.clock == ledger.clock]
    if not of_clock:
        return []
    lines: list[Line] = [_section(_("SLA RESTATED"), _("what was said stays; later facts changed the verdict"))]
    lines += [[(f" {cut(restated_words(one, zone), width - 2)}", "due")] for one in of_clock]
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
                (fit(moved_by(change), room), "text"),
                (dates, "text"),
            ]
        )
    return [*lines, []]


def _used_by(page: ClockShown, ledger: Ledger, width: int) -> list[Line]:
    used = page.used
    if used is None or not (used.used or page.stages) or ledger.clock != RESOLUTION:
        return []
    lines: list[Line] = [_section(_("WHO USED THE TIME"), _("the resolution target divided over the stages"))]
    if page.stages:
        head = f" {fit(_('Stage'), 24)}{fit(_('Owner'), 12)}"
        head += "".join(fit(word, 8, right=True) for word in (_("Share"), _("Used"), _("Over")))
        lines.append([(head, "muted")])
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
    total = 0
    for owner, seconds in sorted(by_owner.items(), key=lambda one: -one[1]):
        before, total = total, total + seconds
        # Minutes of the sums, not of each: what is shown adds up.
        yield f"{_(OWNER_WORDS.get(owner, owner))} {hours(total // 60 * 60 - before // 60 * 60)}"


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
    column = 40 if width >= MIDDLE else 27
    for supposed in page.supposed:
        outcome = next((one for one in supposed.outcome.promises if one.clock == ledger.clock), None)
        if outcome is None:
            continue
        is_later = supposed.outcome.facts.now > ledger.now and outcome.ended_at is None
        answer = _stands(outcome, zone, is_later=is_later)
        words = supposition_words(supposed, zone)
        if width_of(words) <= column and column + 2 + line_width(answer) <= width:
            lines.append([(f" {fit(words, column)} ", "muted"), *answer])
            continue
        # Several things at once are told in full, the answer under them where the others stand.
        lines += [[(f" {told}", "muted")] for told in wrap(words, width - 2, 4)]
        lines.append([(" " * max(2, min(column + 2, width - line_width(answer))), "muted"), *answer])
    return lines if len(lines) > 1 else []


def clock_tabs(page: ClockShown, place: int, width: int) -> Line:
    """The clocks of the ticket, the shown one strong."""
    tabs: Line = []
    for number, ledger in enumerate(page.ledgers):
        ink = "strong bold" if number == place else "muted"
        tabs.append((f" {_(CLOCK_WORDS[ledger.clock])} ", ink))
    return spread(tabs, [(_("tab: next clock") + " ", "muted")] if len(page.ledgers) > 1 else [], width)
