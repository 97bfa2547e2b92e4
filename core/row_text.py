"""What a row of a list says, for finding in it."""

from __future__ import annotations

from core.pages import QueueRow
from core.text import fold


def said_by(row: QueueRow) -> str:
    """The folded texts of a row; who, where and on what only where a company's own list has them."""
    told = (row.number, row.subject, row.company_name, row.owner_name)
    return fold(" ".join((*told, row.contact_name, row.site_name, row.equipment_name)))


def sought_words(text: str) -> tuple[str, ...]:
    """The folded words that a row must all hold."""
    return tuple(fold(text).split())
