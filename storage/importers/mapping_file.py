"""Finding and reading a mapping: shipped ones by name, own ones by path, and where in the file a mistake stands."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from pathlib import Path

from pydantic import ValidationError

from storage.importers.failed import ImportFailed
from storage.importers.mapping import ZONE_ASKED_FOR, Mapping
from storage.importers.times import check_zone

SHIPPED = (
    "service-desk-log",
    "help-desk-log",
    "excavator-work-orders",
    "zammad",
    "glpi",
    "freshdesk",
    "jira-service-management",
)
LARGEST_MAPPING_BYTES = 1 << 20


def load_mapping(mapping: str | Path) -> Mapping:
    """The mapping shipped under the name, or the one in the file; ImportFailed with path, line and field if broken."""
    if str(mapping) in SHIPPED:
        name = f"{mapping}.toml"
        return read_mapping(files("storage.importers").joinpath("mappings", name).read_bytes(), name)
    path = Path(mapping)
    if not path.is_file():
        if path.suffix != ".toml" and len(path.parts) == 1 and not path.exists():
            raise ImportFailed("import.mapping_unknown", mapping=str(mapping), known=list(SHIPPED))
        raise ImportFailed("import.mapping_missing", path=str(path))
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_MAPPING_BYTES + 1)
    except OSError as error:
        raise ImportFailed("import.mapping_unreadable", path=str(path), reason=error.strerror) from error
    if len(raw) > LARGEST_MAPPING_BYTES:
        raise ImportFailed("import.mapping_broken", path=str(path), line=None, field="", reason="too large")
    return read_mapping(raw, str(path))


def in_zone(mapping: Mapping, zone: str | None) -> Mapping:
    """The mapping with the zone it asks for; ImportFailed when it is not told, unknown, or was never asked for."""
    is_asked = mapping.time.zone == ZONE_ASKED_FOR
    if zone is None:
        if is_asked:
            raise ImportFailed("import.zone_missing", mapping=mapping.name)
        return mapping
    if not is_asked:
        raise ImportFailed("import.zone_not_asked", mapping=mapping.name, zone=mapping.time.zone)
    if not check_zone(zone):
        raise ImportFailed("import.zone_unknown", zone=zone)
    return mapping.model_copy(update={"time": mapping.time.model_copy(update={"zone": zone})})


def read_mapping(raw: bytes, path: str) -> Mapping:
    """The mapping in the bytes of a TOML document; `path` is for the error."""
    try:
        text = raw.decode("utf-8")
        document = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise _broken(path, line, "", "not UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        told = re.search(r"\(at line (\d+)", str(error))
        line_or_end = int(told[1]) if told else text.count("\n") + 1
        raise _broken(path, line_or_end, "", re.sub(r" \(at .*\)$", "", str(error))) from error
    try:
        return Mapping.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        keys = tuple(str(key) for key in first["loc"])
        reason = first["msg"].removeprefix("Value error, ")
        raise _broken(path, line_of(text, keys), ".".join(keys), reason) from error


def _broken(path: str, line: int | None, field: str, reason: str) -> ImportFailed:
    return ImportFailed("import.mapping_broken", path=path, line=line, field=field, reason=reason)


_TABLE = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*((?:"[^"]*"|'[^']*'|[\w.-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[\w-]+))*)\s*=""")
_KEY_PART = re.compile(r""""([^"]*)"|'([^']*)'|([\w-]+)""")


def line_of(text: str, keys: tuple[str, ...]) -> int | None:
    """The line of the deepest table or key that the path `keys` names; None when not even its table is written."""
    table: tuple[str, ...] = ()
    best: tuple[int, int] | None = None
    for line, content in enumerate(text.split("\n"), 1):
        if heading := _TABLE.match(content):
            table = path = _parts(heading[1])
        elif key := _KEY.match(content):
            path = table + _parts(key[1])
        else:
            continue
        if path == keys[: len(path)] and (best is None or len(path) > best[0]):
            best = len(path), line
    return best[1] if best else None


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(next(group for group in match.groups() if group is not None) for match in _KEY_PART.finditer(dotted))
