"""Row 1 tells of sync what fits: what needs a person stays, the rest gives way."""

from __future__ import annotations

import pytest

from core.clock import Instant
from core.operations.kinds import KINDS
from core.pages import Counts
from core.queue import View
from core.sync_shown import SyncShown, SyncTrouble
from tests.support.fixed import NOON
from tui.presenters.frame import Status, status_line
from tui.presenters.sync_told import KINDS as KIND_WORDS
from tui.presenters.sync_told import content_told
from tui.presenters.sync_words import sync_words

NOW = Instant(NOON // 1000)
QUIET = SyncShown(NOW, 0, 0, 0, None, False, frozenset())
OFFLINE = SyncTrouble("hub.no_server", {}, Instant(NOW - 1620), True)


def row(shown: SyncShown, width: int = 80, breached: int = 3) -> str:
    status = Status(View(), Counts(214, breached, 7), "14:32", sync=sync_words(shown, NOW, "UTC"))
    return "".join(text for text, _ink in status_line(status, width))


@pytest.mark.parametrize(
    ("shown", "told"),
    [
        (QUIET, "sync now  14:32"),
        (QUIET._replace(synced_at=Instant(NOW - 125), unsent=4), "sync 2m ago, 4 unsent  14:32"),
        (QUIET._replace(synced_at=Instant(NOW - 7300)), "sync 2h ago  14:32"),
        (QUIET._replace(synced_at=Instant(NOW - 200_000)), "sync 2d ago  14:32"),
        (QUIET._replace(history_percent=40, unsent=4), "sync now, 4 unsent, history 40 %  14:32"),
        (QUIET._replace(synced_at=None), "not synced yet  14:32"),
        (QUIET._replace(trouble=OFFLINE, unsent=4), "OFFLINE since 14:05, 4 unsent  14:32"),
        (QUIET._replace(conflicts=1), "CONFLICT 1 (:sync)  sync now  14:32"),
        (QUIET._replace(refused=2), "REFUSED 2  sync now  14:32"),
        (QUIET._replace(is_paused=True, unsent=4), "sync paused, 4 unsent  14:32"),
    ],
)
def test_row_1_tells_how_the_desk_stands_beside_its_hub(shown: SyncShown, told: str) -> None:
    assert row(shown).rstrip().endswith(told)
    assert row(shown).startswith(" 1 ")


def test_counts_and_clock_stay_where_everything_is_the_matter_at_once() -> None:
    told = row(QUIET._replace(trouble=OFFLINE, unsent=12345, refused=12, conflicts=10), breached=12345)
    assert "12345 BREACHED" in told and told.endswith("14:32 ") and len(told) == 80
    assert "CONFLICT 10" in told


def test_a_line_that_is_down_since_yesterday_says_the_day() -> None:
    trouble = OFFLINE._replace(since=Instant(NOW - 86_400))
    assert "OFFLINE since 23.11. 14:32" in row(QUIET._replace(trouble=trouble), 120)


def test_every_kind_of_operation_has_words_for_what_would_be_sent() -> None:
    assert set(KIND_WORDS) == set(KINDS)


def test_all_that_an_operation_says_is_told_and_ids_by_their_names() -> None:
    company = "0a" * 16
    payload = {"fields": {"name": "Ewa\x1b[31m", "company": company, "skills": ["laser", "plc"]}, "archived": False}
    assert content_told(payload, lambda id_: "Acme" if id_ == company else "") == [
        "fields.name: Ewa [31m",
        f"fields.company: Acme ({company})",
        "fields.skills 1: laser",
        "fields.skills 2: plc",
        "archived: no",
    ]
