"""The shape of the command line: help that answers at once, the same options everywhere, errors without tracebacks."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.integration.cli_rig import run, run_process
from typer.main import get_command

from tradewarden.cli.app import app

HEAVY = ("numpy", "talib", "polars", "sqlalchemy", "psycopg", "fastapi", "uvicorn", "pydantic", "httpx", "rich")
WITHOUT_DATA_DIR = {("strategy", "validate"), ("strategy", "schema")}


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, each in group.commands.items():
        if hasattr(each, "commands"):
            yield from commands(each, (*path, name))
        else:
            yield (*path, name), each


ALL = dict(commands(get_command(app)))


def test_the_promised_commands_are_there() -> None:
    assert {" ".join(path) for path in ALL} == {
        "positions list", "positions close", "positions clear",
        "up", "simulate", "status", "halt", "resume", "flat", "policy show", "policy set",
        "watchlist show", "watchlist add", "watchlist remove", "watchlist set", "symbols list", "symbols map",
        "symbols unmap", "sessions list", "sessions set", "sessions remove", "sign-in-link", "db url",
        "ideas list", "ideas show", "ideas approve", "ideas reject",
        "history list", "history show", "history replay", "history verify",
        "strategy list", "strategy explain", "strategy validate", "strategy publish", "strategy import",
        "strategy schema",
    }  # fmt: skip


@pytest.mark.parametrize("path", sorted(ALL), ids=" ".join)
def test_every_command_speaks_json_and_explains_itself_with_examples(path: tuple[str, ...]) -> None:
    options = {name for parameter in ALL[path].params for name in parameter.opts}
    shown = run(*path, "--help")
    assert "--json" in options
    assert path in WITHOUT_DATA_DIR or "--data-dir" in options
    assert shown.code == 0
    assert "Examples:\n" in shown.out
    assert f"tradewarden {' '.join(path)}" in shown.out


def test_help_loads_nothing_heavy() -> None:
    """Half a second for `--help` is spent on imports or not at all."""
    program = (
        "import sys\nsys.argv = ['tradewarden', '--help']\n"
        "from tradewarden.cli.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert "Usage: tradewarden" in done.stdout
    assert done.stderr.strip() == "[]"


def test_an_unknown_command_is_wrong_usage_and_names_the_nearest() -> None:
    answer = run_process("ideas", "aprove", "x")
    assert answer.code == 2
    assert "Did you mean 'approve'?" in answer.err
    assert "Traceback" not in answer.err


def test_a_directory_without_a_desk_is_named(tmp_path: Path) -> None:
    for words in (("status",), ("ideas", "list"), ("history", "verify"), ("halt",), ("db", "url")):
        answer = run(*words, "--data-dir", tmp_path / "nothing")
        assert answer.code == 1
        assert str(tmp_path / "nothing") in answer.err
        assert answer.out == ""
    assert not (tmp_path / "nothing").exists()


def test_an_error_is_json_too_where_json_was_asked_for(tmp_path: Path) -> None:
    answer = run("status", "--json", "--data-dir", tmp_path / "nothing")
    assert answer.code == 1
    assert answer.json["error"]["code"] == "NOT_FOUND"
    assert str(tmp_path / "nothing") in answer.json["error"]["message"]


def test_an_act_that_needs_a_running_desk_says_so(tmp_path: Path) -> None:
    for words in (("ideas", "approve", "abc"), ("resume",), ("sign-in-link",)):
        answer = run(*words, "--data-dir", tmp_path)
        assert answer.code == 1
        assert f"no desk runs on {tmp_path}" in answer.err
        assert "tradewarden up" in answer.err


def test_a_setting_that_does_not_exist_is_refused_by_name(tmp_path: Path) -> None:
    answer = run_process("status", "--data-dir", tmp_path, TRADEWARDEN_PROT="9000")
    assert answer.code == 2
    assert "TRADEWARDEN_PROT" in answer.err


def test_a_setting_of_a_later_version_is_refused_with_what_runs(tmp_path: Path) -> None:
    answer = run_process("status", "--data-dir", tmp_path, TRADEWARDEN_JOBS="celery")
    assert answer.code == 2
    assert "this version runs jobs=inprocess only" in answer.err


def test_what_nobody_expected_is_told_shortly_and_in_full_on_demand(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tradewarden.cli.__main__ import explain_unexpected

    def fail() -> None:
        raise ZeroDivisionError("a defect")

    caught: ZeroDivisionError | None = None
    try:
        fail()
    except ZeroDivisionError as error:
        caught = error
    assert caught is not None
    monkeypatch.delenv("TRADEWARDEN_DEBUG", raising=False)
    explain_unexpected(ZeroDivisionError, caught, caught.__traceback__)
    short = capsys.readouterr().err
    monkeypatch.setenv("TRADEWARDEN_DEBUG", "1")
    explain_unexpected(ZeroDivisionError, caught, caught.__traceback__)
    full = capsys.readouterr().err
    assert "unexpected ZeroDivisionError" in short
    assert "TRADEWARDEN_DEBUG=1" in short
    assert "Traceback" not in short
    assert "Traceback" in full


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("history", "replay"), "--all"),
        (("history", "replay", "3", "--all"), "--all"),
        (("history", "list", "--action", "bought"), "known are"),
        (("history", "list", "--from", "yesterday"), "--from 'yesterday'"),
        (("ideas", "list", "--status", "done"), "known are"),
        (("ideas", "approve", "abc", "--lots", "many"), "--lots 'many'"),
        (("ideas", "approve", "abc", "--lots", "-1"), "must be above 0"),
        (("simulate", "--mode", "wild"), "autonomous"),
        (("simulate", "--set", "risk=0.01"), "risk_fraction"),
        (("simulate", "--set", "risk_fraction=lots"), "write a number"),
        (("simulate", "--set", "mode=wild"), "supervised"),
        (("simulate", "--set", "halt_on_drawdown=perhaps"), "true or false"),
        (("simulate", "--set", "minimum_embargo=long"), "30/15"),
        (("simulate", "--seed", "-1"), "TRADEWARDEN_SEED"),
        (("simulate", "--deposit", "much"), "TRADEWARDEN_DEPOSIT"),
        (("up", "--speed", "0"), "TRADEWARDEN_SPEED"),
    ],
)
def test_wrong_input_is_exit_code_2_and_names_what_is_right(words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    answer = run(*words, "--data-dir", tmp_path / "desk")
    assert answer.code == 2
    assert said in answer.err
    assert not (tmp_path / "desk").exists()


def test_policy_values_are_read_as_what_their_field_holds() -> None:
    from decimal import Decimal

    from tradewarden.cli.policy_values import policy_changes
    from tradewarden.core.market.calendar import Embargo
    from tradewarden.core.policy import LossReference

    given = (
        "risk_fraction=0.01", "max_concurrent_trades=5", "halt_on_drawdown=off", "max_daily_loss=none",
        "daily_loss_reference=equity", "minimum_embargo=30/20", "day_reset_zone=Europe/Berlin",
    )  # fmt: skip
    assert policy_changes(given) == {
        "risk_fraction": Decimal("0.01"),
        "max_concurrent_trades": 5,
        "halt_on_drawdown": False,
        "max_daily_loss": None,
        "daily_loss_reference": LossReference.EQUITY,
        "minimum_embargo": Embargo(30, 20),
        "day_reset_zone": "Europe/Berlin",
    }


def test_the_version_is_printed() -> None:
    from tradewarden import __version__

    assert run("--version").out == f"tradewarden {__version__}\n"
