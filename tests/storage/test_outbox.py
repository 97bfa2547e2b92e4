"""Stories of replies on their way out: real programs as mail commands, each writing what it got to a file."""

from __future__ import annotations

import email
import email.policy
import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from core.clock import Instant
from core.clock_state import MET, RUNNING
from core.commands import AddRecord, Command, OpenTicket, PostEntry, Redo, SendAgain, SetPriority, Undo
from core.delivery import FAILED, HANDED, HANDING, INTERRUPTED, NO_ADDRESS, NOT_SENT, QUEUED, TIMED_OUT, may_have_left
from core.errors import ChangedMeanwhile, DomainError, Refused
from core.ids import EntityId
from core.pages import Owed, TicketPage
from core.timeline import Entry
from storage.desk import OpenDesk
from storage.new_desk import Owner, add_owner, create_desk
from storage.outbox import GRACE_SECONDS, INTERRUPTED_SECONDS, Outbox
from tests.support.fixed import NOON, FixedClock, ids_from
from tui.presenters.ticket_page import delivery_sentence

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Console:
    """One console at a desk with a mail command; `second` opens another one on the same file."""

    path: Path
    clock: FixedClock
    desk: OpenDesk
    person: EntityId
    seed: int = 2
    others: list[OpenDesk] = field(default_factory=list)

    def act(self, command: Command) -> Any:
        return self.desk.submit(command, self.person).result(10)

    def outbox(self, command: tuple[str, ...], *, timeout_seconds: float = 20, sender: str = "") -> Outbox:
        return Outbox(self.desk, self.path, self.clock, command, sender, timeout_seconds=timeout_seconds)

    def second(self) -> Console:
        desk = OpenDesk(self.path, self.clock, ids_from(self.seed + 1, self.clock), has_mail_command=True)
        self.others.append(desk)
        return Console(self.path, self.clock, desk, self.person, self.seed + 1, self.others)

    def contact(self, name: str = "Anna Nowak", address: str = "anna@example.com") -> EntityId:
        contact = EntityId(self.act(AddRecord("contact", {"name": "Anna Nowak"})).touched[0])
        # As an import leaves it: at the keys no such name or address gets in.
        written = ("UPDATE contact SET name = ?, email = ? WHERE id = ?", (name, address, contact))
        self.desk.write(lambda connection: connection.execute(*written)).result(10)
        return contact

    def ticket(self, subject: str = "Crane 7 stands still") -> EntityId:
        return EntityId(self.act(OpenTicket(subject, None)).touched[0])

    def reply(self, ticket: EntityId, text: str = "We are on our way.", contact: EntityId | None = None) -> Entry:
        self.act(PostEntry(ticket, "message", text, contact or self.contact()))
        return self.replies(ticket)[0]

    def replies(self, ticket: EntityId) -> list[Entry]:
        """What is on the ticket's page, newest first."""
        page = self.desk.page_now(TicketPage(ticket))
        return [entry for entry in page.entries if entry.kind == "message"]

    def after_the_grace(self) -> None:
        self.clock.forward(seconds=GRACE_SECONDS)


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    clock = FixedClock()
    new_id = ids_from(1, clock)
    path = tmp_path / "desk.db"
    create_desk(path, "main", clock, new_id).close()
    person = add_owner(path, clock, new_id, Owner("Maja Lis", "Dispatch", "Europe/Warsaw"))
    desk = OpenDesk(path, clock, new_id, has_mail_command=True)
    opened = Console(path, clock, desk, person)
    yield opened
    for other in (desk, *opened.others):
        other.close()


@dataclass(frozen=True)
class Postbox:
    """A mail command that keeps each mail in a file of its own."""

    folder: Path
    command: tuple[str, ...]

    def files(self) -> list[Path]:
        return sorted(self.folder.glob("*.eml"))

    def mails(self) -> list[EmailMessage]:
        return [read(path.read_bytes()) for path in self.files()]


def read(raw: bytes) -> EmailMessage:
    """A mail as the receiver's program reads it."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


@pytest.fixture
def postbox(tmp_path: Path) -> Postbox:
    folder = tmp_path / "post"
    folder.mkdir()
    return Postbox(folder, script(tmp_path, "keep", f'exec cat > "$(mktemp {folder}/XXXXXX).eml"'))


def script(folder: Path, name: str, body: str) -> tuple[str, ...]:
    """A shell script as a mail command."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return (str(path),)


def until(condition: Callable[[], bool], seconds: float = 15) -> None:
    """Wait for another thread or process."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def test_a_reply_reaches_the_mail_command_as_a_mail_to_the_contact(console: Console, postbox: Postbox) -> None:
    ticket = console.ticket()
    text = "Dzień dobry,\n\njedziemy do Państwa — będziemy o 15:00.\n.\nFrom here on: ไทย\n"
    console.reply(ticket, text)
    console.after_the_grace()
    console.outbox(postbox.command, sender="Support <desk@firm.example>").look()
    (mail,) = postbox.mails()
    assert mail["To"] == "Anna Nowak <anna@example.com>"
    assert mail["From"] == "Support <desk@firm.example>"
    assert mail["Subject"] == "[T-1] Crane 7 stands still"
    assert mail["Date"].datetime.timestamp() * 1000 == console.clock.now_ms()
    assert mail["Date"].endswith("+0000")
    assert mail.get_content().replace("\r\n", "\n") == text
    assert console.replies(ticket)[0].delivery == HANDED


def test_the_mail_is_ascii_with_crlf_and_short_lines_so_that_every_relay_takes_it(
    console: Console, postbox: Postbox
) -> None:
    console.reply(console.ticket("Dźwig nr 7 " * 10), "ż" * 5000)
    console.after_the_grace()
    console.outbox(postbox.command).look()
    raw = postbox.files()[0].read_bytes()
    assert raw.isascii()
    assert raw.count(b"\n") == raw.count(b"\r\n")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78
    assert read(raw).get_content().strip() == "ż" * 5000


def test_without_mail_from_the_mail_carries_the_name_of_the_person(console: Console, postbox: Postbox) -> None:
    console.reply(console.ticket())
    console.after_the_grace()
    console.outbox(postbox.command).look()
    assert postbox.mails()[0]["From"] == "Maja Lis <noreply@localhost>"


def test_later_replies_stand_in_the_thread_of_the_earlier_ones(console: Console, postbox: Postbox) -> None:
    ticket = console.ticket()
    entries = []
    for text in ("one", "two", "three"):
        entries.append(console.reply(ticket, text))
        console.after_the_grace()
        console.outbox(postbox.command).look()
    by_text = {mail.get_content().strip(): mail for mail in postbox.mails()}
    ids = [by_text[text]["Message-ID"] for text in ("one", "two", "three")]
    assert all(entry.id.hex() in told for entry, told in zip(entries, ids, strict=True))
    assert by_text["one"]["In-Reply-To"] is None
    assert by_text["three"]["In-Reply-To"] == ids[1]
    assert by_text["three"]["References"].split() == ids[:2]


@pytest.mark.parametrize(
    "evil",
    [
        "x\r\nBcc: spy@example.com\r\n\r\nbody",
        "x\nBcc: spy@example.com",
        "=?utf-8?q?x=0D=0ABcc:_spy@example.com?=",
        "=?utf-8?b?eA0KQmNjOiBzcHlAZXhhbXBsZS5jb20=?=",
        '"x" <spy@example.com>, y',
        "\x1b]0;gone\x07\u202edeppilf\u2028Bcc: spy@example.com",
        "=" * 300 + "\r\nBcc: spy@example.com",
        "ż" * 90 + "\r\n\r\nBcc: spy@example.com",
    ],
)
def test_no_subject_and_no_name_can_add_a_header_or_a_receiver(console: Console, postbox: Postbox, evil: str) -> None:
    console.reply(console.ticket(evil), contact=console.contact(evil))
    console.after_the_grace()
    console.outbox(postbox.command).look()
    (mail,) = postbox.mails()
    assert sorted(name.lower() for name in mail) == sorted(
        ["from", "to", "subject", "date", "message-id", "mime-version", "content-type", "content-transfer-encoding"]
    )
    assert [address.addr_spec for address in mail["To"].addresses] == ["anna@example.com"]
    assert mail.get_content().strip() == "We are on our way."


@pytest.mark.parametrize(
    "address",
    [
        "a@b.example, spy@example.com",
        "Anna <anna@example.com>",
        "anna@example.com\nBcc: spy@example.com",
        "-oQ/tmp@example.com",
        "|sh@example.com",
        "a..b@example.com",
        "anna",
        "żaneta@example.com",
    ],
)
def test_an_address_that_is_not_exactly_one_is_refused_and_named(
    console: Console, postbox: Postbox, address: str
) -> None:
    ticket = console.ticket()
    console.reply(ticket, contact=console.contact(address=address))
    console.after_the_grace()
    console.outbox(postbox.command).look()
    assert postbox.files() == []
    failed = console.replies(ticket)[0]
    assert failed.delivery == FAILED
    assert "no usable e-mail address" in delivery_sentence(failed)


def test_a_contact_without_an_address_is_told_on_the_reply(console: Console, postbox: Postbox) -> None:
    ticket = console.ticket()
    console.reply(ticket, contact=console.contact(address=""))
    console.after_the_grace()
    console.outbox(postbox.command).look()
    failed = console.replies(ticket)[0]
    assert (failed.delivery, failed.data["reason"]) == (FAILED, NO_ADDRESS)
    assert delivery_sentence(failed) == "not sent: the contact has no e-mail address"


def test_a_command_that_refuses_is_quoted_by_its_first_line(console: Console, tmp_path: Path) -> None:
    ticket = console.ticket()
    console.reply(ticket)
    console.after_the_grace()
    refusing = script(tmp_path, "no", "printf '\\n\\033[31mmailbox full\\nmore\\n' >&2; exit 75")
    console.outbox(refusing).look()
    failed = console.replies(ticket)[0]
    assert failed.delivery == FAILED
    assert failed.data["reason"] == "[31mmailbox full"


def test_a_command_that_fails_without_a_word_is_told_by_its_code(console: Console, tmp_path: Path) -> None:
    ticket = console.ticket()
    console.reply(ticket)
    console.after_the_grace()
    console.outbox(script(tmp_path, "no", "exit 3")).look()
    assert delivery_sentence(console.replies(ticket)[0]) == "not sent: the mail command ended with code 3"


def test_a_command_that_is_not_there_is_named(console: Console, tmp_path: Path) -> None:
    ticket = console.ticket()
    console.reply(ticket)
    console.after_the_grace()
    console.outbox((str(tmp_path / "sendmial"),)).look()
    failed = console.replies(ticket)[0]
    assert failed.delivery == FAILED
    assert "sendmial cannot be started; check settings.toml" in delivery_sentence(failed)


def test_a_command_that_hangs_is_killed_with_its_children_and_the_doubt_is_told(
    console: Console, tmp_path: Path
) -> None:
    ticket = console.ticket()
    console.reply(ticket)
    console.after_the_grace()
    pids = tmp_path / "pids"
    hanging = script(tmp_path, "hang", f"sleep 60 &\necho $$ $! > {pids}\nwait")
    began = time.monotonic()
    console.outbox(hanging, timeout_seconds=0.5).look()
    assert time.monotonic() - began < 10
    failed = console.replies(ticket)[0]
    assert failed.data["reason"].startswith(TIMED_OUT)
    assert delivery_sentence(failed).endswith("it may have been sent")
    until(lambda: not any(is_running(int(pid)) for pid in pids.read_text().split()))


def is_running(pid: int) -> bool:
    """False also for a process that ended and was not fetched yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_command_that_leaves_a_child_behind_does_not_hold_up_the_next_reply(console: Console, tmp_path: Path) -> None:
    ticket = console.ticket()
    console.reply(ticket)
    console.after_the_grace()
    pid = tmp_path / "pid"
    leaving = script(tmp_path, "leave", f"sleep 30 &\necho $! > {pid}\nexit 0")
    began = time.monotonic()
    console.outbox(leaving).look()
    assert time.monotonic() - began < 10
    assert console.replies(ticket)[0].delivery == HANDED
    os.kill(int(pid.read_text()), signal.SIGKILL)


def test_the_arguments_of_the_command_are_never_read_by_a_shell(console: Console, tmp_path: Path) -> None:
    told = tmp_path / "told"
    command = script(tmp_path, "tell", f'printf %s "$1" > {told}')
    console.reply(console.ticket())
    console.after_the_grace()
    console.outbox((*command, "$(id) ; `id` *")).look()
    assert told.read_text() == "$(id) ; `id` *"


def test_two_consoles_hand_each_of_twenty_replies_over_once(console: Console, postbox: Postbox) -> None:
    other = console.second()
    contact = console.contact()
    tickets = [console.ticket(f"Fault {count}") for count in range(20)]
    for ticket in tickets:
        console.reply(ticket, f"about {ticket.hex()}", contact)
    console.after_the_grace()
    slow = (sys.executable, "-c", SLOW_KEEPER, str(postbox.folder))
    boxes = [console.outbox(slow), other.outbox(slow)]
    threads = [threading.Thread(target=box.look) for box in boxes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    said = sorted(mail.get_content().strip() for mail in postbox.mails())
    assert said == sorted(f"about {ticket.hex()}" for ticket in tickets)
    assert {console.replies(ticket)[0].delivery for ticket in tickets} == {HANDED}


SLOW_KEEPER = """
import sys, time, uuid
mail = sys.stdin.buffer.read()
time.sleep(0.03)
with open(f"{sys.argv[1]}/{uuid.uuid4().hex}.eml", "xb") as kept:
    kept.write(mail)
"""


def test_the_thread_sends_what_was_written_at_any_console_of_the_desk(console: Console, postbox: Postbox) -> None:
    box = Outbox(console.desk, console.path, console.clock, postbox.command, look_seconds=0.05)
    box.start()
    try:
        other = console.second()
        ticket = other.ticket()
        other.reply(ticket)
        console.after_the_grace()
        until(lambda: console.replies(ticket)[0].delivery == HANDED)
    finally:
        box.stop()
    assert len(postbox.files()) == 1


def test_a_stopped_outbox_leaves_no_thread_behind(console: Console, postbox: Postbox) -> None:
    box = console.outbox(postbox.command)
    box.start()
    assert "lampboard-outbox" in {thread.name for thread in threading.enumerate()}
    began = time.monotonic()
    box.stop()
    assert time.monotonic() - began < 1
    assert "lampboard-outbox" not in {thread.name for thread in threading.enumerate()}


CONSOLE_THAT_IS_KILLED = """
import sys
from pathlib import Path
from storage.desk import OpenDesk
from storage.outbox import Outbox
from tests.support.fixed import FixedClock, ids_from

clock = FixedClock(int(sys.argv[2]))
path = Path(sys.argv[1])
Outbox(OpenDesk(path, clock, ids_from(9, clock)), path, clock, tuple(sys.argv[3:])).look()
"""


def test_a_reply_is_not_sent_again_after_the_console_was_killed_in_the_middle(console: Console, tmp_path: Path) -> None:
    ticket = console.ticket()
    console.reply(ticket)
    console.after_the_grace()
    runs = tmp_path / "runs"
    command = script(tmp_path, "slow", f"echo $$ >> {runs}\nexec sleep 60")
    child = subprocess.Popen(
        [sys.executable, "-c", CONSOLE_THAT_IS_KILLED, str(console.path), str(console.clock.now_ms()), *command],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        until(lambda: runs.exists() and runs.read_text().strip() != "")
        child.kill()
        child.wait(10)
        assert console.replies(ticket)[0].delivery == HANDING

        console.clock.forward(seconds=INTERRUPTED_SECONDS - 1)
        console.outbox(command).look()
        assert console.replies(ticket)[0].delivery == HANDING

        console.clock.forward(seconds=2)
        console.outbox(command).look()
        failed = console.replies(ticket)[0]
        assert (failed.delivery, failed.data["reason"]) == (FAILED, INTERRUPTED)
        assert may_have_left(failed.data["reason"])
        assert delivery_sentence(failed).endswith("it may have been sent")
        assert len(runs.read_text().split()) == 1
    finally:
        os.kill(int(runs.read_text().split()[0]), signal.SIGKILL)


def test_nothing_leaves_inside_the_grace_period(console: Console, postbox: Postbox) -> None:
    ticket = console.ticket()
    console.reply(ticket)
    console.clock.forward(seconds=GRACE_SECONDS - 0.1)
    console.outbox(postbox.command).look()
    assert postbox.files() == []
    assert console.replies(ticket)[0].delivery == QUEUED


def test_undo_inside_the_grace_period_takes_the_reply_back_for_good(console: Console, postbox: Postbox) -> None:
    ticket = console.ticket()
    console.reply(ticket)
    console.act(Undo())
    console.clock.forward(hours=1)
    console.outbox(postbox.command).look()
    assert postbox.files() == []
    assert console.replies(ticket) == []


def test_a_reply_taken_back_after_it_was_read_is_not_handed_over(console: Console, postbox: Postbox) -> None:
    ticket = console.ticket()
    reply = console.reply(ticket)
    console.after_the_grace()
    box = console.outbox(postbox.command)
    (due,) = box._due()
    console.act(Undo())
    box._hand_over(due)
    assert due.entry == reply.id
    assert postbox.files() == []


def test_a_reply_that_redo_brings_back_gets_a_new_grace_period(console: Console, postbox: Postbox) -> None:
    ticket = console.ticket()
    console.reply(ticket)
    console.act(Undo())
    console.clock.forward(hours=1)
    console.act(Redo())
    console.outbox(postbox.command).look()
    assert postbox.files() == []
    console.after_the_grace()
    console.outbox(postbox.command).look()
    assert len(postbox.files()) == 1


def test_a_clock_set_back_does_not_hold_the_mail(console: Console, postbox: Postbox) -> None:
    ticket = console.ticket()
    console.reply(ticket)
    console.clock.forward(hours=-24)
    console.outbox(postbox.command).look()
    assert len(postbox.files()) == 1


def test_undo_after_the_hand_over_says_so_and_the_next_one_goes_to_the_act_before(
    console: Console, postbox: Postbox
) -> None:
    ticket = console.ticket()
    contact = console.contact()
    console.act(SetPriority(ticket, 1))
    console.reply(ticket, contact=contact)
    console.after_the_grace()
    console.outbox(postbox.command).look()
    with pytest.raises(Refused) as refused:
        console.act(Undo())
    assert refused.value.code == "entry.handed_over"
    console.act(Undo())
    assert console.desk.page_now(TicketPage(ticket)).row.priority == 3
    assert len(console.replies(ticket)) == 1


def test_a_failed_reply_is_sent_again_when_a_person_says_so(console: Console, postbox: Postbox, tmp_path: Path) -> None:
    ticket = console.ticket()
    console.reply(ticket)
    console.after_the_grace()
    console.outbox(script(tmp_path, "no", "exit 1")).look()
    failed = console.replies(ticket)[0]
    console.act(SendAgain(ticket, failed.id, failed.delivery, failed.data["reason"]))
    console.after_the_grace()
    console.outbox(postbox.command).look()
    sent = console.replies(ticket)[0]
    assert (sent.delivery, sent.data) == (HANDED, {})
    assert failed.id.hex() in postbox.mails()[0]["Message-ID"]


def test_sending_again_is_taken_back_by_undo_inside_its_own_grace_period(
    console: Console, postbox: Postbox, tmp_path: Path
) -> None:
    ticket = console.ticket()
    console.reply(ticket)
    console.after_the_grace()
    console.outbox(script(tmp_path, "no", "exit 1")).look()
    failed = console.replies(ticket)[0]
    console.act(SendAgain(ticket, failed.id, failed.delivery, failed.data["reason"]))
    console.act(Undo())
    console.after_the_grace()
    console.outbox(postbox.command).look()
    assert postbox.files() == []
    assert console.replies(ticket)[0] == failed


def test_sending_again_after_the_hand_over_cannot_be_undone(console: Console, postbox: Postbox, tmp_path: Path) -> None:
    ticket = console.ticket()
    console.reply(ticket)
    console.after_the_grace()
    console.outbox(script(tmp_path, "no", "exit 1")).look()
    failed = console.replies(ticket)[0]
    console.act(SendAgain(ticket, failed.id, failed.delivery, failed.data["reason"]))
    console.after_the_grace()
    console.outbox(postbox.command).look()
    with pytest.raises(Refused, match="handed_over"):
        console.act(Undo())
    assert console.replies(ticket)[0].delivery == HANDED


def test_two_people_who_send_the_same_reply_again_queue_it_once(console: Console, tmp_path: Path) -> None:
    ticket = console.ticket()
    console.reply(ticket)
    console.after_the_grace()
    console.outbox(script(tmp_path, "no", "exit 1")).look()
    failed = console.replies(ticket)[0]
    again = SendAgain(ticket, failed.id, failed.delivery, failed.data["reason"])
    console.act(again)
    with pytest.raises(ChangedMeanwhile, match=r"delivery\.changed"):
        console.second().act(again)


def test_without_a_mail_command_a_reply_says_that_it_was_not_sent_and_waits_for_a_person(
    console: Console, postbox: Postbox
) -> None:
    without = OpenDesk(console.path, console.clock, ids_from(7, console.clock))
    console.others.append(without)
    poor = Console(console.path, console.clock, without, console.person)
    ticket = poor.ticket()
    kept = poor.reply(ticket)
    assert kept.delivery == NOT_SENT
    assert delivery_sentence(kept) == "not sent: no mail command"
    with pytest.raises(Refused, match=r"delivery\.no_command"):
        poor.act(SendAgain(ticket, kept.id, NOT_SENT))
    console.act(SendAgain(ticket, kept.id, NOT_SENT))
    console.after_the_grace()
    console.outbox(postbox.command).look()
    assert console.replies(ticket)[0].delivery == HANDED


def test_failed_replies_are_counted_for_their_author_until_they_are_sent_again_or_taken_back(
    console: Console, tmp_path: Path
) -> None:
    def failed(person: EntityId) -> int:
        return int(console.desk.page_now(Owed(person, Instant(0))).failed_mail)

    ticket, contact = console.ticket(), console.contact()
    colleague = EntityId(console.act(AddRecord("person", {"name": "Jan Kos"})).touched[0])
    for text in ("one", "two"):
        console.reply(ticket, text, contact)
    assert (failed(console.person), failed(colleague)) == (0, 0)
    console.after_the_grace()
    console.outbox(script(tmp_path, "no", "exit 1")).look()
    assert (failed(console.person), failed(colleague)) == (2, 0)
    console.act(Undo())
    assert failed(console.person) == 1
    (left,) = console.replies(ticket)
    console.act(SendAgain(ticket, left.id, FAILED, left.data["reason"]))
    assert failed(console.person) == 0


def promised_ticket(console: Console) -> EntityId:
    """A ticket whose contract promises a first response within the hour, at any hour."""
    new_id = ids_from(11, console.clock)
    company, calendar, policy, contract = (new_id() for _ in range(4))
    promise = {"name": "gold", "first_response_seconds": {"3": 3600}}
    terms = {"policy": policy.hex(), "calendar": calendar.hex(), "contract": contract.hex(), "valid_from": 0}
    console.act(AddRecord("company", {"name": "Zakłady Łąki"}, company))
    console.act(AddRecord("calendar", {"name": "Always", "body": json.dumps({"tz": "UTC", "always": True})}, calendar))
    console.act(AddRecord("policy", {"name": "Gold", "body": json.dumps(promise)}, policy))
    console.act(AddRecord("contract", {"company": company.hex(), "number": "K-1"}, contract))
    console.act(AddRecord("contract_version", terms))
    return EntityId(console.act(OpenTicket("Crane 7 stands still", company, 3)).touched[0])


def is_answered(console: Console, ticket: EntityId) -> bool:
    """Whether the pane and the row both say that the first response was given; they must agree."""
    page = console.desk.page_now(TicketPage(ticket))
    states = {page.clocks[0].state, page.row.sla_state}
    assert states in ({MET}, {RUNNING}), states
    return states == {MET}


def test_a_reply_that_was_not_sent_is_no_first_response(console: Console) -> None:
    ticket = promised_ticket(console)
    without = OpenDesk(console.path, console.clock, ids_from(7, console.clock))
    console.others.append(without)
    poor = Console(console.path, console.clock, without, console.person)
    assert poor.reply(ticket).delivery == NOT_SENT
    assert not is_answered(console, ticket)


def test_the_first_response_clock_runs_again_when_the_mail_command_fails(
    console: Console, postbox: Postbox, tmp_path: Path
) -> None:
    ticket = promised_ticket(console)
    console.reply(ticket)
    assert is_answered(console, ticket)
    console.after_the_grace()
    console.outbox(script(tmp_path, "no", "exit 1")).look()
    assert not is_answered(console, ticket)
    (failed,) = console.replies(ticket)
    console.act(SendAgain(ticket, failed.id, FAILED, failed.data["reason"]))
    console.after_the_grace()
    console.outbox(postbox.command).look()
    assert is_answered(console, ticket)


@pytest.mark.parametrize("asked", [NOT_SENT, FAILED, HANDED, HANDING])
def test_a_reply_that_was_handed_over_never_changes_its_delivery_again(
    console: Console, postbox: Postbox, asked: str
) -> None:
    from core.commands import RecordDelivery

    ticket = console.ticket()
    reply = console.reply(ticket)
    console.after_the_grace()
    console.outbox(postbox.command).look()
    with pytest.raises(DomainError, match=r"delivery\.changed"):
        console.act(RecordDelivery(ticket, reply.id, asked))


def test_the_story_of_a_delivery_is_told_alike_from_the_log(console: Console, postbox: Postbox) -> None:
    import sqlite3

    from core.fold import fold
    from core.operations.envelope import Envelope
    from core.operations.operation import State

    ticket = console.ticket()
    reply = console.reply(ticket)
    console.after_the_grace()
    console.outbox(postbox.command).look()
    columns = "console, n, txn, stream, entity, id, kind, payload, base, hlc, schema_v, prev, author"
    with sqlite3.connect(console.path) as connection:
        rows = connection.execute(f"SELECT {columns} FROM operation WHERE id = ? ORDER BY n", (ticket,)).fetchall()
    state = fold(State(), [Envelope(*row) for row in rows])
    assert state.known_entries[reply.id] == console.replies(ticket)[0]
    assert state.known_entries[reply.id].at == NOON // 1000
