"""The way in: what a list in a pipe needs is answered before click is imported; every refusal is one sentence."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from core.errors import DomainError


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
    from tui import terminal

    try:
        terminal.check()
    except terminal.TerminalUnfit as error:
        raise Refusal(str(error)) from error
    terminal.prepare()
    from tui.bootstrap import run_console

    return run_console(path)


def run() -> int:
    """Run the command line and answer its exit code; every refusal is one sentence on standard error and code 2."""
    from tui.verbs.printing import ReaderGone, complain, finish, prepare_streams

    prepare_streams()
    try:
        code = _answer(sys.argv[1:])
        finish()
        return code
    except Refusal as error:
        complain(str(error))
        return error.exit_code
    except DomainError as error:
        from tui.presenters.sentences import why_not

        complain(why_not(error))
        return 2
    except ReaderGone:
        return 0
    except KeyboardInterrupt:
        complain("stopped; nothing half done is kept")
        return 130
    except PermissionError as error:
        complain(f"{error.filename or 'a file'} may not be read or written here; check its rights and its folder's")
        return 2
    except _configuration_errors() as error:
        complain(str(error))
        return 2


def _answer(arguments: list[str]) -> int:
    if "queue" in arguments:
        from tui.verbs import queue_list

        wish = queue_list.from_arguments(arguments)
        if wish is not None:
            queue_list.print_queue(desk_name(wish.desk), wish)
            return 0
    import zoneinfo

    # System tables differ between machines; the pinned package is the same everywhere.
    zoneinfo.reset_tzpath(to=[])
    from tui.verbs.group import call

    return call()


def _configuration_errors() -> tuple[type[Exception], ...]:
    settings, themes = sys.modules.get("tui.settings"), sys.modules.get("themes.load")
    broken = (settings and settings.SettingsBroken, themes and themes.ThemeBroken)
    return tuple(error for error in broken if error)
