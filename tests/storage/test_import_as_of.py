"""Stories of a log taken in as it stood at an instant: nothing that came later shows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from storage.importers.as_of import NOT_KNOWN_THEN
from storage.importers.failed import ImportFailed
from storage.importers.report import ImportReport
from tests.storage.fixtures.import_desk import SMALL_SERVICE_DESK, ImportDesk, check_chain, published
from tests.storage.test_import_rejects import TICKETS, tickets

SERVICE_LOG = "uci498_incident_event_log.csv.gz"


@pytest.fixture
def desk(tmp_path: Path) -> ImportDesk:
    return ImportDesk(tmp_path)


@pytest.fixture(scope="module")
def in_april(tmp_path_factory: pytest.TempPathFactory) -> tuple[ImportDesk, ImportReport]:
    """The published log as it stood on 15 April 2016."""
    desk = ImportDesk(tmp_path_factory.mktemp("april"))
    return desk, desk.take("service-desk-log", published(SERVICE_LOG), as_of="2016-04-15T00:00")


def test_the_published_log_has_the_figures_of_that_morning(in_april: tuple[ImportDesk, ImportReport]) -> None:
    desk, report = in_april
    open_then = report.tickets - report.stages["closed"]
    assert (report.tickets, open_then, open_then - report.stages["resolved"]) == (13_302, 3_067, 1_312)
    assert report.taken + report.rejected == report.rows_read == 141_712 - report.rows_later
    assert desk.count("ticket") == 13_302
    check_chain(desk)


def test_nothing_of_later_is_anywhere_on_the_desk(in_april: tuple[ImportDesk, ImportReport]) -> None:
    desk, report = in_april
    times = ("ticket.opened_at", "ticket.changed_at", "ticket.closed_at", "entry.at", "affiliation.since")
    newest = [desk.ask(f"SELECT max({of.split('.')[1]}) FROM {of.split('.')[0]}")[0][0] for of in times]
    assert max(newest) <= (report.as_of or 0)


def test_what_only_the_end_of_a_ticket_tells_is_not_told_before_it(in_april: tuple[ImportDesk, ImportReport]) -> None:
    """The source carries the closing code on every row, from the first one on."""
    desk, _ = in_april
    assert desk.ask("SELECT count(*) FROM ticket WHERE stage <> 'closed' AND resolution_code <> ''") == [(0,)]
    ((closed,),) = desk.ask("SELECT count(*) FROM ticket WHERE stage = 'closed' AND resolution_code <> ''")
    assert closed > 10_000


def test_the_same_instant_again_is_known_and_another_is_read(desk: ImportDesk) -> None:
    first = desk.take("service-desk-log", SMALL_SERVICE_DESK, as_of="2024-03-07T00:00")
    assert first.tickets > 0
    assert desk.take("service-desk-log", SMALL_SERVICE_DESK, as_of="2024-03-07T00:00").is_known_source
    later = desk.take("service-desk-log", SMALL_SERVICE_DESK)
    assert not later.is_known_source
    assert later.new_tickets + later.known_tickets + later.changed_tickets == later.tickets == 7
    assert all(one["differs"] for one in later.changed)


@pytest.mark.parametrize(
    ("text", "code"),
    [("next week", "import.as_of_broken"), ("2016-13-01", "import.as_of_broken"), ("", "import.as_of_broken")],
)
def test_a_time_that_is_none_is_said(desk: ImportDesk, text: str, code: str) -> None:
    with pytest.raises(ImportFailed) as caught:
        desk.take("service-desk-log", SMALL_SERVICE_DESK, as_of=text)
    assert caught.value.code == code
    assert desk.count("import_batch") == 0


def test_an_offset_says_another_instant_than_the_zone_of_the_mapping(desk: ImportDesk) -> None:
    plain = desk.take("service-desk-log", SMALL_SERVICE_DESK, as_of="2024-03-07T00:00", dry_run=True)
    shifted = desk.take("service-desk-log", SMALL_SERVICE_DESK, as_of="2024-03-07T00:00+02:00", dry_run=True)
    assert (plain.as_of or 0) - (shifted.as_of or 0) == 7_200


def test_times_with_their_own_offset_need_one_here_too(desk: ImportDesk) -> None:
    mapping, source = tickets(desk, "1,2024-01-02T00:00Z,,Good,,open,Acme\n")
    formats = '["%Y-%m-%d %H:%M", "%Y-%m-%d"]'
    zoned = TICKETS.replace('zone = "Europe/Warsaw"', 'zone = "in the source"').replace(formats, '["%Y-%m-%dT%H:%M%z"]')
    mapping.write_text(zoned)
    with pytest.raises(ImportFailed, match=r"import\.as_of_needs_zone"):
        desk.take(mapping, source, as_of="2024-01-03")
    assert desk.take(mapping, source, as_of="2024-01-03T00:00Z").tickets == 1


def test_a_row_that_is_a_ticket_and_was_closed_later_is_open_then(desk: ImportDesk) -> None:
    mapping, source = tickets(
        desk,
        "1,2024-01-02,2024-01-09,Late,,done,Acme\n2,2024-01-02,2024-01-03,Early,,done,Acme\n3,2024-02-01,,New,,open,Acme\n",
    )
    report = desk.take(mapping, source, as_of="2024-01-05")
    assert (report.tickets, report.rows_later, report.taken_with_flag) == (2, 1, 1)
    assert report.flags[NOT_KNOWN_THEN] == 1
    found = dict(desk.ask("SELECT subject, closed_at IS NULL FROM ticket"))
    assert found == {"Late": 1, "Early": 0}
    assert "done" not in json.dumps(
        desk.ask("SELECT data FROM entry WHERE ticket = (SELECT id FROM ticket WHERE subject = 'Late')")
    )
