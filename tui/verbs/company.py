"""`lampboard company show`: a company's years, what keeps coming back, its people and its tickets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from core.clock import Instant
from core.company_shown import CompanyShown
from core.pages import CompanyPage, CompanyTickets, QueueRow
from storage import places
from storage.sitting import open_sitting
from tui.verbs.printing import fit, hexed, iso, say, say_json
from tui.verbs.records import add_record_verbs
from tui.verbs.seat import the_company
from tui.words import _

USUAL_TICKETS = 20


@click.group("company")
def command() -> None:
    """Show everything of one company; enter, edit and list companies, archive or merge them."""


add_record_verbs(command, "company")


@command.command("show")
@click.argument("name")
@click.option(
    "--limit", type=click.IntRange(0, 1_000_000), default=USUAL_TICKETS, show_default=True, help="Newest tickets."
)
@click.option("--json", "is_json", is_flag=True, help="As JSON: ids in hex, times in UTC.")
@click.pass_obj
def show(desk: str, name: str, limit: int, is_json: bool) -> None:
    """Print a company's years, repeats, people and newest tickets. A part of NAME will do."""
    sitting = open_sitting(places.desk_path(desk))
    try:
        company = the_company(sitting.page, name)
        page: CompanyShown = sitting.page(CompanyPage(company.id, Instant(sitting.now)))
        tickets = sitting.page(CompanyTickets(company.id, limit=limit)).rows if limit else ()
    finally:
        sitting.close()
    if is_json:
        say_json(document(page, tickets, sitting.now))
        return
    for line in lines(page, tickets, sitting.now, sitting.zone):
        say(line)


def lines(page: CompanyShown, tickets: tuple[QueueRow, ...], now: int, zone: str) -> Iterator[str]:
    """Facts, years by month, repeats, people, tickets."""
    from tui.presenters.money import money
    from tui.presenters.times import date
    from tui.verbs.ticket_told import whole

    yield whole(page.name)
    value = "" if page.annual_value is None else money(page.annual_value, page.currency)
    until = date(page.contract_until, zone) if page.contract_until is not None else ""
    facts = (
        (_("kind"), " ".join(part for part in (page.kind, page.tier) if part)),
        (_("contract"), " ".join(part for part in (page.contract, page.grade) if part)),
        (_("renewal"), until),
        (_("a year"), value),
        (_("sites"), str(page.site_count)),
        (_("equipment"), str(page.equipment_count)),
        (_("tickets"), _("{open} open, {total} in all").format(open=page.open_count, total=page.ticket_count)),
        (_("derived"), page.derived_by),
    )
    yield from (f"{fit(label, 11)} {whole(told)}" for label, told in facts if told)
    yield from _years(page)
    yield from _repeats(page, zone)
    yield from _people(page)
    yield from _tickets(tickets, now, zone)


def _years(page: CompanyShown) -> Iterator[str]:
    if page.years:
        yield ""
        yield _("by year: tickets opened from January to December, total, late, repeats")
    for year in page.years:
        months = " ".join(f"{count:3}" for count in year.months)
        yield f"{year.year} {months}  {year.total:5} {year.missed:5} {year.repeats:5}"


def _repeats(page: CompanyShown, zone: str) -> Iterator[str]:
    from tui.presenters.times import date
    from tui.verbs.ticket_told import whole

    if page.repeats:
        yield ""
        yield _("repeats: same equipment and fault within 30 days")
    for group in page.repeats:
        tail = _("open now") if group.is_open else _("last {date}").format(date=date(group.last_at, zone))
        place = ", ".join(part for part in (group.equipment, group.place) if part)
        numbers = " ".join(group.numbers)
        yield f"{fit(group.fault_code, 12)} {len(group.numbers):3} {fit(place, 36)} {whole(numbers)} {tail}"


def _people(page: CompanyShown) -> Iterator[str]:
    from tui.presenters.company_page import may_words
    from tui.verbs.ticket_told import whole

    if page.contacts:
        yield ""
        yield _("people")
    for contact in page.contacts:
        may = may_words(contact)
        told = f"{fit(contact.name, 24)} {fit(contact.role, 20)} {fit(may, 11)} {fit(contact.phone, 18)}"
        yield f"{told} {whole(contact.email)}".rstrip()


def _tickets(tickets: tuple[QueueRow, ...], now: int, zone: str) -> Iterator[str]:
    from tui.presenters.lamps import lamp_cells, row_lamp
    from tui.presenters.times import date_time
    from tui.verbs.ticket_told import whole

    if tickets:
        yield ""
        yield _("tickets, newest first")
    at = Instant(now)
    for row in tickets:
        opened = date_time(row.opened_at, at, zone)
        mark = "R" if row.is_repeat else " "
        owner = fit(row.owner_name or "-", 14)
        begin = f"{lamp_cells(row_lamp(row, at))} {mark}{row.priority} {fit(row.number, 10)} {opened:16}"
        yield f"{begin} {fit(row.stage, 9)} {owner} {whole(row.subject)}".rstrip()


def document(page: CompanyShown, tickets: tuple[QueueRow, ...], now: int) -> dict[str, Any]:
    """Everything of a company for JSON; money in hundredths, months January first, tickets newest first."""
    from tui.verbs.ticket_told import contact_document

    return {
        "id": hexed(page.id),
        "name": page.name,
        "kind": page.kind,
        "tier": page.tier,
        "grade": page.grade,
        "contract": page.contract,
        "contract_until": iso(page.contract_until),
        "annual_value_minor": page.annual_value,
        "currency": page.currency,
        "site_count": page.site_count,
        "equipment_count": page.equipment_count,
        "open_count": page.open_count,
        "ticket_count": page.ticket_count,
        "derived_by": page.derived_by,
        "years": [
            {
                "year": year.year,
                "months": list(year.months),
                "total": year.total,
                "late": year.missed,
                "repeats": year.repeats,
            }
            for year in page.years
        ],
        "repeats": [
            {
                "fault_code": group.fault_code,
                "equipment": group.equipment,
                "place": group.place,
                "numbers": list(group.numbers),
                "is_open": bool(group.is_open),
                "last_at": iso(group.last_at),
            }
            for group in page.repeats
        ],
        "contacts": [contact_document(contact) for contact in page.contacts],
        "tickets": [_ticket_document(row, now) for row in tickets],
    }


def _ticket_document(row: QueueRow, now: int) -> dict[str, Any]:
    from tui.presenters.lamps import row_lamp

    shown = row_lamp(row, Instant(now))
    return {
        "id": hexed(row.id),
        "number": row.number,
        "subject": row.subject,
        "stage": row.stage,
        "priority": row.priority,
        "owner": row.owner_name,
        "contact": row.contact_name,
        "site": row.site_name,
        "equipment": row.equipment_name,
        "lamp": shown.level,
        "seconds_left": shown.seconds,
        "is_repeat": row.is_repeat,
        "opened_at": iso(row.opened_at),
    }
