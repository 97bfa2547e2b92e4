"""The most frequent acts of a day and their keys; `python -m tests.support.acts_of_a_day` writes docs/acts.md.

The keys are pressed by tests/journeys/test_acts_of_a_day.py, so that the list stays true.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from tui.actions.all import key_name

PAPER = Path(__file__).resolve().parents[2] / "docs" / "acts.md"
CALLER = "{last four digits}"

HEAD = """# The acts of a day

What dispatchers do most, each from the queue with the cursor on a ticket, at 80x24. `text` is what they type in their
own words; the count is of keys without it. A test presses exactly these keys. Written by
`python -m tests.support.acts_of_a_day`.

| # | Act | Keys | Count |
|---|---|---|---|
"""


class Act(NamedTuple):
    """`keys` are key names, `"text:..."` what is typed; `sees` is what then stands on the screen."""

    name: str
    keys: tuple[str, ...]
    sees: tuple[str, ...]

    @property
    def key_count(self) -> int:
        """Keys, those of free text not counted."""
        return sum(4 if key == CALLER else not key.startswith("text:") for key in self.keys)


ACTS = (
    Act(
        "take the call of a known caller: a new ticket",
        ("n", CALLER, "enter", "enter", "text:Scanner dead at dock 3", "ctrl+s"),
        ("+ SAVED", "is yours"),
    ),
    Act(
        "add a call to a ticket that is open",
        ("n", CALLER, "enter", "1", "text:still the same", "ctrl+s"),
        ("+ SAVED", "call added to"),
    ),
    Act("take a ticket", ("a",), ("+ SAVED", "is yours")),
    Act("read its timeline", ("2", "z"), ("TIMELINE",)),
    Act("reply to the customer", ("r", "text:We are on our way", "ctrl+s", "y"), ("reply on T-",)),
    Act("write an internal note", ("i", "text:door code 4711", "ctrl+s"), ("+ SAVED note on",)),
    Act("write down a step that was tried", ("T", "text:new cable, same error", "enter"), ("+ SAVED step on",)),
    Act("change the stage", ("s", "a"), ("+ SAVED", "is now")),
    Act("change the priority", ("p", "1"), ("+ SAVED", "priority 1")),
    Act("wait for the customer", ("w", "c", "text:photo of the label", "enter"), ("+ SAVED", "is now waiting")),
    Act("give it to a colleague", ("A", "text:Piotr", "enter"), ("+ SAVED", "Piotr")),
    Act("promise a call", ("c", "text:30m", "enter"), ("+ SAVED call back for",)),
    Act("promise one and see all that are promised", ("c", "text:2h", "enter", "C"), ("CALL-BACKS",)),
    Act("see everything of the company", ("3",), ("2026 ",)),
    Act("see what the contract covers", ("4",), ("covers",)),
    Act("see what the equipment has been through", ("5",), ("model",)),
    Act("see why the deadline is where it is", ("d",), ("WHY THIS DEADLINE",)),
    Act("list only some tickets", ("f", "text:p:1", "enter"), ("p:1",)),
    Act("find a word in the list", ("slash", "text:T-1042", "enter"), ("T-1042",)),
    Act("close a ticket", ("X",), ("+ SAVED", "closed")),
    Act("take the last act back", ("a", "u"), ("undone",)),
)


def table() -> str:
    """The list as Markdown."""
    names = {"slash": "/", CALLER: "last four digits"}
    lines = []
    for place, act in enumerate(ACTS, 1):
        told = (
            "text" if key.startswith("text:") else names.get(key) if key == CALLER else f"`{_shown(key, names)}`"
            for key in act.keys
        )
        lines.append(f"| {place} | {act.name} | {' '.join(str(one) for one in told)} | {act.key_count} |")
    return HEAD + "\n".join(lines) + "\n"


def _shown(key: str, names: dict[str, str]) -> str:
    return names.get(key) or key_name(key)


if __name__ == "__main__":
    PAPER.write_text(table(), encoding="utf-8")
