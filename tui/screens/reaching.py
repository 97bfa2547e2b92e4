"""What the palette finds beside actions: tickets, companies, people, equipment and texts of the whole desk."""

from __future__ import annotations

from typing import NamedTuple

from core.errors import DomainError
from core.finding import CallerHit, FindCallers, FindTickets, NewestTicket, Search, SearchResult
from core.ids import EntityId
from core.pages import QueueRow, Several
from core.text import plain
from tui.actions.scene import Option
from tui.gateway import Gateway
from tui.words import _, ngettext

TICKETS, RECORDS, TEXTS = 5, 6, 12
NOT_YET = "not_yet"
"""Stands for tickets that a search could not look at."""
SHORTEST_TEXT = 2
"""Signs from which on texts and records are searched: one letter is in all of them."""


class Found(NamedTuple):
    """What an option stands for: a ticket, a contact, a contract, or a company or piece of equipment, whose newest
    ticket is gone to; `pane` shows it there."""

    kind: str
    id: EntityId
    name: str
    pane: str = "2"


class Reaching:
    """Answers what is typed in the palette."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def options(self, text: str) -> list[Option]:
        """Tickets by number, then records by how well they fit, then texts newest first."""
        text = text.strip()
        if not text:
            return []
        number = f"T-{text}" if text.isdigit() else text.upper()
        requests: list[FindTickets | FindCallers | Search] = [FindTickets(number, TICKETS), FindTickets(text, TICKETS)]
        if len(text) >= SHORTEST_TEXT:
            requests += [FindCallers(text, RECORDS), Search(text, TEXTS)]
        answers = await self._gateway.page(Several(tuple(requests)))
        # A read that failed is told by the list beside; here the others are still of use.
        by_number, by_key, *more = (() if isinstance(one, DomainError) else one for one in answers)
        rows = {row.id: row for row in sorted((*by_number, *by_key), key=lambda row: row.number != number)}
        options = [_ticket_option(row) for row in rows.values()]
        if more:
            records, texts = more
            options += [option for hit in records if (option := _record_option(hit)) is not None]
            options += _text_options(texts, rows) if texts else []
        return options

    async def newest_ticket(self, found: Found) -> QueueRow | None:
        """The newest ticket of a record, None when it has none."""
        row: QueueRow | None = await self._gateway.page(NewestTicket(found.kind, found.id))
        return row


def _ticket_option(row: QueueRow) -> Option:
    return Option(f"{row.number}  {plain(row.subject)}", Found("ticket", row.id, row.number), plain(row.company_name))


def _record_option(hit: CallerHit) -> Option | None:
    company = plain(hit.company_name)
    if hit.kind == "contact" and hit.contact is not None:
        told = ", ".join(part for part in (plain(hit.contact_name), plain(hit.role), plain(hit.phone)) if part)
        return Option(told, Found("contact", hit.contact, hit.contact_name), company)
    if hit.kind == "equipment" and hit.equipment is not None:
        told = ", ".join(part for part in (plain(hit.equipment_name), plain(hit.matched)) if part)
        return Option(told, Found("equipment", hit.equipment, hit.equipment_name, "5"), company)
    if hit.kind == "contract" and hit.contract is not None:
        told = _("contract {number}").format(number=plain(hit.contract_number))
        return Option(told, Found("contract", hit.contract, hit.contract_number), company)
    if hit.company is None:
        return None
    return Option(company, Found("company", hit.company, hit.company_name, "3"), _("company"))


def _text_options(result: SearchResult, known: dict[EntityId, QueueRow]) -> list[Option]:
    options = [
        Option(
            f"{hit.row.number}  {plain(hit.excerpt or hit.row.subject)}",
            Found("ticket", hit.row.id, hit.row.number),
            plain(hit.row.company_name),
        )
        for hit in result.hits
        if hit.row.id not in known
    ]
    if result.waiting:
        count = result.waiting
        told = ngettext("{count} ticket is not indexed yet", "{count} tickets are not indexed yet", count)
        told = told.format(count=count)
        options.append(Option(told, Found(NOT_YET, EntityId(b""), told)))
    return options
