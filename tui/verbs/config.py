"""`lampboard config`: documents as texts, listed, shown, edited; closed days taken in from elsewhere."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import click

from core.documents import CALENDAR, DOCUMENT_KINDS, TERMS, body_of
from core.text import storable
from core.wall_clock import zone
from storage import places
from storage.documents import Document, documents, documents_called
from storage.sitting import open_sitting
from tui.verbs.config_days import MOST_FEED_BYTES, Days, days_of_feed, merged, public_holidays, years_of
from tui.verbs.config_edit import Edit, by_editor, checked, propose
from tui.verbs.config_text import text_to_edit, toml_of, without_nothing
from tui.verbs.opening import Refusal
from tui.verbs.printing import fit, hexed, iso, say, say_json
from tui.verbs.ticket_told import whole

NAMES_TOLD = 8
MOST_TEXT_BYTES = 4 << 20
STARTING: dict[str, dict[str, Any]] = {
    "calendar": {"tz": "UTC", "weekly": {day: [["08:00", "16:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}},
    "policy": {
        "first_response_seconds": {"1": 1800, "2": 3600, "3": 7200, "4": 14400},
        "resolution_seconds": {"1": 14400, "2": 28800, "3": 86400, "4": 172800},
        "pause_applies_to": ["update", "resolution"],
    },
    "view": {"scope": "open", "filter": "", "sort": "urgency"},
    "grade": {"coverage": [], "exclusions": []},
}
"""What the editor opens on for a new name."""

a_kind = click.argument("kind", type=click.Choice(DOCUMENT_KINDS))
since_option = click.option("--from", "since", metavar="YYYY-MM-DDTHH:MM", help="In force from then on, in your zone.")
years_option = click.option("--years", metavar="2026-2030", help="Which years to take in; else this and four more.")
sure = click.option("--yes", "is_sure", is_flag=True, help="Save without asking.")
note_option = click.option("--note", default="", metavar="TEXT", help="Why it changes; kept with the version.")


@click.group("config")
def command() -> None:
    """Calendars, policies, views and grades of contracts as texts in versions: list, show, edit."""


@command.command("list")
@click.option("--json", "is_json", is_flag=True, help="As JSON.")
@click.pass_obj
def list_(desk: str, is_json: bool) -> None:
    """List calendars, policies, views and grades with what hangs on each."""
    sitting = open_sitting(places.desk_path(desk))
    try:
        found = documents(sitting.connection)
    finally:
        sitting.close()
    if is_json:
        say_json([_summary(one) for one in found])
        return
    for one in found:
        version = one.at(sitting.now)
        counts = f"{one.contracts:6,} contracts {one.open_tickets:7,} open tickets" if one.kind in TERMS else ""
        say(f"{fit(one.kind, 8)} {fit(one.name, 32)} version {version.number:<3} {counts}".rstrip())


@command.command("show")
@a_kind
@click.argument("name")
@click.option("--json", "is_json", is_flag=True, help="As JSON: every version with its body, times in UTC.")
@click.pass_obj
def show(desk: str, kind: str, name: str, is_json: bool) -> None:
    """Print the version in force and when the others hold."""
    table = _look(desk, kind, name)
    found = table.known()
    if is_json:
        say_json(_summary(found) | {"versions": [_version(version) for version in found.versions]})
        return
    in_force = found.at(table.now)
    for version in found.versions:
        mark = "*" if version is in_force else " "
        note = f"  {version.note}" if version.note else ""
        say(f"{mark} version {version.number} from {_told(version.valid_from, table.zone)}{whole(note)}")
    say()
    for line in toml_of(without_nothing(body_of(in_force.body))).splitlines():
        say(whole(line))


@command.command("edit")
@a_kind
@click.argument("name")
@since_option
@click.option("--file", "source", type=click.File("rb"), help="Take the text from FILE (- for standard input).")
@note_option
@sure
@click.pass_obj
def edit(desk: str, kind: str, name: str, since: str | None, source: BinaryIO | None, note: str, is_sure: bool) -> None:
    """Edit a calendar, policy, view or grade in $VISUAL or $EDITOR; a name that is not there yet makes a new one."""
    table = _look(desk, kind, name)
    if source is not None and source.name == "<stdin>" and not is_sure:
        raise Refusal("a text from standard input leaves nobody to ask; add --yes")
    if table.found is None:
        others = f"; there are {table.others}" if table.others else ""
        asked = f"there is no {kind} {whole(table.name)}{others}. Make it?"
        if not is_sure and not click.confirm(asked, default=False, err=True):
            raise Refusal("nothing was made")
    wished = table.edit(since, note, is_sure)
    if source is not None:
        propose(wished, checked(kind, _text(source)))
        return
    heading = (f"{kind} {whole(table.name)}", wished.span, "Save and leave the editor; an empty text changes nothing.")
    after, kept = by_editor(kind, table.name, text_to_edit(kind, heading, wished.before))
    if after is None and wished.found is None:
        kept.unlink(missing_ok=True)
        raise Refusal("nothing was made")
    propose(wished, wished.before if after is None else after, kept)


@command.group("calendar")
def calendar() -> None:
    """Take closed days into a calendar, as dates with names."""


@calendar.command("holidays")
@click.argument("name")
@click.argument("country")
@click.option("--subdivision", metavar="PART", help="A part of the country, as BY of DE.")
@years_option
@since_option
@sure
@click.pass_obj
def holidays(
    desk: str, name: str, country: str, subdivision: str | None, years: str | None, since: str | None, is_sure: bool
) -> None:
    """Take in the public holidays of COUNTRY (as PL, DE, US)."""
    table = _look(desk, CALENDAR, name)
    days = public_holidays(country, subdivision, years_of(years, table.year))
    _take_in(table.edit(since, f"public holidays of {country.upper()}", is_sure), days)


@calendar.command("ical")
@click.argument("name")
@click.argument("file", type=click.File("rb"))
@years_option
@since_option
@sure
@click.pass_obj
def ical(desk: str, name: str, file: BinaryIO, years: str | None, since: str | None, is_sure: bool) -> None:
    """Take in the whole-day events of an iCal FILE."""
    if file.name == "<stdin>" and not is_sure:
        raise Refusal("a feed from standard input leaves nobody to ask; add --yes")
    table = _look(desk, CALENDAR, name)
    data = file.read(MOST_FEED_BYTES + 1)
    if len(data) > MOST_FEED_BYTES:
        raise Refusal(f"{whole(file.name)} is larger than {MOST_FEED_BYTES >> 20} MB; export fewer years")
    feed = days_of_feed(data, years_of(years, table.year))
    for count, told in ((feed.timed, "with a time of day left out"), (feed.broken, "could not be read")):
        if count:
            say(f"{count:,} events {told}")
    _take_in(table.edit(since, f"from {Path(file.name).name}", is_sure), feed.days)


def _take_in(wished: Edit, days: Days) -> None:
    taken = merged(wished.before, {day: storable(name)[0] for day, name in days.items()})
    say(f"{len(taken.new):,} days come in, {taken.known:,} were closed already")
    for day, name in taken.new.items():
        say(f"  {day}  {whole(name)}".rstrip())
    if taken.new:
        checked(CALENDAR, toml_of(taken.body))
    propose(wished, taken.body)


class _Table(NamedTuple):
    """A document as it was found on the desk, who looks at it and when."""

    desk: str
    kind: str
    name: str
    found: Document | None
    others: str
    zone: str
    now: int

    @property
    def year(self) -> int:
        """The year it is there."""
        return datetime.fromtimestamp(self.now, zone(self.zone)).year

    def known(self) -> Document:
        """The document; Refusal when there is none."""
        if self.found is None:
            others = f"there are {self.others}" if self.others else "there is none yet"
            raise Refusal(f"there is no {self.kind} {self.name!r}; {others}")
        return self.found

    def edit(self, since: str | None, note: str, is_sure: bool) -> Edit:
        """An edit of what is in force at `since`; of a new document where there is none."""
        if self.found is None:
            if since is not None:
                raise Refusal("a new document is in force from ever; leave --from out")
            before = dict(STARTING[self.kind]) | ({"tz": self.zone} if self.kind == CALENDAR else {})
            span = "in force from ever"
            return Edit(self.desk, self.kind, self.name, None, before, None, span, is_sure, note)
        at = self.now if since is None else _instant(since, self.zone)
        follows = self.found.after(at)
        until = ""
        if follows is not None:
            until = f" until {_told(follows.valid_from, self.zone)}, when version {follows.number} follows"
        span = f"in force from {'now' if since is None else _told(at, self.zone)} on{until}"
        before = without_nothing(body_of(self.found.at(at).body))
        told = None if since is None else at
        return Edit(self.desk, self.kind, self.found.name, self.found, before, told, span, is_sure, note)


def _look(desk: str, kind: str, name: str) -> _Table:
    wanted = storable(name)[0].strip()
    if not wanted:
        raise Refusal(f"a {kind} needs a name")
    sitting = open_sitting(places.desk_path(desk))
    try:
        found = documents_called(sitting.connection, kind, wanted)
        names = [one.name for one in documents(sitting.connection) if one.kind == kind] if not found else []
    finally:
        sitting.close()
    if len(found) > 1:
        many = f"{len(found)} documents of the kind {kind} are called {wanted!r}"
        raise Refusal(f"{many}; name one by its id, lampboard config list --json tells them")
    others = ", ".join(whole(one) for one in names[:NAMES_TOLD]) + (" and others" if len(names) > NAMES_TOLD else "")
    return _Table(
        desk, kind, found[0].name if found else wanted, found[0] if found else None, others, sitting.zone, sitting.now
    )


def _instant(told: str, zone_name: str) -> int:
    try:
        moment = datetime.fromisoformat(told)
        return int((moment if moment.tzinfo else moment.replace(tzinfo=zone(zone_name))).timestamp())
    except (ValueError, OverflowError) as error:
        raise Refusal(f"--from {told!r} is no time; write 2026-12-01T08:00") from error


def _told(at: int | None, zone_name: str) -> str:
    if at is None:
        return "ever"
    return f"{datetime.fromtimestamp(at, zone(zone_name)):%Y-%m-%d %H:%M} ({zone_name})"


def _text(source: BinaryIO) -> str:
    data = source.read(MOST_TEXT_BYTES + 1)
    if len(data) > MOST_TEXT_BYTES:
        raise Refusal(f"{whole(source.name)} is larger than {MOST_TEXT_BYTES >> 20} MB; that is no document")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refusal(f"{whole(source.name)} is not UTF-8; save it so and try again") from error


def _summary(found: Document) -> dict[str, Any]:
    counts = {"contracts": found.contracts, "open_tickets": found.open_tickets}
    return {"id": hexed(found.id), "kind": found.kind, "name": found.name, **counts}


def _version(version: Any) -> dict[str, Any]:
    since = iso(version.valid_from)
    return {"number": version.number, "valid_from": since, "note": version.note, "body": json.loads(version.body)}
