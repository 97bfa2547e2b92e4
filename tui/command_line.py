"""`lampboard` and its verbs: each verb is imported only when it is called."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path

import click

from core.errors import DomainError

VERBS = {
    "demo": ("tui.verbs.demo", "Open the console on a made-up service firm, to look around."),
    "queue": ("tui.verbs.queue", "List the queue."),
    "ticket": ("tui.verbs.ticket", "Show a ticket, open one, write on it, take it, move it."),
    "company": ("tui.verbs.company", "Show everything of one company."),
    "import": ("tui.verbs.import_", "Bring in another desk's log by a mapping."),
}


class Refusal(click.ClickException):
    """One sentence that says what to do; exit code 2."""

    exit_code = 2

    def show(self, file: object = None) -> None:
        click.echo(f"lampboard: {self.message}", err=True)


class Verbs(click.Group):
    """Verbs by name; unknown ones are answered with the known."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        command: click.Command = import_module(VERBS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl([(name, told) for name, (_module, told) in VERBS.items()])


@click.group(cls=Verbs, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--desk", metavar="NAME", help="The desk to use (default: main).")
@click.option("--version", is_flag=True, help="Show the version.")
@click.pass_context
def lampboard(context: click.Context, desk: str | None, version: bool) -> None:
    """A keyboard-first console for the people who dispatch B2B support. Without a verb it opens the desk."""
    from storage import places

    if version:
        from tui.__main__ import VERSION

        click.echo(f"lampboard {VERSION}")
        return
    name = desk or os.environ.get("LAMPBOARD_DESK") or places.DEFAULT_DESK
    if not name.replace("-", "").replace("_", "").isalnum():
        raise Refusal(f"{name!r} is no name for a desk; use letters, digits, - and _")
    context.obj = name
    if context.invoked_subcommand is None:
        path = places.desk_path(name)
        if not path.exists():
            from tui.verbs.first_run import first_run

            next_path = first_run(name)
            if next_path is None:
                return
            path = next_path
        context.exit(open_console(path))


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
    """Run the command line; every refusal is one sentence on standard error and exit code 2."""
    import zoneinfo

    # System tables differ between machines; the pinned package is the same everywhere.
    zoneinfo.reset_tzpath(to=[])
    try:
        code = lampboard.main(standalone_mode=False, prog_name="lampboard")
        return code if isinstance(code, int) else 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo("lampboard: stopped; nothing half done is kept", err=True)
        return 130
    except DomainError as error:
        from tui.presenters.sentences import why_not

        click.echo(f"lampboard: {why_not(error)}", err=True)
        return 2
    except BrokenPipeError:
        # The reader (head, less) has seen enough; writing to the closed pipe at exit must not complain either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except _configuration_errors() as error:
        click.echo(f"lampboard: {error}", err=True)
        return 2


def _configuration_errors() -> tuple[type[Exception], ...]:
    from tui.settings import SettingsBroken

    broken = sys.modules.get("themes.load")
    return (SettingsBroken, broken.ThemeBroken) if broken is not None else (SettingsBroken,)
