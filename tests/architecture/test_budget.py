"""Files and functions stay small enough to be read in one go.

What ruins trading systems is not the average file but the tail: one class of thousands of lines in which everything
meets. The budget makes the tail impossible instead of regrettable.
"""

import ast

from tests.architecture.sources import PACKAGE, place, python_files, tree, web_files

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60


def test_no_source_file_is_longer_than_the_budget() -> None:
    files = [*python_files(PACKAGE), *web_files()]
    lengths = {place(path): len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    too_long = {name: lines for name, lines in lengths.items() if lines > MAX_FILE_LINES}
    assert not too_long, f"longer than {MAX_FILE_LINES} lines: {too_long}"


def test_no_function_is_longer_than_the_budget() -> None:
    too_long = {
        f"{place(path, node.lineno)} {node.name}": lines
        for path in python_files(PACKAGE)
        for node in ast.walk(tree(path))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > MAX_FUNCTION_LINES
    }
    assert not too_long, f"longer than {MAX_FUNCTION_LINES} lines: {too_long}"
