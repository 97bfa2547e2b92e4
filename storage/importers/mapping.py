"""What a source's columns mean: the mapping document, strictly checked before a single row is read."""

from __future__ import annotations

import codecs
import re
from hashlib import sha256
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from core.operations.record_added import ENTITIES
from core.stages import CLOSED, OPEN, WAITING, WAITING_PARTIES
from core.ticket import CHANNELS, REQUEST_TYPES
from storage.importers.read_jsonl import PathBroken, steps_of
from storage.importers.times import TimeFormatBroken, check_format, check_zone

STAGE_CLASSES = {"open": OPEN, "waiting": WAITING, "closed": CLOSED}
ZONE_IN_SOURCE = "in the source"
ZONE_ASKED_FOR = "asked for"
KEY_NOT_IN_SOURCE = "not in the source"
PLACE = re.compile(r"\{(\d*)\}")


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Columns = Annotated[list[str], BeforeValidator(_as_list), Field(min_length=1)]
Name = Annotated[str, Field(min_length=1)]


# `valid-type` is ignored where a field is a Literal of a tuple of the core: the one list of those names, but no type
# checker reads a Literal that is made of a tuple.


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True)


class Source(_Part):
    """How the file is written; `unknown` lists the texts that stand for "not known".

    `optional` are fields that a file without a header need not have in any record.
    """

    format: Literal["csv", "tsv", "jsonl", "xes"]
    row: Literal["change", "ticket"]
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    encoding: str = "utf-8"
    unknown: list[str] = [""]
    order: Literal["file", "time"] = "file"
    optional: list[str] = []

    @field_validator("encoding")
    @classmethod
    def _encoding_keeps_line_ends(cls, value: str) -> str:
        try:
            is_usable = "\n,".encode(codecs.lookup(value).name) == b"\n,"
        except (LookupError, UnicodeError) as error:
            raise ValueError(f"the encoding {value!r} is not known") from error
        if not is_usable:
            raise ValueError(f"the encoding {value!r} writes line ends in more than one byte")
        return value

    @model_validator(mode="after")
    def _is_of_use_to_the_format(self) -> Source:
        of_use = {"delimiter": ("csv",), "encoding": ("csv", "tsv", "jsonl"), "optional": ("jsonl", "xes")}
        for name, formats in of_use.items():
            if name in self.model_fields_set and self.format not in formats:
                raise ValueError(f"{name} says nothing about a file in the format {self.format}")
        return self


class Time(_Part):
    """Formats in the letters of strptime and the zone of the wall clock, which is never guessed.

    A mapping for an export of many desks leaves the zone to who imports.
    """

    formats: Annotated[list[str], Field(min_length=1)]
    zone: str

    @field_validator("formats")
    @classmethod
    def _formats_can_be_read(cls, value: list[str]) -> list[str]:
        for text in value:
            try:
                check_format(text)
            except TimeFormatBroken as error:
                raise ValueError(str(error)) from error
        return value

    @field_validator("zone")
    @classmethod
    def _zone_is_known(cls, value: str) -> str:
        if value not in (ZONE_IN_SOURCE, ZONE_ASKED_FOR) and not check_zone(value):
            raise ValueError(f"the zone {value!r} is not in the time zone list")
        return value

    @model_validator(mode="after")
    def _zone_stands_once(self) -> Time:
        has_offset = ["%z" in text for text in self.formats]
        if any(has_offset) != (self.zone == ZONE_IN_SOURCE) or len(set(has_offset)) > 1:
            raise ValueError(f'zone must be "{ZONE_IN_SOURCE}" exactly when every format has %z')
        return self


class TicketColumns(_Part):
    """Which columns say what of the ticket itself.

    `values_need_column`: values are coded alike in every column, so that a category is shown with its column's name.
    `amounts`: columns with sums of money, each with its currency.
    """

    key: Name
    changed_at: str = ""
    opened_at: str = ""
    closed_at: str = ""
    subject: Columns
    text: str = ""
    values_need_column: bool = False
    request_type: Literal[REQUEST_TYPES] = "fault"  # type: ignore[valid-type]
    category: list[str] = []
    fault: list[str] = []
    resolution: str = ""
    told: list[str] = []
    kept: list[str] = []
    final: list[str] = []
    amounts: dict[str, Annotated[str, Field(pattern=r"^[A-Z]{3}$")]] = {}

    @model_validator(mode="after")
    def _final_columns_stay_out_of_history(self) -> TicketColumns:
        if not self.changed_at and not self.opened_at:
            raise ValueError("one of changed_at and opened_at is needed")
        early = sorted(set(self.final) & {*self.told, self.changed_at, self.opened_at, self.key})
        if early:
            raise ValueError(f"final columns are known only at the end, and cannot tell history: {early}")
        return self


class StageValue(_Part):
    """A stage of ours and the class clocks read; a waiting stage says why and whom it waits for, if that is known."""

    stage: Name
    stage_class: Literal["open", "waiting", "closed"] = Field(alias="class")
    cause: str = ""
    party: Literal[("", *WAITING_PARTIES)] = ""  # type: ignore[valid-type]

    @model_validator(mode="after")
    def _waiting_has_a_cause(self) -> StageValue:
        if (self.stage_class == "waiting") != bool(self.cause):
            raise ValueError("a waiting stage needs a cause, and only a waiting stage has one")
        return self


class Stages(_Part):
    """The dictionary of stages; `not_moves` are values that happen without moving the ticket.

    `initial_class` is of use where no value has the initial stage; `rule` says of stages that they are made up.
    """

    column: str = ""
    initial: str = "new"
    initial_class: Literal["open", "closed"] = "open"
    rule: str = ""
    unknown: Literal["keep", "reject"]
    values: dict[str, StageValue] = {}
    not_moves: list[str] = []


class Priorities(_Part):
    """The dictionary of priorities, 1 (most urgent) to 4."""

    column: str = ""
    default: Annotated[int, Field(ge=1, le=4)] = 3
    unknown: Literal["keep", "reject"] = "keep"
    values: dict[str, Annotated[int, Field(ge=1, le=4)]] = {}


class Channels(_Part):
    """The dictionary of channels."""

    column: str = ""
    default: Literal[CHANNELS] = "import"  # type: ignore[valid-type]
    values: dict[str, Literal[CHANNELS]] = {}  # type: ignore[valid-type]


class Sla(_Part):
    """What the source itself says of a promise: the column, and which of its values mean that it was kept."""

    column: str = ""
    made: list[str] = []


class RecordRule(_Part):
    """One kind of record: its columns are its key; `name` shows them, `{}` or `{0}`, `{1}` where a value goes.

    With no columns it is one record for the whole source.

    A derived record names the `rule` that made it up, and is marked with it wherever it is shown.
    """

    columns: Annotated[list[str], BeforeValidator(_as_list)] = Field(alias="from")
    name: Name = "{}"
    derived: bool = False
    rule: str = ""
    wins: Literal["last", "first"] = "last"
    grade: str = ""

    @model_validator(mode="after")
    def _rule_and_places_fit(self) -> RecordRule:
        if self.derived != bool(self.rule):
            raise ValueError("a derived record names its rule, and only a derived record has one")
        if not self.columns and not self.derived:
            raise ValueError("a record that is the same for every row stands in no column: it is derived")
        for template in (self.name, self.grade):
            places = [int(place or 0) for place in PLACE.findall(template)]
            if any(place >= len(self.columns) for place in places):
                raise ValueError(f"{template!r} has a place for a column that `from` does not name")
        return self

    @property
    def derived_by(self) -> str:
        """What stands in the record's `derived_by`."""
        return self.rule if self.derived else ""


class Records(_Part):
    """Who is company, site, contact, equipment, group and who did it."""

    company: RecordRule | None = None
    site: RecordRule | None = None
    contact: RecordRule | None = None
    product: RecordRule | None = None
    equipment: RecordRule | None = None
    contract: RecordRule | None = None
    team: RecordRule | None = None
    owner: RecordRule | None = None
    actor: RecordRule | None = None
    opener: RecordRule | None = None

    @model_validator(mode="after")
    def _nothing_stands_without_its_company(self) -> Records:
        for name in ("site", "equipment", "contract"):
            if getattr(self, name) is not None and self.company is None:
                raise ValueError(f"{name} needs a rule for the company it belongs to")
        return self


class Mapping(_Part):
    """A whole mapping document; see docs/import.md for every key."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    namespace: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: Name
    attribution: Name
    licence: Name
    source: Source
    time: Time
    ticket: TicketColumns
    stage: Stages
    priority: Priorities = Priorities()
    channel: Channels = Channels()
    sla: Sla = Sla()
    records: Records = Records()

    @model_validator(mode="after")
    def _a_change_has_a_time(self) -> Mapping:
        if self.source.row == "change" and self.ticket.key == KEY_NOT_IN_SOURCE:
            raise ValueError("rows that are changes need a key that tells whose they are")
        if self.source.row == "change" and self.ticket.amounts:
            raise ValueError("ticket.amounts is for rows that are tickets: changes would repeat each sum")
        if self.source.row == "change" and not self.ticket.changed_at:
            raise ValueError("ticket.changed_at is needed when a row is a change")
        if self.source.row == "change" and self.ticket.closed_at:
            raise ValueError(
                "ticket.closed_at is for rows that are tickets: in a row that is a change it tells the end early"
            )
        if self.source.row == "ticket" and not self.ticket.opened_at:
            raise ValueError("ticket.opened_at is needed when a row is a ticket")
        return self

    @model_validator(mode="after")
    def _paths_can_be_followed(self) -> Mapping:
        if self.source.format == "jsonl":
            for name in self.columns():
                try:
                    steps_of(name)
                except PathBroken as error:
                    raise ValueError(str(error)) from error
        return self

    @model_validator(mode="after")
    def _what_is_said_of_promises_is_kept(self) -> Mapping:
        if self.sla.column and self.sla.column not in self.ticket.kept:
            raise ValueError("sla.column stands among ticket.kept, so that it can be counted again")
        return self

    @property
    def digest(self) -> str:
        """Tells this mapping from one of the same name that says something else."""
        return sha256(self.model_dump_json().encode()).hexdigest()

    def columns(self) -> list[str]:
        """Every column the source must have, each once."""
        return list(dict.fromkeys([*self.columns_read(), *self.ticket.final]))

    def columns_read(self) -> list[str]:
        """Every column whose values are used, each once."""
        ticket = self.ticket
        names = [] if ticket.key == KEY_NOT_IN_SOURCE else [ticket.key]
        names += [ticket.changed_at, ticket.opened_at, ticket.closed_at, ticket.text]
        names += [*ticket.subject, *ticket.category, *ticket.fault, ticket.resolution]
        names += [*ticket.told, *ticket.kept, *ticket.amounts]
        names += [self.stage.column, self.priority.column, self.channel.column, self.sla.column]
        for _, rule in self.rules():
            names += rule.columns
        return list(dict.fromkeys(name for name in names if name))

    def rules(self) -> list[tuple[str, RecordRule]]:
        """The record rules that are set, by their role."""
        roles = ((role, getattr(self.records, role)) for role in Records.model_fields)
        return [(role, rule) for role, rule in roles if rule is not None]


ENTITY_OF_ROLE = {
    "company": "company",
    "site": "site",
    "contact": "contact",
    "product": "model",
    "equipment": "equipment",
    "contract": "contract",
    "team": "team",
    "owner": "person",
    "actor": "person",
    "opener": "person",
}
assert set(ENTITY_OF_ROLE.values()) <= set(ENTITIES)
