"""The entry point of the ``tradewarden`` command and of ``python -m tradewarden.cli``.

It runs the command tree. What no command expected ends here with a short message; ``TRADEWARDEN_DEBUG=1`` shows all
of it.
"""

import os
import sys
import traceback
from types import TracebackType

DEBUG = "TRADEWARDEN_DEBUG"


def main() -> None:
    """Run the command that was typed and end the process with its exit code."""
    sys.excepthook = explain_unexpected
    from tradewarden.cli.app import app

    app(prog_name="tradewarden")


def explain_unexpected(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:  # pragma: no cover - runs in a dying process; the tests watch it from outside
    """Print what went wrong in one line and where to find the rest; the process then ends with exit code 1."""
    if os.environ.get(DEBUG):
        traceback.print_exception(kind, error, trace)
        return
    where = traceback.extract_tb(trace)[-1] if trace else None
    place = f" in {where.name} ({os.path.basename(where.filename)}:{where.lineno})" if where else ""  # noqa: PTH119
    print(
        f"tradewarden: unexpected {kind.__name__}{place}: {error}\n"
        f"This is a defect of the program. Run the same command with {DEBUG}=1 for the whole report.",
        file=sys.stderr,
    )


if __name__ == "__main__":
    main()
