"""Files of a ticket from the command line: attached, listed, opened by a program of the person's, saved, taken off."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command_line import Account

DESK = ("--desk", "trial")


@pytest.fixture
def account(tmp_path: Path) -> Account:
    person = Account(tmp_path)
    person.demo()
    return person


@pytest.fixture
def ticket(account: Account) -> str:
    number: str = account.document(*DESK, "queue", "--view", "all", "--limit", "1")[0]["number"]
    return number


def opening_with(account: Account, *command: str) -> None:
    settings = account.folder / "config" / "lampboard" / "settings.toml"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(f"open_command = {list(command)!r}\n".replace("'", '"'))


def test_a_file_is_attached_listed_told_and_saved(account: Account, ticket: str) -> None:
    (account.folder / "plan.txt").write_bytes(b"%PDF-1.7 a plan")
    assert (
        account.done(*DESK, "attachment", "add", ticket, "plan.txt") == f"{ticket}: plan.txt, 15 B, application/pdf\n"
    )
    (listed,) = account.document(*DESK, "attachment", "list", ticket)
    assert (listed["name"], listed["size"], listed["type"], listed["is_here"]) == (
        "plan.txt",
        15,
        "application/pdf",
        True,
    )
    assert f"file plan.txt, 15 B, application/pdf, {listed['hash'][:8]}" in account.done(
        *DESK, "ticket", "show", ticket
    )
    assert account.done(*DESK, "attachment", "save", ticket, "1", "out.pdf") == (
        "saved as out.pdf, 15 B, application/pdf\n"
    )
    assert (account.folder / "out.pdf").read_bytes() == b"%PDF-1.7 a plan"
    assert account.refused(*DESK, "attachment", "save", ticket, "plan.txt", "out.pdf") == (
        "there is a file out.pdf already; nothing was written, name another one"
    )


def test_a_program_of_the_persons_gets_the_path_as_one_argument(account: Account, ticket: str) -> None:
    (account.folder / "a b; touch pwned.pdf").write_bytes(b"%PDF-1.7 x")
    account.done(*DESK, "attachment", "add", ticket, "a b; touch pwned.pdf")
    assert "no program is set" in account.refused(*DESK, "attachment", "open", ticket, "1")
    opening_with(account, "cp", "{path}", str(account.folder / "seen"))
    account.done(*DESK, "attachment", "open", ticket, "1")
    assert (account.folder / "seen").read_bytes() == b"%PDF-1.7 x"
    assert not list(account.folder.rglob("pwned*"))
    opening_with(account, "false")
    assert account.refused(*DESK, "attachment", "open", ticket, "1") == (
        "false ended with 1; check open_command in settings.toml"
    )
    opening_with(account, "no-such-program")
    assert "no-such-program cannot be started" in account.refused(*DESK, "attachment", "open", ticket, "1")


@pytest.mark.parametrize("content", [b"#!/bin/sh\ntouch pwned\n", b"\x7fELF\x02\x01", b"[Desktop Entry]\nExec=sh\n"])
def test_a_program_is_never_handed_over_whatever_it_is_called(account: Account, ticket: str, content: bytes) -> None:
    (account.folder / "bill.pdf").write_bytes(content)
    account.done(*DESK, "attachment", "add", ticket, "bill.pdf")
    opening_with(account, "sh", "{path}")
    assert "bill.pdf is a program (application/x-" in account.refused(*DESK, "attachment", "open", ticket, "bill.pdf")
    assert not (account.folder / "pwned").exists()


def test_hostile_names_are_harmless_in_every_line(account: Account, ticket: str) -> None:
    (account.folder / "x").write_bytes(b"hello")
    for name in ("../../../evil", "\x1b]0;title\x07\u202egpj.exe", "n" * 5000 + ".txt", "..", "--yes"):
        account.done(*DESK, "attachment", "add", ticket, "x", f"--name={name}")
    told = account.done(*DESK, "attachment", "list", ticket) + account.done(*DESK, "ticket", "show", ticket)
    assert not {"\x1b", "\x07", "\u202e", "../"} & set(told) and "../" not in told
    names = [one["name"] for one in account.document(*DESK, "attachment", "list", ticket)]
    assert names == ["evil", "]0;title gpj.exe", "n" * 196 + ".txt", "file", "--yes"]
    home = account.folder / "home"
    home.mkdir()
    for number in range(1, 6):
        account.done(*DESK, "attachment", "save", ticket, str(number), "home")
    assert sorted(one.name for one in home.iterdir()) == sorted(names)


def test_which_file_is_meant_must_be_plain(account: Account, ticket: str) -> None:
    for content in (b"one", b"two"):
        (account.folder / "note.txt").write_bytes(content)
        account.done(*DESK, "attachment", "add", ticket, "note.txt")
    assert account.refused(*DESK, "attachment", "save", ticket, "note.txt") == (
        f"{ticket} has 2 files called 'note.txt'; name one by its number in the list"
    )
    assert account.refused(*DESK, "attachment", "save", ticket, "7") == (
        f"{ticket} has no file '7'; lampboard attachment list {ticket} shows them"
    )
    assert account.refused(*DESK, "attachment", "add", ticket, "nowhere") == "there is no file nowhere; check the name"


def test_a_file_that_is_not_on_this_machine_is_said_to_be_elsewhere(account: Account, ticket: str) -> None:
    (account.folder / "x").write_bytes(b"hello")
    account.done(*DESK, "attachment", "add", ticket, "x")
    for one in (account.desks / "trial" / "attachments").iterdir():
        one.unlink()
    assert "(not on this machine)" in account.done(*DESK, "attachment", "list", ticket)
    assert account.refused(*DESK, "attachment", "save", ticket, "x").startswith("x is not on this machine: files stay")


def test_a_file_is_taken_off_and_its_bytes_are_erased_when_asked(account: Account, ticket: str) -> None:
    (account.folder / "x").write_bytes(b"hello")
    account.done(*DESK, "attachment", "add", ticket, "x")
    assert "was taken off" in account.done(*DESK, "attachment", "remove", ticket, "x")
    folder = account.desks / "trial" / "attachments"
    assert len(list(folder.iterdir())) == 1
    account.done(*DESK, "attachment", "add", ticket, "x", "--name", "y")
    assert "its bytes stay" in account.done(*DESK, "attachment", "remove", ticket, "y", "--erase")
    (account.folder / "z").write_bytes(b"other")
    account.done(*DESK, "attachment", "add", ticket, "z")
    assert "its bytes are erased" in account.done(*DESK, "attachment", "remove", ticket, "z", "--erase")
    assert len(list(folder.iterdir())) == 1
    assert account.document(*DESK, "attachment", "list", ticket) == []
    assert "file taken off: z" in account.done(*DESK, "ticket", "show", ticket)
