"""The source files that the architecture tests read, parsed once."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = ROOT / "src" / "tradewarden"
TESTS = ROOT / "tests"
WEB = ROOT / "web" / "src"


def python_files(folder: Path) -> list[Path]:
    """Return every Python file below `folder`, sorted."""
    return sorted(folder.rglob("*.py"))


def web_files() -> list[Path]:
    """Return every TypeScript file that people write; the generated API client is not one of them."""
    found = [path for suffix in ("*.ts", "*.tsx") for path in WEB.rglob(suffix)]
    return sorted(path for path in found if path != WEB / "lib" / "api" / "schema.ts")


@cache
def tree(path: Path) -> ast.Module:
    """Return the syntax tree of `path`."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def place(path: Path, line: int | None = None) -> str:
    """Return `path` relative to the repository, with the line where one is given."""
    relative = path.relative_to(ROOT).as_posix()
    return f"{relative}:{line}" if line else relative


def imports(module: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield (dotted name, line) of everything that a module imports, at the top or inside a function."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node.lineno


def uses(module: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield (full dotted name, line) of every use, with local names traced back to what was imported."""
    names: dict[str, str] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    for node in ast.walk(module):
        if isinstance(node, (ast.Attribute, ast.Name)):
            # Not only calls: a function that is passed on (`default_factory=uuid4`) is called all the same.
            first, _, rest = _dotted(node).partition(".")
            if first in names:
                yield f"{names[first]}.{rest}" if rest else names[first], node.lineno


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inner = _dotted(node.value)
        return f"{inner}.{node.attr}" if inner else ""
    return ""
