"""Core values as screens see them: one function per value, no reading and no deciding."""

from datetime import datetime
from decimal import Decimal

from tradewarden.core.account import AccountState
from tradewarden.core.confidence import Confidence, effective_threshold, part_maxima
from tradewarden.core.ideas import Level, TradeIdea
from tradewarden.core.market.instrument import Instrument, Quote
from tradewarden.core.policy import RiskPolicy
from tradewarden.core.risk.reasons import WORDS
from tradewarden.core.risk.verdict import Check, Verdict
from tradewarden.core.strategy.spec import ConfidenceModel, StrategySpec
from tradewarden.core.values import ZERO, money, round_to_step
from tradewarden.ports.storage import StrategyRecord
from tradewarden.services.queries.models.account import AccountView
from tradewarden.services.queries.models.common import (
    CheckView,
    ConfidencePart,
    ConfidenceView,
    Contribution,
    LevelView,
    QuoteView,
    StrategyRef,
    TargetView,
    VerdictView,
)
from tradewarden.services.queries.models.market import InstrumentView

_POINT_STEP = Decimal("0.1")


def check_view(check: Check) -> CheckView:
    """Return one check with its words."""
    return CheckView(
        code=check.code,
        words=WORDS[check.code],
        passed=check.passed,
        observed=check.observed,
        limit=check.limit,
        on_fail=check.on_fail,
        answered=check.answered,
        blocks=check.blocks,
    )


def verdict_view(verdict: Verdict) -> VerdictView:
    """Return the gate's answer with every check."""
    return VerdictView(
        purpose=verdict.purpose,
        outcome=verdict.outcome,
        lots=verdict.lots,
        risk_amount=verdict.risk_amount,
        margin=verdict.margin,
        checks=tuple(check_view(entry) for entry in verdict.checks),
    )


def confidence_view(confidence: Confidence, policy: RiskPolicy) -> ConfidenceView:
    """Return the score with its parts, the running sum of its contributions, and what ``policy`` wants of its model."""
    model = ConfidenceModel(confidence.model)
    total, contributions = ZERO, []
    for entry in confidence.contributions:
        total += entry.points
        contributions.append(
            Contribution(
                part=entry.part, name=entry.name, points=entry.points, observed=entry.observed, running_total=total
            )
        )
    return ConfidenceView(
        model=confidence.model,
        score=confidence.score,
        threshold=effective_threshold(policy, model),
        is_proximity=confidence.is_proximity,
        parts=tuple(
            ConfidencePart(part=part, points=confidence.part(part), maximum=maximum)
            for part, maximum in part_maxima(model).items()
        ),
        contributions=tuple(contributions),
    )


def quote_view(symbol: str, quote: Quote, instrument: Instrument, now: datetime) -> QuoteView:
    """Return a quote with its spread in points and its age at ``now`` in market seconds."""
    return QuoteView(
        symbol=symbol,
        bid=quote.bid,
        ask=quote.ask,
        spread_points=round_to_step(quote.spread / instrument.point, _POINT_STEP),
        at=quote.at,
        age_seconds=seconds_between(quote.at, now),
    )


def instrument_view(instrument: Instrument) -> InstrumentView:
    """Return a contract."""
    return InstrumentView(
        symbol=instrument.symbol,
        description=instrument.description,
        digits=instrument.digits,
        point=instrument.point,
        tick_size=instrument.tick_size,
        tick_value=instrument.tick_value,
        tick_value_loss=instrument.tick_value_loss,
        contract_size=instrument.contract_size,
        volume_min=instrument.volume_min,
        volume_max=instrument.volume_max,
        volume_step=instrument.volume_step,
        stops_level=instrument.stops_level,
        margin_per_lot=instrument.margin_per_lot,
        currency_base=instrument.currency_base,
        currency_profit=instrument.currency_profit,
        trade_mode=instrument.trade_mode,
    )


def account_view(account: AccountState) -> AccountView:
    """Return the broker's statement with what is wrong with it, if anything is."""
    return AccountView(
        login=account.login,
        server=account.server,
        currency=account.currency,
        connected=account.connected,
        trade_allowed=account.trade_allowed,
        balance=account.balance,
        credit=account.credit,
        equity=account.equity,
        floating=money(account.floating),
        margin=account.margin,
        margin_free=account.margin_free,
        margin_level=account.margin_level,
        leverage=account.leverage,
        open_positions=len(account.positions),
        problem=account.problem(),
        captured_at=account.captured_at,
    )


def level_view(level: Level) -> LevelView:
    """Return a level with its rule."""
    return LevelView(name=level.name, price=level.price, rule=level.rule)


def target_views(idea: TradeIdea, spec: StrategySpec) -> tuple[TargetView, ...]:
    """Return the idea's targets with what its strategy declared for each."""
    return tuple(
        TargetView(price=price, rr=target.rr, fraction=target.fraction)
        for price, target in zip(idea.take_profits, spec.take_profits, strict=True)
    )


class StrategyNames:
    """The names of strategies at their newest versions, for rows that only carry an id."""

    def __init__(self, records: tuple[StrategyRecord, ...]) -> None:
        self._names = {record.version.strategy_id: record.version.spec.name for record in records}

    def ref(self, strategy_id: str, version: int | None = None) -> StrategyRef:
        """Return the reference to a strategy; its name is None when the record does not know it."""
        return StrategyRef(strategy_id=strategy_id, name=self._names.get(strategy_id), version=version)


def seconds_between(start: datetime, end: datetime) -> float:
    """Return the seconds from ``start`` to ``end`` to a tenth, never below 0."""
    return max(0.0, round((end - start).total_seconds(), 1))
