"""The composition root: builds everything the console needs, runs it, and owns the order of shutdown."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from core.clock import Clock, instant
from core.errors import DomainError
from core.ids import EntityId
from core.pages import People, PersonLine
from storage import places
from storage.desk import OpenDesk
from storage.engine import open_file
from storage.identity import identity_of, known_by_hub
from tui import settings as settings_file
from tui.clocks import ClockFrom, SystemClock, system_ids
from tui.settings import Settings

if TYPE_CHECKING:
    from storage.outbox import Outbox
    from storage.sync.beside import Beside
    from themes.load import Palette
    from tui.app import Lampboard


class SyncOfDesk:
    """The sync of one console; nothing of it is imported before a hub turns out to be joined."""

    def __init__(self, desk: OpenDesk, clock: Clock) -> None:
        self._desk = desk
        self._clock = clock
        self._lock = threading.Lock()
        self._has_begun = False
        self._is_stopped = False
        self._beside: Beside | None = None

    def begin(self, tell: Callable[[], None]) -> None:
        """Sync from now on, unless it does; `tell` is called on another thread when something changed."""
        if not self._has_begun:
            self._has_begun = True
            self._desk.stop_before_closing(self._stop)
            threading.Thread(target=self._start, args=(tell,), name="lampboard-sync-start", daemon=True).start()

    def used(self) -> None:
        """A person pressed a key."""
        if self._beside is not None:
            self._beside.used()

    def ask(self) -> None:
        """Sync at once."""
        if self._beside is not None:
            self._beside.ask()

    def _start(self, tell: Callable[[], None]) -> None:
        from storage.sync.beside import Beside
        from storage.sync.session import Session

        def heard(told: object) -> None:
            # The screen may have gone while a round was on its way.
            with suppress(RuntimeError):
                tell()

        beside = Beside(self._desk, self._clock, lambda hub: Session(hub.url), heard)
        with self._lock:
            if self._is_stopped:
                return
            self._beside = beside
            beside.start()

    def _stop(self) -> None:
        with self._lock:
            self._is_stopped = True
        if self._beside is not None:
            self._beside.stop()


class Seat(NamedTuple):
    """A desk that is open, who sits at it, and the clock it runs by."""

    desk: OpenDesk
    person: PersonLine
    zone: str
    is_demo: bool
    clock: Clock
    settings: Settings
    outbox: Outbox | None = None
    """Hands replies to the mail command; none without one, and never on a demo desk."""


def read_settings() -> Settings:
    """The settings of this OS user."""
    return settings_file.read(_settings_path())


def _settings_path() -> Path:
    return places.config_folder() / "settings.toml"


def take_seat(path: Path, *, person: EntityId | None = None) -> Seat:
    """Open the desk at `path` as the person who sat there last, or as `person`."""
    settings = read_settings()
    sat_last, is_demo, last_ms = identity_of(path)
    # A demo desk's time stands still while nobody has it open.
    clock: Clock = ClockFrom(last_ms) if is_demo else SystemClock()
    new_id = system_ids(clock)
    has_mail = bool(settings.mail_command) and not is_demo
    desk = OpenDesk(path, clock, new_id, has_mail_command=has_mail)
    people = {line.id: line for line in desk.page_now(People(with_counts=False))}
    seated = people.get(person or EntityId(sat_last or b"")) or _known_by_hub(path, people)
    if seated is None:
        desk.close()
        raise DomainError("desk.nobody_sits", path=str(path))
    zone = desk.zone_of(seated.id)
    outbox = _outbox(desk, clock, settings) if has_mail else None
    return Seat(desk, seated, zone, is_demo, clock, settings, outbox)


def _known_by_hub(path: Path, people: dict[EntityId, PersonLine]) -> PersonLine | None:
    with closing(open_file(path, read_only=True)) as reading:
        known = known_by_hub(reading)
    if known is None:
        return None
    id_ = EntityId(known[0])
    return people.get(id_) or PersonLine(id_, known[1], None, "", 0)


def _outbox(desk: OpenDesk, clock: Clock, settings: Settings) -> Outbox:
    from storage.outbox import Outbox

    return Outbox(desk, desk.path, clock, settings.mail_command, settings.mail_from)


def build_app(seat: Seat) -> Lampboard:
    """The application over an open desk, put together but not running."""
    from tui.app import Lampboard
    from tui.gateway import Gateway
    from tui.screens.remembering import name_of, place_of
    from tui.screens.scene import Surroundings

    gateway = Gateway(seat.desk)
    view, cursor_on = place_of(gateway.remembered(name_of(seat.person.id)), seat.person)
    around = Surroundings(
        now=lambda: instant(seat.clock.now_ms()),
        zone=seat.zone,
        is_demo=seat.is_demo,
        dial=_dialler(seat.settings),
        set_person=_person_setter(seat.desk),
        cursor_on=cursor_on,
        sync=SyncOfDesk(seat.desk, seat.clock),
    )
    return Lampboard(
        gateway,
        _palette(seat.settings.theme),
        seat.person,
        view,
        around,
        after_first_frame=lambda: _begin_work(seat),
    )


def _palette(name: str) -> Palette:
    from themes.load import ThemeBroken, shipped

    try:
        return shipped(name)
    except ThemeBroken as error:
        raise settings_file.SettingsBroken(f"{_settings_path()}: {error}") from error


def _begin_work(seat: Seat) -> None:
    seat.desk.warm_up()
    threading.Thread(target=_load_fields, name="lampboard-fields", daemon=True).start()
    if seat.outbox is not None:
        seat.outbox.start()


def _load_fields() -> None:
    """The first call, question or reply shall not wait for the modules of its field."""
    import tui.screens.intaking
    import tui.widgets.composer
    import tui.widgets.prompt  # noqa: F401


def run_console(path: Path) -> int:
    """Open the desk on the screen; answers the exit code."""
    seat = take_seat(path)
    try:
        app = build_app(seat)
        app.run(mouse=False)
    finally:
        if seat.outbox is not None:
            seat.outbox.stop()
        seat.desk.close()
    if seat.outbox is not None:
        _tell_waiting(path)
    if app.crash_report:
        from tui.crash import tell_crash

        return tell_crash(app.crash_report, places.state_folder())
    return 0


def _tell_waiting(path: Path) -> None:
    """Say which replies did not leave: nothing is sent while no console of the desk is open."""
    import sqlite3

    from storage.outbox import count_queued
    from tui.verbs.printing import say
    from tui.words import ngettext

    try:
        count = count_queued(path)
    except (DomainError, sqlite3.DatabaseError):
        # The console has closed well; a desk that cannot be read now says so when it is opened.
        return
    if count:
        told = ngettext(
            "{count} reply waits for the mail command; it goes out when a console of this desk is open",
            "{count} replies wait for the mail command; they go out when a console of this desk is open",
            count,
        )
        say(told.format(count=count))


def _person_setter(desk: OpenDesk) -> Callable[[PersonLine], Any]:
    async def set_person(person: PersonLine) -> str:
        from storage.new_desk import set_person as write

        return await asyncio.wrap_future(desk.write(lambda connection: write(connection, person.id)))

    return set_person


def _dialler(settings: Settings) -> Callable[[str], Any]:
    async def dial(number: str) -> tuple[bool, str]:
        from tui.words import _

        if not settings.dial_command:
            return False, _("no dial command is set (settings.toml, dial_command); the number is {number}").format(
                number=number or "-"
            )
        digits = "".join(character for character in number if character.isdigit() or character == "+")
        command = [part.replace("{number}", digits) for part in settings.dial_command]
        if shutil.which(command[0]) is None:
            return False, _("the dial command {command} is not there; check settings.toml").format(command=command[0])
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        code = await asyncio.wait_for(process.wait(), 10)
        return code == 0, _("the dial command ended with {code}").format(code=code)

    return dial
