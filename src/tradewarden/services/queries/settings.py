"""Reading the policy and the strategies."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from tradewarden.core.audit.chain import Action, HistoryEntry
from tradewarden.core.errors import InvalidSetting, NotFound
from tradewarden.core.market.calendar import Embargo
from tradewarden.core.policy import LIMITS, RiskPolicy
from tradewarden.core.policy_fields import FIELDS
from tradewarden.core.strategy.conditions import condition_text
from tradewarden.core.strategy.evaluate import SECTIONS, own_bars_required
from tradewarden.core.strategy.plan import FORBIDDEN, INVALIDATION
from tradewarden.core.strategy.spec import StrategySpec
from tradewarden.ports.storage import HistoryFilter, StrategyRecord
from tradewarden.services.change_policy import unreachable_strategies
from tradewarden.services.context import Desk
from tradewarden.services.queries.models.settings import (
    EmbargoView,
    FieldLimits,
    FieldWords,
    PolicyView,
    RiskSettings,
    StrategyDetail,
    StrategyList,
    StrategyRule,
    StrategySummary,
)

_NEWEST_ACTS = 50


def risk_settings(desk: Desk) -> RiskSettings:
    """Return the policy in force. Raises InvalidSetting before the desk's first start has set one."""
    with desk.storage.read() as reading:
        current = reading.policy()
        halts = reading.history(HistoryFilter(actions=(Action.AI_HALTED,), limit=1))
        unreachable = {} if current is None else unreachable_strategies(reading, current.policy)
    if current is None:
        raise InvalidSetting("the desk has no risk policy yet: start it once with `tradewarden up`")
    return RiskSettings(
        version=current.version,
        policy=_policy_view(current.policy),
        limits={name: FieldLimits(low=low, high=high) for name, (low, high) in LIMITS.items()},
        fields=tuple(
            FieldWords(name=each.name, group=each.group, text=each.text, unit=each.unit, checks=each.checks)
            for each in FIELDS
        ),
        last_halt_reason=halts[0].draft.rationale if halts else None,
        warnings=tuple(f"{name}: {why}" for name, why in unreachable.items()),
    )


def strategies(desk: Desk) -> StrategyList:
    """Return every strategy at its newest version."""
    with desk.storage.read() as reading:
        records = reading.strategies()
    summaries = tuple(strategy_summary(record) for record in records)
    return StrategyList(as_of=desk.clock.market_now(), strategies=summaries)


def strategy_detail(desk: Desk, strategy_id: str) -> StrategyDetail:
    """Return one strategy with its document and its conditions in words. Raises NotFound."""
    with desk.storage.read() as reading:
        record = reading.strategy(strategy_id)
    if record is None:
        raise NotFound(f"no strategy {strategy_id}")
    spec = record.version.spec
    rules = _rules(spec)
    if record.version.short is not None:
        rules += _rules(record.version.short)
    return StrategyDetail(
        strategy=strategy_summary(record), required_bars=own_bars_required(spec), rules=rules, document=record.document
    )


def _rules(spec: StrategySpec) -> tuple[StrategyRule, ...]:
    """Return the conditions of one side with their places in the document."""
    key = spec.conditions_key
    lists = [(section, f"/{key}/{section}", getattr(spec, section)) for section in SECTIONS]
    lists.append((INVALIDATION, f"/{key}/invalidations", spec.invalidations))
    lists.append((FORBIDDEN, "/forbidden_conditions/conditions", spec.forbidden.conditions))
    return tuple(
        StrategyRule(side=spec.side, section=section, pointer=f"{place}/{index}", text=condition_text(condition))
        for section, place, conditions in lists
        for index, condition in enumerate(conditions)
    )


def strategy_summary(record: StrategyRecord) -> StrategySummary:
    """Return a strategy in short."""
    version, spec = record.version, record.version.spec
    return StrategySummary(
        strategy_id=version.strategy_id,
        name=spec.name,
        description=spec.description,
        version=version.version,
        digest=version.digest,
        is_active=version.is_active,
        allowed_symbols=spec.allowed_symbols,
        timeframe=spec.timeframe,
        sides=version.sides,
        sessions=tuple(f"{w.name} {w.start}–{w.end} {w.zone_name}" for w in spec.session_windows),
        risk_fraction=spec.risk_fraction,
        rr_expectation=spec.rr_expectation,
        published_at=record.published_at,
    )


def head_seq(desk: Desk) -> int:
    """Return the newest entry's ``seq``: the place after which an act's own entry is looked for."""
    with desk.storage.read() as reading:
        return reading.head().seq


def publication_entry(desk: Desk, record: StrategyRecord, *, after_seq: int) -> int | None:
    """Return the entry after ``after_seq`` that published ``record``, or None when it was in force already."""
    version = record.version
    return _newest(
        desk,
        Action.STRATEGY_PUBLISHED,
        after_seq,
        lambda entry: (
            entry.draft.strategy_id == version.strategy_id
            and (entry.draft.payload or {}).get("version") == version.version
        ),
    )


def policy_entry(desk: Desk, version: int, *, after_seq: int) -> int | None:
    """Return the entry after ``after_seq`` that put policy ``version`` in force, or None when nothing changed."""
    return _newest(
        desk,
        Action.SETTINGS_CHANGED,
        after_seq,
        lambda entry: (entry.draft.payload or {}).get("policy_version") == version,
    )


def _policy_view(policy: RiskPolicy) -> PolicyView:
    return PolicyView(**{field.name: _shown(getattr(policy, field.name)) for field in fields(policy)})


def _shown(value: Any) -> Any:
    if isinstance(value, Embargo):
        return EmbargoView(before_minutes=value.before_minutes, after_minutes=value.after_minutes)
    return value


def _newest(desk: Desk, action: Action, after_seq: int, fits: Callable[[HistoryEntry], bool]) -> int | None:
    with desk.storage.read() as reading:
        entries = reading.history(HistoryFilter(actions=(action,), after_seq=after_seq, limit=_NEWEST_ACTS))
    return next((entry.seq for entry in reversed(entries) if fits(entry)), None)
