"""Tables of a desk, in SQLAlchemy Core.

Instants are whole seconds since 1970 in UTC, money is minor units beside a currency, ids are sixteen bytes,
documents are JSON text. Synced tables have no foreign keys between them: an auditor checks, so that a pull in an
unlucky order never wedges. Local-only tables keep enforced ones.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)

metadata = MetaData()

Id = LargeBinary(16)
Instant = BigInteger().with_variant(Integer(), "sqlite")
Money = BigInteger().with_variant(Integer(), "sqlite")

OPEN_ROWS = "queue_rank < 4"
"""The predicate of the open queue, always written as a literal: a bound one is prepared anew each time."""


def _id(name: str = "id", **options: Any) -> Column[Any]:
    return Column(name, Id, nullable=False, **options)


def _ref(name: str) -> Column[Any]:
    return Column(name, Id)


def _text(name: str) -> Column[Any]:
    return Column(name, Text, nullable=False, server_default="")


def _flag(name: str) -> Column[Any]:
    return Column(name, Integer, nullable=False, server_default="0")


def _when(name: str, nullable: bool = True) -> Column[Any]:
    return Column(name, Instant, nullable=nullable)


def _real(name: str) -> Column[Any]:
    from sqlalchemy import REAL

    return Column(name, REAL)


def _table(name: str, *columns: Any, without_rowid: bool = False) -> Table:
    return Table(name, metadata, *columns, sqlite_strict=True, sqlite_with_rowid=not without_rowid)


territory = _table("territory", _id(primary_key=True), _text("name"), _text("zone"), _flag("archived"))

company = _table(
    "company",
    _id(primary_key=True),
    _text("name"),
    _text("kind"),
    _text("tier"),
    _ref("parent"),
    _text("country"),
    _text("language"),
    Column("annual_value", Money),
    _text("currency"),
    _ref("account_manager"),
    _ref("deputy_manager"),
    _text("derived_by"),
    _flag("archived"),
    Index("company_by_name", "name"),
)

site = _table(
    "site",
    _id(primary_key=True),
    _id("company"),
    _text("name"),
    _ref("territory"),
    _text("address"),
    _real("latitude"),
    _real("longitude"),
    _text("zone"),
    _text("opening_hours"),
    _text("closing_days"),
    _text("derived_by"),
    _flag("archived"),
    Index("site_by_company", "company"),
)

contact = _table(
    "contact",
    _id(primary_key=True),
    _text("name"),
    _text("phone"),
    _text("phone_digits"),
    _text("email"),
    _text("language"),
    _text("notes"),
    _text("derived_by"),
    _flag("archived"),
    _text("other_phones"),
    _text("best_hours"),
    Index("contact_by_phone", "phone_digits"),
)

affiliation = _table(
    "affiliation",
    _id(primary_key=True),
    _id("contact"),
    _id("company"),
    _text("role"),
    _flag("may_order"),
    _flag("may_approve"),
    Column("order_limit", Money),
    _text("currency"),
    _when("since"),
    _when("until"),
    _flag("archived"),
    Index("affiliation_by_company", "company"),
    Index("affiliation_by_contact", "contact"),
    Index("affiliation_by_approver", "company", sqlite_where=text("may_approve = 1")),
)

team = _table("team", _id(primary_key=True), _text("name"), _text("derived_by"), _flag("archived"))

person = _table(
    "person",
    _id(primary_key=True),
    _text("name"),
    _ref("team"),
    _text("zone"),
    _text("language"),
    _text("skills"),
    _text("rights"),
    _text("derived_by"),
    _flag("archived"),
)

model = _table(
    "model",
    _id(primary_key=True),
    _text("name"),
    _text("maker"),
    _text("category"),
    _text("derived_by"),
    _flag("archived"),
)

equipment = _table(
    "equipment",
    _id(primary_key=True),
    _id("company"),
    _ref("model"),
    _ref("site"),
    _ref("parent"),
    _text("serial"),
    _text("inventory_number"),
    _text("place"),
    _when("commissioned_at"),
    _when("warranty_until"),
    _text("derived_by"),
    _flag("archived"),
    Index("equipment_by_company", "company"),
    Index("equipment_by_serial", "serial"),
    Index("equipment_by_model", "model", "company"),
)

calendar = _table("calendar", _id(primary_key=True), _text("name"), _text("body"), _flag("archived"))
policy = _table("policy", _id(primary_key=True), _text("name"), _text("body"), _flag("archived"))
view = _table("view", _id(primary_key=True), _text("name"), _text("body"), _flag("archived"))
grade = _table("grade", _id(primary_key=True), _text("name"), _text("body"), _flag("archived"))

document_version = _table(
    "document_version",
    _id(primary_key=True),
    _id("document"),
    _text("kind"),
    Column("number", Integer, nullable=False),
    _when("valid_from", nullable=False),
    _text("body"),
    _text("note"),
    _flag("archived"),
    Index("document_version_by_document", "document", "valid_from"),
)

contract = _table(
    "contract",
    _id(primary_key=True),
    _id("company"),
    _text("number"),
    _text("derived_by"),
    _flag("archived"),
    Index("contract_by_company", "company"),
)

contract_version = _table(
    "contract_version",
    _id(primary_key=True),
    _id("contract"),
    _when("valid_from", nullable=False),
    _when("valid_until"),
    _text("grade"),
    _ref("policy"),
    _ref("calendar"),
    _text("coverage"),
    _text("exclusions"),
    Column("included_units", Integer),
    _text("unit"),
    _text("rates"),
    Column("annual_value", Money),
    _text("currency"),
    _when("paid_until"),
    _text("derived_by"),
    _flag("archived"),
    Index("contract_version_by_contract", "contract", "valid_from"),
)

ticket = _table(
    "ticket",
    _id(primary_key=True),
    Column("number", Text, nullable=False),
    _text("subject"),
    _ref("company"),
    _ref("site"),
    _ref("equipment"),
    _ref("contract_version"),
    _text("request_type"),
    _text("channel"),
    _text("stage"),
    _flag("stage_class"),
    Column("priority", Integer, nullable=False, server_default="3"),
    _ref("owner"),
    _ref("team"),
    _text("category"),
    _text("fault_code"),
    _text("cause_code"),
    _text("resolution_code"),
    _text("waiting_cause"),
    _text("waiting_party"),
    _when("waiting_until"),
    _when("opened_at", nullable=False),
    _when("changed_at", nullable=False),
    _when("closed_at"),
    _text("tags"),
    _text("extra"),
    _text("derived_by"),
    _flag("archived"),
    # Derived, rebuildable at any time: what the queue shows and sorts by (storage/standing.py).
    Column("queue_rank", Integer, nullable=False, server_default="3"),
    Column("queue_key", Instant, nullable=False, server_default="0"),
    _text("sla_clock"),
    _flag("sla_state"),
    _flag("sla_missed"),
    _text("company_sort"),
    _flag("reporter_count"),
    _flag("is_repeat"),
    _text("sla_warnings"),
    Index("ticket_by_number", "number", unique=True),
    Index("ticket_by_urgency", "queue_rank", "queue_key", "priority", "id", "owner", "team"),
    Index("ticket_by_age", "opened_at", "id"),
    Index("ticket_open_by_age", "opened_at", "id", "owner", "team", sqlite_where=text(OPEN_ROWS)),
    Index("ticket_by_company_name", "company_sort", "opened_at", "id"),
    Index(
        "ticket_open_by_company_name",
        "company_sort",
        "opened_at",
        "id",
        "owner",
        "team",
        sqlite_where=text(OPEN_ROWS),
    ),
    Index("ticket_by_company", "company", "opened_at", "id", "queue_rank", "sla_missed", "is_repeat", "archived"),
    Index(
        "ticket_open_by_company",
        "company",
        "queue_rank",
        "queue_key",
        "priority",
        "id",
        sqlite_where=text(OPEN_ROWS),
    ),
    Index("ticket_by_equipment", "equipment", "opened_at", "id", sqlite_where=text("equipment IS NOT NULL")),
    Index("ticket_by_contract", "contract_version", "changed_at", sqlite_where=text("contract_version IS NOT NULL")),
    Index("ticket_by_owner", "owner", "queue_rank", "queue_key", "priority", "id", sqlite_where=text(OPEN_ROWS)),
)

ticket_reporter = _table(
    "ticket_reporter",
    _id("ticket", primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    _id("contact"),
    Index("ticket_reporter_by_contact", "contact"),
    without_rowid=True,
)

ticket_link = _table(
    "ticket_link",
    _id("ticket", primary_key=True),
    Column("kind", Text, primary_key=True),
    _id("other", primary_key=True),
    without_rowid=True,
)

entry = _table(
    "entry",
    _id(primary_key=True),
    _id("ticket"),
    _when("at", nullable=False),
    _text("kind"),
    _text("direction"),
    _ref("person"),
    _ref("contact"),
    _text("text"),
    _text("code"),
    _text("data"),
    _text("delivery"),
    _flag("hidden"),
    _text("derived_by"),
    Index("entry_by_ticket", "ticket", "at", "id"),
    Index("entry_to_deliver", "delivery", sqlite_where=text("delivery IN ('queued', 'handing')")),
    Index("entry_failed", "person", sqlite_where=text("delivery = 'failed'")),
)

call_back = _table(
    "call_back",
    _id(primary_key=True),
    _id("ticket"),
    _ref("contact"),
    _text("number"),
    _when("due_at", nullable=False),
    _id("person"),
    _text("note"),
    _flag("is_dropped"),
    Index("call_back_by_due", "due_at"),
    Index("call_back_standing", "person", "due_at", sqlite_where=text("is_dropped = 0")),
    Index("call_back_by_ticket", "ticket"),
)

external_id = _table(
    "external_id",
    Column("namespace", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("entity", Text, primary_key=True),
    _id(),
    Index("external_id_by_id", "id"),
    without_rowid=True,
)

# Derived, rebuildable from the log at any time: what became of merged records, and what the log names where a row's
# reference was led on (storage/merging.py).

merged_record = _table(
    "merged_record",
    _id("record", primary_key=True),
    _text("entity"),
    _id("into"),
    Index("merged_record_by_into", "into"),
    without_rowid=True,
)

moved_reference = _table(
    "moved_reference",
    Column("named_in", Text, primary_key=True),
    _id("row", primary_key=True),
    Column("field", Text, primary_key=True),
    _id("was"),
    Index("moved_reference_by_was", "was", "named_in"),
    without_rowid=True,
)

# Local only: what this file knows of itself. Never synced.

store = _table(
    "store",
    Column("only", Integer, primary_key=True),
    _id("console"),
    _flag("last_n"),
    Column("last_hash", LargeBinary, nullable=False),
    _flag("last_hlc"),
    _flag("last_number"),
    _ref("person"),
    _text("desk"),
    _flag("is_demo"),
    _when("created_at", nullable=False),
)

operation = _table(
    "operation",
    _id("console", primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    _id("txn"),
    _text("stream"),
    _text("entity"),
    _id("id"),
    _text("kind"),
    Column("payload", LargeBinary, nullable=False),
    Column("base", LargeBinary, nullable=False),
    Column("hlc", Integer, nullable=False),
    Column("schema_v", Integer, nullable=False),
    Column("prev", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    _id("author"),
    Column("state", Text, nullable=False, server_default="local"),
    Index("operation_by_entity", "id"),
    Index("operation_by_txn", "txn"),
)

action = _table(
    "action",
    Column("n", Integer, primary_key=True),
    _id("txn"),
    _id("author"),
    _when("at", nullable=False),
    _text("title"),
    _text("facts"),
    Column("state", Text, nullable=False, server_default="done"),
    Index("action_by_author", "author", "state", "n"),
)

import_batch = _table(
    "import_batch",
    Column("n", Integer, primary_key=True),
    _text("mapping"),
    _text("source"),
    _text("digest"),
    _when("at", nullable=False),
    _text("report"),
)

import_raw = _table(
    "import_raw",
    Column("batch", Integer, ForeignKey("import_batch.n"), primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("raw", LargeBinary, nullable=False),
    without_rowid=True,
)

rebuild = _table(
    "rebuild",
    _id("about", primary_key=True),
    _text("kind"),
    _when("since", nullable=False),
    _when("after_opened_at", nullable=False),
    Column("after_ticket", LargeBinary, nullable=False),
    _flag("done"),
    _flag("total"),
    without_rowid=True,
)

draft = _table(
    "draft",
    _id("person", primary_key=True),
    Column("kind", Text, primary_key=True),
    _id("about", primary_key=True),
    _text("body"),
    _when("changed_at", nullable=False),
    without_rowid=True,
)

desk_state = _table(
    "desk_state",
    Column("name", Text, primary_key=True),
    _text("body"),
    without_rowid=True,
)

# Local: the hub this desk has joined (storage/sync). `stamp` holds what the hub said of an operation, own or another's.

hub = _table(
    "hub",
    Column("only", Integer, primary_key=True),
    _text("url"),
    _id("epoch"),
    _text("login"),
    _id("person"),
    _flag("sent_n"),
    _flag("hub_time"),
    _when("joined_at", nullable=False),
    _when("synced_at"),
    _flag("is_paused"),
)

hub_cursor = _table(
    "hub_cursor",
    Column("stream", Text, primary_key=True),
    _flag("seq"),
    Column("chain", LargeBinary, nullable=False),
    without_rowid=True,
)

stamp = _table(
    "stamp",
    _id("console", primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    _text("stream"),
    _flag("seq"),
    _flag("eff"),
    _flag("seen"),
    _id("author"),
    Index("stamp_by_seq", "stream", "seq", unique=True),
    without_rowid=True,
)

# Derived by the fold: what people did to one thing without knowing of each other.
conflict = _table(
    "conflict",
    _id(primary_key=True),
    _id("record"),
    _text("entity"),
    _text("kind"),
    _text("field"),
    _text("body"),
    _when("at", nullable=False),
    _flag("is_open"),
    Index("conflict_by_record", "record"),
    Index("conflict_open", "at", sqlite_where=text("is_open = 1")),
    without_rowid=True,
)

refused = _table(
    "refused",
    Column("n", Integer, primary_key=True),
    _text("reason"),
    _when("at", nullable=False),
    _text("settled"),
)

sync_log = _table(
    "sync_log",
    Column("n", Integer, primary_key=True),
    _when("at", nullable=False),
    _when("until_at", nullable=False),
    _flag("times"),
    _flag("sent"),
    _flag("received"),
    _flag("refused"),
    _flag("set_aside"),
    _text("error"),
    _text("facts"),
    _flag("is_over"),
)

hub_left = _table(
    "hub_left",
    _id("epoch", primary_key=True),
    _text("url"),
    _when("left_at", nullable=False),
    without_rowid=True,
)

quarantine = _table(
    "quarantine",
    _id("console", primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    _id("about"),
    _text("reason"),
    Index("quarantine_by_about", "about"),
    without_rowid=True,
)

# What the own log knows under a console that this file no longer is: what was refused before it was found to be a copy,
# or was made anew.
refused_before = _table(
    "refused_before",
    _id("console", primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    _text("reason"),
    _when("at", nullable=False),
    _text("settled"),
    without_rowid=True,
)

# The chain of a stream at some of its numbers, to find where two logs part.
chain_sample = _table(
    "chain_sample",
    Column("stream", Text, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("chain", LargeBinary, nullable=False),
    without_rowid=True,
)

# Stamps of operations that a restored hub no longer has, until their authors have sent them again.
lost_stamp = _table(
    "lost_stamp",
    _id("console", primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    _text("stream"),
    _flag("seq"),
    _flag("eff"),
    _flag("seen"),
    _id("author"),
    without_rowid=True,
)

# Records that came folded from a keeper, and how far their history has come: the log of this desk begins behind them.
base_document = _table(
    "base_document",
    _id(primary_key=True),
    _text("stream"),
    _text("entity"),
    _flag("seq"),
    _flag("opened_seq"),
    _flag("opened_n"),
    _flag("was_retargeted"),
    Column("body", LargeBinary, nullable=False),
)

base_stream = _table(
    "base_stream",
    Column("stream", Text, primary_key=True),
    _flag("seq"),
    Column("chain", LargeBinary, nullable=False),
    _ref("after_id"),
    _flag("done"),
    _flag("total"),
    _flag("is_whole"),
    without_rowid=True,
)

report_stale = _table(
    "report_stale",
    Column("name", Text, primary_key=True),
    _id("key", primary_key=True),
    _flag("n"),
    Index("report_stale_by_n", "n"),
    without_rowid=True,
)

number_block = _table(
    "number_block",
    Column("first", Integer, primary_key=True),
    _flag("last"),
    _flag("next"),
)

# Derived and local: what finding goes by (storage/caller_index.py). Triggers note what has to be looked at again.

open_by_company = _table(
    "open_by_company",
    _id("company", primary_key=True),
    _flag("tickets"),
    without_rowid=True,
)

find_stale = _table(
    "find_stale",
    Column("kind", Integer, primary_key=True, autoincrement=False),
    _id("id", primary_key=True),
    without_rowid=True,
)

find_record = _table(
    "find_record",
    Column("n", Integer, primary_key=True),
    Column("kind", Integer, nullable=False),
    _id("id"),
    _ref("company"),
    _text("text"),
    Index("find_record_by_id", "id"),
)

find_key = _table(
    "find_key",
    Column("key", Text, primary_key=True),
    Column("record", Integer, primary_key=True, autoincrement=False),
    without_rowid=True,
)

find_word = _table(
    "find_word",
    Column("word", Text, primary_key=True),
    _text("backward"),
    _flag("uses"),
    Index("find_word_by_end", "backward"),
    without_rowid=True,
)

find_doc = _table("find_doc", Column("doc", Integer, primary_key=True), _id())

find_term = _table(
    "find_term",
    Column("word", Text, primary_key=True),
    _text("backward"),
    Index("find_term_by_end", "backward"),
    without_rowid=True,
)

find_changed = _table(
    "find_changed",
    Column("kind", Integer, primary_key=True, autoincrement=False),
    _id("id", primary_key=True),
    without_rowid=True,
)

find_progress = _table(
    "find_progress",
    Column("only", Integer, primary_key=True),
    _flag("tickets"),
    _flag("entries"),
    _flag("old_tickets"),
    _flag("last_ticket"),
    _flag("last_entry"),
)
