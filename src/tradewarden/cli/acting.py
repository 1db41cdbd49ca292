"""Acts of a person at this machine: who they are in the history, and how the outcome is told."""

import getpass
from collections.abc import Mapping
from typing import Any

from tradewarden.cli.output import answer, styled

NAMELESS = "owner"


def person() -> str:
    """Return the name of the person at this machine; an account without a name is the desk's owner."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return NAMELESS


def actor() -> str:
    """Return the name under which an act of this person is recorded."""
    return f"user:{person()}"


def act_answer(result: Mapping[str, Any], *, as_json: bool) -> None:
    """Tell what happened and which history entry it made."""
    seq = result["history_seq"]
    where = f" (history entry {seq})" if seq is not None else ""
    answer(dict(result), lambda: [styled(f"{result['message']}{where}", "")], as_json=as_json)
