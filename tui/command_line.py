"""The way in: what a list in a pipe needs is answered before click is imported; every refusal is one sentence."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from core.errors import DomainError
from tui.verbs.opening import Refusal, desk_name, open_or_begin


def run() -> int:
    """Run the command line and answer its exit code; every refusal is one sentence on standard error and code 2."""
    from tui.verbs.printing import OutputFailed, ReaderGone, complain, finish, prepare_streams

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
    except OutputFailed as error:
        complain(str(error))
        return 2
    except KeyboardInterrupt:
        complain("stopped; nothing half done is kept")
        return 130
    except PermissionError as error:
        complain(f"{error.filename or 'a file'} may not be read or written here; check its rights and its folder's")
        return 2
    except _configuration_errors() as error:
        complain(str(error))
        return 2
    except Exception:  # noqa: BLE001 the last door: what nobody foresaw becomes a report, not a traceback
        import traceback

        from storage import places
        from tui.crash import tell_crash

        return tell_crash(traceback.format_exc(), places.state_folder())


def _answer(arguments: list[str]) -> int:
    if "queue" in arguments:
        from tui.verbs import queue_list

        wish = queue_list.from_arguments(arguments)
        if wish is not None:
            queue_list.print_queue(desk_name(wish.desk), wish)
            return 0
    _take_zones_from_package()
    if not arguments or (len(arguments) == 2 and arguments[0] == "--desk"):
        # Opening the console is the most frequent wish, and click would cost a tenth of the way to the first frame.
        return open_or_begin(desk_name(arguments[1] if arguments else None))
    from tui.verbs.group import call

    return call()


def _take_zones_from_package() -> None:
    """System tables differ between machines; the pinned package is the same everywhere."""
    import tzdata  # type: ignore[import-untyped]

    # As a folder on its path zoneinfo reads a zone without `importlib.resources`; told by the variable it does not
    # look for the system's tables first.
    os.environ["PYTHONTZPATH"] = str(Path(tzdata.__file__).with_name("zoneinfo"))
    import zoneinfo  # noqa: F401

    del os.environ["PYTHONTZPATH"]


def _configuration_errors() -> tuple[type[Exception], ...]:
    settings, themes = sys.modules.get("tui.settings"), sys.modules.get("themes.load")
    broken = (settings and settings.SettingsBroken, themes and themes.ThemeBroken)
    return tuple(error for error in broken if error)
