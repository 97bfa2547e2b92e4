"""`lampboard ticket`: show one, open one, write on it, take it, move it, put it under another contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from core.clock import Instant, instant
from core.commands import AddRecord, AssignTicket, Command, MoveStage, OpenTicket, PostEntry, RetargetTicket, Together
from core.company_shown import ContractLine, ContractsOf
from core.errors import Refused
from core.finding import FindCompanies, NameLine
from core.ids import EntityId
from core.pages import RowsById, TicketPage
from core.queue import PRIORITIES
from core.stages import WAITING_PARTIES
from core.ticket_shown import TicketShown
from storage import places
from storage.sitting import open_sitting
from tui.verbs.caller import Caller, reporter
from tui.verbs.opening import Refusal
from tui.verbs.printing import complain, say, say_json
from tui.verbs.seat import Ask, explained, fresh_id, perform, text_of, the_company, the_ticket, writing

if TYPE_CHECKING:
    from core.ports import Applied
    from tui.bootstrap import Seat

EVERY_ENTRY = 1_000_000
as_json = click.option("--json", "is_json", is_flag=True, help="As JSON: ids in hex, times in UTC.")


@click.group("ticket")
def command() -> None:
    """Show a ticket, open one, write on it, take it, move it, count it by a contract. NUMBER may be an imported key."""


@command.command("show")
@click.argument("number")
@as_json
@click.pass_obj
def show(desk: str, number: str, is_json: bool) -> None:
    """Print the facts, the clocks and the whole timeline of a ticket, newest entry first."""
    from tui.verbs import ticket_told

    sitting = open_sitting(places.desk_path(desk))
    try:
        ticket = the_ticket(sitting.page, number).id
        page = sitting.page(TicketPage(ticket, EVERY_ENTRY, Instant(sitting.now)))
    finally:
        sitting.close()
    if is_json:
        say_json(ticket_told.document(page, sitting.now))
        return
    for line in ticket_told.lines(page, sitting.now, sitting.zone):
        say(line)


@command.command("new")
@click.option("--company", metavar="NAME", help="Whose ticket it is; a part of the name will do.")
@click.option("--new-company", metavar="NAME", help="The same for a company that is not on the desk yet.")
@click.option("--subject", required=True, metavar="TEXT", help="What it is about, in one line.")
@click.option("--priority", type=click.IntRange(PRIORITIES[0], PRIORITIES[-1]), help="1 to 4; usually 3.")
@click.option("--contact", metavar="NAME", help="Who at the company called; somebody new is added.")
@click.option("--email", default="", metavar="ADDRESS", help="Where replies to that new person go.")
@click.option("--phone", default="", metavar="NUMBER", help="Where that new person is called back.")
@click.option("--text", default="", metavar="TEXT", help="What they said; - reads it from standard input.")
@click.option("--take", is_flag=True, help="Take the ticket at once.")
@as_json
@click.pass_obj
def new(
    desk: str,
    company: str | None,
    new_company: str | None,
    subject: str,
    priority: int | None,
    contact: str | None,
    email: str,
    phone: str,
    text: str,
    take: bool,
    is_json: bool,
) -> None:
    """Open a ticket for a company."""
    if (company is None) == (new_company is None):
        raise Refusal("say whose ticket it is with --company NAME or --new-company NAME, one of the two")
    if contact is None and (email or phone):
        raise Refusal("--email and --phone belong to a person; name them with --contact NAME")
    with writing(desk) as seat:
        wishes: list[Command] = []
        if new_company is None:
            firm = the_company(seat.desk.page_now, company or "")
        else:
            firm = _new_firm(seat, new_company)
            wishes.append(AddRecord("company", {"name": firm.name}, firm.id))
        reporters: tuple[EntityId, ...] = ()
        if contact is not None:
            reporters, added = reporter(seat, firm, Caller(contact, email, phone))
            wishes += added
        opened = OpenTicket(text_of(subject), firm.id, priority, reporters=reporters, text=text_of(text), is_taken=take)
        applied = _perform(seat, Together((*wishes, opened)) if wishes else opened)
        if contact is not None and any(isinstance(wish, AddRecord) and wish.entity == "contact" for wish in wishes):
            complain(f"{contact.strip()} is new at {firm.name}")
        _tell(seat, applied, "ticket.opened", is_json)


def _new_firm(seat: Seat, name: str) -> NameLine:
    wanted = text_of(name).strip()
    if not wanted:
        raise Refusal("a new company needs a name")
    if any(line.name == wanted for line in seat.desk.page_now(FindCompanies(wanted))):
        raise Refusal(f"{wanted!r} is on this desk already; use --company")
    return NameLine(fresh_id(seat), wanted)


@command.command("note")
@click.argument("number")
@click.argument("text")
@click.option("--said-at", metavar="TIME", help="TEXT is what the customer was told by phone then, as 15:00.")
@as_json
@click.pass_obj
def note(desk: str, number: str, text: str, said_at: str | None, is_json: bool) -> None:
    """Write TEXT on a ticket for colleagues only; - reads it from standard input.

    With --said-at it is what the customer was told in a call at that time: the clocks count it as an answer.
    """
    with writing(desk) as seat:
        row = the_ticket(seat.desk.page_now, number)
        wish = PostEntry(row.id, "note", text_of(text))
        if said_at is not None:
            wish = wish._replace(kind="call", said_at=_time(seat, said_at))
        applied = _perform(seat, wish)
        _tell(seat, applied, applied.title.code, is_json)


@command.command("take")
@click.argument("number")
@as_json
@click.pass_obj
def take(desk: str, number: str, is_json: bool) -> None:
    """Make a ticket yours."""
    with writing(desk) as seat:
        row = the_ticket(seat.desk.page_now, number)
        applied = _perform(seat, AssignTicket(row.id, seat.person.id, row.owner))
        _tell(seat, applied, applied.title.code, is_json)


@command.command("stage")
@click.argument("number")
@click.argument("stage")
@click.option("--cause", default="", metavar="TEXT", help="What is waited for.")
@click.option("--party", type=click.Choice(WAITING_PARTIES), help="Who has to act.")
@as_json
@click.pass_obj
def stage(desk: str, number: str, stage: str, cause: str, party: str | None, is_json: bool) -> None:
    """Move a ticket to STAGE: active, on_site, waiting (with --cause and --party), resolved or closed."""
    with writing(desk) as seat:
        row = the_ticket(seat.desk.page_now, number)
        to = stage.strip().lower().replace(" ", "_").replace("-", "_")
        applied = _perform(seat, MoveStage(row.id, to, text_of(cause), party or ""))
        _tell(seat, applied, applied.title.code, is_json)


@command.command("contract")
@click.argument("number")
@click.argument("contract", required=False)
@click.option("--none", "is_none", is_flag=True, help="Count by no contract: nothing is promised.")
@as_json
@click.pass_obj
def contract(desk: str, number: str, contract: str | None, is_none: bool, is_json: bool) -> None:
    """Put a ticket under CONTRACT, by its number; without one list the contracts it may count by.

    Its own contract again takes the policy as it stands today.
    """
    if contract is not None and is_none:
        raise Refusal("give a contract or --none, not both")
    if contract is None and not is_none:
        _list_contracts(desk, number, is_json)
        return
    with writing(desk) as seat:
        page, lines = _contracts(seat.desk.page_now, number, instant(seat.clock.now_ms()))
        version = None if contract is None else _chosen(page, lines, contract)
        applied = _perform(seat, RetargetTicket(page.row.id, version))
        _tell(seat, applied, applied.title.code, is_json)


def _list_contracts(desk: str, number: str, is_json: bool) -> None:
    from tui.presenters.ticket_page import contract_words
    from tui.verbs.printing import fit, hexed, iso

    sitting = open_sitting(places.desk_path(desk))
    try:
        page, lines = _contracts(sitting.page, number, Instant(sitting.now))
    finally:
        sitting.close()
    present = page.contract_version
    if is_json:
        say_json(
            [
                {
                    "id": hexed(line.version),
                    "number": line.number,
                    "grade": line.grade,
                    "until": iso(line.until),
                    "is_present": line.version == present,
                }
                for line in lines
            ]
        )
        return
    for line in lines:
        mark = ">" if line.version == present else " "
        say(f"{mark} {fit(line.number, 20)} {fit(line.grade, 16)} {contract_words(line, present, sitting.zone)}")


def _contracts(ask: Ask, number: str, now: Instant) -> tuple[TicketShown, tuple[ContractLine, ...]]:
    """The ticket, and the contracts that it may count by."""
    page: TicketShown = ask(TicketPage(the_ticket(ask, number).id, entries=1))
    company = page.row.company
    return page, ask(ContractsOf(company, now, page.contract_version)) if company is not None else ()


def _chosen(page: TicketShown, lines: tuple[ContractLine, ...], wanted: str) -> EntityId:
    """The contract of that number, of several versions the newest."""
    found = [line for line in lines if line.number.casefold() == wanted.strip().casefold()]
    if not found:
        told = ", ".join(line.number for line in lines) or "none"
        raise Refusal(f"{page.row.number} may count by these contracts: {told}; there is no {wanted!r} among them")
    return found[0].version


def _time(seat: Seat, told: str) -> Instant:
    from tui.presenters.typed_times import parse_time

    at = parse_time(told, instant(seat.clock.now_ms()), seat.zone, may_have_passed=True)
    if at is None:
        raise Refusal(f"{told!r} is no time; write it as 15:00 or '2026-11-24 15:00'")
    return at


def _perform(seat: Seat, wish: Command) -> Applied:
    try:
        return perform(seat, wish)
    except Refused as error:
        raise explained(error) from error


def _tell(seat: Seat, applied: Applied, code: str, is_json: bool) -> None:
    from tui.presenters.sentences import short_title

    row = seat.desk.page_now(RowsById(applied.touched))[0]
    if is_json:
        done: dict[str, Any] = {"done": code, "id": row.id.hex(), "number": row.number, "stage": row.stage}
        done |= {"priority": row.priority, "owner": row.owner_name, "company": row.company_name, "subject": row.subject}
        say_json(done)
        return
    say(short_title(code, {**applied.title.facts, "number": row.number}))
