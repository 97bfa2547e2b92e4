"""`lampboard doctor`: whether this machine, this terminal and this desk are well, and what to do where not."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import click

from core.errors import DomainError
from core.text import plain
from storage import places
from storage.engine import OLDEST_SQLITE, open_file
from storage.health import OK, WARNING, WRONG, Finding, look_at_attachments, look_at_file, look_at_places
from tui.presenters.health_words import TOLD
from tui.verbs.printing import finish, fit, say, say_json, terminal_columns
from tui.words import _

SOMETHING_IS_WRONG = 1
MEGABYTE = 1_000_000
LONGEST_TOLD = 300
IN_MEGABYTES = ("free", "size", "needed")
NARROWEST_ASKED = 40
FEW_COLOURS = 16


class Looked(NamedTuple):
    """One line: what was looked at and what it is like."""

    about: str
    finding: Finding


@click.command("doctor")
@click.option("--full", "is_full", is_flag=True, help="Compare indexes, hash the whole log and every attachment.")
@click.option("--json", "is_json", is_flag=True, help="As JSON.")
@click.pass_context
def command(ctx: click.Context, is_full: bool, is_json: bool) -> None:
    """Look at terminal, settings, desk, disk and hub, and say what to do where something is not well.

    It changes nothing. Each line is ok, a warning or wrong; exit code 1 says that something is wrong.
    """
    found: list[Looked] = []
    for looked in _every_look(ctx.obj, is_full=is_full):
        found.append(looked)
        if not is_json:
            _tell(looked)
            # A full look takes its time: each line comes as soon as it is known.
            finish()
    if is_json:
        say_json({"checks": [_document(one) for one in found], "is_well": not _is_wrong(found)})
    ctx.exit(SOMETHING_IS_WRONG if _is_wrong(found) else 0)


def _every_look(desk: str, *, is_full: bool) -> Iterator[Looked]:
    yield Looked("versions", _versions())
    yield from _terminal()
    yield from (Looked("settings", one) for one in _settings())
    path = places.desk_path(desk)
    if not path.exists():
        yield Looked("desk", Finding("no_desk", WARNING, {"desk": desk}))
        return
    yield from _desk(path, is_full=is_full)


def _is_wrong(found: list[Looked]) -> bool:
    return any(one.finding.level == WRONG for one in found)


# This machine.


def _versions() -> Finding:
    from tui.version import VERSION

    facts = {
        "lampboard": VERSION,
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "system": f"{platform.system()} {platform.machine()}",
    }
    is_old = sqlite3.sqlite_version_info < OLDEST_SQLITE
    return Finding("sqlite_too_old", WRONG, facts) if is_old else Finding("versions", OK, facts)


def _terminal() -> Iterator[Looked]:
    from tui import terminal_probe as probe
    from tui.terminal import SMALLEST_COLUMNS, SMALLEST_ROWS

    yield Looked("encoding", _encoding())
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        yield Looked("terminal", Finding("no_terminal", OK, {}))
        return
    term, inside = os.environ.get("TERM", ""), probe.multiplexer(os.environ)
    columns, rows = os.get_terminal_size(sys.stdout.fileno())
    facts = {"term": term or "not set", "columns": columns, "rows": rows, "inside": inside}
    if term in ("", "dumb"):
        yield Looked("terminal", Finding("terminal_dumb", WRONG, facts))
        return
    if columns < SMALLEST_COLUMNS or rows < SMALLEST_ROWS:
        yield Looked("terminal", Finding("terminal_small", WRONG, facts))
    elif columns < 80 or rows < 24:
        yield Looked("terminal", Finding("terminal_small", WARNING, facts))
    else:
        yield Looked("terminal", Finding("terminal_in" if inside else "terminal", OK, facts))
    yield Looked("colours", _colours())
    asked = probe.ask() if columns >= NARROWEST_ASKED else None
    if asked is None or asked.capabilities is None:
        yield Looked("answers", Finding("silent", WARNING, {"seconds": int(probe.ANSWER_SECONDS)}))
    yield from (Looked("width", one) for one in _widths({} if asked is None else asked.cells))
    yield Looked("clipboard", _clipboard(term, inside, None if asked is None else asked.capabilities))


def _encoding() -> Finding:
    encoding = (sys.stdout.encoding or "").lower()
    is_enough = encoding.replace("-", "").replace("_", "") == "utf8"
    return Finding("encoding" if is_enough else "encoding_wrong", OK if is_enough else WRONG, {"encoding": encoding})


def _colours() -> Finding:
    from tui.terminal_probe import colours

    count, is_true, is_off = colours(os.environ)
    if is_off:
        return Finding("colours_off", OK, {"count": count})
    if is_true:
        return Finding("true_colour", OK, {"count": count})
    return Finding(
        "colours_few" if count <= FEW_COLOURS else "colours", WARNING if count <= FEW_COLOURS else OK, {"count": count}
    )


def _widths(answered: dict[str, int | None]) -> Iterator[Finding]:
    """A line in each script: the cells that the console reckons with, and those the terminal went on by."""
    from tui.presenters.cells import width_of
    from tui.terminal_probe import SCRIPTS

    for script, text in SCRIPTS.items():
        cells, found = width_of(text), answered.get(script)
        facts = {"script": script, "text": text, "cells": cells, "found": found}
        if found is None:
            yield Finding("width_reckoned", OK, facts)
        else:
            yield Finding("width" if found == cells else "width_differs", OK if found == cells else WARNING, facts)


def _clipboard(term: str, inside: str, capabilities: frozenset[str] | None) -> Finding:
    from tui.terminal_probe import CLIPBOARD, tmux_clipboard

    if inside == "tmux" and (setting := tmux_clipboard()):
        code, level = ("clipboard_tmux_off", WARNING) if setting == "off" else ("clipboard_tmux", OK)
        return Finding(code, level, {"setting": setting})
    if inside == "screen" or term == "linux":
        return Finding("clipboard_none", WARNING, {"inside": inside or "the Linux console"})
    is_told = capabilities is not None and CLIPBOARD in capabilities
    return Finding("clipboard" if is_told else "clipboard_untold", OK, {})


def _settings() -> Iterator[Finding]:
    from tui import settings

    path = places.config_folder() / "settings.toml"
    try:
        known = settings.read(path)
    except settings.SettingsBroken as error:
        yield Finding("settings_broken", WRONG, {"reason": str(error)})
        return
    yield Finding("settings" if path.exists() else "settings_usual", OK, {"path": str(path)})
    for name, value in known._asdict().items():
        if name.endswith("_command") and value and shutil.which(value[0]) is None:
            yield Finding("command_missing", WARNING, {"setting": name, "command": value[0]})


# This desk.


def _desk(path: Path, *, is_full: bool) -> Iterator[Looked]:
    from tui.presenters.sentences import why_not

    try:
        reading = open_file(path, read_only=True)
    except DomainError as error:
        yield Looked("database", Finding("store", WRONG, {"reason": why_not(error)}))
    else:
        with closing(reading):
            yield from _file(reading, path, is_full=is_full)
    for one in look_at_places(path, places.state_folder()):
        yield Looked("rights" if one.code in ("rights", "open_to_others", "not_yours") else "disk", one)


def _file(reading: sqlite3.Connection, path: Path, *, is_full: bool) -> Iterator[Looked]:
    from storage.engine import explain
    from tui.presenters.sentences import why_not

    about = {
        "integrity": "database",
        "integrity_broken": "database",
        "log": "log",
        "log_hashed": "log",
        "log_broken": "log",
    }
    try:
        for one in look_at_file(reading, is_full=is_full):
            yield Looked(about.get(one.code, "rows"), one)
        yield from (Looked("files", one) for one in look_at_attachments(reading, path, is_full=is_full))
        yield from _hub(reading)
    except sqlite3.DatabaseError as error:
        yield Looked("database", Finding("store", WRONG, {"reason": why_not(explain(error, path))}))


def _hub(reading: sqlite3.Connection) -> Iterator[Looked]:
    from storage.hub.connecting import keyring_backend
    from storage.sync.joined import joined

    hub, backend = joined(reading), keyring_backend()
    if backend is not None:
        yield Looked("keyring", Finding("keyring", OK, {"backend": backend}))
    else:
        code, level = ("keyring_none", OK) if hub is None else ("keyring_missing", WARNING)
        yield Looked("keyring", Finding(code, level, {}))
    if hub is None:
        yield Looked("hub", Finding("no_hub", OK, {}))
        return
    yield Looked("hub", _reached(reading, hub))


def _reached(reading: sqlite3.Connection, hub: Any) -> Finding:
    from storage.hub.connecting import HubError
    from storage.sync.joined import own_log, unsent
    from storage.sync.refused_work import count_open
    from storage.sync.session import Session
    from tui.presenters.sentences import why_not

    facts = {"url": hub.url, "login": hub.login, "unsent": unsent(reading), "refused": count_open(reading)}
    began = time.monotonic()
    session = None
    try:
        session = Session(hub.url)
        session.heads(hub.epoch, own_log(reading).console)
    except HubError as error:
        return Finding("hub_unreached", WARNING, {**facts, "reason": why_not(error)})
    finally:
        if session is not None:
            session.close()
    return Finding("hub", OK, {**facts, "milliseconds": int((time.monotonic() - began) * 1000)})


# Telling.


def _tell(looked: Looked) -> None:
    told, advice = _sentences(looked.finding)
    columns = terminal_columns()
    head = f"{fit(_(looked.finding.level), 8)} {fit(_(looked.about), 10)} "
    say(head + (told if columns is None else plain(told, LONGEST_TOLD)))
    if advice:
        say(" " * len(head) + f"> {advice}")


def _sentences(finding: Finding) -> tuple[str, str]:
    facts = {name: _worded(name, value) for name, value in finding.facts.items()}
    if cracks := finding.facts.get("cracks"):
        from tui.verbs.audit import sentence_of

        facts["first"] = sentence_of(cracks[0])
    told, advice = TOLD[finding.code]
    return plain(_(told).format(**facts), LONGEST_TOLD), _(advice).format(**facts) if advice else ""


def _worded(name: str, value: Any) -> Any:
    return value // MEGABYTE if name in IN_MEGABYTES and isinstance(value, int) else value


def _document(looked: Looked) -> dict[str, Any]:
    told, advice = _sentences(looked.finding)
    facts = dict(looked.finding.facts)
    if cracks := facts.get("cracks"):
        facts["cracks"] = [one._asdict() for one in cracks]
    return {
        "about": looked.about,
        "level": looked.finding.level,
        "code": looked.finding.code,
        "told": told,
        "advice": advice,
        "facts": facts,
    }
