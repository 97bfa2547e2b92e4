"""What the demo desk knows of its callers beside the first number: a second one, best hours and a note.

Derived from the contact's id and not drawn, so that a demo world with these is otherwise the one without them.
"""

from __future__ import annotations

from typing import NamedTuple

from core.ids import EntityId
from storage.demo.names import Land
from storage.rows import dump

MOBILES = {
    "PL": "+48 600 555 {0:03d}",
    "GB": "+44 7700 900{0:03d}",
    "DE": "+49 171 39200 {1:02d}",
    "SE": "+46 70 174 06 {1:02d}",
    "KZ": "+7 701 555 {1:02d} {2:02d}",
    "UA": "+380 50 555 {1:02d} {2:02d}",
    "TH": "+66 81 555 {1:02d}{2:02d}",
}
"""Mobile numbers by country: blocks kept free for fiction, or with 555 in them."""
HOURS = ("07:00-09:00", "08:00-12:00", "10:00-15:00", "13:00-16:00", "after 14:00", "16:00-20:00")
NOTES = {
    "pl": (
        "Woli e-mail niż telefon",
        "Mówi też po angielsku",
        "Prosić o salę, nie o biuro",
        "W piątki pracuje zdalnie",
    ),
    "en": (
        "Prefers mail to the phone",
        "Stands beside a loud machine: repeat numbers",
        "Away on Fridays",
        "Wants times in writing",
    ),
    "ru": ("Лучше писать, чем звонить", "Говорит и по-английски", "По пятницам не на месте", "В цеху шумно"),
    "th": ("สะดวกทางอีเมลมากกว่า", "พูดภาษาอังกฤษได้", "ไม่อยู่วันศุกร์", "โทรแล้วให้รอสาย"),
}


class Manner(NamedTuple):
    """How one reaches a contact; `other_phones` is JSON text as its column keeps it."""

    other_phones: str
    best_hours: str
    notes: str


def manner_of(contact: EntityId, land: Land) -> Manner:
    """What is known of a contact: a third have a second number, a quarter best hours, a sixth a note."""
    drawn = int.from_bytes(contact[-6:], "big")
    number, drawn = drawn % 1_000, drawn // 1_000
    phone = MOBILES[land.country].format(number, number % 100, drawn % 100)
    fates, drawn = drawn // 100 % 12, drawn // 1_200
    hours, notes = HOURS[drawn % len(HOURS)], NOTES[land.language]
    return Manner(
        dump([phone]) if fates % 3 == 0 else "",
        hours if fates % 4 == 0 else "",
        notes[drawn // len(HOURS) % len(notes)] if fates in (3, 8) else "",
    )
