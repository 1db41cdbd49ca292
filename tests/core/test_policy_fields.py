"""Every field of the risk policy is explained, shown, changeable and documented: nobody has to read the source."""

import runpy
from dataclasses import fields
from pathlib import Path

from tradewarden.api.schemas.acts import ChangeRisk
from tradewarden.core.policy import LIMITS, RiskPolicy
from tradewarden.core.policy_fields import FIELDS, field_of
from tradewarden.core.risk.reasons import Code
from tradewarden.services.queries.models.settings import PolicyView

NAMES = {field.name for field in fields(RiskPolicy)}


def test_every_field_is_explained_once() -> None:
    assert sorted(field.name for field in FIELDS) == sorted(NAMES)
    assert all(field.text.endswith(".") for field in FIELDS)
    assert set(LIMITS) <= NAMES
    assert field_of("risk_fraction").group == "size of a trade"


def test_every_field_is_shown_and_can_be_changed() -> None:
    assert {field.name for field in fields(PolicyView)} == NAMES
    assert set(ChangeRisk.model_fields) - {"expected_version"} == NAMES - {"ai_trading_enabled"}


def test_fields_name_checks_that_there_are() -> None:
    known = {code.value for code in Code}
    assert [name for field in FIELDS for name in field.checks if name not in known] == []


def test_the_page_of_the_policy_is_what_its_fields_declare(repository: Path) -> None:
    script = runpy.run_path(str(repository / "scripts" / "policy_reference.py"))
    written = (repository / "docs" / "reference" / "risk-policy.md").read_text(encoding="utf-8")
    assert written == script["page"](), "stale: run python scripts/policy_reference.py"
