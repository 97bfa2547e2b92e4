"""A connection to a hub: which URL is one, where the password comes from, and sentences for what goes wrong.

The password never stands in a URL, an argument or a file of ours: a caller who asked for it hands it over, else libpq
takes it from `PGPASSWORD` or `~/.pgpass`, else it is looked up in the keyring.
"""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, Any

from core.errors import DomainError

if TYPE_CHECKING:
    import psycopg

    from storage.hub.patient_line import PatientLine

OLDEST_SERVER = 150_000
CONNECT_SECONDS = 10
KEYRING_SECONDS = 2.0
KEYRING_SERVICE = "lampboard hub"
CERTAIN = "verify-full"
LOOKING_AFTER = {
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 120_000,
}
"""Seconds, the last one milliseconds: a network that swallows everything is found out in half a minute while nothing is
on the way, in two minutes else, not in the two hours of the system; buffers of a slow line take one to empty."""

CODES = {
    "LB001": "hub.no_right",
    "LB002": "hub.other_epoch",
    "LB003": "hub.gap",
    "LB004": "hub.console_copied",
    "LB005": "hub.person_taken",
    "LB007": "hub.log_cut",
    "LB008": "hub.log_differs",
    "LB009": "hub.refused_call",
    "LB010": "hub.refused_call",
    "LB011": "hub.not_the_keeper",
    "LB012": "hub.restored_untold",
    "LB013": "hub.signed_twice",
}
"""Errors of the hub's functions by SQLSTATE."""

REFUSED_AT_THE_DOOR = (
    ("hub.no_database", r"database .* does not exist"),
    ("hub.login_refused", r"no password supplied|authentication failed|role .* does not exist"),
    ("hub.login_refused", r"no pg_hba.conf entry|not permitted to log in"),
    ("hub.too_many", r"too many (connections|clients)|connection slots"),
    ("hub.not_certain", r"certificate|SSL|root\.crt"),
)
"""Before a connection stands psycopg tells no SQLSTATE: the server's words, if they are English, are all there is."""


class HubError(DomainError):
    """The hub cannot be used, or refused; the code says why. `is_passing` means that trying again later may help."""

    @property
    def is_passing(self) -> bool:
        """True for a line that is down, for two that met at a lock, and for a hub without room."""
        return self.code in ("hub.no_server", "hub.line_lost", "hub.met_another", "hub.no_room")


def parts_of(url: str) -> dict[str, Any]:
    """What libpq reads in `url`; HubError for one with a password or of another kind."""
    from psycopg import Error
    from psycopg.conninfo import conninfo_to_dict

    if not url.startswith(("postgresql://", "postgres://")):
        raise HubError("hub.url_wrong", url=_harmless(url))
    try:
        parts = conninfo_to_dict(url)
    except Error as error:
        raise HubError("hub.url_wrong", url=_harmless(url)) from error
    if "password" in parts:
        raise HubError("hub.url_has_password")
    return parts


def connect(url: str, *, password: str | None = None) -> PatientLine:
    """A connection in autocommit mode; over a network the server proves who it is unless the URL says otherwise.

    Silence on it has no limit yet.
    """
    parts = parts_of(url)
    if not _is_socket(parts):
        parts.setdefault("sslmode", CERTAIN)
        if parts["sslmode"] == CERTAIN:
            parts.setdefault("sslrootcert", "system")
        parts = {**LOOKING_AFTER, **parts}
    parts.setdefault("connect_timeout", CONNECT_SECONDS)
    if password is not None:
        return _connection(url, {**parts, "password": password})
    try:
        return _connection(url, parts)
    except HubError as error:
        # The keyring last: nobody waits for one who needs none.
        kept = _password_in_keyring(url) if error.code == "hub.login_refused" else None
        if kept is None:
            raise
    return _connection(url, {**parts, "password": kept})


def _connection(url: str, parts: dict[str, Any]) -> PatientLine:
    import psycopg

    from storage.hub.patient_line import PatientLine

    try:
        connection = PatientLine.connect(autocommit=True, application_name="lampboard", **parts)
    except psycopg.Error as error:
        raise _not_connected(error, url) from error
    try:
        check_version(connection.info.server_version)
    except HubError:
        connection.close()
        raise
    return connection


def check_version(number: int) -> None:
    """Refuse a PostgreSQL older than the oldest we know to work; `number` as 180004."""
    if number < OLDEST_SERVER:
        raise HubError("hub.server_too_old", found=number // 10_000)


def is_certain(url: str) -> bool:
    """True when nobody on the way can read along or answer in the server's place."""
    parts = parts_of(url)
    return _is_socket(parts) or parts.get("sslmode", CERTAIN) == CERTAIN


def keep_password(url: str, password: str) -> bool:
    """Keep a password in the keyring of this account; False where there is none."""
    return bool(_within(lambda keyring: keyring.set_password(KEYRING_SERVICE, url, password) or True))


def keyring_backend() -> str | None:
    """What keeps passwords on this machine; None where nothing does, or it does not answer in time."""

    def name(keyring: Any) -> str | None:
        backend = keyring.get_keyring()
        return str(backend.name) if backend.priority > 0 else None

    found = _within(name)
    return found if isinstance(found, str) else None


def explained(error: psycopg.Error) -> HubError:
    """What the server said, as a code of ours."""
    import psycopg

    state = error.sqlstate or ""
    reason = (error.diag.message_primary or str(error)).strip()
    if state in CODES:
        return HubError(CODES[state], reason=reason)
    if state in ("40001", "40P01", "55P03"):
        return HubError("hub.met_another", reason=reason)
    if state == "42501":
        return HubError("hub.rights_missing", reason=reason)
    if state in ("3F000", "42883", "42P01", "42704"):
        return HubError("hub.not_a_hub", reason=reason)
    if state in ("53100", "53200"):
        return HubError("hub.no_room", reason=reason)
    if isinstance(error, psycopg.OperationalError):
        return HubError("hub.line_lost", reason=reason)
    return HubError("hub.refused_call", reason=reason)


def _not_connected(error: psycopg.Error, url: str) -> HubError:
    # What follows on the first line are hints, and other addresses that were tried.
    reason = str(error).strip().partition("\n")[0].removeprefix("connection failed: ")
    for code, words in REFUSED_AT_THE_DOOR:
        if re.search(words, reason):
            return HubError(code, reason=reason)
    return HubError("hub.no_server", url=_harmless(url), reason=reason)


def _is_socket(parts: dict[str, Any]) -> bool:
    hosts = str(parts.get("host", "")).split(",")
    return "hostaddr" not in parts and all(host == "" or host.startswith(("/", "@")) for host in hosts)


def _harmless(url: str) -> str:
    """A URL without what may be a password in it."""
    scheme, colon, rest = url.partition("://")
    if not colon:
        return url.split("@")[-1]
    return f"{scheme}://{rest.split('?')[0].split('@')[-1]}"


def _password_in_keyring(url: str) -> str | None:
    found = _within(lambda keyring: keyring.get_password(KEYRING_SERVICE, url))
    return found if isinstance(found, str) else None


def _within(ask: Any) -> Any:
    """What the keyring answers in time: it can hang where nobody unlocks it."""
    answers: list[Any] = []

    def run() -> None:
        import keyring
        from keyring.errors import KeyringError

        try:
            answers.append(ask(keyring))
        except (KeyringError, OSError, RuntimeError):
            return

    asking = threading.Thread(target=run, name="lampboard-keyring", daemon=True)
    asking.start()
    asking.join(KEYRING_SECONDS)
    return answers[0] if answers else None
