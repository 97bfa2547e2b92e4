"""Amounts as people read them."""

from __future__ import annotations


def money(minor: int, currency: str) -> str:
    """Whole units of a currency with thin groups: `2 000 PLN`."""
    return f"{minor // 100:,} {currency}".replace(",", " ")
