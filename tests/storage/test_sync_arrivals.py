"""A pull without a hole, in order, of a log that is what it was: nothing else is taken in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from core.ids import EntityId
from core.operations.envelope import FIRST_HASH, Envelope, canonical_json
from storage.hub.connecting import HubError
from storage.sync.incoming import check_arrivals
from storage.sync.joined import Cursor
from storage.sync.wire import Arrival, chain_after
from tests.support.fixed import NOON

BEGINNING = Cursor(0, FIRST_HASH)


def log(*numbers: int) -> list[Arrival]:
    """Operations at these numbers, in a chain that fits them."""
    arrivals, chain, prev = list[Arrival](), FIRST_HASH, FIRST_HASH
    for n, seq in enumerate(numbers, 1):
        payload = canonical_json({"entity": "team", "record": f"{n:032x}", "fields": {}, "archived": False})
        id_, author = EntityId(n.to_bytes(16, "big")), EntityId(b"a" * 16)
        envelope = Envelope(
            b"c" * 16, n, bytes([n]) * 16, "shared", "record", id_, "record.added", payload, b"{}", NOON, 1, prev, author
        )
        arrival = Arrival(envelope, seq, author, NOON + n, 0, envelope.hash, b"")
        chain, prev = chain_after(chain, arrival), envelope.hash
        arrivals.append(arrival._replace(chain=chain))
    return arrivals


def test_a_log_without_holes_is_taken_in() -> None:
    arrivals = log(1, 2, 3)
    assert check_arrivals(BEGINNING, arrivals) == Cursor(3, arrivals[-1].chain)


BROKEN: dict[str, Callable[[list[Arrival]], list[Arrival]]] = {
    "an operation is missing": lambda whole: [whole[0], whole[2]],
    "two are exchanged": lambda whole: [whole[1], whole[0], whole[2]],
    "one comes twice": lambda whole: [whole[0], whole[0], whole[1]],
    "another author": lambda whole: [whole[0]._replace(author=EntityId(b"m" * 16)), *whole[1:]],
    "another time": lambda whole: [whole[0], whole[1]._replace(eff=1), whole[2]],
    "another knowledge": lambda whole: [whole[0], whole[1]._replace(seen=1), whole[2]],
    "another chain": lambda whole: [*whole[:2], whole[2]._replace(chain=b"x" * 32)],
    "another text under the old hash": lambda whole: [
        whole[0]._replace(envelope=replace(whole[0].envelope, payload=b"{}")),
        *whole[1:],
    ],
}


@pytest.mark.parametrize("what", sorted(BROKEN))
def test_a_log_that_is_not_what_it_was_is_refused(what: str) -> None:
    with pytest.raises(HubError) as refused:
        check_arrivals(BEGINNING, BROKEN[what](log(1, 2, 3)))
    assert refused.value.code == "hub.log_broken"


def test_numbers_with_a_hole_are_refused_though_the_chain_fits_them() -> None:
    with pytest.raises(HubError) as refused:
        check_arrivals(BEGINNING, log(1, 3))
    assert refused.value.code == "hub.log_broken"
