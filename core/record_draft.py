"""A form as far as it was filled in: what stands in each field as typed, kept so that a crash costs nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

NEW = bytes(16)
"""Stands for the record in the draft of one that is not entered yet."""


@dataclass(frozen=True, slots=True)
class FormDraft:
    """`texts` are those of fields that differ from the record; `chosen` the ids of references, in hex.

    `seen` is what those fields said when the form was opened, as in payloads: who changed them meanwhile is told.
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    chosen: Mapping[str, str] = field(default_factory=dict)
    seen: Mapping[str, Any] = field(default_factory=dict)
    at: str = ""

    def to_text(self) -> str:
        """The draft as it is kept; empty when nothing was typed."""
        if not self.texts:
            return ""
        told = {"texts": self.texts, "chosen": self.chosen, "seen": self.seen, "at": self.at}
        return json.dumps(told, ensure_ascii=False, sort_keys=True)


def draft_of(text: str) -> FormDraft:
    """The draft in a kept text; an empty one for what cannot be read."""
    try:
        told = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        told = {}
    if not isinstance(told, dict):
        return FormDraft()
    seen = told.get("seen")
    return FormDraft(
        _texts(told.get("texts")),
        _texts(told.get("chosen")),
        seen if isinstance(seen, dict) else {},
        str(told.get("at")),
    )


def _texts(told: object) -> dict[str, str]:
    return {name: text for name, text in told.items() if isinstance(text, str)} if isinstance(told, dict) else {}
