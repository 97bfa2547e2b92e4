"""Every word on the screen passes here, so that a catalogue can change its language."""

from __future__ import annotations

import gettext
from pathlib import Path

_catalogue = gettext.translation("lampboard", localedir=Path(__file__).with_name("locale"), fallback=True)

_ = _catalogue.gettext
ngettext = _catalogue.ngettext


def later(text: str) -> str:
    """Mark a text for the catalogue where it is defined; `_` translates it where it is shown."""
    return text
