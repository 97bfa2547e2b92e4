"""A reply as a mail: what of the desk goes into it, and its `.eml` bytes, whatever the names and subjects hold."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr

from core.clock import Instant
from core.delivery import BAD_ADDRESS, BAD_SENDER, NO_ADDRESS
from core.ids import EntityId
from core.text import plain, storable

NO_SENDER = "noreply@localhost"
MOST_REFERENCES = 20
LONGEST_SUBJECT = 200

# Narrower than RFC 5322 on purpose: no quotes, comments, lists or leading `-` and `|`, which mail programs act on.
_ADDRESS = re.compile(r"[A-Za-z0-9_][A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{0,63}@[A-Za-z0-9][A-Za-z0-9.-]{0,250}")

LETTER = (
    "SELECT e.id, e.ticket, e.at, e.text, t.number, t.subject, COALESCE(p.name, ''), COALESCE(k.name, ''),"
    " COALESCE(k.email, '') FROM entry e JOIN ticket t ON t.id = e.ticket"
    " LEFT JOIN person p ON p.id = e.person LEFT JOIN contact k ON k.id = e.contact WHERE e.id = ?"
)
EARLIER = (
    "SELECT id FROM entry WHERE ticket = ? AND delivery = 'handed' AND (at, id) < (?, ?)"
    " ORDER BY at DESC, id DESC LIMIT ?"
)


class Unmailable(Exception):
    """No mail can be made of it; the text is a reason as in `core.operations.delivery_recorded`."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says; `earlier` are the replies of the ticket that went out before, oldest first."""

    entry: EntityId
    number: str
    subject: str
    text: str
    author_name: str
    contact_name: str
    email: str
    earlier: tuple[EntityId, ...] = ()


def read_letter(connection: sqlite3.Connection, entry: EntityId) -> Letter:
    """The reply `entry` with everything its mail needs."""
    row = connection.execute(LETTER, (entry,)).fetchone()
    if row is None:
        raise Unmailable(NO_ADDRESS)
    id_, ticket, at, text, number, subject, author_name, contact_name, email = row
    earlier = connection.execute(EARLIER, (ticket, at, id_, MOST_REFERENCES)).fetchall()
    ids = tuple(EntityId(found) for (found,) in reversed(earlier))
    return Letter(EntityId(id_), number, subject, text, author_name, contact_name, email, ids)


def as_eml(letter: Letter, sender: str, now: Instant) -> bytes:
    """The mail with CRLF line ends; Unmailable when an address is missing or unfit."""
    if not letter.email.strip():
        raise Unmailable(NO_ADDRESS)
    name, from_address = parseaddr(sender) if sender.strip() else ("", NO_SENDER)
    message = EmailMessage(policy=SMTP)
    message["From"] = _address(name or letter.author_name, from_address, BAD_SENDER)
    wrong = f"{BAD_ADDRESS} {plain(letter.email, 120)}"
    message["To"] = _address(letter.contact_name, letter.email, wrong)
    message["Subject"] = _header(f"[{letter.number}] {letter.subject}")
    message["Date"] = datetime.fromtimestamp(now, UTC)
    message["Message-ID"] = message_id(letter.entry)
    if letter.earlier:
        message["In-Reply-To"] = message_id(letter.earlier[-1])
        message["References"] = " ".join(message_id(earlier) for earlier in letter.earlier)
    # Quoted-printable passes every relay unchanged, eight bits and long lines do not.
    message.set_content(storable(letter.text)[0], charset="utf-8", cte="quoted-printable")
    return message.as_bytes()


def message_id(entry: EntityId) -> str:
    """The same for the same reply for ever, whatever the settings say: mail programs make threads of it."""
    return f"<{entry.hex()}@lampboard.invalid>"


def is_mailable(address: str) -> bool:
    """True for exactly one address that a mail can be sent to."""
    try:
        _address("", address, BAD_ADDRESS)
    except Unmailable:
        return False
    return True


def _header(text: str) -> str:
    """One line that cannot begin another header, also not after decoding: `=?` would start an encoded word."""
    return plain(text, LONGEST_SUBJECT).replace("=?", "= ?").strip()


def _address(name: str, address: str, wrong: str) -> Address:
    """A mailbox, or Unmailable(`wrong`)."""
    if _ADDRESS.fullmatch(address.strip()) is None:
        raise Unmailable(wrong)
    try:
        return Address(_header(name), addr_spec=address.strip())
    except (MessageError, ValueError) as error:
        raise Unmailable(wrong) from error
