"""What a person is told once after a round of sync found something out and made it good."""

from __future__ import annotations

from typing import Any, NamedTuple

HUB_RESTORED, CONSOLE_RENEWED = "hub_restored", "console_renewed"


class Notice(NamedTuple):
    """`hub_restored` with `again` own operations that are sent again and `awaited` ones of others that are waited for;

    `console_renewed` with `unsent` operations that were signed anew.
    """

    code: str
    facts: dict[str, Any]
