"""The clocks of a ticket explained: why each deadline is where it is, and where it were if."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from core.clock import Instant
from core.ids import EntityId

if TYPE_CHECKING:
    from core.ledger import Ledger
    from core.pages import QueueRow
    from core.restatements import Restatement
    from core.stage_clocks import Attribution, StageClock
    from core.warning_levels import Warned
    from core.what_if import Outcome, Supposition


class ClockPage(NamedTuple):
    """Asks why the deadlines of a ticket are where they are, and where they were if `supposing` were so, in turns."""

    ticket: EntityId
    now: Instant
    supposing: tuple[tuple[Supposition | PolicyCalled, ...], ...] = ()


class PolicyCalled(NamedTuple):
    """A supposition: under the policy of this name, as it stands now."""

    name: str


class Supposed(NamedTuple):
    """What was supposed and what would come of it."""

    suppositions: tuple[Supposition | PolicyCalled, ...]
    outcome: Outcome


class ClockShown(NamedTuple):
    """A ticket's clocks explained; no ledger where nothing was promised.

    `supposed` begins with what was asked, then the other priorities and policies of the desk.
    """

    row: QueueRow
    contract: str
    ledgers: tuple[Ledger, ...]
    warned: tuple[Warned, ...]
    stages: tuple[StageClock, ...]
    used: Attribution | None
    restated: tuple[Restatement, ...]
    supposed: tuple[Supposed, ...]
