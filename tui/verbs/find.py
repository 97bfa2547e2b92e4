"""`lampboard find`: people, companies, equipment and tickets by a number, a name or any text, as lines or JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from core.clock import Instant
from core.finding import CallerHit, FindCallers, Search, SearchHit, SearchResult
from storage import places
from storage.sitting import open_sitting
from tui.verbs.printing import complain, fit, hexed, iso, say, say_json
from tui.words import _, ngettext

USUAL_LIMIT = 20
RECORDS = 9


@click.command("find")
@click.argument("text", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 1_000), default=USUAL_LIMIT, show_default=True, help="Newest tickets.")
@click.option("--json", "is_json", is_flag=True, help="As JSON: ids in hex, times in UTC.")
@click.pass_obj
def command(desk: str, text: tuple[str, ...], limit: int, is_json: bool) -> None:
    """Find who calls and what is written: TEXT is a number in any form, half a serial, a name, words of a ticket."""
    typed = " ".join(text)
    sitting = open_sitting(places.desk_path(desk))
    try:
        records: tuple[CallerHit, ...] = sitting.page(FindCallers(typed, RECORDS))
        result: SearchResult = sitting.page(Search(typed, limit))
    finally:
        sitting.close()
    # What is found by model or place alone is no caller, but equipment of the desk.
    known = {hit.equipment for hit in records}
    records += tuple(hit for hit in result.equipment if hit.equipment not in known)
    if is_json:
        say_json(document(records, result))
    else:
        for line in lines(records, result, sitting.now, sitting.zone):
            say(line)
    if result.waiting:
        complain(_waiting(result.waiting))


def lines(records: tuple[CallerHit, ...], result: SearchResult, now: int, zone: str) -> Iterator[str]:
    """Records, best first, then tickets, newest first, each with the place of its hit."""
    from tui.presenters.times import date_time
    from tui.verbs.ticket_told import whole

    for hit in records:
        name = hit.contact_name or hit.equipment_name or hit.contract_number or hit.company_name
        company = hit.company_name if name != hit.company_name else ""
        yield f"{fit(hit.kind, 9)} {fit(name, 28)} {fit(company, 28)} {whole(hit.matched)}".rstrip()
    if records and result.hits:
        yield ""
    for one in result.hits:
        opened = date_time(one.row.opened_at, Instant(now), zone)
        mark = "~" if one.is_near else " "
        told = one.excerpt or one.row.subject
        yield f"{mark}{fit(one.row.number, 10)} {opened:16} {fit(one.row.company_name, 24)} {whole(told)}".rstrip()
    if not records and not result.hits:
        yield _("nothing on this desk holds that text")


def document(records: tuple[CallerHit, ...], result: SearchResult) -> dict[str, Any]:
    """The same as plain values; `waiting` tells how many tickets were not looked at, because they are not indexed."""
    return {
        "records": [_record(hit) for hit in records],
        "tickets": [_ticket(hit) for hit in result.hits],
        "is_all": result.following is None and not result.waiting,
        "waiting": result.waiting,
    }


def _record(hit: CallerHit) -> dict[str, Any]:
    ids = {"contact", "company", "equipment"}
    return {name: hexed(value) if name in ids else value for name, value in hit._asdict().items()}


def _ticket(hit: SearchHit) -> dict[str, Any]:
    return {
        "id": hexed(hit.row.id),
        "number": hit.row.number,
        "subject": hit.row.subject,
        "company": hit.row.company_name,
        "stage": hit.row.stage,
        "opened_at": iso(hit.row.opened_at),
        "excerpt": hit.excerpt,
        "at": hit.at,
        "length": hit.length,
        "entry": hexed(hit.entry),
        "is_near": hit.is_near,
    }


def _waiting(count: int) -> str:
    told = ngettext(
        "{count} ticket is not indexed yet and was not searched; an open console indexes it",
        "{count} tickets are not indexed yet and were not searched; an open console indexes them",
        count,
    )
    return told.format(count=count)
