"""Between rows and the core's values: how a ticket, an entry or a record is written into and read from its table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.clock import Instant
from core.ids import EntityId
from core.ticket import Ticket, Waiting
from core.timeline import Entry

if TYPE_CHECKING:
    from core.operations.operation import CallBack

ID_FIELDS = frozenset(
    (
        "id",
        "company",
        "site",
        "contact",
        "territory",
        "parent",
        "model",
        "team",
        "account_manager",
        "deputy_manager",
        "contract",
        "policy",
        "calendar",
        "document",
        "merged_into",
    )
)


def dump(document: Any) -> str:
    """JSON text as columns keep it: canonical, empty for nothing."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")) if document else ""


def ticket_row(ticket: Ticket) -> dict[str, Any]:
    """The columns of `ticket`, without the derived ones."""
    waiting = ticket.waiting
    return {
        "id": ticket.id,
        "number": ticket.number,
        "subject": ticket.subject,
        "company": ticket.company,
        "site": ticket.site,
        "equipment": ticket.equipment,
        "contract_version": ticket.contract_version,
        "request_type": ticket.request_type,
        "channel": ticket.channel,
        "stage": ticket.stage,
        "stage_class": ticket.stage_class,
        "priority": ticket.priority,
        "owner": ticket.owner,
        "team": ticket.team,
        "category": ticket.category,
        "fault_code": ticket.fault_code,
        "cause_code": ticket.cause_code,
        "resolution_code": ticket.resolution_code,
        "waiting_cause": waiting.cause if waiting else "",
        "waiting_party": waiting.party if waiting else "",
        "waiting_until": waiting.until if waiting else None,
        "opened_at": ticket.opened_at,
        "changed_at": ticket.changed_at,
        "closed_at": ticket.closed_at,
        "derived_by": ticket.derived_by,
        "archived": int(ticket.archived),
        "extra": ticket.extra,
        "reporter_count": len(ticket.reporters),
    }


def ticket_of(row: Mapping[str, Any], reporters: tuple[EntityId, ...]) -> Ticket:
    """The ticket in a row of its table."""
    waiting = None
    if row["waiting_cause"]:
        waiting = Waiting(row["waiting_cause"], row["waiting_party"], row["waiting_until"])
    return Ticket(
        id=EntityId(row["id"]),
        number=row["number"],
        subject=row["subject"],
        company=row["company"],
        opened_at=Instant(row["opened_at"]),
        changed_at=Instant(row["changed_at"]),
        stage=row["stage"],
        stage_class=row["stage_class"],
        priority=row["priority"],
        owner=row["owner"],
        team=row["team"],
        site=row["site"],
        equipment=row["equipment"],
        contract_version=row["contract_version"],
        reporters=reporters,
        request_type=row["request_type"],
        channel=row["channel"],
        category=row["category"],
        fault_code=row["fault_code"],
        cause_code=row["cause_code"],
        resolution_code=row["resolution_code"],
        waiting=waiting,
        closed_at=row["closed_at"],
        derived_by=row["derived_by"],
        archived=bool(row["archived"]),
        extra=row["extra"],
    )


ENTRY_COLUMNS = "id, ticket, at, kind, direction, person, contact, text, code, data, delivery, hidden, derived_by"


def entry_row(entry: Entry) -> dict[str, Any]:
    """The columns of `entry`."""
    return {
        "id": entry.id,
        "ticket": entry.ticket,
        "at": entry.at,
        "kind": entry.kind,
        "direction": entry.direction,
        "person": entry.person,
        "contact": entry.contact,
        "text": entry.text,
        "code": entry.code,
        "data": dump(entry.data),
        "delivery": entry.delivery,
        "hidden": int(entry.hidden),
        "derived_by": entry.derived_by,
    }


def entry_of(row: tuple[Any, ...]) -> Entry:
    """The entry in a row of `ENTRY_COLUMNS`."""
    entry, ticket, at, kind, direction, person, contact, text, code, data, delivery, hidden, derived_by = row
    facts = json.loads(data) if data else {}
    return Entry(
        entry, ticket, at, kind, direction, person, contact, text, code, facts, delivery, bool(hidden), derived_by
    )


def call_back_row(call_back: CallBack) -> dict[str, Any]:
    """The columns of `call_back`."""
    return {
        "id": call_back.id,
        "ticket": call_back.ticket,
        "contact": call_back.contact,
        "number": call_back.number,
        "due_at": call_back.due_at,
        "person": call_back.person,
        "note": call_back.note,
        "is_dropped": int(call_back.is_dropped),
    }


def record_row(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a master-data record whose ids are hex and whose lists are JSON values."""
    row: dict[str, Any] = {}
    for name, value in fields.items():
        if name in ID_FIELDS and isinstance(value, str):
            row[name] = bytes.fromhex(value)
        elif isinstance(value, list | dict | tuple):
            row[name] = dump(value)
        elif isinstance(value, bool):
            row[name] = int(value)
        else:
            row[name] = value
    return row
