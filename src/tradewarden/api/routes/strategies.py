"""Strategies: listing, checking, publishing, switching on and off."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from tradewarden.api.dependencies import DeskDep, PrincipalDep
from tradewarden.api.problems import details_of
from tradewarden.api.schemas.acts import Toggle
from tradewarden.api.schemas.strategies import PublishAnswer, ValidationAnswer
from tradewarden.core.errors import InvalidStrategy
from tradewarden.core.strategy.document import document_digest, parse_strategy
from tradewarden.services.publish_strategy import publish_strategy, toggle_strategy
from tradewarden.services.queries import settings as queries
from tradewarden.services.queries.models.settings import StrategyDetail, StrategyList, StrategySummary

router = APIRouter(prefix="/strategies", tags=["strategies"])
_DOCUMENT: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "object", "title": "StrategyDocument"}}},
    }
}


async def _raw_body(request: Request) -> bytes:
    """Return the document as it was written: parsing it here would lose duplicate keys and exact fractions."""
    return await request.body()


DocumentText = Annotated[bytes, Depends(_raw_body)]


@router.get("", operation_id="listStrategies")
def list_strategies(desk: DeskDep) -> StrategyList:
    """Return every strategy at its newest version."""
    return queries.strategies(desk)


@router.post("", operation_id="publishStrategy", openapi_extra=_DOCUMENT, status_code=201)
def publish(document: DocumentText, desk: DeskDep, principal: PrincipalDep) -> PublishAnswer:
    """Publish a strategy document as the next version of the strategy of its name."""
    before = queries.head_seq(desk)
    record = publish_strategy(desk, document, actor=principal.actor, source="the request")
    entry = queries.publication_entry(desk, record, after_seq=before)
    return PublishAnswer(strategy=queries.strategy_summary(record), created=entry is not None, history_seq=entry)


@router.post("/validate", operation_id="validateStrategy", openapi_extra=_DOCUMENT)
def validate(document: DocumentText) -> ValidationAnswer:
    """Return every problem of a strategy document without publishing it."""
    try:
        spec = parse_strategy(document, source="the request")
    except InvalidStrategy as error:
        return ValidationAnswer(valid=False, name=None, digest=None, problems=details_of(error))
    return ValidationAnswer(valid=True, name=spec.name, digest=document_digest(json.loads(document)), problems=[])


@router.get("/{strategy_id}", operation_id="getStrategy")
def get_strategy(strategy_id: str, desk: DeskDep) -> StrategyDetail:
    """Return a strategy with its document and its conditions in words."""
    return queries.strategy_detail(desk, strategy_id)


@router.patch("/{strategy_id}/toggle", operation_id="toggleStrategy")
def toggle(strategy_id: str, body: Toggle, desk: DeskDep, principal: PrincipalDep) -> StrategySummary:
    """Switch a strategy on or off; positions it opened are still looked after."""
    record = toggle_strategy(desk, strategy_id, active=body.is_active, actor=principal.actor)
    return queries.strategy_summary(record)
