"""Records of an XES event log: one for each event, streamed; no tree of the document is ever built.

An attribute is named by its key, one of the trace by `case:` and its key, a nested one by the keys above it with dots.
A document type is refused before anything in it is read: entities are how a small file becomes a large one.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from xml.parsers import expat

from storage.importers.fields import Wanted
from storage.importers.source_file import (
    KEPT_OF_TOO_LONG_BYTES,
    LARGEST_RECORD_BYTES,
    TOO_LONG,
    UTF16_MARKS,
    Record,
    SourceFile,
)

TRACE_PREFIX = "case:"
DEEPEST = 32
_CHUNK_BYTES = 1 << 18
_ATTRIBUTES = frozenset(["string", "date", "int", "float", "boolean", "id", "list", "container"])
_DECLARED = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)""")
# What no XML document may hold: control codes, and bytes that are no text in UTF-8. Each is fed as one byte that it may
# hold, so that the places of the events stay what they are in the file.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\udc80-\udcff]")
_STAND_IN, _REPLACEMENT = "\x7f", "\ufffd"
Event = tuple[Record, dict[str, str]]


def read_records(source: SourceFile, wanted: Wanted) -> Iterator[Record]:
    """Every event with the fields that are wanted, in their order; ImportFailed when the file itself is broken."""
    for record, fields in read_events(source):
        wanted.came(fields)
        wanted.show(fields)
        if not record.problem:
            record.cells = [fields.get(name) for name in wanted.names]
        yield record


def read_events(source: SourceFile) -> Iterator[Event]:
    """Every event's record without cells, and its fields with those of its trace."""
    log = _Log()
    clean: Callable[[bytes, bool], tuple[bytes, bytes]] | None = None
    with source.reading(lambda: log.line):
        while True:
            chunk = source.lines.read1(_CHUNK_BYTES)
            clean = clean or _cleaner_for(chunk)
            raw, fit = clean(chunk, not chunk)
            try:
                log.feed(raw, fit, is_end=not chunk)
            except expat.ExpatError as error:
                yield from log.take()
                raise source.broken(error.lineno, log.said(expat.ErrorString(error.code))) from error
            except (LookupError, ValueError) as error:
                # What the parser makes of an encoding that it does not know, or cannot read byte by byte.
                raise source.broken(1, str(error)) from error
            except _Refused as refused:
                yield from log.take()
                raise source.broken(log.line, log.said(refused.args[0])) from refused
            yield from log.take()
            if not chunk:
                return


class _Refused(Exception):
    """The document does what no event log has to do; the argument says what."""


class _Log:
    """What stands open while a log is read, and the events that are complete."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._open: list[str] = []
        self._keys: list[str] = []
        self._trace: dict[str, str] = {}
        self._trace_bytes = 0
        self._event: dict[str, str] | None = None
        self._events: list[Event] = []
        self._record = Record(1, b"", None)
        self._window = bytearray()
        self._window_at = 0
        self._fed = 0
        self._keep_from = -1
        self._key = ""

    @property
    def line(self) -> int:
        """Where the parser is."""
        return self._parser.CurrentLineNumber

    def said(self, reason: str) -> str:
        """A reason with the attribute that stands there."""
        return f"{reason}, at the attribute {self._key}" if self._key else reason

    def feed(self, raw: bytes, fit: bytes, *, is_end: bool) -> None:
        """Some more of the file: as it is, and as the parser may see it."""
        self._window += raw
        self._fed += len(raw)
        self._parser.Parse(fit, is_end)
        here = max(self._window_at, self._parser.CurrentByteIndex)
        if self._fed - here > LARGEST_RECORD_BYTES:
            raise _Refused(f"one tag {TOO_LONG.partition(';')[0]}")
        begin = self._keep_from if self._keep_from >= 0 else here
        if self._keep_from >= 0 and self._fed - begin > LARGEST_RECORD_BYTES:
            self._drop_long_one(here)
            return
        del self._window[: begin - self._window_at]
        self._window_at = begin

    def take(self) -> list[Event]:
        """The events that were completed since."""
        done, self._events = self._events, []
        return done

    def _drop_long_one(self, here: int) -> None:
        """Keep the beginning of an event that is too long, and go on without the rest of it."""
        if self._event is None:
            raise _Refused(f"a trace whose own attributes are {TOO_LONG.partition(';')[0]}")
        if not self._record.problem:
            self._record.problem = TOO_LONG
            begin = self._keep_from - self._window_at
            self._record.raw = bytes(self._window[begin : begin + KEPT_OF_TOO_LONG_BYTES])
        self._event.clear()
        del self._window[: here - self._window_at]
        self._window_at = self._keep_from = here

    def _doctype(self, *_: object) -> None:
        raise _Refused("a document type, which an event log has no use for")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= DEEPEST:
            raise _Refused(f"nested deeper than {DEEPEST} tags")
        name = tag.rpartition(":")[2]
        within = self._open[-1] if self._open else ""
        if not self._open and name != "log":
            raise _Refused(f"the first tag is {name[:40]}, not log: this is no XES")
        self._open.append(name)
        if name == "trace" and within == "log":
            self._trace, self._trace_bytes = {}, 0
            self._keep_from = self._parser.CurrentByteIndex
        elif name == "event" and within in ("trace", "log"):
            self._begin_event(within)
        elif name in _ATTRIBUTES:
            self._key = attributes.get("key", "")[:200]
            self._attribute(attributes)
        if name in _ATTRIBUTES:
            self._keys.append(attributes.get("key", ""))

    def _begin_event(self, within: str) -> None:
        at = self._parser.CurrentByteIndex
        if self._keep_from < 0:
            self._keep_from = at
        if within == "log":
            self._trace = {}
        self._event, self._keys = {}, []
        self._record = Record(self.line, b"", None, at_byte=at)

    def _attribute(self, attributes: dict[str, str]) -> None:
        value, key = attributes.get("value"), ".".join([*self._keys, attributes.get("key", "")])
        if value is None or not key:
            return
        if self._event is not None:
            self._event.setdefault(key, value)
        elif "trace" in self._open:
            self._trace_bytes += len(key) + len(value)
            if self._trace_bytes > LARGEST_RECORD_BYTES:
                raise _Refused(f"a trace whose own attributes are {TOO_LONG.partition(';')[0]}")
            self._trace.setdefault(TRACE_PREFIX + key, value)

    def _end(self, tag: str) -> None:
        name = self._open.pop()
        if name in _ATTRIBUTES:
            self._keys.pop()
        elif name == "event" and self._event is not None:
            self._end_event(self._event)
        elif name == "trace":
            self._trace, self._keep_from = {}, -1

    def _end_event(self, fields: dict[str, str]) -> None:
        record, self._event, self._key = self._record, None, ""
        if not record.problem:
            end = self._window.find(b">", self._parser.CurrentByteIndex - self._window_at) + 1
            record.raw = bytes(self._window[self._keep_from - self._window_at : end])
        self._keep_from = -1
        fields = {**self._trace, **fields}
        for key, value in fields.items():
            if _STAND_IN in value:
                record.replaced += value.count(_STAND_IN)
                fields[key] = value.replace(_STAND_IN, _REPLACEMENT)
        self._events.append((record, fields))


class _Clean:
    """Makes a file in UTF-8 fit for the parser, byte for byte; the bytes as they were come beside."""

    def __init__(self) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode

    def __call__(self, chunk: bytes, is_end: bool) -> tuple[bytes, bytes]:
        text = self._decode(chunk, is_end)
        raw = text.encode("utf-8", "surrogateescape")
        if _UNFIT.search(text) is None and "\ufffe" not in text and "\uffff" not in text:
            return raw, raw
        fit = _UNFIT.sub(_STAND_IN, text).replace("\ufffe", _REPLACEMENT).replace("\uffff", _REPLACEMENT)
        return raw, fit.encode("utf-8")


def _as_it_is(chunk: bytes, is_end: bool) -> tuple[bytes, bytes]:
    return chunk, chunk


def _cleaner_for(beginning: bytes) -> Callable[[bytes, bool], tuple[bytes, bytes]]:
    """A file that says it is not in UTF-8 is the parser's own business."""
    declared = _DECLARED.search(beginning[:1_000])
    is_utf8 = declared is None or declared[1].lower() in (b"utf-8", b"utf8", b"us-ascii", b"ascii")
    return _Clean() if is_utf8 and not beginning.startswith(UTF16_MARKS) else _as_it_is
