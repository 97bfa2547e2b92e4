"""Which desk is meant, and the way from the command line to its screen."""

from __future__ import annotations

import os
from pathlib import Path


class Refusal(Exception):
    """One sentence that says what to do; exit code 2."""

    exit_code = 2


def desk_name(given: str | None) -> str:
    """The desk to use: the one given, else that of the environment, else the usual one."""
    from storage import places

    name = given or os.environ.get("LAMPBOARD_DESK") or places.DEFAULT_DESK
    if not name.replace("-", "").replace("_", "").isalnum():
        raise Refusal(f"{name!r} is no name for a desk; use letters, digits, - and _")
    return name


def open_console(path: Path) -> int:
    """Open a desk on the screen after asking whether this terminal can show it."""
    from tui import terminal, textual_start

    try:
        terminal.check()
    except terminal.TerminalUnfit as error:
        raise Refusal(str(error)) from error
    terminal.prepare()
    textual_start.spare()
    from tui.bootstrap import run_console

    return run_console(path)


def open_or_begin(desk: str) -> int:
    """Open a desk by its name; where there is none yet, the first run makes one."""
    from storage import places

    path = places.desk_path(desk)
    if not path.exists():
        import click

        from tui.verbs.first_run import first_run

        try:
            chosen = first_run(desk)
        except click.exceptions.Abort as error:
            raise KeyboardInterrupt from error
        if chosen is None:
            return 0
        path = chosen
    return open_console(path)
