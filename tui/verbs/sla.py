"""`lampboard sla`: open time and clocks of a file's cases answered or compared, and a ticket's deadlines explained."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import click

from core.clock import Instant
from core.clock_shown import ClockPage
from core.errors import DomainError
from core.sla_cases import CaseDocument, differences
from storage import places
from storage.sitting import open_sitting
from storage.zone_data import zone_data_version
from tui.presenters.sentences import why_not
from tui.verbs.opening import Refusal
from tui.verbs.printing import fit, say, say_json
from tui.verbs.seat import the_ticket
from tui.verbs.ticket_told import whole

DIFFERENCES_TOLD = 20


@click.group("sla")
def command() -> None:
    """Answer questions about open time and deadlines; docs/sla.md tells the rules and the fields."""


@command.command("eval")
@click.argument("file", type=click.File("rb"), default="-")
def evaluate(file: BinaryIO) -> None:
    """Answer every case of FILE (or standard input) as one JSON object: the case's id and its full answer."""
    document = _document(file)
    say_json({name: answer_or_error(document, case) for name, case in _named(document.cases)})


@command.command("check")
@click.argument("file", type=click.File("rb"))
@click.option("--json", "is_json", is_flag=True, help="As JSON: cases, the fields that differ by case, tzdata.")
@click.pass_context
def check(context: click.Context, file: BinaryIO, is_json: bool) -> None:
    """Compare the answers to FILE with what it expects, by kind and source; exit code 1 when one differs.

    The release of the time zone tables is told with it, because answers may change with them.
    """
    document = _document(file)
    compared = list(_compared(document))
    wrong = {name: fields for name, _kind, _source, fields in compared if fields}
    if is_json:
        say_json({"cases": len(compared), "differ": wrong, "tzdata": zone_data_version()})
    else:
        for line in _table(compared):
            say(line)
        for name, fields in list(wrong.items())[:DIFFERENCES_TOLD]:
            say(f"{whole(name)}: {whole(', '.join(fields))}")
        said = "all as expected" if not wrong else f"{len(wrong):,} differ"
        say(f"{len(compared):,} cases, {said}; time zones of {zone_data_version()}")
    context.exit(1 if wrong else 0)


@command.command("explain")
@click.argument("number")
@click.option("--if", "supposed", multiple=True, metavar="WHAT", help="What if, as: priority 1, answered 15:00.")
@click.option("--json", "is_json", is_flag=True, help="As JSON: seconds, times in UTC.")
@click.pass_obj
def explain(desk: str, number: str, supposed: tuple[str, ...], is_json: bool) -> None:
    """Print why the deadlines of ticket NUMBER are where they are: every stretch that counted or did not.

    WHAT is supposed and nothing is written: priority 1; answered 15:00; customer 15:00 (writes then); waits tomorrow
    9:00 (until then); policy NAME; closed 16:00. Several at once are parted by commas.
    """
    from tui.presenters.ledger_page import ledger_text
    from tui.suppositions import read_suppositions
    from tui.verbs.ledger_told import document

    sitting = open_sitting(places.desk_path(desk))
    try:
        now = Instant(sitting.now)
        asked = tuple(read_suppositions(text, now, sitting.zone) for text in supposed)
        page = sitting.page(ClockPage(the_ticket(sitting.page, number).id, now, asked))
    finally:
        sitting.close()
    if is_json:
        say_json(document(page))
        return
    for line in ledger_text(page, sitting.zone).splitlines():
        say(line)


def _document(file: BinaryIO) -> CaseDocument:
    name = whole(Path(file.name).name)
    try:
        return CaseDocument(json.loads(file.read()))
    except (ValueError, RecursionError) as error:
        raise Refusal(f"{name} is no JSON ({whole(str(error))}); give a document with calendars and cases") from error


def _named(cases: list[Any]) -> Iterator[tuple[str, Any]]:
    """Cases by their ids; one without an id, or with one that another has, goes by its place: none is lost."""
    told = [case.get("id") if isinstance(case, dict) else None for case in cases]
    taken = {name for name in told if isinstance(name, str)}
    given: set[str] = set()
    for place, (name, case) in enumerate(zip(told, cases, strict=True)):
        if not isinstance(name, str) or name in given:
            name = f"cases[{place}]"
            while name in taken:
                name += "'"
        given.add(name)
        yield name, case


def answer_or_error(document: CaseDocument, case: Any) -> dict[str, Any]:
    """The answer, or what spoils the case and in which field."""
    try:
        return document.answer(case)
    except DomainError as error:
        return {"error": {"field": error.facts.get("field"), "message": why_not(error)}}


def _compared(document: CaseDocument) -> Iterator[tuple[str, str, str, list[str]]]:
    """Id, kind, source and the fields that differ of every case that expects something."""
    for name, case in _named(document.cases):
        expected = case.get("expect_recommended", case.get("expect")) if isinstance(case, dict) else None
        if expected is None:
            continue
        source = case.get("source")
        told = source.get("repo") if isinstance(source, dict) else source
        fields = differences(expected, answer_or_error(document, case))
        yield name, str(case.get("kind")), str(told or "-"), fields


def _table(compared: list[tuple[str, str, str, list[str]]]) -> Iterator[str]:
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for _id, kind, source, fields in compared:
        counts[kind, source][0] += 1
        counts[kind, source][1] += bool(fields)
    yield f"{fit('kind', 10)} {fit('source', 32)} {'cases':>6} {'differ':>6}"
    for (kind, source), (cases, differ) in sorted(counts.items()):
        yield f"{fit(kind, 10)} {fit(source, 32)} {cases:>6,} {differ:>6,}"
