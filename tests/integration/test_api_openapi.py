"""The published OpenAPI document: fresh, with stable names, and every field always present."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from tradewarden.api.openapi import openapi_document, openapi_text
from tradewarden.api.schemas.base import Sent


def test_the_published_document_is_the_interface(repository: Path) -> None:
    published = (repository / "docs" / "reference" / "openapi.json").read_text(encoding="utf-8")
    assert published == openapi_text(), "run: python -m tradewarden.api.openapi > docs/reference/openapi.json"


@cache
def document() -> dict[str, Any]:
    """The document, made once."""
    return openapi_document()


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    paths = document()["paths"]
    return [(path, method, operation) for path, methods in paths.items() for method, operation in methods.items()]


def test_every_operation_has_a_name_of_its_own_and_a_summary() -> None:
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(names) == len(set(names))
    assert all(name[0].islower() and name.isalnum() for name in names)
    assert all(operation["description"] for _, _, operation in operations())


def test_every_operation_answers_errors_in_the_one_form() -> None:
    for path, method, operation in operations():
        assert "default" in operation["responses"], (method, path)
        assert "422" not in operation["responses"], (method, path)


def all_kinds(kind: type) -> list[type]:
    """Return every class below `kind`."""
    below: list[type] = kind.__subclasses__()
    return [found for one in below for found in (one, *all_kinds(one))]


def test_every_field_of_an_answer_is_always_present() -> None:
    sent = {kind.__name__ for kind in all_kinds(Sent)}
    schemas = document()["components"]["schemas"]
    optional = {
        name: sorted(set(schema["properties"]) - set(schema.get("required", [])))
        for name, schema in schemas.items()
        if name not in sent and set(schema.get("properties", {})) - set(schema.get("required", []))
    }
    assert not optional, optional


def test_no_amount_is_a_json_number() -> None:
    """Only counts, ages, ids and the columns of bars may be numbers."""
    allowed = {
        "age_seconds",
        "last_cycle_age_seconds",
        "seconds_left",
        "milliseconds",
        "speed",
    }
    schemas = document()["components"]["schemas"]
    found = {
        (name, field)
        for name, schema in schemas.items()
        for field, kind in schema.get("properties", {}).items()
        if '"type": "number"' in json.dumps(kind) and field not in allowed and name != "BarsView"
    }
    assert not found, found
