"""Names in few cells."""

from __future__ import annotations


def short_name(name: str) -> str:
    """What a colleague is called across the room: the first name.

    A coded name of an imported log has no first name; its initials and number tell it from the others: `R10`.
    """
    words = name.split()
    if any(word.isdigit() for word in words):
        return "".join(word if word.isdigit() else word[0] for word in words)
    return words[0] if words else ""
