"""What people call the desk: companies, equipment, contracts, documents, tickets and their entries.

These are synced and have no foreign keys between them: an auditor checks, so that a pull in an unlucky order never
wedges.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Text, text

from storage.schema.columns import OPEN_ROWS, Instant, Money, flag, id_, real, ref, table, text_, when

territory = table("territory", id_(primary_key=True), text_("name"), text_("zone"), flag("archived"))

company = table(
    "company",
    id_(primary_key=True),
    text_("name"),
    text_("kind"),
    text_("tier"),
    ref("parent"),
    text_("country"),
    text_("language"),
    Column("annual_value", Money),
    text_("currency"),
    ref("account_manager"),
    ref("deputy_manager"),
    text_("derived_by"),
    flag("archived"),
    Index("company_by_name", "name"),
)

site = table(
    "site",
    id_(primary_key=True),
    id_("company"),
    text_("name"),
    ref("territory"),
    text_("address"),
    real("latitude"),
    real("longitude"),
    text_("zone"),
    text_("opening_hours"),
    text_("closing_days"),
    text_("derived_by"),
    flag("archived"),
    Index("site_by_company", "company"),
)

contact = table(
    "contact",
    id_(primary_key=True),
    text_("name"),
    text_("phone"),
    text_("phone_digits"),
    text_("email"),
    text_("language"),
    text_("notes"),
    text_("derived_by"),
    flag("archived"),
    text_("other_phones"),
    text_("best_hours"),
    Index("contact_by_phone", "phone_digits"),
)

affiliation = table(
    "affiliation",
    id_(primary_key=True),
    id_("contact"),
    id_("company"),
    text_("role"),
    flag("may_order"),
    flag("may_approve"),
    Column("order_limit", Money),
    text_("currency"),
    when("since"),
    when("until"),
    flag("archived"),
    Index("affiliation_by_company", "company"),
    Index("affiliation_by_contact", "contact"),
    Index("affiliation_by_approver", "company", sqlite_where=text("may_approve = 1")),
)

team = table("team", id_(primary_key=True), text_("name"), text_("derived_by"), flag("archived"))

person = table(
    "person",
    id_(primary_key=True),
    text_("name"),
    ref("team"),
    text_("zone"),
    text_("language"),
    text_("skills"),
    text_("rights"),
    text_("derived_by"),
    flag("archived"),
)

model = table(
    "model",
    id_(primary_key=True),
    text_("name"),
    text_("maker"),
    text_("category"),
    text_("derived_by"),
    flag("archived"),
)

equipment = table(
    "equipment",
    id_(primary_key=True),
    id_("company"),
    ref("model"),
    ref("site"),
    ref("parent"),
    text_("serial"),
    text_("inventory_number"),
    text_("place"),
    when("commissioned_at"),
    when("warranty_until"),
    text_("derived_by"),
    flag("archived"),
    Index("equipment_by_company", "company"),
    Index("equipment_by_serial", "serial"),
    Index("equipment_by_model", "model", "company"),
)

calendar = table("calendar", id_(primary_key=True), text_("name"), text_("body"), flag("archived"))
policy = table("policy", id_(primary_key=True), text_("name"), text_("body"), flag("archived"))
view = table("view", id_(primary_key=True), text_("name"), text_("body"), flag("archived"))
grade = table("grade", id_(primary_key=True), text_("name"), text_("body"), flag("archived"))

document_version = table(
    "document_version",
    id_(primary_key=True),
    id_("document"),
    text_("kind"),
    Column("number", Integer, nullable=False),
    when("valid_from", nullable=False),
    text_("body"),
    text_("note"),
    flag("archived"),
    Index("document_version_by_document", "document", "valid_from"),
)

contract = table(
    "contract",
    id_(primary_key=True),
    id_("company"),
    text_("number"),
    text_("derived_by"),
    flag("archived"),
    Index("contract_by_company", "company"),
)

contract_version = table(
    "contract_version",
    id_(primary_key=True),
    id_("contract"),
    when("valid_from", nullable=False),
    when("valid_until"),
    text_("grade"),
    ref("policy"),
    ref("calendar"),
    text_("coverage"),
    text_("exclusions"),
    Column("included_units", Integer),
    text_("unit"),
    text_("rates"),
    Column("annual_value", Money),
    text_("currency"),
    when("paid_until"),
    text_("derived_by"),
    flag("archived"),
    Index("contract_version_by_contract", "contract", "valid_from"),
)

ticket = table(
    "ticket",
    id_(primary_key=True),
    Column("number", Text, nullable=False),
    text_("subject"),
    ref("company"),
    ref("site"),
    ref("equipment"),
    ref("contract_version"),
    text_("request_type"),
    text_("channel"),
    text_("stage"),
    flag("stage_class"),
    Column("priority", Integer, nullable=False, server_default="3"),
    ref("owner"),
    ref("team"),
    text_("category"),
    text_("fault_code"),
    text_("cause_code"),
    text_("resolution_code"),
    text_("waiting_cause"),
    text_("waiting_party"),
    when("waiting_until"),
    when("opened_at", nullable=False),
    when("changed_at", nullable=False),
    when("closed_at"),
    text_("tags"),
    text_("extra"),
    text_("derived_by"),
    flag("archived"),
    # Derived, rebuildable at any time: what the queue shows and sorts by (storage/standing.py).
    Column("queue_rank", Integer, nullable=False, server_default="3"),
    Column("queue_key", Instant, nullable=False, server_default="0"),
    text_("sla_clock"),
    flag("sla_state"),
    flag("sla_missed"),
    text_("company_sort"),
    flag("reporter_count"),
    flag("is_repeat"),
    text_("sla_warnings"),
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

ticket_reporter = table(
    "ticket_reporter",
    id_("ticket", primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    id_("contact"),
    Index("ticket_reporter_by_contact", "contact"),
    without_rowid=True,
)

ticket_link = table(
    "ticket_link",
    id_("ticket", primary_key=True),
    Column("kind", Text, primary_key=True),
    id_("other", primary_key=True),
    without_rowid=True,
)

entry = table(
    "entry",
    id_(primary_key=True),
    id_("ticket"),
    when("at", nullable=False),
    text_("kind"),
    text_("direction"),
    ref("person"),
    ref("contact"),
    text_("text"),
    text_("code"),
    text_("data"),
    text_("delivery"),
    flag("hidden"),
    text_("derived_by"),
    Index("entry_by_ticket", "ticket", "at", "id"),
    Index("entry_to_deliver", "delivery", sqlite_where=text("delivery IN ('queued', 'handing')")),
    Index("entry_failed", "person", sqlite_where=text("delivery = 'failed'")),
)

call_back = table(
    "call_back",
    id_(primary_key=True),
    id_("ticket"),
    ref("contact"),
    text_("number"),
    when("due_at", nullable=False),
    id_("person"),
    text_("note"),
    flag("is_dropped"),
    Index("call_back_by_due", "due_at"),
    Index("call_back_standing", "person", "due_at", sqlite_where=text("is_dropped = 0")),
    Index("call_back_by_ticket", "ticket"),
)

external_id = table(
    "external_id",
    Column("namespace", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("entity", Text, primary_key=True),
    id_(),
    Index("external_id_by_id", "id"),
    without_rowid=True,
)

# Derived, rebuildable from the log at any time: what became of merged records, and what the log names where a row's
# reference was led on (storage/merging.py).

merged_record = table(
    "merged_record",
    id_("record", primary_key=True),
    text_("entity"),
    id_("into"),
    Index("merged_record_by_into", "into"),
    without_rowid=True,
)

moved_reference = table(
    "moved_reference",
    Column("named_in", Text, primary_key=True),
    id_("row", primary_key=True),
    Column("field", Text, primary_key=True),
    id_("was"),
    Index("moved_reference_by_was", "was", "named_in"),
    without_rowid=True,
)
