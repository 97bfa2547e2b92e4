"""Properties are tried on the same examples in every run, however slow the machine."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "desk", max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("desk")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """As many calendars and hundreds of cases are tried as the command line wants."""
    if "calendar_seed" in metafunc.fixturenames:
        metafunc.parametrize("calendar_seed", range(metafunc.config.getoption("calendars")))
    if "case_seed" in metafunc.fixturenames:
        metafunc.parametrize("case_seed", range(metafunc.config.getoption("cases") // 100))
