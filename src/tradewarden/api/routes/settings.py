"""The risk policy."""

from typing import Any

from fastapi import APIRouter

from tradewarden.api.dependencies import DeskDep, PrincipalDep
from tradewarden.api.schemas.acts import ChangeEmbargo, ChangeRisk
from tradewarden.core.errors import InvalidSetting
from tradewarden.core.market.calendar import Embargo
from tradewarden.core.policy import MAY_BE_UNSET
from tradewarden.services.change_policy import change_policy
from tradewarden.services.queries import settings as queries
from tradewarden.services.queries.models.settings import RiskSettings

router = APIRouter(prefix="/settings", tags=["settings"])


@router.get("/risk", operation_id="getRiskSettings")
def get_risk(desk: DeskDep) -> RiskSettings:
    """Return the policy in force with the limits of its fields."""
    return queries.risk_settings(desk)


@router.put("/risk", operation_id="changeRiskSettings")
def change_risk(body: ChangeRisk, desk: DeskDep, principal: PrincipalDep) -> RiskSettings:
    """Change policy fields; the change is recorded with before and after and counts from the next judgement."""
    change_policy(desk, policy_changes(body), actor=principal.actor, expected_version=body.expected_version)
    return queries.risk_settings(desk)


def policy_changes(body: ChangeRisk) -> dict[str, Any]:
    """Return the fields that were sent, as the policy holds them. Raises InvalidSetting when there is none."""
    changes: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set - {"expected_version"}}
    for name, value in changes.items():
        if value is None and name not in MAY_BE_UNSET:
            raise InvalidSetting(f"{name} cannot be null; leave it out to keep it")
        if isinstance(value, ChangeEmbargo):
            changes[name] = Embargo(value.before_minutes, value.after_minutes)
    if not changes:
        raise InvalidSetting("no policy field was sent")
    return changes
