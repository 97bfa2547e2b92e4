"""Ticket numbers that nobody leased: short, speakable on the telephone, and different without asking anybody."""

from __future__ import annotations

from core.ids import EntityId

SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that is heard or read as another."""

BITS, PLACES = 5, 5


def provisional(ticket: EntityId) -> str:
    """The number of a ticket opened while no leased number was left: `T-~7K3MQ`."""
    return f"T-~{_spoken(ticket)}"


def is_provisional(number: str) -> bool:
    """Whether a number was given while none was to be had."""
    return number.startswith("T-~")


def told_apart(number: str, ticket: EntityId) -> str:
    """The number of a ticket whose own was given to an earlier one elsewhere: it still begins as it was told."""
    return f"{number}~{_spoken(ticket)}"


def _spoken(ticket: EntityId) -> str:
    # The end of an id is random; its beginning is the time.
    value = int.from_bytes(ticket[-4:], "big")
    return "".join(SYMBOLS[value >> BITS * place & 31] for place in reversed(range(PLACES)))
