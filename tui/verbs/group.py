"""The verbs under one command: each is imported only when it is called."""

from __future__ import annotations

import errno
from importlib import import_module

import click

from tui.verbs.opening import Refusal, desk_name, open_or_begin
from tui.verbs.printing import output_ended

VERBS = {
    "demo": ("tui.verbs.demo", "Open the console on a made-up service firm, to look around."),
    "queue": ("tui.verbs.queue", "List the queue."),
    "ticket": ("tui.verbs.ticket", "Show a ticket, open one, write on it, take it, move it."),
    "company": ("tui.verbs.company", "Show everything of one company; enter, edit, archive, merge companies."),
    "contact": ("tui.verbs.records:contact", "The people who call: enter, edit, show, list, archive, merge."),
    "contract": ("tui.verbs.records:contract", "The same for contracts and their versions."),
    "equipment": ("tui.verbs.records:equipment", "The same for equipment."),
    "model": ("tui.verbs.records:model", "The same for models of equipment."),
    "site": ("tui.verbs.records:site", "The same for sites of companies."),
    "territory": ("tui.verbs.records:territory", "The same for territories."),
    "person": ("tui.verbs.records:person", "The same for colleagues, with skills and rights."),
    "team": ("tui.verbs.records:team", "The same for teams."),
    "pop": ("tui.verbs.pop", "Show who calls from a number, for a telephone exchange to run."),
    "find": ("tui.verbs.find", "Find people, companies, equipment and tickets by any text."),
    "sla": ("tui.verbs.sla", "Answer questions about open time and deadlines from a file."),
    "config": ("tui.verbs.config", "List, show and edit calendars and policies."),
    "import": ("tui.verbs.import_", "Bring in another desk's log by a mapping."),
    "imports": ("tui.verbs.imports", "List what was imported; undo or redo one import as a whole."),
    "report": ("tui.verbs.report", "Figures of what was imported, counted from the desk."),
    "attachment": ("tui.verbs.attachment", "Attach files to a ticket; list, open and save them."),
    "doctor": ("tui.verbs.doctor", "Look whether terminal, desk, disk and hub are well, and say what to do."),
    "purge": ("tui.verbs.purge", "Erase one person of a customer for good."),
    "export": ("tui.verbs.export", "Write everything to a file of lines, or the tables as CSV or Parquet."),
    "backup": ("tui.verbs.backup", "Copy the desk while consoles go on working, and look the copy through."),
    "restore": ("tui.verbs.restore", "Put a desk back from a backup or an export."),
    "login": ("tui.verbs.login:login", "Join a hub, so that several consoles are one desk."),
    "logout": ("tui.verbs.login:logout", "Leave the hub; the desk stays as one of its own, or is erased."),
    "sync": (
        "tui.verbs.sync:command",
        "Send to the hub what was done here and read what others did; look at what came of it.",
    ),
    "hub": ("tui.verbs.hub", "Set up, upgrade and look at a hub; say who may read and write."),
}


class Verbs(click.Group):
    """Verbs by name; unknown ones are answered with the known."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        module, _colon, name = VERBS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), name or "command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in VERBS:
            raise Refusal(f"there is no verb {args[0]!r}; there are {', '.join(VERBS)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl([(name, told) for name, (_module, told) in VERBS.items()])


@click.group(cls=Verbs, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--desk", metavar="NAME", help="The desk to use (default: main, or LAMPBOARD_DESK).")
@click.option("--version", is_flag=True, help="Show the version.")
@click.pass_context
def lampboard(context: click.Context, desk: str | None, version: bool) -> None:
    """A keyboard-first console for the people who dispatch B2B support. Without a verb it opens the desk."""
    if version:
        from tui.version import VERSION

        click.echo(f"lampboard {VERSION}")
        context.exit(0)
    context.obj = desk_name(desk)
    if context.invoked_subcommand is None:
        context.exit(open_or_begin(context.obj))


def call() -> int:
    """Answer the command line through click; its complaints become refusals."""
    try:
        code = lampboard.main(standalone_mode=False, prog_name="lampboard")
    except click.exceptions.Abort as error:
        raise KeyboardInterrupt from error
    except click.ClickException as error:
        if isinstance(error, click.exceptions.NoArgsIsHelpError):
            click.echo(error.ctx.get_help())
            return 0
        context = getattr(error, "ctx", None)
        where = f"; see {context.command_path} --help" if context is not None else ""
        raise Refusal(_one_sentence(error.format_message()) + where) from error
    except OSError as error:
        # Help and version are printed by click itself; a file that fails has a name.
        if error.filename is None and error.errno in (errno.ENOSPC, errno.EPIPE):
            raise output_ended(error) from error
        raise
    return code if isinstance(code, int) else 0


def _one_sentence(message: str) -> str:
    told = " ".join(message.split()).rstrip(".")
    return told[:1].lower() + told[1:]
