"""Who the demo desk works for and with: colleagues, customers with sites, contacts, contracts and equipment."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import accumulate
from random import Random
from zoneinfo import ZoneInfo

from core.calendar import Calendar
from core.clock import Instant
from core.ids import EntityId, IdMaker
from core.sla import Policy
from storage.demo.batch import Batch
from storage.demo.grades import DAY, GRADES, HOURS_INCLUDED, POLICIES, POLICY_BODIES, calendar_body
from storage.demo.manners import manner_of
from storage.demo.names import (
    CATEGORIES,
    LANDS,
    OURSELVES,
    PEOPLE,
    PLACE_WORDS,
    ROLES,
    SITE_WORDS,
    SUPPLIERS,
    TEAMS,
    TERRITORIES,
    Land,
)
from storage.demo.stories import places_of
from storage.rows import dump

DESK, SYSTEMS, WEST, EAST = range(4)
SYSTEM_CATEGORIES = frozenset(("router", "switch", "server", "access_point", "ups", "none"))
EASTERN = frozenset(("KZ", "UA", "TH"))
VALUE_SCALE = {"PLN": 4, "GBP": 1, "EUR": 1, "SEK": 11, "KZT": 500, "UAH": 45, "THB": 40}
"""How many units of a currency make about one euro."""
FIRMS_PER_FLUSH = 500
LARGE_FIRMS = 6
"""The first customers have several sites and many machines; they call most."""


@dataclass(frozen=True, slots=True)
class Colleague:
    """A person of the demo desk."""

    id: EntityId
    team: EntityId
    team_number: int


@dataclass(frozen=True, slots=True)
class Version:
    """A contract version as tickets need it."""

    id: EntityId
    valid_from: int
    valid_until: int
    grade: str
    policy: Policy
    hours: Calendar


@dataclass(slots=True)
class Firm:
    """A customer: sites are ids, contacts are (id, phone), units are (id, site, category number, name, spot)."""

    id: EntityId
    name: str
    land: Land
    utc_offset: int
    sites: list[EntityId] = field(default_factory=list)
    contacts: list[tuple[EntityId, str]] = field(default_factory=list)
    units: list[tuple[EntityId, EntityId, int, str, int]] = field(default_factory=list)
    versions: list[Version] = field(default_factory=list)

    def version_at(self, at: int) -> Version | None:
        """The newest version in force at `at`, as a ticket opened then would get it."""
        found = None
        for version in self.versions:
            if version.valid_from <= at < version.valid_until:
                found = version
        return found


@dataclass(slots=True)
class Cast:
    """Everybody and everything tickets may be about."""

    people: list[Colleague]
    firms: list[Firm]
    loads: list[float]
    """Summed weights of the firms: some call every day, most now and then."""

    def firm_at(self, share: float) -> int:
        """The firm at `share` (0 to 1) of all calls."""
        return min(bisect(self.loads, share * self.loads[-1]), len(self.firms) - 1)

    def colleagues(self, team_number: int) -> list[Colleague]:
        """The people of a team."""
        return [person for person in self.people if person.team_number == team_number]


class Founding:
    """Makes the cast of a demo world and writes its rows; `since` and `now` bound the tickets to come."""

    def __init__(self, batch: Batch, rng: Random, since: int, now: Instant) -> None:
        self._batch = batch
        self._rng = rng
        self._since = since
        self._now = now
        # Records are older than the tickets that speak of them, and their ids say so.
        self._new_id = IdMaker(lambda: (since - 500 * DAY) * 1000, rng.randbytes)
        self._contracts = 2_000
        self._hours: dict[tuple[str, str], tuple[EntityId, Calendar]] = {}
        self._policies: dict[str, EntityId] = {}
        self._models: list[list[EntityId]] = []
        self._territories: dict[str, list[EntityId]] = {}

    def found(self, firm_count: int, people_count: int) -> Cast:
        """Write all master data."""
        people = self._people(people_count)
        self._terms()
        self._catalogue()
        self._own_firms(people)
        firms: list[Firm] = []
        for number, (land, name) in enumerate(_firm_names(firm_count, self._rng)):
            firms.append(self._firm(number, land, name, people))
            if number % FIRMS_PER_FLUSH == 0:
                self._batch.write()
        self._batch.write()
        loads = list(accumulate(1 / (rank + 3) ** 0.5 for rank in range(len(firms))))
        return Cast(people, firms, loads)

    def _people(self, count: int) -> list[Colleague]:
        teams = [self._new_id() for _ in TEAMS]
        for team, name in zip(teams, TEAMS, strict=True):
            self._batch.add("team", team, name)
        people = []
        for number in range(count):
            # Every third sits at the desk, so that a small firm has dispatchers and engineers of each kind.
            team_number = (DESK, SYSTEMS, WEST, DESK, EAST, WEST, DESK, EAST, SYSTEMS)[number % 9]
            person = Colleague(self._new_id(), teams[team_number], team_number)
            zone = "Asia/Bangkok" if team_number == EAST else "Europe/Warsaw"
            skills = dump(sorted(self._skills(team_number)))
            rights = dump(["may_override"]) if number % 9 == 0 else ""
            self._batch.add("person", person.id, PEOPLE[number], person.team, zone, "en", skills, rights)
            people.append(person)
        return people

    def _skills(self, team_number: int) -> list[str]:
        if team_number == DESK:
            return ["triage", *self._rng.sample(["pl", "en", "ru", "th"], 2)]
        wanted = [
            category.name for category in CATEGORIES if (category.name in SYSTEM_CATEGORIES) == (team_number == SYSTEMS)
        ]
        return self._rng.sample(wanted, min(len(wanted), 5))

    def _terms(self) -> None:
        for grade in GRADES:
            self._policies[grade] = self._new_id()
            body = POLICY_BODIES[grade]
            self._batch.add("policy", self._policies[grade], body["name"], dump(body))
        for grade in GRADES:
            for zone in dict.fromkeys(land.zone for land in LANDS):
                body = calendar_body(grade, zone)
                calendar = self._new_id()
                self._batch.add("calendar", calendar, f"{grade.capitalize()} {zone}", dump(body))
                self._hours[grade, zone] = (calendar, Calendar.from_document(body))

    def _catalogue(self) -> None:
        for category in CATEGORIES:
            models = [self._new_id() for _ in category.models]
            for model, (maker, name) in zip(models, category.models, strict=True):
                self._batch.add("model", model, name, maker, category.name)
            self._models.append(models)
        for name, zone, country in TERRITORIES:
            territory = self._new_id()
            self._territories.setdefault(country, []).append(territory)
            self._batch.add("territory", territory, name, zone)

    def _own_firms(self, people: list[Colleague]) -> None:
        head = people[0].id
        self._batch.add("company", self._new_id(), OURSELVES, "ourselves", "", "PL", "en", None, "", head, None)
        for name, kind, country in SUPPLIERS:
            language = next(land.language for land in LANDS if land.country == country)
            self._batch.add("company", self._new_id(), name, kind, "", country, language, None, "", head, None)

    def _firm(self, number: int, land: Land, name: str, people: list[Colleague]) -> Firm:
        offset = ZoneInfo(land.zone).utcoffset(_moment(self._now))
        firm = Firm(self._new_id(), name, land, int(offset.total_seconds()) if offset else 0)
        rng = self._rng
        tier = ("A", "B", "C")[min(2, int(rng.random() * 3.4))] if number else "A"
        size = {"A": 1_000, "B": 500, "C": 150}[tier]
        value = round(VALUE_SCALE[land.currency] * rng.randrange(6, 90) * size, -3) * 100
        manager, deputy = rng.choice(people).id, rng.choice(people).id
        self._batch.add(
            "company",
            firm.id,
            name,
            "customer",
            tier,
            land.country,
            land.language,
            value,
            land.currency,
            manager,
            deputy if deputy != manager else None,
        )
        is_large = number < LARGE_FIRMS
        self._sites(firm, 3 if is_large else 1 + int(rng.random() ** 2 * 4))
        self._contacts(firm)
        self._contract(number, firm, tier, value)
        self._equipment(firm, (20 if is_large else 6) + int(rng.random() * 9))
        return firm

    def _sites(self, firm: Firm, count: int) -> None:
        rng, land = self._rng, firm.land
        words = SITE_WORDS[land.language]
        for number in range(count):
            site = self._new_id()
            city = rng.choice(land.cities) if number else land.cities[0]
            word = words[number % len(words)]
            territory = rng.choice(self._territories[land.country])
            hours = rng.choice(("mon-fri 06:00-22:00", "mon-sat 07:00-19:00", "24/7"))
            address = f"{city}, {rng.randrange(1, 180)}"
            self._batch.add("site", site, firm.id, f"{word} {city}", territory, address, land.zone, hours, "")
            firm.sites.append(site)

    def _contacts(self, firm: Firm) -> None:
        rng, land = self._rng, firm.land
        roles = rng.sample(ROLES, len(ROLES))
        for number in range(2 + int(rng.random() * 3)):
            contact = self._new_id()
            first, last = rng.choice(land.first_names), rng.choice(land.last_names)
            digits = f"{rng.randrange(10_000):04d}"
            end = digits[:3] if land.country in ("GB", "DE") else digits[:2]
            phone = land.phone + (f"{digits[:2]} {digits[2:]}" if len(land.phone) < 13 else end)
            email = f"{first[1]}.{last[1]}@{_domain(firm.land.country, firm.id)}"
            only_digits = "".join(filter(str.isdigit, phone))
            manner = manner_of(contact, land)
            self._batch.add(
                "contact",
                contact,
                f"{first[0]} {last[0]}",
                phone,
                only_digits,
                email,
                land.language,
                manner.notes,
                manner.other_phones,
                manner.best_hours,
            )
            role, may_order, may_approve = roles[number] if number else ROLES[number % 2]
            limit = None
            if may_order and not may_approve:
                limit = round(VALUE_SCALE[land.currency] * rng.choice((200, 500, 1_000)), -2) * 100
            since = self._since - rng.randrange(30, 400) * DAY
            self._batch.add(
                "affiliation",
                self._new_id(),
                contact,
                firm.id,
                role,
                int(may_order),
                int(may_approve),
                limit,
                land.currency if limit is not None else "",
                since,
            )
            firm.contacts.append((contact, phone))

    def _contract(self, number: int, firm: Firm, tier: str, value: int) -> None:
        rng = self._rng
        fate = 0.5 if number < 5 else rng.random()
        # The sixth and the tenth customer show every demo what a firm without a promise looks like.
        if number == 5 or fate < 0.04:
            return
        self._contracts += 1
        contract = self._new_id()
        self._batch.add("contract", contract, firm.id, f"C-{self._contracts}")
        chances = {"A": (0.6, 0.95), "B": (0.15, 0.75), "C": (0.04, 0.4)}[tier]
        luck = rng.random() if number else 0.0
        grade = "gold" if luck < chances[0] else "silver" if luck < chances[1] else "bronze"
        began = self._since - rng.randrange(5, 300) * DAY
        if number == 9 or fate < 0.07:
            self._version(contract, firm, grade, began, self._now - rng.randrange(20, 90) * DAY, value)
        elif fate < 0.45:
            renewed = self._now - rng.randrange(20, 330) * DAY
            earlier = "bronze" if rng.random() < 0.4 else grade
            self._version(contract, firm, earlier, began, renewed, value * 9 // 10)
            self._version(contract, firm, grade, renewed, renewed + 730 * DAY, value)
        else:
            self._version(contract, firm, grade, began, self._now + rng.randrange(40, 700) * DAY, value)

    def _version(self, contract: EntityId, firm: Firm, grade: str, since: int, until: int, value: int) -> None:
        since, until = since // DAY * DAY, until // DAY * DAY
        calendar, hours = self._hours[grade, firm.land.zone]
        version = Version(self._new_id(), since, until, grade, POLICIES[grade], hours)
        covers = [category.name for category in CATEGORIES]
        left_out = sorted(self._rng.sample(covers, 2))
        paid_until = min(until, self._now + self._rng.randrange(-20, 120) * DAY)
        self._batch.add(
            "contract_version",
            version.id,
            contract,
            since,
            until,
            grade,
            self._policies[grade],
            calendar,
            dump([name for name in covers if name not in left_out]),
            dump(left_out),
            HOURS_INCLUDED[grade],
            "hour",
            value,
            firm.land.currency,
            paid_until,
        )
        firm.versions.append(version)

    def _equipment(self, firm: Firm, count: int) -> None:
        rng = self._rng
        words = PLACE_WORDS[firm.land.language]
        first_number = 100 + int(rng.random() * 700)
        for number in range(count):
            # A label printer first: what every customer of the firm has.
            category_number = int(rng.random() * len(CATEGORIES)) if number else 0
            category = CATEGORIES[category_number]
            unit = self._new_id()
            spot = rng.randrange(10_000)
            name = f"{category.letters}-{first_number + number * 3 + spot % 3}"
            places = places_of(spot)
            place = ", ".join(f"{words[kind]} {places[kind]}" for kind in category.stands_at)
            site = rng.choice(firm.sites)
            commissioned = self._since - rng.randrange(10, 450) * DAY
            self._batch.add(
                "equipment",
                unit,
                firm.id,
                rng.choice(self._models[category_number]),
                site,
                f"{rng.randrange(12, 26)}{category.letters}{rng.randrange(1_000_000):06d}",
                name,
                place,
                commissioned,
                commissioned + rng.choice((2, 3, 5)) * 365 * DAY,
            )
            firm.units.append((unit, site, category_number, name, spot))


def _moment(now: int) -> datetime:

    return datetime.fromtimestamp(now, UTC)


def _domain(country: str, firm: bytes) -> str:
    return f"{country.lower()}-{firm[-3:].hex()}.example"


def _firm_names(count: int, rng: Random) -> Iterator[tuple[Land, str]]:
    """Lands in turn by their share; first the firms everybody knows from the pictures, then made-up ones."""
    pools = {land.country: _pool(land, rng) for land in LANDS}
    given = dict.fromkeys(pools, 0)
    for _ in range(count):
        land = min(LANDS, key=lambda one: (given[one.country] + 1) / one.share)
        names = pools[land.country]
        place = given[land.country]
        given[land.country] += 1
        again = place // len(names)
        yield land, names[place % len(names)] + (f" {again + 1}" if again else "")


def _pool(land: Land, rng: Random) -> list[str]:
    made_up = [f"{head} {tail}" for head in land.firm_heads for tail in land.firm_tails]
    rng.shuffle(made_up)
    return [*land.first_firms, *(name for name in made_up if name not in land.first_firms)]
