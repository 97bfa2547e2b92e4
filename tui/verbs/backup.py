"""`lampboard backup`: the desk's file as it is now, copied and looked through while consoles go on working."""

from __future__ import annotations

import time
from pathlib import Path

import click

from core.clock import instant
from storage import places
from tui.clocks import SystemClock
from tui.verbs.files_told import files_document, files_in_words
from tui.verbs.printing import iso, say, say_json
from tui.verbs.ticket_told import whole
from tui.verbs.watching import watched


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--replace", "replaces", is_flag=True, help="Write over a file of that name.")
@click.option("--json", "is_json", is_flag=True, help="What was written, as JSON.")
@click.pass_obj
def command(desk: str, file: Path | None, replaces: bool, is_json: bool) -> None:
    """Copy the desk to FILE, or into the folder FILE; without it into `backups` beside the desks.

    The copy is looked through before it gets its name. Files of tickets come into the folder `attachments` beside it.
    `lampboard restore FILE` puts the desk back from it.
    """
    from storage.safekeeping.backup import back_up

    clock = SystemClock()
    if file is None:
        file = places.data_folder() / "backups"
        file.mkdir(parents=True, exist_ok=True, mode=0o700)
    if file.is_dir():
        file /= f"{desk}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(clock.now_ms() / 1000))}.db"
    with watched("copying", "pages") as tell:
        made = back_up(places.desk_path(desk), file, replaces=replaces, tell=tell)
    size, newest = file.stat().st_size, iso(instant(made.newest_ms))
    if is_json:
        told = {"tickets": made.tickets, "operations": made.operations, "newest_at": newest, "bytes": size}
        say_json({"path": str(file), **told, "files": files_document(made.files)})
        return
    say(f"{whole(str(file))}: {made.tickets:,} tickets, {made.operations:,} operations up to {newest}, looked through")
    for line in files_in_words(made.files, "beside it in attachments"):
        say(line)
