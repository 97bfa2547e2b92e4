"""Who called about a new ticket: somebody known at the company, or a person who comes onto the desk with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from core.commands import AddRecord, Command
from core.finding import FindContacts, NameLine
from core.ids import EntityId
from core.text import fold, plain
from tui.verbs.opening import Refusal
from tui.verbs.seat import fresh_id, text_of, the_contact

if TYPE_CHECKING:
    from tui.bootstrap import Seat


class Caller(NamedTuple):
    """A person as named on the command line; address and number are empty when they were not."""

    name: str
    email: str = ""
    phone: str = ""


def reporter(seat: Seat, firm: NameLine, caller: Caller) -> tuple[tuple[EntityId, ...], list[Command]]:
    """The id of the caller at `firm`, and the wishes that bring them onto the desk when nobody there is called so."""
    name = text_of(caller.name).strip()
    if not name:
        raise Refusal("--contact needs a name")
    found: tuple[NameLine, ...] = seat.desk.page_now(FindContacts(firm.id, name))
    is_reached_anew = bool(caller.email or caller.phone)
    if is_reached_anew and any(fold(line.name) == fold(name) for line in found):
        raise Refusal(f"{name} is known at {firm.name} already; leave --email and --phone out")
    if found and not is_reached_anew:
        return (the_contact(found, firm, name).id,), []
    person = fresh_id(seat)
    return (person,), [
        AddRecord("contact", {"name": name, **_reached_by(caller)}, person),
        AddRecord("affiliation", {"contact": person.hex(), "company": firm.id.hex()}),
    ]


def _reached_by(caller: Caller) -> dict[str, str]:
    """The fields of address and number that were given, each checked."""
    fields: dict[str, str] = {}
    if caller.email:
        from storage.letter import is_mailable

        email = caller.email.strip()
        if not is_mailable(email):
            raise Refusal(f"{plain(email, 80)!r} is no address; write it as name@example.com")
        fields["email"] = email
    if caller.phone:
        phone = text_of(caller.phone).strip()
        digits = "".join(character for character in phone if character in "0123456789")
        if not digits:
            raise Refusal(f"{plain(phone, 80)!r} is no number; write it as +48 22 555 01 02")
        fields |= {"phone": phone, "phone_digits": digits}
    return fields
