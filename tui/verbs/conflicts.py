"""`lampboard sync conflicts` and `sync settle`: what two did without knowing of each other, told and settled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from core.clock import Instant
from core.commands import SettleConflict
from core.conflicts import Conflict, Side
from core.ids import EntityId
from core.review_shown import ConflictLine, ReviewPage, ReviewShown
from storage import places
from tui.presenters.sentences import short_title
from tui.verbs.opening import Refusal
from tui.verbs.printing import fit, hexed, iso, say, say_json

if TYPE_CHECKING:
    from collections.abc import Callable

MOST = 1000
SHORT = 8
"""Hex digits of an id that tell conflicts apart; more are taken too."""


@click.command("conflicts")
@click.option("--json", "is_json", is_flag=True, help="As JSON: values as in operations, times in UTC.")
@click.pass_obj
def conflicts(desk: str, is_json: bool) -> None:
    """List what two people did to one thing without knowing of each other, the most urgent first.

    Both values are kept. `sync settle ID keep` leaves what holds, `sync settle ID take` does what the other one wanted.
    """
    from storage.sitting import open_sitting

    sitting = open_sitting(places.desk_path(desk))
    try:
        page: ReviewShown = sitting.page(ReviewPage(MOST))
        now, zone, me = Instant(sitting.now), sitting.zone, EntityId(sitting.person)
    finally:
        sitting.close()
    if is_json:
        say_json([_document(line, page) for line in page.lines])
        return
    for told in _lines(page, me, now, zone):
        say(told)


@click.command("settle")
@click.argument("wanted", metavar="ID")
@click.argument("which", type=click.Choice(("keep", "take")))
@click.option("--json", "is_json", is_flag=True, help="As JSON: the conflict's id and what was done.")
@click.pass_obj
def settle(desk: str, wanted: str, which: str, is_json: bool) -> None:
    """Settle conflict ID, or as many of its digits as tell it: keep what holds, or take the other side."""
    from tui.verbs.seat import perform, writing

    with writing(desk) as seat:
        conflict = _the_conflict(seat.desk.page_now, wanted)
        title = perform(seat, SettleConflict(conflict, which == "take")).title
    if is_json:
        say_json({"done": title.code, "id": hexed(conflict)})
    else:
        say(short_title(title.code, title.facts))


def _the_conflict(ask: Callable[[Any], Any], wanted: str) -> EntityId:
    page: ReviewShown = ask(ReviewPage(MOST))
    text = wanted.strip().lower()
    found = [line.conflict.id for line in page.lines if text and line.conflict.id.hex().startswith(text)]
    if not found:
        raise Refusal(f"there is no open conflict {wanted!r}; lampboard sync conflicts lists them")
    if len(found) > 1:
        raise Refusal(f"{len(found)} conflicts begin with {wanted!r}; write more of its digits")
    return found[0]


def _lines(page: ReviewShown, me: EntityId | None, now: Instant, zone: str) -> Iterator[str]:
    from tui.presenters.review_words import field_word, record_word, rule_words, value_lines
    from tui.words import _, ngettext

    for line in page.lines:
        conflict = line.conflict
        about = ", ".join(dict.fromkeys(part for part in (line.name, line.company) if part))
        if line.row is not None:
            about = line.company
        yield f"{conflict.id.hex()[:SHORT]}  {record_word(line)}  {_whole(about)}  {field_word(conflict)}"
        before = ", ".join(value_lines(line, conflict.before, page.names, now, zone))
        yield f"  {fit(_('before'), 8)} {before}"
        for label, side in ((_("holds"), conflict.applied), (_("other"), conflict.other)):
            yield f"  {fit(label, 8)} {_side(line, side, page, me, now, zone)}"
        yield f"  {fit(_('why'), 8)} {rule_words(conflict)}"
    told = ngettext("{count} open conflict", "{count} open conflicts", page.in_all).format(count=page.in_all)
    yield told if page.lines else _("no conflict is open")


def _side(line: ConflictLine, side: Side, page: ReviewShown, me: EntityId | None, now: Instant, zone: str) -> str:
    from tui.presenters.review_words import value_lines, who
    from tui.presenters.times import date_time
    from tui.words import _

    told = ", ".join(value_lines(line, side.value, page.names, now, zone))
    name, time = who(side.author, me, page.names), date_time(side.at, now, zone)
    return _("{value} ({name}, {time})").format(value=told, name=name, time=time)


def _document(line: ConflictLine, page: ReviewShown) -> dict[str, Any]:
    conflict: Conflict = line.conflict
    return {
        "id": hexed(conflict.id),
        "kind": conflict.kind,
        "entity": conflict.entity,
        "record": hexed(conflict.record),
        "name": line.name,
        "company": line.company,
        "field": conflict.field,
        "rule": conflict.rule,
        "before": conflict.before,
        "applied": _side_document(conflict.applied, page),
        "other": _side_document(conflict.other, page),
    }


def _side_document(side: Side, page: ReviewShown) -> dict[str, Any]:
    author = side.author.hex()
    return {"value": side.value, "author": author, "name": page.names.get(author, ""), "at": iso(side.at)}


def _whole(text: str) -> str:
    from tui.verbs.ticket_told import whole

    return whole(text)
