"""Two made-up desks of one hub, to look at what one console sees of another: filled by acts, so that they travel."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from core.clock import Clock
from core.commands import AddRecord, AssignTicket, Command, OpenTicket, PostEntry, Together
from core.ids import EntityId, IdMaker
from storage.desk import OpenDesk
from storage.hub.running import Hub
from storage.new_desk import Owner, add_owner, create_desk
from storage.sync.joining import join_hub
from storage.sync.once import Round
from storage.sync.session import Session

FIRMS = (
    ("Birch & Hollow Foods", "Mara Lind", "The cold store alarm rings", 1),
    ("Kestrel Logistics", "Tomas Vrana", "Scanner at gate 4 reads nothing", 2),
    ("Ardent Paper Mill", "Ines Calder", "Line 2 stops every hour", 1),
    ("Halcyon Clinics", "Owen Petrie", "Label printer prints half a label", 3),
    ("Northgate Schools", "Yara Osei", "Projector in room 12 stays dark", 4),
    ("Quarry Lane Bakery", "Filip Novak", "Oven shows code E7", 2),
)
"""Firm, who calls, what is wrong, priority."""

TEAM, ZONE = "Dispatch", "Europe/Warsaw"


def make_two(
    folders: Sequence[Path], urls: Sequence[str], logins: Sequence[str], clock: Clock, new_id: IdMaker
) -> None:
    """Make the desks anew, fill the first, and let both join; the hub of `urls` is one made for this alone."""
    for place, (path, url, login) in enumerate(zip(folders, urls, logins, strict=True)):
        shutil.rmtree(path.parent, ignore_errors=True)
        create_desk(path, path.parent.name, clock, new_id, is_demo=True).close()
        person = add_owner(path, clock, new_id, Owner(login.title(), TEAM, ZONE))
        desk = OpenDesk(path, clock, new_id)
        try:
            if place == 0:
                _fill(desk, person, new_id)
            session = Session(url)
            try:
                join_hub(desk, clock, session, url, person)
            finally:
                session.close()
            Round(desk, clock, lambda hub: Session(hub.url)).run()
        finally:
            desk.close()


def set_up_hub(url: str, logins: Sequence[str]) -> None:
    """A hub in the empty database at `url`, open for `logins`."""
    with Hub(url) as hub:
        hub.init()
    with Hub(url) as hub:
        for login in logins:
            hub.grant(login, "shared", "write")


def _fill(desk: OpenDesk, person: EntityId, new_id: IdMaker) -> None:
    for place, (firm, caller, subject, priority) in enumerate(FIRMS):
        company, contact, affiliation = new_id(), new_id(), new_id()
        told: tuple[Command, ...] = (
            AddRecord("company", {"name": firm, "kind": "customer"}, company),
            AddRecord("contact", {"name": caller, "phone": f"+48 22 555 01 {place:02}"}, contact),
            AddRecord(
                "affiliation", {"contact": contact.hex(), "company": company.hex(), "role": "on site"}, affiliation
            ),
        )
        desk.submit(Together(told), person).result()
        ticket = desk.submit(OpenTicket(subject, company, priority, reporters=(contact,)), person).result().touched[0]
        desk.submit(PostEntry(ticket, "note", f"{caller} called. Invented, like all of this."), person).result()
        if place % 2:
            desk.submit(AssignTicket(ticket, person, None), person).result()
