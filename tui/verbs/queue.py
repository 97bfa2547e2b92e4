"""`lampboard queue`: the queue as lines or JSON. Most calls never come here; see `tui/verbs/queue_list.py`."""

from __future__ import annotations

import click

from storage.queue_sql import SCOPE_NAMES
from tui.verbs.queue_list import GREATEST_LIMIT, SORT_NAMES, USUAL_LIMIT, Wish, print_queue


@click.command("queue")
@click.option(
    "--view", type=click.Choice(SCOPE_NAMES), default=SCOPE_NAMES[0], show_default=True, help="Which tickets."
)
@click.option("--sort", type=click.Choice(SORT_NAMES), default=SORT_NAMES[0], show_default=True, help="In which order.")
@click.option("--filter", "filter_text", default="", metavar="FILTER", help="Only those, as 'p:1 co:acme sla:<30m'.")
@click.option("--reverse", is_flag=True, help="The other way round.")
@click.option(
    "--limit", type=click.IntRange(1, GREATEST_LIMIT), default=USUAL_LIMIT, show_default=True, help="How many."
)
@click.option("--json", "is_json", is_flag=True, help="As JSON: ids in hex, times in UTC.")
@click.pass_obj
def command(desk: str, view: str, sort: str, filter_text: str, reverse: bool, limit: int, is_json: bool) -> None:
    """List the queue in the order of the console: lamp, priority, stage, ticket, owner, company, subject."""
    print_queue(desk, Wish(desk, view, sort, limit, reverse, is_json, filter_text))
