"""The command line's door; `--version` is answered before anything is imported."""

from __future__ import annotations

import sys


def main() -> None:
    """Run `lampboard`."""
    if sys.argv[1:] == ["--version"]:
        from tui.version import VERSION

        sys.stdout.write(f"lampboard {VERSION}\n")
        return
    from tui.command_line import run

    sys.exit(run())


if __name__ == "__main__":
    main()
