"""The command line's door; `--version` is answered before anything is imported."""

from __future__ import annotations

import sys

VERSION = "0.1.0"


def main() -> None:
    """Run `lampboard`."""
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"lampboard {VERSION}\n")
        return
    from tui.command_line import run

    sys.exit(run())


if __name__ == "__main__":
    main()
