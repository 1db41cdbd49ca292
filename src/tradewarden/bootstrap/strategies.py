"""Finding strategy documents: files, folders of them, and the ones that ship with the program."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from tradewarden.core.errors import InvalidInput
from tradewarden.core.strategy.document import parse_sides
from tradewarden.services.start_desk import StrategyFile


def read_strategies(paths: Sequence[Path]) -> tuple[StrategyFile, ...]:
    """Return the documents in ``paths`` (files, or folders of ``*.json``), each checked.

    Raises InvalidInput for a path that holds none, InvalidStrategy for a document with problems.
    """
    found: list[StrategyFile] = []
    for path in paths:
        members = sorted(path.glob("*.json")) if path.is_dir() else [path]
        if not members:
            raise InvalidInput(f"{path} holds no strategy documents (*.json)")
        found += [_read(member) for member in members]
    return tuple(found)


def shipped_strategies() -> tuple[StrategyFile, ...]:
    """Return the strategies that come with the program: what a new desk starts with."""
    folder = files("tradewarden") / "resources" / "strategies"
    entries = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".json")), key=lambda e: e.name)
    return tuple(StrategyFile(source=entry.name, document=entry.read_text(encoding="utf-8")) for entry in entries)


def skip_without_bars(
    strategies: Sequence[StrategyFile], symbols: tuple[str, ...]
) -> tuple[tuple[StrategyFile, ...], tuple[str, ...]]:
    """Return the strategies that trade one of ``symbols``, and a notice for each that does not."""
    kept, notices = [], []
    for file in strategies:
        spec = parse_sides(file.document, source=file.source).spec
        missing = [symbol for symbol in spec.allowed_symbols if symbol not in symbols]
        if len(missing) == len(spec.allowed_symbols):
            notices.append(f"{spec.name} is skipped: there are no bars of {', '.join(missing)}.")
            continue
        if missing:
            notices.append(f"{spec.name} runs without {', '.join(missing)}: there are no bars of it.")
        kept.append(file)
    return tuple(kept), tuple(notices)


def _read(path: Path) -> StrategyFile:
    try:
        document = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"strategy file {path} cannot be read: {error}") from error
    parse_sides(document, source=str(path))
    return StrategyFile(source=path.name, document=document)
