"""`lampboard sync log`, `resend` and `drop`: what came and went, and what becomes of work that the hub refused."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from core.clock import Instant
from core.text import plain
from tui.verbs.printing import hexed, iso, say, say_json

if TYPE_CHECKING:
    from storage.sync.refused_work import RefusedOperation
    from storage.sync.sync_log import Logged

MOST = 20
LARGEST_NUMBER = 2**63


@click.command("log")
@click.option("--json", "is_json", is_flag=True, help="As JSON.")
@click.option("--most", type=click.IntRange(1), default=MOST, show_default=True, help="So many rounds at most.")
@click.option("--refused", "is_refused", is_flag=True, help="What the hub refused, with all that it says.")
@click.pass_obj
def log(desk: str, is_json: bool, most: int, is_refused: bool) -> None:
    """Show what came and went by round, newest first, and what stood in the way."""
    from storage import places
    from storage.engine import open_file
    from storage.sync.refused_work import name_of, refused_before, refused_operations
    from storage.sync.sync_log import logged

    connection = open_file(places.desk_path(desk), read_only=True)
    try:
        if is_refused:
            found, before = refused_operations(connection), refused_before(connection)
            if is_json:
                say_json([_refused_document(one) for one in found + before])
            else:
                _say_refused(found + before, lambda id_: name_of(connection, id_))
            return
        rounds = logged(connection, most)
    finally:
        connection.close()
    if is_json:
        say_json([_document(one) for one in rounds])
        return
    if not rounds:
        say("nothing was sent or received yet")
    for one in rounds:
        _say_round(one)


def _number(context: click.Context, parameter: click.Parameter, told: str) -> tuple[int, bytes]:
    """An operation as `sync log --refused` calls it: its number, behind its console where that is a former one."""
    console, _colon, number = told.rpartition(":")
    with suppress(ValueError):
        if 0 < int(number) < LARGEST_NUMBER:
            return int(number), bytes.fromhex(console)
    raise click.BadParameter(f"{plain(told, 60)!r} is no number of an operation", context, parameter)


@click.command("resend")
@click.argument("n", callback=_number)
@click.pass_obj
def resend(desk: str, n: tuple[int, bytes]) -> None:
    """Do the act of the refused operation N again as a new one; it is sent with the next round."""
    from storage.sync import refused_work
    from tui.presenters.sentences import what_was_done
    from tui.verbs.seat import fresh_ids, writing

    with writing(desk) as seat:
        new_id, has_mail = fresh_ids(seat), seat.outbox is not None
        applied = seat.desk.write(
            lambda connection: refused_work.resend(
                connection, seat.clock, new_id, seat.person.id, *n, has_mail_command=has_mail
            )
        ).result()
        say(what_was_done(applied.title, Instant(seat.clock.now_ms() // 1000), seat.zone))


@click.command("drop")
@click.argument("n", callback=_number)
@click.pass_obj
def drop(desk: str, n: tuple[int, bytes]) -> None:
    """Give up the act of the refused operation N; it stays in the log of this desk and counts nowhere."""
    from storage.sync import refused_work
    from tui.verbs.seat import writing

    with writing(desk) as seat:
        count = seat.desk.write(lambda file: refused_work.drop(file, *n)).result()
    say(f"given up: {count} operation{'s' * (count != 1)}; lampboard sync log --refused still shows what was said")


def _say_round(one: Logged) -> None:
    from tui.presenters.recovery_words import notice_text
    from tui.presenters.sync_told import error_told, round_told

    if one.notice is not None:
        say(f"{iso(one.at)}  {notice_text(one.notice)}")
        return
    if not one.error:
        aside = f", set aside {one.set_aside}" if one.set_aside else ""
        say(f"{iso(one.at)}  {round_told(one.sent, one.received, one.refused)}{aside}")
        return
    until = f" to {iso(one.until_at)}, {one.times} times" if one.times > 1 else ""
    say(f"{iso(one.at)}{until}: {plain(error_told(one.error, one.facts), 400)}")


def _document(one: Logged) -> dict[str, Any]:
    return {
        "at": iso(one.at),
        "until": iso(one.until_at),
        "times": one.times,
        "sent": one.sent,
        "received": one.received,
        "refused": one.refused,
        "set_aside": one.set_aside,
        "error": None if one.notice is not None else one.error or None,
        "notice": None if one.notice is None else one.notice.code,
        "facts": one.facts,
    }


def _refused_document(one: RefusedOperation) -> dict[str, Any]:
    return {
        "n": one.n,
        "console": hexed(one.console) if one.console else None,
        "at": iso(one.at),
        "reason": one.reason,
        "settled": one.settled or None,
        "act": hexed(one.txn),
        "entity": one.entity,
        "id": hexed(one.id),
        "kind": one.kind,
        "payload": one.payload,
    }


def _say_refused(found: list[RefusedOperation], name_of: Any) -> None:
    from tui.presenters.sync_told import act_told, content_told, reason_told

    if not found:
        say("nothing of this desk was refused")
    for one in found:
        settled = f"; {one.settled}" if one.settled else ""
        whose, which = (f"{one.console.hex()}:", ", of what this desk was before") if one.console else ("", "")
        say(f"operation {whose}{one.n}{which}, {iso(one.at)}: {plain(act_told(one.title, one.facts, one.kind), 200)}")
        say(f"  refused: {reason_told(one.reason)}{settled}")
        about = name_of(one.id.hex())
        say(f"  {one.kind} on {plain(about or one.id.hex(), 200)}")
        for line in content_told(one.payload, name_of):
            for part in line.splitlines():
                say(f"    {part}")
