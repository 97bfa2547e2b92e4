"""The command line's door; `--version` is answered before anything is imported."""

from __future__ import annotations

import sys


def main() -> None:
    """Run `lampboard`."""
    if sys.argv[1:] == ["--version"]:
        from tui.version import VERSION

        try:
            sys.stdout.write(f"lampboard {VERSION}\n")
            sys.stdout.flush()
        except OSError as error:
            from tui.verbs.printing import OutputFailed, complain, output_ended

            ended = output_ended(error)
            if isinstance(ended, OutputFailed):
                complain(str(ended))
                sys.exit(2)
        return
    from tui.command_line import run

    sys.exit(run())


if __name__ == "__main__":
    main()
