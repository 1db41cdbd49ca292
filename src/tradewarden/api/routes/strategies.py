"""Strategies: listing, checking, publishing, switching on and off."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime

from tradewarden.api.dependencies import DeskDep, PrincipalDep
from tradewarden.api.problems import details_of
from tradewarden.api.routes.settings import policy_changes
from tradewarden.api.schemas.acts import Toggle
from tradewarden.api.schemas.imports import ImportAnswer, ImportedStrategy, ImportLegacy
from tradewarden.api.schemas.strategies import PublishAnswer, ValidationAnswer
from tradewarden.core.errors import InvalidStrategy
from tradewarden.core.strategy.document import document_digest, parse_sides
from tradewarden.core.strategy.legacy import SourceFile
from tradewarden.services.change_sessions import by_value
from tradewarden.services.import_legacy import ImportPackage, PackedStrategy, record_import
from tradewarden.services.publish_strategy import publish_strategy, toggle_strategy
from tradewarden.services.queries import settings as queries
from tradewarden.services.queries.explanation import explain_strategy, published_version, version_of
from tradewarden.services.queries.models.explanation import ExplanationList
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


@router.post("/import", operation_id="importLegacy", status_code=201)
def import_legacy(body: ImportLegacy, desk: DeskDep, principal: PrincipalDep) -> ImportAnswer:
    """Publish translated documents, apply limits and symbol names of an earlier console in one step, all or none."""
    limits = body.limits
    package = ImportPackage(
        sources=tuple(SourceFile(name=each.name, kind=each.kind, digest=each.sha256) for each in body.sources),
        strategies=tuple(PackedStrategy(source=each.source, text=each.text) for each in body.strategies),
        limits={} if limits is None else policy_changes(limits),
        symbols=body.symbols,
        notes=tuple(body.notes),
    )
    outcome = record_import(desk, package, actor=principal.actor)
    return ImportAnswer(
        strategies=[
            ImportedStrategy(strategy=queries.strategy_summary(each.record), created=each.created)
            for each in outcome.strategies
        ],
        policy_version=outcome.policy_version,
        symbol_map_version=outcome.symbol_map_version,
        history_seq=outcome.history_seq,
    )


@router.post("/validate", operation_id="validateStrategy", openapi_extra=_DOCUMENT)
def validate(document: DocumentText, desk: DeskDep) -> ValidationAnswer:
    """Return every problem of a strategy document without publishing it."""
    with desk.storage.read() as reading:
        own = {window.name: window for window in reading.sessions().windows}
    try:
        spec = parse_sides(by_value(document, own), source="the request").spec
    except InvalidStrategy as error:
        return ValidationAnswer(valid=False, name=None, digest=None, problems=details_of(error))
    return ValidationAnswer(valid=True, name=spec.name, digest=document_digest(json.loads(document)), problems=[])


@router.post("/explain", operation_id="explainDocument", openapi_extra=_DOCUMENT)
def explain_document(
    document: DocumentText, desk: DeskDep, symbol: str, at: AwareDatetime | None = None
) -> ExplanationList:
    """Return what each side of a strategy document says of a symbol, now or at a past moment; nothing is recorded."""
    return explain_strategy(desk, version_of(document, source="the request"), symbol, at=at)


@router.get("/{strategy_id}/explain", operation_id="explainStrategy")
def explain(strategy_id: str, desk: DeskDep, symbol: str, at: AwareDatetime | None = None) -> ExplanationList:
    """Return what each side of a published strategy says of a symbol, now or at a past moment."""
    return explain_strategy(desk, published_version(desk, strategy_id), symbol, at=at)


@router.get("/{strategy_id}", operation_id="getStrategy")
def get_strategy(strategy_id: str, desk: DeskDep) -> StrategyDetail:
    """Return a strategy with its document and its conditions in words."""
    return queries.strategy_detail(desk, strategy_id)


@router.patch("/{strategy_id}/toggle", operation_id="toggleStrategy")
def toggle(strategy_id: str, body: Toggle, desk: DeskDep, principal: PrincipalDep) -> StrategySummary:
    """Switch a strategy on or off; positions it opened are still looked after."""
    record = toggle_strategy(desk, strategy_id, active=body.is_active, actor=principal.actor)
    return queries.strategy_summary(record)
