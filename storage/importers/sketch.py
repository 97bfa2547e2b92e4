"""`sketch_mapping`: a mapping proposed from a file, as commented TOML that works once its questions are answered."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.text import fold, plain
from storage.importers.look import LONGEST_VALUE, UNKNOWN_TEXTS, Column, Look, changes_within, look_at
from storage.importers.mapping import KEY_NOT_IN_SOURCE, ZONE_IN_SOURCE
from storage.importers.roles import MOST_STAGES, Roles, guess_roles, words_of

BLANK = "?"
VALUES_SHOWN = 8
_CLOSED = re.compile(r"clos|resolv|solved|done|complet|cancel|finish|reject|merged|removed|duplicat|invalid|verified")
_NEW = re.compile(r"\bnew\b|insert|incoming|register")
_WAITING = re.compile(r"wait|pending|hold|await|suspend|postpon")
_PARTIES = (
    ("customer", re.compile(r"customer|user|info|client|requester|reporter|evidence")),
    ("vendor", re.compile(r"vendor|supplier|third|manufacturer")),
    ("contractor", re.compile(r"contractor")),
    ("part", re.compile(r"\bparts?\b")),
)
_PRIORITY_WORDS = (
    (1, re.compile(r"critical|urgent|highest|blocker|very high|emergency")),
    (2, re.compile(r"high|major")),
    (3, re.compile(r"moderate|medium|normal")),
    (4, re.compile(r"low|minor|trivial|planning")),
)
_CHANNELS = (
    ("phone", re.compile(r"phone|call")),
    ("mail", re.compile(r"mail")),
    ("self_service", re.compile(r"self")),
    ("portal", re.compile(r"portal|web|form")),
    ("ivr", re.compile(r"\bivr\b")),
    ("visit", re.compile(r"visit|walk")),
    ("direct", re.compile(r"direct")),
)
_RECORDS = ("company", "site", "contact", "product", "equipment", "team", "owner", "actor", "opener")
_END_WORDS = frozenset(["closed", "close", "closedate", "resolved", "solved"])


@dataclass(frozen=True, slots=True)
class Sketch:
    """The proposed mapping as TOML, and the questions in it that only a person can answer."""

    mapping: str
    questions: list[str]
    columns: list[dict[str, Any]]

    def to_document(self) -> dict[str, Any]:
        """As plain values for JSON."""
        return {"mapping": self.mapping, "questions": self.questions, "columns": self.columns}


def sketch_mapping(source: Path, unpack_limit: int | None = None) -> Sketch:
    """Propose a mapping for the file; ImportFailed when it cannot be read."""
    look = look_at(source, unpack_limit)
    roles = guess_roles(look)
    if roles.is_change:
        changes_within(source, look, roles.key, unpack_limit)
    pen = _Pen(source, look, roles)
    mapping = "\n".join(pen.lines()) + "\n"
    return Sketch(mapping, pen.questions, [_described(column) for column in look.columns.values()])


class _Pen:
    """Writes the mapping section by section and numbers its questions."""

    def __init__(self, source: Path, look: Look, roles: Roles) -> None:
        self._source = source
        self._look = look
        self._roles = roles
        self.questions: list[str] = []

    def lines(self) -> Iterator[str]:
        """The mapping."""
        body = [*self._source_section(), *self._time(), *self._ticket(), *self._stage()]
        body += [*self._priority(), *self._channel(), *self._records()]
        yield from self._head()
        yield from body
        yield from self._columns()

    def _ask(self, question: str) -> str:
        self.questions.append(question)
        return f"# QUESTION {len(self.questions)}: {question}"

    def _head(self) -> Iterator[str]:
        stem = self._source.name.removesuffix(".gz").rpartition(".")[0] or self._source.name
        name = "-".join(re.findall(r"[a-z0-9]+", fold(stem)))[:60] or "own-log"
        seen = "the first " if self._look.has_more else ""
        yield f"# Proposed from {plain(self._source.name, 200)}, {seen}{self._look.rows:,} rows."
        if self.questions:
            yield f"# It works once each QUESTION up to {len(self.questions)} is answered in the line below it."
        yield "# CHECK marks guesses that may be wrong."
        if self._look.broken_rows:
            yield f"# {self._look.broken_rows:,} of the rows cannot be read; they would be rejected."
        yield f"name = {_quoted(name)}"
        yield f"namespace = {_quoted(name)}"
        yield f"title = {_quoted(self._source.name)}"
        yield "# CHECK: whose data it is, and on what terms; both are kept with every import."
        yield 'attribution = "not said"'
        yield 'licence = "not said"'

    def _source_section(self) -> Iterator[str]:
        written = self._look.written
        yield from ("", "[source]", f"format = {_quoted(written.format)}")
        yield "# A row is a change when several rows tell of one ticket, else it is a ticket."
        yield f"row = {_quoted('change' if self._roles.is_change else 'ticket')}"
        if written.format == "csv" and written.delimiter != ",":
            yield f"delimiter = {_quoted(written.delimiter)}"
        if written.encoding != "utf-8":
            yield "# CHECK: the file is no UTF-8."
            yield f"encoding = {_quoted(written.encoding)}"
        met = {""} | {text for column in self._look.columns.values() for text in column.unknown}
        yield f"unknown = {_listed([text for text in UNKNOWN_TEXTS if text in met])}"
        if self._roles.is_change:
            yield '# "file": the rows of a ticket stand in the order in which they happened; else "time".'
            yield 'order = "file"'

    def _time(self) -> Iterator[str]:
        used = [self._roles.of(role) for role in ("changed_at", "opened_at", "closed_at")]
        columns = [self._look.columns[name] for name in used if name]
        yield from ("", "[time]")
        formats = list(dict.fromkeys(text for column in columns if not column.other_order for text in column.formats))
        # Another column of the same file may have told the order of day and month.
        unsure = [column for column in columns if column.other_order and column.formats[0] not in formats]
        unsure = [column for column in unsure if column.other_order not in formats]
        if unsure:
            shown = plain(next(iter(unsure[0].values)), 40)
            both = f"{_quoted(unsure[0].formats[0])} or {_quoted(unsure[0].other_order)}"
            yield self._ask(f"day or month first? {shown} is read by {both}")
            formats.append(BLANK)
        elif not columns:
            yield self._ask("no column holds times in a way that is known; name one below and say how it is written")
            formats.append(BLANK)
        yield f"formats = {_listed(formats)}"
        if formats and all("%z" in text for text in formats):
            yield "# CHECK: a converter may have put the same offset behind every wall clock."
            yield f"zone = {_quoted(ZONE_IN_SOURCE)}"
        else:
            yield self._ask('which zone is the wall clock of? A name such as "Europe/Warsaw"; it is never guessed')
            yield f"zone = {_quoted(BLANK)}"

    def _ticket(self) -> Iterator[str]:
        roles = self._roles
        yield from ("", "[ticket]")
        if roles.key:
            key = self._look.columns[roles.key]
            yield f"# CHECK: {len(key.distinct):,} different values in {key.rows:,} rows."
            yield f"key = {_quoted(roles.key)}"
        else:
            yield "# CHECK: no column tells tickets apart, so that a row is known by its content."
            yield f"key = {_quoted(KEY_NOT_IN_SOURCE)}"
        for role in ("changed_at", "opened_at", "closed_at"):
            if roles.of(role):
                yield f"{role} = {_quoted(roles.of(role))}"
        if not roles.is_change and not roles.of("opened_at"):
            yield self._ask("which column says when a ticket was opened?")
            yield f"opened_at = {_quoted(BLANK)}"
        yield from self._texts()
        yield from self._told()

    def _texts(self) -> Iterator[str]:
        roles = self._roles
        subject = roles.of("subject") or roles.of("text") or roles.of("category") or roles.key
        fallback = next(iter(self._look.columns))
        yield f"subject = {_listed([subject or fallback])}"
        if roles.of("text") and subject != roles.of("text"):
            yield f"text = {_quoted(roles.of('text'))}"
        if roles.of("category"):
            yield f"category = {_listed([roles.of('category')])}"
        if roles.of("resolution"):
            yield f"resolution = {_quoted(roles.of('resolution'))}"

    def _told(self) -> Iterator[str]:
        roles = self._roles
        used = {roles.key, *roles.columns.values()}
        rest = [column for column in self._look.columns.values() if column.known and column.name not in used]
        if roles.is_change:
            told = [c.name for c in rest if c.changes_within_key and not c.is_time and c.longest <= 100]
            told += [roles.of(role) for role in ("team", "company", "site", "category") if roles.of(role)]
            early = [c.name for c in rest if not c.changes_within_key and _END_WORDS & set(words_of(c.name))]
            yield "# Columns whose changes are told in the ticket's timeline."
            yield f"told = {_listed(told)}"
            if early:
                yield "# CHECK: these never change within a ticket and speak of its end: they are known too early."
                yield f"final = {_listed(early)}"
            rest = [column for column in rest if column.name not in early]
        yield "# Columns whose last value is kept beside the ticket."
        yield f"kept = {_listed([c.name for c in rest if len(c.distinct) > 1 and c.longest <= LONGEST_VALUE])}"

    def _stage(self) -> Iterator[str]:
        column = self._look.columns.get(self._roles.of("stage"))
        yield from ("", "[stage]")
        if column is None:
            yield "# CHECK: no column looks like a stage; every ticket stays where it begins."
            yield from ('initial = "new"', 'unknown = "keep"')
            return
        yield f"column = {_quoted(column.name)}"
        values = column.most_common(MOST_STAGES)
        first = next((value for value, _ in values if _NEW.search(fold(value))), None)
        yield f"initial = {_quoted(_slug(first) if first else 'new')}"
        yield 'unknown = "keep"'
        yield from ("", "[stage.values]", "# CHECK: class is open, waiting (with a cause) or closed.")
        for value, count in values:
            yield f"{_quoted(value)} = {_stage_of(value)}  # {count:,} rows"

    def _priority(self) -> Iterator[str]:
        column = self._look.columns.get(self._roles.of("priority"))
        if column is None:
            return
        yield from ("", "[priority]", f"column = {_quoted(column.name)}", "# CHECK: 1 is the most urgent, 4 the least.")
        yield from ("", "[priority.values]")
        for value, count in column.most_common(20):
            level = _priority_of(value)
            if level is None:
                yield f"# {_quoted(value)} = 3  # CHECK: {count:,} rows"
            else:
                yield f"{_quoted(value)} = {level}  # {count:,} rows"

    def _channel(self) -> Iterator[str]:
        column = self._look.columns.get(self._roles.of("channel"))
        if column is None:
            return
        yield from ("", "[channel]", f"column = {_quoted(column.name)}", "", "[channel.values]")
        for value, count in column.most_common(20):
            channel = next((name for name, words in _CHANNELS if words.search(fold(value))), None)
            if channel is None:
                yield f'# {_quoted(value)} = "import"  # CHECK: {count:,} rows'
            else:
                yield f"{_quoted(value)} = {_quoted(channel)}  # {count:,} rows"

    def _records(self) -> Iterator[str]:
        roles = self._roles
        needs_company = roles.of("site") or roles.of("equipment")
        if needs_company and not roles.of("company"):
            yield from ("", "# CHECK: the file names no company; what has a place or a number needs one.")
            yield from (
                "[records.company]",
                "from = []",
                f"name = {_quoted('customer of ' + self._source.name)}",
                "derived = true",
            )
            yield 'rule = "one company for the whole source"'
        for role in _RECORDS:
            if roles.of(role):
                column = self._look.columns[roles.of(role)]
                yield from ("", f"# CHECK: {len(column.distinct):,} different values, such as {_some(column, 3)}")
                yield from (f"[records.{role}]", f"from = {_quoted(column.name)}")

    def _columns(self) -> Iterator[str]:
        yield from ("", "# What stands in the columns:")
        for column in self._look.columns.values():
            known = f"known in {column.known:,} of {column.rows:,}"
            kind = "times" if column.is_time else f"{len(column.distinct):,} values"
            yield f"# {_quoted(column.name)}: {known}, {kind}: {_some(column, VALUES_SHOWN)}"


def _stage_of(value: str) -> str:
    said = fold(value)
    if _WAITING.search(said):
        party = next((name for name, words in _PARTIES if words.search(said)), "")
        whom = f", party = {_quoted(party)}" if party else ""
        return f'{{ stage = "waiting", class = "waiting", cause = {_quoted(value)}{whom} }}'
    is_closed = _CLOSED.search(said) is not None
    return f"{{ stage = {_quoted(_slug(value))}, class = {_quoted('closed' if is_closed else 'open')} }}"


def _slug(value: str) -> str:
    return " ".join(re.findall(r"\w+", value.lower()))[:40] or "new"


def _priority_of(value: str) -> int | None:
    said = fold(value)
    for level, words in _PRIORITY_WORDS:
        if words.search(said):
            return level
    digit = re.search(r"\d+", value)
    return min(4, max(1, int(digit[0][:3]))) if digit else None


def _some(column: Column, limit: int) -> str:
    shown = [f"{_quoted(value[:40])} ({count:,})" for value, count in column.most_common(limit)]
    more = ", ..." if column.has_more_values or len(column.values) > limit else ""
    return ", ".join(shown) + more


def _described(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "known": column.known,
        "rows": column.rows,
        "distinct": len(column.distinct),
        "time_formats": column.formats,
        "values": dict(column.most_common(VALUES_SHOWN)),
    }


def _listed(texts: list[str]) -> str:
    return f"[{', '.join(_quoted(text) for text in dict.fromkeys(texts))}]"


def _quoted(text: str) -> str:
    """The text as TOML, in which no character acts on a terminal."""
    escaped = json.dumps(text, ensure_ascii=False)
    return "".join(sign if sign == " " or plain(sign) != " " else _escape(sign) for sign in escaped)


def _escape(sign: str) -> str:
    return f"\\u{ord(sign):04x}" if ord(sign) < 0x10000 else f"\\U{ord(sign):08x}"
