"""What may follow at a place of a filter that is being typed: names of fields, fixed words, and names of the desk."""

from __future__ import annotations

import re
from typing import NamedTuple

from core.query_fields import BY_NAME, DAY, FIELDS, LAMP, NAME, PERSON, SPAN, WORD, Field
from core.query_tree import COMPARED, ME, NOTHING, value_written

_REST = re.compile(r"[^\s()|\",]*")
_SPANS = {SPAN: (">1d", ">3d", "<2h"), LAMP: ("<30m", "<2h", "<1d"), DAY: ("7d", "30d")}


class Place(NamedTuple):
    """Where the cursor stands: characters `begins` to `ends` would be replaced; the `field` whose value they are, None
    where a field or a word of text begins; `typed` is what stands there up to the cursor, without quotes and signs."""

    begins: int
    ends: int
    field: Field | None
    typed: str


class Completion(NamedTuple):
    """What may stand at a place, as it is written, and in words what it means (of a field)."""

    written: str
    meaning: str = ""


def place_at(text: str, cursor: int) -> Place:
    """The place of the cursor in a filter that may be unfinished or wrong."""
    begins, field, quoted_at, is_escaped = 0, None, -1, False
    for at, character in enumerate(text[:cursor]):
        if quoted_at >= 0:
            if character == '"' and not is_escaped:
                quoted_at = -1
            is_escaped = character == "\\" and not is_escaped
        elif character == '"':
            quoted_at = at
        elif character.isspace() or character in "()|":
            begins, field = at + 1, None
        elif (character == "-" and at == begins and field is None) or (character == "," and field is not None):
            begins = at + 1
        elif character == ":" and field is None:
            field = BY_NAME.get(text[begins:at].casefold())
            begins = at + 1 if field else begins
    if field is not None:
        begins += len(next((how for how in COMPARED if text[begins:cursor].startswith(how)), ""))
    ends = _end(text, cursor, is_quoted=quoted_at >= 0)
    typed = text[begins:cursor]
    return Place(begins, ends, field, typed.strip('"') if field else typed)


def _end(text: str, cursor: int, *, is_quoted: bool) -> int:
    if is_quoted:
        closing = text.find('"', cursor)
        return closing + 1 if closing >= 0 else len(text)
    rest = _REST.match(text, cursor)
    assert rest is not None
    return rest.end()


def known_here(place: Place) -> tuple[Completion, ...]:
    """What may stand at a place without asking the desk."""
    typed = place.typed.casefold()
    field = place.field
    if field is None:
        return tuple(
            Completion(f"{named[0]}:", one.asks)
            for one in FIELDS
            if (named := [name for name in one.names if name.startswith(typed)])
        )
    words = [*((ME,) if field.kind == PERSON else ()), *((NOTHING,) if field.may_lack else ())]
    words += [*_SPANS.get(field.kind, ()), *field.words]
    return tuple(Completion(word) for word in words if word.startswith(typed))


def asks_the_desk(place: Place) -> bool:
    """True where names of the desk may stand."""
    field = place.field
    return field is not None and (field.kind in (NAME, PERSON) or field.name == "stage")


def named_here(place: Place, names: tuple[str, ...]) -> tuple[Completion, ...]:
    """Names of the desk as they are written at a place, without those that are known anyway."""
    field = place.field
    assert field is not None
    return tuple(Completion(_name_written(field, name)) for name in names if name not in field.words)


def _name_written(field: Field, name: str) -> str:
    # A word that is none of ours is taken as it is written only where that is said.
    return f"={value_written(name)}" if field.kind == WORD else value_written(name, is_choice=True)


def completed(text: str, place: Place, completion: Completion) -> tuple[str, int]:
    """The filter with a completion put in, and where the cursor stands then: behind a blank after a value."""
    before, after = text[: place.begins], text[place.ends :]
    if place.field is None:
        return before + completion.written + after.lstrip(), len(before + completion.written)
    put_in = before + completion.written + ("" if after[:1] in (" ", ",", ")") else " ")
    at = len(put_in) + (1 if after[:1] == " " else 0)
    return put_in + after, at
