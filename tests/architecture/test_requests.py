"""Every page that the screen can ask for has one reader, and every reader answers what it is written for."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import get_args

import pytest

from core.pages import Several
from core.requests import Request
from storage.reads import READERS


def test_every_request_has_a_reader_and_no_reader_is_left_over() -> None:
    # Several is taken apart before it comes to a reader.
    assert {kind.__name__ for kind in get_args(Request) if kind is not Several} == set(READERS)


@pytest.mark.parametrize("name", READERS)
def test_a_reader_is_written_for_its_request(name: str) -> None:
    module, function = READERS[name]
    _connection, request = inspect.signature(getattr(import_module(module), function)).parameters.values()
    assert name in str(request.annotation).split(" | ")
