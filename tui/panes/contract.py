"""The contract of the ticket under the cursor: clocks, units, coverage, payment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.clock import Instant
from tui.panes.beside import PaneBeside
from tui.presenters.cells import Line
from tui.words import _, later

if TYPE_CHECKING:
    from core.contract_shown import ContractShown, NoContract


class ContractPane(PaneBeside):
    """What was promised, or that nothing was."""

    number = 4
    title = later("CONTRACT")

    def facts(self, page: ContractShown | NoContract, now: Instant) -> tuple[str, str]:
        """Number, grade and end of the contract."""
        from core.contract_shown import NoContract
        from tui.presenters.contract_page import header_facts

        return (_("none"), "") if isinstance(page, NoContract) else header_facts(page, now)

    def lines(self, page: ContractShown | NoContract, width: int, height: int, now: Instant) -> list[Line]:
        """The contract, or what to do without one."""
        from core.contract_shown import NoContract
        from tui.presenters.contract_page import contract_lines, no_contract_lines

        if isinstance(page, NoContract):
            return no_contract_lines(page, width, now)
        return contract_lines(page, width, height, now, self.zone(), has_header=self.has_header)
