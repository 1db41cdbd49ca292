"""The page of the checks is what they declare, and every field of the policy that a check reads is named there."""

import runpy
from pathlib import Path

from tradewarden.core.policy_fields import FIELDS
from tradewarden.core.risk.gate import OPEN_CHECKS
from tradewarden.core.risk.reasons import FAILURES, WORDS, Code


def test_the_page_of_the_checks_is_current(repository: Path) -> None:
    script = runpy.run_path(str(repository / "scripts" / "check_reference.py"))
    written = (repository / "docs" / "reference" / "checks.md").read_text(encoding="utf-8")
    assert written == script["page"](), "stale: run python scripts/check_reference.py"


def test_every_check_says_in_words_what_holds_and_what_does_not() -> None:
    assert set(WORDS) == set(FAILURES) == set(Code)
    assert len(set(WORDS.values()) | set(FAILURES.values())) == 2 * len(Code)
    assert all(run.__doc__ for run in OPEN_CHECKS)


def test_fields_of_the_policy_name_checks_that_there_are() -> None:
    named = {code for field in FIELDS for code in field.checks}
    assert named <= {code.value for code in Code}
