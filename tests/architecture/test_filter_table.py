"""The paper tells the fields that the filter has, and its examples can be read."""

from __future__ import annotations

import re

import pytest

from core.query import parse
from tests.support.filter_table import BEGIN, DOCUMENT, END, filter_table

TOLD = DOCUMENT.read_text(encoding="utf-8")


def test_the_table_of_fields_is_the_one_the_code_makes() -> None:
    table = TOLD.partition(BEGIN)[2].partition(END)[0].lstrip("\n")
    assert table == filter_table(), "run: python -m tests.support.filter_table"


@pytest.mark.parametrize(
    "line", re.findall(r"^    ((?:p|owner|\(sla|opened):.*?|\(sla.*?)(?:  .*)?$", TOLD, re.MULTILINE)
)
def test_every_example_can_be_read(line: str) -> None:
    assert parse(line.strip()) is not None
