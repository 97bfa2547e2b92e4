"""Whether what goes out has left the desk, and why it has not."""

from __future__ import annotations

NOT_SENT, QUEUED, HANDING, HANDED, FAILED = "not_sent", "queued", "handing", "handed", "failed"
"""Delivery of what goes out: no mail command is set; waits for it; the command runs; it took the mail; it refused."""

INTERRUPTED, TIMED_OUT, PUT_BACK = "mail.interrupted", "mail.timed_out", "mail.put_back"
NO_ADDRESS, BAD_ADDRESS, BAD_SENDER = "mail.no_address", "mail.bad_address", "mail.bad_sender"
NOT_STARTED, EXIT_CODE = "mail.not_started", "mail.exit_code"
"""Why a reply failed, where the mail command did not say it itself: a code, then a blank and a detail if it has one."""

BY_KEEPER = "by_keeper"
"""In what a page tells of a reply on its way: not this console sends it but the keeper of the hub."""


def may_have_left(reason: str) -> bool:
    """True for a reply that failed and yet may have reached the customer."""
    return reason.split(" ")[0] in (INTERRUPTED, TIMED_OUT, PUT_BACK)
