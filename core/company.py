"""Who stands behind a ticket: companies, their sites and territories, and the people who may speak for them."""

from __future__ import annotations

from dataclasses import dataclass

from core.clock import Instant
from core.ids import EntityId

COMPANY_KINDS = ("customer", "vendor", "contractor", "ourselves")


@dataclass(frozen=True, slots=True)
class Territory:
    """A part of the country that one team looks after."""

    id: EntityId
    name: str
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Company:
    """A firm; `annual_value` is in minor units of `currency`."""

    id: EntityId
    name: str
    kind: str = "customer"
    tier: str = ""
    parent: EntityId | None = None
    country: str = ""
    language: str = ""
    annual_value: int | None = None
    currency: str = ""
    account_manager: EntityId | None = None
    deputy_manager: EntityId | None = None
    derived_by: str = ""
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Site:
    """Where equipment stands: an address in a territory, with a zone and opening hours of its own."""

    id: EntityId
    company: EntityId
    name: str
    territory: EntityId | None = None
    address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    zone: str = ""
    opening_hours: str = ""
    closing_days: str = ""
    derived_by: str = ""
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Contact:
    """A person at a customer. Numbers are kept as written; `phone_digits` is what a caller id is compared with.

    `best_hours` says in words when one reaches them, `notes` what one should know before speaking.
    """

    id: EntityId
    name: str
    phone: str = ""
    phone_digits: str = ""
    email: str = ""
    language: str = ""
    notes: str = ""
    derived_by: str = ""
    archived: bool = False
    other_phones: tuple[str, ...] = ()
    best_hours: str = ""


@dataclass(frozen=True, slots=True)
class Affiliation:
    """What a contact is at a company, from when to when; `order_limit` is in minor units, None when unlimited."""

    id: EntityId
    contact: EntityId
    company: EntityId
    role: str = ""
    may_order: bool = False
    may_approve: bool = False
    order_limit: int | None = None
    currency: str = ""
    since: Instant | None = None
    until: Instant | None = None
