"""Every test begins without what the person's shell says about colours, terminals, zones and desks."""

from __future__ import annotations

import os
import time

_TOLD_BY_THE_SHELL = ("NO_COLOR", "COLORTERM", "FORCE_COLOR", "COLUMNS", "LINES", "LAMPBOARD_DESK", "SSH_CONNECTION")

for _name in list(os.environ):
    # The snapshot plugin passes its folder to the workers in a variable of its own.
    if _name in _TOLD_BY_THE_SHELL or (_name.startswith("TEXTUAL_") and not _name.startswith("TEXTUAL_SNAPSHOT")):
        del os.environ[_name]
os.environ["TZ"] = "UTC"
time.tzset()
