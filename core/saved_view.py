"""A view under a name: which tickets, narrowed by a filter, in which order; for everybody or for one colleague."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

from core.calendar_document import malformed
from core.clock import Instant
from core.errors import DomainError
from core.ids import EntityId
from core.query import parse, tidy
from core.queue import ALL_OPEN, SCOPES, SORTS, URGENCY, View

VIEW_FIELDS = ["title", "letter", "scope", "filter", "sort", "reversed", "person"]
LONGEST_TITLE = 60


class SavedViews(NamedTuple):
    """Asks for the views that the desk keeps for everybody and for a person, as they stand at `now`."""

    person: EntityId | None
    now: Instant


class SavedView(NamedTuple):
    """A view that can be chosen by its name or letter; `person` is whose it is alone, None for everybody's."""

    id: EntityId
    name: str
    title: str
    letter: str
    scope: str
    sort: str
    is_reversed: bool
    filter: str
    person: EntityId | None
    number: int
    """Of its newest version, whether in force or taken back."""

    def over(self, view: View) -> View:
        """The same for whoever has the keys in `view`."""
        return view._replace(scope=self.scope, sort=self.sort, is_reversed=self.is_reversed, filter=self.filter)


def view_body(view: View, person: EntityId | None = None) -> dict[str, Any]:
    """What is kept of a view; of one colleague alone with `person`."""
    body: dict[str, Any] = {"scope": view.scope, "filter": view.filter, "sort": view.sort}
    if view.is_reversed:
        body["reversed"] = True
    if person is not None:
        body["person"] = person.hex()
    return body


def check_view(body: Mapping[str, Any]) -> None:
    """Raise the DomainError that names the field, or the column of the filter, which keeps `body` from being a view."""
    for name in body:
        if name not in VIEW_FIELDS:
            near = get_close_matches(name, VIEW_FIELDS, 1)
            raise DomainError("terms.unknown_field", field=name, known=near or VIEW_FIELDS)
    for name in ("title", "letter", "filter", "person"):
        if not isinstance(body.get(name, ""), str):
            raise malformed(name, "a text")
    if len(body.get("title", "")) > LONGEST_TITLE:
        raise malformed("title", f"at most {LONGEST_TITLE} characters")
    letter = body.get("letter", "")
    if letter and not (len(letter) == 1 and letter.isalnum()):
        raise malformed("letter", "one letter or digit")
    if body.get("scope", ALL_OPEN) not in SCOPES:
        raise malformed("scope", f"one of {', '.join(SCOPES)}")
    if body.get("sort", URGENCY) not in SORTS:
        raise malformed("sort", f"one of {', '.join(SORTS)}")
    if not isinstance(body.get("reversed", False), bool):
        raise malformed("reversed", "true or false")
    if body.get("person") and _person(body) is None:
        raise malformed("person", "the id of a colleague in hex")
    parse(body.get("filter", ""))


def _person(body: Mapping[str, Any]) -> EntityId | None:
    try:
        id_ = bytes.fromhex(body.get("person", ""))
    except ValueError:
        return None
    return EntityId(id_) if len(id_) == 16 else None


def saved_view(id_: EntityId, name: str, number: int, body: Mapping[str, Any]) -> SavedView:
    """The view in a checked body; DomainError for one that a newer program wrote."""
    check_view(body)
    return SavedView(
        id_,
        name,
        body.get("title") or name,
        body.get("letter", ""),
        body.get("scope", ALL_OPEN),
        body.get("sort", URGENCY),
        body.get("reversed", False),
        tidy(body.get("filter", "")),
        _person(body),
        number,
    )
