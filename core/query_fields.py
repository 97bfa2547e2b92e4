"""The fields that a filter may ask for: their names, what may follow the colon, and the fixed words among that."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import NamedTuple

from core.queue import BREACHED, DUE, KEPT, NO_PROMISE, WAITS
from core.stages import STAGES
from core.ticket import CHANNELS, REQUEST_TYPES

NUMBER, NAME, PERSON, WORD, LAMP, SPAN, DAY = "number", "name", "person", "word", "lamp", "span", "day"

LATE, MISSED = "late", "missed"
CLASSES = ("open", "waiting", "closed")
"""In the order of the numbers that rows keep (core/stages.py)."""
LAMP_WORDS = (BREACHED, DUE, WAITS, KEPT, LATE, MISSED, NO_PROMISE)
DAY_WORDS = ("today", "yesterday")
YES, NO = "yes", "no"


class Field(NamedTuple):
    """A field: its names (the first is written back), what follows it, its fixed words, an example and what it asks.

    Of a `may_lack` field `-` asks for tickets that have none.
    """

    names: tuple[str, ...]
    kind: str
    example: str
    asks: str
    words: tuple[str, ...] = ()
    may_lack: bool = False

    @property
    def name(self) -> str:
        """As it is written back."""
        return self.names[0]


FIELDS = (
    Field(("p", "priority", "prio"), NUMBER, "p:<=2", "priority, 1 to 4", ("1", "2", "3", "4")),
    Field(("co", "company"), NAME, "co:acme", "company", may_lack=True),
    Field(("site",), NAME, "site:gdynia", "site", may_lack=True),
    Field(("contact", "caller"), NAME, "contact:kowalski", "anyone who called about it", may_lack=True),
    Field(("eq", "equipment"), NAME, "eq:P-118", "serial number, inventory number or model", may_lack=True),
    Field(("owner",), PERSON, "owner:me,-", "owner; me, - for nobody, or a name", may_lack=True),
    Field(("team",), NAME, "team:field", "team", may_lack=True),
    Field(("stage",), WORD, "stage:new,active", "stage", tuple(STAGES)),
    Field(("class",), WORD, "class:waiting", "class of the stage", CLASSES),
    Field(("sla",), LAMP, "sla:<30m", "the lamp, or the time left (a breached one has less than none)", LAMP_WORDS),
    Field(("age",), SPAN, "age:>3d", "time since it was opened"),
    Field(("opened",), DAY, "opened:>2026-11-01", "the day it was opened, or how long ago", DAY_WORDS),
    Field(("closed",), DAY, "closed:7d", "the day it was closed, or how long ago", DAY_WORDS),
    Field(("type",), WORD, "type:fault", "kind of request", REQUEST_TYPES),
    Field(("channel",), WORD, "channel:mail", "the way it came in", CHANNELS),
    Field(("cat", "category"), NAME, "cat:printer", "category", may_lack=True),
    Field(("fault",), NAME, "fault:E07", "fault code", may_lack=True),
    Field(("contract",), NAME, "contract:C-2001", "number of its contract", may_lack=True),
    Field(("grade",), NAME, "grade:gold", "grade of its contract", may_lack=True),
    Field(("country",), NAME, "country:=PL", "country of the company", may_lack=True),
    Field(("territory",), NAME, "territory:baltic", "territory of the site", may_lack=True),
    Field(("repeat",), WORD, "repeat:yes", "the same fault again within thirty days", (YES, NO)),
    Field(("reporters",), NUMBER, "reporters:>1", "how many people called about it"),
    Field(("no", "number", "ticket"), NAME, "no:T-104233", "number of the ticket"),
)
BY_NAME = {name: field for field in FIELDS for name in field.names}


def nearest(word: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """The known words, the one most like `word` first."""
    matcher = SequenceMatcher(b=word.casefold())

    def likeness(one: str) -> tuple[float, bool]:
        matcher.set_seq1(one)
        return matcher.ratio(), one.startswith(word.casefold()[:1])

    return tuple(sorted(known, key=likeness, reverse=True))


def nearest_fields(word: str) -> tuple[str, ...]:
    """One name of every field, the one most like `word` first."""
    by_field = {BY_NAME[name].name: name for name in reversed(nearest(word, tuple(BY_NAME)))}
    return tuple(name for name in nearest(word, tuple(BY_NAME)) if by_field[BY_NAME[name].name] == name)


def fixed_word(text: str, known: tuple[str, ...]) -> str | None:
    """The known word that `text` is, or the only one that it begins."""
    wanted = text.casefold().replace("-", "_").replace(" ", "_")
    if wanted in known:
        return wanted
    begun = [word for word in known if wanted and word.startswith(wanted)]
    return begun[0] if len(begun) == 1 else None
