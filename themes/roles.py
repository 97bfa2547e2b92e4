"""Every role a theme must define, and on which grounds each ink may stand.

Grounds are what panes are told apart by; inks are what is written on them. `breach_ink` stands only on `breach_fill`.
"""

from __future__ import annotations

GROUNDS = ("ground", "panel", "raised", "select", "idle")
INKS = ("text", "strong", "muted", "faint", "accent", "breach_text", "due", "soon", "good")
TILE = ("breach_fill", "breach_ink")
ROLES = (*GROUNDS, *INKS, *TILE)

ALLOWED: dict[str, tuple[str, ...]] = {
    "ground": ("text", "strong", "muted", "accent", "breach_text", "due", "soon", "good"),
    "panel": INKS,
    "raised": ("text", "strong", "muted", "accent", "breach_text", "due", "soon", "good"),
    "select": ("strong", "accent", "due"),
    "idle": ("strong", "accent", "due"),
}
"""Pairs in use, which must reach a contrast of 4.5 (WCAG 2.2, 1.4.3): faint only on panel, few on a cursor row."""
