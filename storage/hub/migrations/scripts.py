"""SQL of a migration, kept in a file of its own beside it."""

from __future__ import annotations

from importlib.resources import files

from alembic import op


def run_script(name: str) -> None:
    """Run every statement of `versions/NAME.sql` on the connection of the migration."""
    script = files("storage.hub.migrations").joinpath("versions", f"{name}.sql").read_bytes()
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    # Straight to the driver: bodies of functions hold semicolons and percent signs.
    driver.execute(script)
