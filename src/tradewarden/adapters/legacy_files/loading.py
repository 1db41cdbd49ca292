"""Finding and reading legacy files; what they mean is found in ``core/strategy/legacy``.

A file that was named is read or refused. In a folder, files of other kinds are passed over: an earlier console keeps
accounts and settings beside its rules, and nothing of those is shown.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from tradewarden.adapters.legacy_files.tables import read_table
from tradewarden.core.audit.canonical import digest_bytes
from tradewarden.core.errors import InvalidInput, InvalidStrategy, Problem
from tradewarden.core.strategy.document.reading import read_document
from tradewarden.core.strategy.legacy import LegacyFile, SourceKind, kind_of_tree

MAX_BYTES = 1_048_576
MAX_FILES = 500
_SUFFIXES = (".json", ".csv")


def read_legacy_files(paths: Sequence[Path]) -> tuple[LegacyFile, ...]:
    """Return every ``.json`` and ``.csv`` file in ``paths`` (files, or folders with all below them), in order.

    A file that cannot be used carries its problems. Raises InvalidInput for a path that does not exist, a folder
    without such files, and more than 500 files.
    """
    found: list[tuple[Path, bool]] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(each for each in path.rglob("*") if each.suffix.lower() in _SUFFIXES and each.is_file())
            if not inside:
                raise InvalidInput(f"{path} holds no legacy file (*.json, *.csv)")
            found += [(each, False) for each in inside]
        elif path.exists():
            found.append((path, True))
        else:
            raise InvalidInput(f"{path} does not exist")
    if len(found) > MAX_FILES:
        raise InvalidInput(f"{len(found)} files were given, at most {MAX_FILES} are imported at once: name the folders")
    named = {path.resolve() for path, is_named in found if is_named}
    read: dict[Path, LegacyFile] = {}
    for path, _ in found:
        read.setdefault(path.resolve(), _read(path, named=path.resolve() in named))
    return tuple(read.values())


def _read(path: Path, *, named: bool) -> LegacyFile:
    source = str(path)
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        return _refused(source, "", named, Problem("", f"cannot be read: {error.strerror}"))
    digest = digest_bytes(content)
    if len(content) > MAX_BYTES:
        if not named:
            return LegacyFile(source=source, digest="", named=False)
        return _refused(source, "", named, Problem("", f"has more than {MAX_BYTES} bytes, which no legacy file has"))
    suffix = path.suffix.lower()
    if suffix == ".csv":
        table, problems = read_table(content)
        return LegacyFile(source=source, digest=digest, named=named, table=table, problems=problems)
    if suffix != ".json":
        return _refused(source, digest, named, Problem("", "a legacy file is named .json or .csv", found=suffix))
    try:
        tree = read_document(content, source=source)
    except InvalidStrategy as error:
        if not named and not _may_hold_rules(content):
            return LegacyFile(source=source, digest=digest, named=False)
        return _refused(source, digest, named, *error.problems)
    return LegacyFile(source=source, digest=digest, named=named, tree=tree)


def _refused(source: str, digest: str, named: bool, *problems: Problem) -> LegacyFile:  # noqa: FBT001  one call site each
    return LegacyFile(source=source, digest=digest, named=named, problems=problems)


def _may_hold_rules(content: bytes) -> bool:
    """Return whether JSON that was refused could have been meant as rules or a profile: unreadable counts as yes."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return True
    return isinstance(value, dict) and kind_of_tree(value) is not SourceKind.UNKNOWN
