"""The two records that the storage contract holds to: plain Python, and PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tradewarden.adapters.anchor import FileAnchor
from tradewarden.adapters.memory import MemoryAccess, MemoryStorage
from tradewarden.ports.access import AccessStore
from tradewarden.ports.storage import Storage

KINDS = ("memory", "postgres", "postgres exclusive")


@pytest.fixture
def anchor(tmp_path: Path) -> FileAnchor:
    """An anchor file of its own."""
    return FileAnchor(tmp_path / "anchor" / "history.anchor", durable=False)


@pytest.fixture(params=KINDS)
def storage(request: pytest.FixtureRequest, anchor: FileAnchor) -> Iterator[Storage]:
    """An empty record of each kind."""
    if request.param == "memory":
        yield MemoryStorage(anchor=anchor)
        return
    from tradewarden.adapters.postgres import PostgresStorage

    urls = request.getfixturevalue("database_url")
    storage = PostgresStorage(urls.app, anchor=anchor, exclusive=request.param.endswith("exclusive"))
    yield storage
    storage.close()


@pytest.fixture(params=("memory", "postgres"))
def access(request: pytest.FixtureRequest) -> Iterator[AccessStore]:
    """An empty access store of each kind."""
    if request.param == "memory":
        yield MemoryAccess()
        return
    from tradewarden.adapters.postgres import PostgresAccess

    store = PostgresAccess(request.getfixturevalue("database_url").app)
    yield store
    store.close()
