"""How the desk stands beside its hub, in the words of row 1: what needs a person first, the same in less room after."""

from __future__ import annotations

from core.clock import Instant
from core.sync_shown import SyncShown, SyncTrouble
from tui.presenters.cells import Line
from tui.presenters.times import date_time
from tui.words import _, later

JUST_NOW_SECONDS = 120
HOUR, DAY = 3600, 86_400

STOPPED = {
    "hub.login_refused": later("SYNC: LOGIN REFUSED"),
    "hub.no_right": later("SYNC: NO RIGHT"),
    "hub.read_only": later("READ ONLY"),
    "hub.other_epoch": later("SYNC: ANOTHER HUB"),
    "hub.log_differs": later("SYNC: ANOTHER HUB"),
    "hub.restored_untold": later("SYNC: HUB WAS RESTORED"),
    "hub.console_copied": later("SYNC: DESK IS A COPY"),
    "hub.signed_twice": later("SYNC: DESK IS A COPY"),
    "hub.not_certain": later("SYNC: LINE NOT CERTAIN"),
    "hub.no_room": later("SYNC: HUB IS FULL"),
}


def sync_words(shown: SyncShown, now: Instant, zone: str) -> tuple[Line, ...]:
    """The same told in three lengths, the longest first."""
    urgent: Line = []
    if shown.conflicts:
        urgent.append((_("CONFLICT {count} (:sync)").format(count=shown.conflicts) + "  ", "due bold"))
    if shown.refused:
        urgent.append((_("REFUSED {count}").format(count=shown.refused) + "  ", "breach_text bold"))
    whole = _stands(shown, now, zone)
    short = _stands(shown._replace(unsent=0, history_percent=None), now, zone)
    return [*urgent, *whole], [*urgent, *short], urgent or short


def _stands(shown: SyncShown, now: Instant, zone: str) -> Line:
    told = ", " + _("{count} unsent").format(count=shown.unsent) if shown.unsent else ""
    if shown.history_percent is not None:
        told += ", " + _("history {percent} %").format(percent=shown.history_percent)
    if shown.trouble is not None:
        return [(f"{_trouble(shown.trouble, now, zone)}{told}  ", "due bold")]
    if shown.is_paused:
        return [(_("sync paused") + f"{told}  ", "due bold" if shown.unsent else "muted")]
    return [(f"{_ago(shown.synced_at, now)}{told}  ", "muted")]


def _trouble(trouble: SyncTrouble, now: Instant, zone: str) -> str:
    if not trouble.is_offline:
        return _(STOPPED.get(trouble.code, later("SYNC STOPPED")))
    return _("OFFLINE since {since}").format(since=date_time(trouble.since, now, zone))


def _ago(synced_at: Instant | None, now: Instant) -> str:
    if synced_at is None:
        return _("not synced yet")
    seconds = now - synced_at
    if seconds < JUST_NOW_SECONDS:
        return _("sync now")
    if seconds < HOUR:
        return _("sync {minutes}m ago").format(minutes=seconds // 60)
    if seconds < DAY:
        return _("sync {hours}h ago").format(hours=seconds // HOUR)
    return _("sync {days}d ago").format(days=seconds // DAY)


def why_stopped(trouble: SyncTrouble) -> str:
    """Why nothing is exchanged, and what helps."""
    from core.errors import DomainError
    from tui.presenters.sentences import why_not

    if trouble.code == "hub.login_refused":
        return _(
            "sync has stopped: the hub wants a password that is kept nowhere; lampboard login URL --keep-password keeps"
            " it, lampboard sync asks for it"
        )
    if trouble.code == "hub.read_only":
        return _("read only: what is done here stays on this desk until you may write")
    return _("sync has stopped: {reason}").format(reason=why_not(DomainError(trouble.code, **trouble.facts)))
