"""Master data from the command line: every field an option, every refusal a sentence that names it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from core.record_fields import DESK_ENTITIES
from tests.support.command_line import Account

DESK = ("--desk", "trial")


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Account:
    person = Account(tmp_path_factory.mktemp("records"))
    person.demo()
    return person


def test_a_company_its_site_its_people_and_its_equipment_are_entered_and_shown(account: Account) -> None:
    account.done(*DESK, "company", "new", "--name", "Huta Wschód", "--country", "pl", "--language", "pl",
                 "--annual-value", "12 000,50", "--currency", "pln", "--tier", "A")  # fmt: skip
    account.done(*DESK, "site", "new", "--name", "Hala 3", "--company", "Huta Wschód", "--zone", "Europe/Warsaw")
    account.done(*DESK, "contact", "new", "--name", "Ewa Żak", "--company", "huta wschod", "--role", "shift lead",
                 "--phone", "+48 32 555 01 02", "--phone", "600 555 017", "--may-order",
                 "--best-hours", "after 14:00")  # fmt: skip
    account.done(*DESK, "model", "new", "--name", "Press 9", "--maker", "Kuźnia")
    account.done(*DESK, "equipment", "new", "--company", "Huta Wschód", "--serial", "HW-1", "--model", "Press 9",
                 "--site", "Hala 3", "--warranty-until", "2028-03-31")  # fmt: skip
    ewa = account.document(*DESK, "contact", "show", "32 555 01 02")
    assert (ewa["name"], ewa["other_phones"], ewa["best_hours"]) == ("Ewa Żak", ["600 555 017"], "after 14:00")
    (at_huta,) = ewa["companies"]
    assert (at_huta["company"]["name"], at_huta["role"], at_huta["may_order"]) == ("Huta Wschód", "shift lead", True)
    press = account.document(*DESK, "equipment", "show", "HW-1")
    assert (press["site"]["name"], press["model"]["name"], press["warranty_until"]) == (
        "Hala 3",
        "Press 9",
        "2028-03-30T22:00:00Z",
    )
    shown = account.document(*DESK, "company", "show", "Huta Wschód")
    assert (shown["annual_value_minor"], shown["currency"], shown["kind"]) == (1_200_050, "PLN", "customer")
    assert [one["name"] for one in shown["contacts"]] == ["Ewa Żak"]


def test_an_amount_in_json_says_that_it_is_in_hundredths_and_of_which_currency(account: Account) -> None:
    account.done(*DESK, "contact", "new", "--name", "Lena Buk", "--company", "Hotel Baltic", "--order-limit", "5 000",
                 "--currency", "eur")  # fmt: skip
    (at_hotel,) = account.document(*DESK, "contact", "show", "Lena Buk")["companies"]
    assert (at_hotel["order_limit_minor"], at_hotel["currency"]) == (500_000, "EUR")


def test_a_day_is_typed_in_two_ways_and_printed_as_on_the_panes(account: Account) -> None:
    for serial, day in (("DAY-1", "2028-03-31"), ("DAY-2", "31.03.2028")):
        account.done(
            *DESK, "equipment", "new", "--company", "Hotel Baltic", "--serial", serial, "--warranty-until", day
        )
        assert "warranty until   31.03.2028" in account.done(*DESK, "equipment", "show", serial)


def test_equipment_is_no_a_equipment(account: Account) -> None:
    assert "Enter a piece of equipment" in account.done(*DESK, "equipment", "--help")
    assert account.refused(*DESK, "equipment", "new", "--serial", "X") == (
        "company is missing: a piece of equipment needs it"
    )


def test_only_the_fields_that_are_given_are_changed_and_an_empty_one_is_emptied(account: Account) -> None:
    account.done(*DESK, "contact", "new", "--name", "Jan Kos", "--email", "jan@kos.example", "--notes", "loud")
    told = account.done(*DESK, "contact", "edit", "Jan Kos", "--notes", "", "--language", "pl")
    assert told.strip() == "contact Jan Kos changed: language, notes"
    jan = account.document(*DESK, "contact", "show", "Jan Kos")
    assert (jan["notes"], jan["language"], jan["email"]) == ("", "pl", "jan@kos.example")


def test_a_contact_begins_at_another_company_and_ends_at_the_first(account: Account) -> None:
    for name in ("Alfa", "Beta"):
        account.done(*DESK, "company", "new", "--name", name)
    account.done(*DESK, "contact", "new", "--name", "Ala Rok", "--company", "Alfa", "--role", "buyer")
    account.done(*DESK, "contact", "edit", "Ala Rok", "--company", "Alfa", "--until", "2026-11-01")
    account.done(*DESK, "contact", "edit", "Ala Rok", "--company", "Beta", "--role", "boss", "--since", "2026-11-01")
    companies = account.document(*DESK, "contact", "show", "Ala Rok")["companies"]
    assert [(one["company"]["name"], one["role"], one["until"]) for one in companies] == [
        ("Beta", "boss", None),
        ("Alfa", "buyer", "2026-10-31T23:00:00Z"),
    ]


def companies_of(account: Account, name: str) -> list[tuple[str, str | None, str | None]]:
    """Where a contact is and was: company, since, until."""
    shown = account.document(*DESK, "contact", "show", name)["companies"]
    return sorted((one["company"]["name"], one["since"], one["until"]) for one in shown)


def test_a_contact_moves_to_another_company_on_one_day(account: Account) -> None:
    for name in ("Move A", "Move B"):
        account.done(*DESK, "company", "new", "--name", name)
    account.done(*DESK, "contact", "new", "--name", "Ida Lis", "--company", "Move A")
    account.done(
        *DESK, "contact", "edit", "Ida Lis", "--company", "Move B", "--since", "2026-11-01", "--email", "i@b.pl"
    )
    day = "2026-10-31T23:00:00Z"
    assert companies_of(account, "Ida Lis") == [("Move A", None, day), ("Move B", day, None)]
    assert account.document(*DESK, "contact", "show", "Ida Lis")["email"] == "i@b.pl"


def test_a_contact_of_two_companies_begins_and_leaves_by_name(account: Account) -> None:
    for name in ("Two A", "Two B", "Two C"):
        account.done(*DESK, "company", "new", "--name", name)
    account.done(*DESK, "contact", "new", "--name", "Leo Mak", "--company", "Two A")
    account.done(*DESK, "contact", "edit", "Leo Mak", "--add-company", "Two B", "--role", "buyer")
    assert [name for name, *_rest in companies_of(account, "Leo Mak")] == ["Two A", "Two B"]
    account.done(*DESK, "contact", "edit", "Leo Mak", "--company", "Two A", "--role", "boss")

    told = account.refused(*DESK, "contact", "edit", "Leo Mak", "--company", "Two C")
    assert "--add-company begins at another, --leave-company ends at one" in told
    assert "already" in account.refused(*DESK, "contact", "edit", "Leo Mak", "--add-company", "Two B")

    account.done(*DESK, "contact", "edit", "Leo Mak", "--leave-company", "Two A", "--until", "2026-11-02")
    assert companies_of(account, "Leo Mak") == [("Two A", None, "2026-11-01T23:00:00Z"), ("Two B", None, None)]
    assert "is not at that company" in account.refused(*DESK, "contact", "edit", "Leo Mak", "--leave-company", "Two C")
    refused = account.refused(*DESK, "contact", "edit", "Leo Mak", "--company", "Two B", "--leave-company", "Two B")
    assert refused == "give one of --company, --add-company and --leave-company"


def test_a_contract_gets_another_version_and_the_one_before_ends_where_it_begins(account: Account) -> None:
    account.done(*DESK, "company", "new", "--name", "Gama")
    account.done(*DESK, "contract", "new", "--number", "G-1", "--company", "Gama", "--valid-from", "2026-01-01",
                 "--grade", "gold", "--coverage", "printers, scanners",
                 "--included-units", "20", "--unit", "hour")  # fmt: skip
    account.done(*DESK, "contract", "edit", "G-1", "--new-version", "--valid-from", "2027-01-01", "--grade", "silver")
    versions = account.document(*DESK, "contract", "show", "G-1")["versions"]
    assert [(one["grade"], one["valid_from"], one["valid_until"], one["included_units"]) for one in versions] == [
        ("silver", "2026-12-31T23:00:00Z", None, 20),
        ("gold", "2025-12-31T23:00:00Z", "2026-12-31T23:00:00Z", 20),
    ]
    refused = account.refused(*DESK, "contract", "edit", "G-1", "--new-version", "--valid-from", "2027-01-01")
    assert "another version begins on" in refused


def test_two_of_the_same_become_one_and_the_number_of_the_other_is_found_under_it(account: Account) -> None:
    account.done(*DESK, "company", "new", "--name", "Delta")
    account.done(*DESK, "company", "new", "--name", "Delta S.A.")
    account.done(*DESK, "contact", "new", "--name", "Olo", "--company", "Delta S.A.", "--phone", "71 555 0001")
    merged = account.document(*DESK, "company", "merge", "Delta S.A.", "Delta")
    assert (merged["done"], merged["name"]) == ("record.merged", "Delta")
    assert [one["name"] for one in account.document(*DESK, "company", "show", "Delta")["contacts"]] == ["Olo"]
    archived = account.document(*DESK, "company", "list", "Delta", "--archived")
    assert [(one["name"], one["archived"]) for one in archived] == [("Delta", False), ("Delta S.A.", True)]


def test_an_archived_record_is_listed_no_more_until_it_is_brought_back(account: Account) -> None:
    account.done(*DESK, "territory", "new", "--name", "Far north", "--zone", "Europe/Oslo")
    account.done(*DESK, "territory", "archive", "Far north")
    assert account.document(*DESK, "territory", "list", "far") == []
    account.done(*DESK, "territory", "restore", "Far north")
    assert [one["name"] for one in account.document(*DESK, "territory", "list", "far")] == ["Far north"]


def test_a_namesake_that_was_archived_makes_the_other_no_less_plain(account: Account) -> None:
    for zone in ("Europe/Oslo", "Europe/Warsaw"):
        account.done(*DESK, "territory", "new", "--name", "Twin", "--zone", zone)
        if zone == "Europe/Oslo":
            account.done(*DESK, "territory", "archive", "Twin")
    assert account.document(*DESK, "territory", "show", "Twin")["zone"] == "Europe/Warsaw"


def test_a_number_that_another_contact_has_is_kept_and_told(account: Account) -> None:
    account.done(*DESK, "contact", "new", "--name", "Ula", "--phone", "58 555 0100")
    run = account.run(*DESK, "contact", "new", "--name", "Iza", "--phone", "58-555-01-00")
    assert run.returncode == 0
    assert "58-555-01-00 is also the number of Ula" in run.stderr


def test_what_is_on_the_desk_already_is_entered_once_more_with_a_warning(account: Account) -> None:
    account.done(*DESK, "company", "new", "--name", "Żuraw")
    run = account.run(*DESK, "company", "new", "--name", "zuraw", "--json")
    assert run.stderr == "lampboard: there is a company Żuraw already\n"
    assert json.loads(run.stdout)["warnings"] == ["there is a company Żuraw already"]
    assert account.document(*DESK, "company", "new", "--name", "Another")["warnings"] == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("contact", "new", "--phone", "112 113"), "name is missing: a contact needs it"),
        (("contact", "new", "--name", "X", "--phone", "reception"), "phone: reception is no telephone number"),
        (("contact", "new", "--name", "X", "--phone", "112 1", "--phone", "(112)1"), "112 1 stands there twice"),
        (("contact", "new", "--name", "X", "--company", "Nobody AG"), "there is no company 'Nobody AG'"),
        (("contact", "edit", "Nobody at all", "--name", "X"), "there is no contact 'Nobody at all'"),
        (("company", "new", "--name", "X", "--country", "Poland"), "POLAND is no country"),
        (("company", "new", "--name", "X", "--annual-value", "much"), "value a year: much is no number"),
        (("company", "new", "--name", "X", "--annual-value", "5"), "currency is missing"),
        (("site", "new", "--name", "X"), "company is missing: a site needs it"),
        (("territory", "new", "--name", "X", "--zone", "Mars"), "there is no time zone Mars"),
        (("equipment", "new", "--warranty-until", "soon"), "warranty until: soon is no day"),
        (("person", "archive", "Anna"), "Anna sits here"),
        (("company", "show", "f" * 32), "no company"),
        (("team", "merge", "Dispatch", "Dispatch"), "team"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_changes_nothing(
    account: Account, arguments: tuple[str, ...], told: str
) -> None:
    assert told in account.refused(*DESK, *arguments)


@pytest.mark.parametrize("entity", DESK_ENTITIES)
def test_every_entity_has_its_verbs_and_lists_what_there_is(account: Account, entity: str) -> None:
    help_text = account.done(*DESK, entity, "--help")
    assert all(verb in help_text for verb in ("new", "edit", "show", "list", "archive", "restore", "merge"))
    assert isinstance(account.document(*DESK, entity, "list"), list)


HOSTILE = "Evil \x1b[31m [/x] \u202e'; DROP TABLE contact; --"


def test_hostile_text_is_kept_whole_and_printed_harmless(account: Account) -> None:
    account.done(*DESK, "contact", "new", "--name", HOSTILE, "--notes", HOSTILE * 5, "--best-hours", HOSTILE)
    shown = account.done(*DESK, "contact", "show", "Evil")
    assert "\x1b" not in shown and "\u202e" not in shown and "DROP TABLE" in shown
    assert account.document(*DESK, "contact", "show", "Evil")["name"] == HOSTILE


def test_a_closed_pipe_is_no_error(account: Account, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tui", *DESK, "contact", "list", "--limit", "5000"]
    root = Path(__file__).resolve().parents[2]
    run = subprocess.Popen(
        command, cwd=root, env=account.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert run.stdout is not None and run.stderr is not None
    run.stdout.readline()
    run.stdout.close()
    assert run.stderr.read() == ""
    assert run.wait(30) == 0
