"""`lampboard pop`: for a telephone exchange to run when a call comes in."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import click

from core.clock import Instant
from core.finding import CallerHit, FindCallers
from core.ids import EntityId
from core.intake import SHOWN, WAITS, CallDraft, draft_of
from core.phones import NO_DIGITS, NOT_A_NUMBER, TOO_SHORT, CallNumber, read_number
from core.text import plain, storable
from storage import places
from storage.gone_callers import GoneCaller, gone_caller
from storage.ringing import Seat, keep_ringing, kept_text, seat_used_last
from storage.sitting import open_sitting
from tui.verbs.opening import Refusal
from tui.verbs.printing import hexed, say, say_json

ANSWER_SECONDS = 2.0
LOOK_SECONDS = 0.05
QUEUED = "queued"
NAME_TOLD = 80
ODD = {
    NO_DIGITS: "there is no number in {text!r}; the call was not shown, n takes it in the console",
    TOO_SHORT: "{text!r} is too short for a number; the call was not shown, n takes it in the console",
    NOT_A_NUMBER: "{text!r} is no telephone number; write it as +48 22 555 01 02",
}
TOO_LONG_TOLD = "{text!r} is too long for a number; write it as +48 22 555 01 02"


class Rung(NamedTuple):
    """What became of a number: the call it is kept as, whom it may be or was, and what the console answered."""

    number: CallNumber
    call: EntityId
    hit: CallerHit | None
    gone: GoneCaller | None
    seat: Seat | None
    person_name: str
    answer: str


@click.command("pop")
@click.argument("number")
@click.option("--json", "is_json", is_flag=True, help="As JSON: ids in hex.")
@click.pass_obj
def command(desk: str, number: str, is_json: bool) -> None:
    """Show who calls from NUMBER in the console that was last in focus; where none is open, the call waits."""
    told = read_number(storable(number)[0])
    if told.oddity:
        raise Refusal(ODD.get(told.oddity, TOO_LONG_TOLD).format(text=plain(number, 60)))
    rung = _ring(places.desk_path(desk), told)
    if is_json:
        say_json(_document(rung))
    else:
        say(_sentence(rung))


def _ring(path: Path, number: CallNumber) -> Rung:
    from tui.clocks import SystemClock, system_ids

    sitting = open_sitting(path)
    try:
        found: tuple[CallerHit, ...] = sitting.page(FindCallers(number.written, 1))
        gone = None if found and found[0].contact else gone_caller(sitting.connection, number.written)
        person, person_name, now = EntityId(sitting.person), sitting.name, Instant(sitting.now)
    finally:
        sitting.close()
    seat = seat_used_last(path)
    if seat is not None:
        person, person_name = seat.person, seat.person_name
    call = system_ids(SystemClock())()
    name = seat.name if seat is not None else ""
    draft = CallDraft(call, now, typed=number.written, number=number.written, rung_for=name)
    if gone is not None:
        draft = replace(draft, gone_name=plain(gone.name, NAME_TOLD), gone_company=plain(gone.company, NAME_TOLD))
    keep_ringing(path, person, call, draft.to_text(), now)
    answer = _answer(path, person, call) if seat is not None else QUEUED
    return Rung(number, call, found[0] if found else None, gone, seat, person_name, answer)


def _answer(path: Path, person: EntityId, call: EntityId) -> str:
    """What the console did with the call, as far as it says so in time."""
    until = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < until:
        text = kept_text(path, person, call)
        if text is None:
            return SHOWN
        if answer := draft_of(call, text).rung_answer:
            return answer
        time.sleep(LOOK_SECONDS)
    return QUEUED


def _sentence(rung: Rung) -> str:
    who = "nobody known"
    if rung.gone is not None:
        who = _names(*rung.gone) + " (archived)"
    elif rung.hit is not None:
        who = _names(rung.hit.contact_name, rung.hit.company_name) or who
    where = plain(rung.person_name, 80)
    done = {
        SHOWN: f"shown in the console of {where}",
        WAITS: f"the console of {where} is busy; the call waits there, n lists it",
    }
    nowhere = "no console answered" if rung.seat is not None else "no console of this desk is open"
    return f"{rung.number.written}: {who}; " + done.get(rung.answer, f"{nowhere}; the call waits for {where}")


def _names(*names: str) -> str:
    return ", ".join(plain(name, NAME_TOLD) for name in names if name)


def _document(rung: Rung) -> dict[str, object]:
    hit = rung.hit
    return {
        "number": rung.number.written,
        "digits": rung.number.digits,
        "contact_id": hexed(hit.contact) if hit else None,
        "contact": hit.contact_name if hit else "",
        "company_id": hexed(hit.company) if hit else None,
        "company": hit.company_name if hit else "",
        "archived_contact": rung.gone.name if rung.gone else "",
        "archived_contact_company": rung.gone.company if rung.gone else "",
        "call_id": rung.call.hex(),
        "person": rung.person_name,
        "console_id": rung.seat.name if rung.seat else None,
        "answer": rung.answer,
    }
