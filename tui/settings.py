"""What a person set in `settings.toml`, read before the first frame with checks of our own."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple


class SettingsBroken(Exception):
    """The settings cannot be used; the text says where and why."""


class Settings(NamedTuple):
    """Every setting with its default."""

    mail_command: tuple[str, ...] = ()
    """Program and arguments that take a reply as an `.eml` on standard input, e.g. `["/usr/sbin/sendmail", "-t"]`."""

    mail_from: str = ""
    """The address that replies are sent from."""

    dial_command: tuple[str, ...] = ()
    """Program and arguments that dial; `{number}` is replaced, e.g. `["xdg-open", "tel:{number}"]`."""

    open_command: tuple[str, ...] = ()
    """Program and arguments that show a file of a ticket; `{path}` is replaced, e.g. `["xdg-open", "{path}"]`."""

    theme: str = "dark"
    """The name of a theme."""


def read(path: Path) -> Settings:
    """The settings in `path`; defaults where there is no file."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsBroken(f"{path} cannot be read ({error}); mend it or move it away") from error
    import tomllib

    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsBroken(f"{path} is not valid TOML: {error}; mend that line") from error
    known = Settings._fields
    for name in document:
        if name not in known:
            raise SettingsBroken(f"{path}: there is no setting {name!r}; known are {', '.join(sorted(known))}")
    return Settings(**{name: _checked(path, name, value) for name, value in document.items()})


def _checked(path: Path, name: str, value: Any) -> Any:
    if name.endswith("_command"):
        if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
            raise SettingsBroken(f'{path}: {name} must be a list of texts, such as ["program", "argument"]')
        return tuple(value)
    if not isinstance(value, str):
        raise SettingsBroken(f"{path}: {name} must be a text in quotes")
    return value
