"""The rig of the load speaks to the hub as consoles do: a few of them push and see what the others pushed."""

from __future__ import annotations

import pytest

from tests.performance.load import main


def test_a_few_consoles_push_and_see_what_the_others_pushed(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--minutes", "0.05", "--consoles", "6", "--pushes", "20", "--streams", "2"])
    told = capsys.readouterr().out
    assert "visible elsewhere" in told and "failed" not in told.replace("(0 consoles failed)", "")
