"""Strategy documents as they are named on the command line: files, and folders of them."""

from pathlib import Path

from tradewarden.core.errors import InvalidInput


def documents(given: list[Path]) -> list[Path]:
    """Return the JSON files that were named, folders opened, in order. Raises InvalidInput when there is none."""
    found: list[Path] = []
    for path in given:
        if path.is_dir():
            inside = sorted(path.glob("*.json"))
            if not inside:
                raise InvalidInput(f"{path} holds no strategy document (*.json)")
            found += inside
        elif path.is_file():
            found.append(path)
        else:
            raise InvalidInput(f"{path} does not exist")
    return found


def read_document(path: Path) -> bytes:
    """Return the file's content. Raises InvalidInput when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}") from error
