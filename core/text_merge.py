"""Two people edited one text: their edits joined line by line where they do not touch each other."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import NamedTuple


class _Edit(NamedTuple):
    """Lines `begin` to `end` of the text both had seen, replaced by `lines`."""

    begin: int
    end: int
    lines: list[str]


def merged_text(seen: str, one: str, other: str) -> str | None:
    """`seen` with the edits that led to `one` and to `other`; None where both edited the same lines differently."""
    before = seen.split("\n")
    edits = sorted((*_edits(before, one.split("\n")), *_edits(before, other.split("\n"))), key=lambda edit: edit[:2])
    merged: list[str] = []
    place = 0
    last: _Edit | None = None
    for edit in edits:
        if edit == last:
            continue
        # Edits that only touch would have an order that nobody chose.
        if last is not None and edit.begin <= last.end:
            return None
        merged += before[place : edit.begin] + edit.lines
        place, last = edit.end, edit
    return "\n".join(merged + before[place:])


def _edits(before: list[str], after: list[str]) -> list[_Edit]:
    codes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return [_Edit(i1, i2, after[j1:j2]) for tag, i1, i2, j1, j2 in codes if tag != "equal"]
