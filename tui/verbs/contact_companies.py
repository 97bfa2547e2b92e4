"""`contact edit`: at which of their companies a contact is edited, and how they move, begin and leave."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from core.record_fields import field_of
from core.record_form import begun_at, left_at, wishes_of
from core.record_shown import RecordShown
from core.record_text import typed_value
from core.text import plain
from tui.verbs.opening import Refusal
from tui.verbs.seat import fresh_ids

if TYPE_CHECKING:
    from core.commands import Command
    from core.ids import EntityId
    from tui.bootstrap import Seat

ADD = "Begin at this company, too; --role and the like are what they are there."
LEAVE = "End at this company, on --until or today."


def company_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--add-company` and `--leave-company`."""
    for name, told in (("--leave-company", LEAVE), ("--add-company", ADD)):
        function = click.option(name, metavar="COMPANY", help=told)(function)
    return function


def contact_wishes(
    seat: Seat, contact: RecordShown, values: dict[str, Any], added: EntityId | None, left: EntityId | None
) -> tuple[Command, ...]:
    """The wishes of `contact edit`.

    `company` among the values is where they are, or, of somebody at one company or none, where they are from now on.
    """
    today = _today(seat)
    here = [part for part in contact.parts if _is_current(part, seat.clock.now_ms() // 1000)]
    if values.get("company", "") is None:
        raise Refusal("--company needs a name; --leave-company ends at one")
    wanted = values.pop("company", None)
    if (added is not None) + (left is not None) + (wanted is not None) > 1:
        raise Refusal("give one of --company, --add-company and --leave-company")
    if left is not None:
        part = _at(contact, here, left.hex())
        return (*wishes_of("contact", contact, None, _own(values), fresh_ids(seat)), *left_at(part, values, today))
    if added is not None:
        if any(part.fields["company"] == added.hex() for part in here):
            raise Refusal(f"{plain(contact.name, 60)} is at that company already; --company edits what they are there")
        return begun_at(contact, None, {**values, "company": added.hex()}, None, fresh_ids(seat))
    if wanted is None:
        return wishes_of("contact", contact, contact.parts[0] if contact.parts else None, values, fresh_ids(seat))
    known = [part for part in (*here, *contact.parts) if part.fields["company"] == wanted]
    if known:
        return wishes_of("contact", contact, known[0], values, fresh_ids(seat))
    if len(here) > 1:
        names = ", ".join(_company_name(part) for part in here)
        told = f"{plain(contact.name, 60)} is at {names}; --add-company begins at another, --leave-company ends at one"
        raise Refusal(told)
    leaving = here[0] if here else None
    return begun_at(contact, leaving, {**values, "company": wanted}, today if here else None, fresh_ids(seat))


def _own(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if field_of("contact", name) is not None}


def _today(seat: Seat) -> int:
    from datetime import datetime

    from core.wall_clock import zone

    day = datetime.fromtimestamp(seat.clock.now_ms() / 1000, zone(seat.zone or "UTC")).date().isoformat()
    since = field_of("affiliation", "since")
    assert since is not None
    return int(typed_value(since, day, seat.zone))


def _is_current(part: RecordShown, now: int) -> bool:
    until = part.fields.get("until")
    return until is None or until > now


def _at(contact: RecordShown, here: list[RecordShown], company: str) -> RecordShown:
    for part in here:
        if part.fields["company"] == company:
            return part
    names = ", ".join(_company_name(part) for part in here) or "no company"
    raise Refusal(f"{plain(contact.name, 60)} is not at that company but at {names}")


def _company_name(part: RecordShown) -> str:
    return plain(part.names.get(part.fields["company"], ""), 60)
