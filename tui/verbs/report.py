"""`lampboard report`: figures counted from what stands on the desk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import click

from storage import places
from tui.verbs.printing import counted, say, say_json


@click.group("report")
def command() -> None:
    """Figures counted from what stands on the desk."""


@command.command("import-figures")
@click.option("--json", "is_json", is_flag=True, help="As JSON.")
@click.pass_obj
def import_figures(desk: str, is_json: bool) -> None:
    """What was imported, by mapping: counted again from the log, to be held beside what others have published."""
    from storage.engine import open_file
    from storage.importers import figures

    with closing(open_file(places.desk_path(desk), read_only=True)) as connection:
        found = figures.import_figures(connection)
    if is_json:
        say_json(found)
        return
    if not found:
        say("no import stands on this desk")
    for one in found:
        for line in _lines(one):
            say(line)


def _lines(one: dict[str, Any]) -> Iterator[str]:
    from tui.verbs.ticket_told import whole

    numbers = ", ".join(map(str, one["imports"]))
    yield f"{whole(one['mapping'])} (import {numbers})"
    tickets, rows = counted(one["tickets"], "ticket"), counted(one["changes"], "row")
    yield f"  {tickets}, {rows}; {counted(one['rejected'], 'row')} rejected"
    stages = ", ".join(f"{count:,} {whole(stage)}" for stage, count in one["stages"].items())
    if stages:
        yield f"  stand: {stages}"
    yield f"  {counted(one['reopens'], 'reopen')} in {counted(one['reopened_tickets'], 'ticket')}"
    if one["sla_told"]:
        yield f"  SLA made by the source's own word: {one['sla_made']:,} of {one['sla_told']:,} tickets, " + (
            f"{one['sla_made_percent']:.2f} %"
        )
    named = ("companies", "sites", "contacts", "people", "teams", "equipment", "models", "contracts")
    yield "  " + ", ".join(f"{one[name]:,} {name}" for name in named)
