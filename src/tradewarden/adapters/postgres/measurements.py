"""What is measured and not decided: evaluations without a setup, and the equity curve. Rows and their statements."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, Subquery, func, or_, select

from tradewarden.adapters.postgres.rows import AnyRow, Values
from tradewarden.adapters.postgres.tables import ACCOUNT_POINTS, EVALUATIONS
from tradewarden.core.errors import InvalidInput
from tradewarden.ports.storage import AccountPoint, EvaluationRow

EVALUATIONS_BY_TIME = select(EVALUATIONS).order_by(EVALUATIONS.c.as_of, EVALUATIONS.c.number)


def newest_evaluations(*, symbol: str | None, strategy_id: str | None, limit: int) -> Select[Any]:
    """Return the question for the newest evaluations."""
    statement = select(EVALUATIONS).order_by(EVALUATIONS.c.as_of.desc(), EVALUATIONS.c.number.desc()).limit(limit)
    if symbol is not None:
        statement = statement.where(EVALUATIONS.c.symbol == symbol)
    if strategy_id is not None:
        statement = statement.where(EVALUATIONS.c.strategy_id == strategy_id)
    return statement


def evaluation_values(row: EvaluationRow) -> Values:
    """Return the columns of an evaluation."""
    return {
        "decision_id": row.decision_id,
        "as_of": row.as_of,
        "symbol": row.symbol,
        "strategy_id": row.strategy_id,
        "strategy_version": row.strategy_version,
        "bar_ended_at": row.bar_ended_at,
        "entry_held": row.entry_held,
        "exit_held": row.exit_held,
        "proximity": row.proximity,
        "decision_digest": row.decision_digest,
        "refusal": row.refusal,
        "embargo_title": row.embargo_title,
    }


def evaluation_of(row: AnyRow) -> EvaluationRow:
    """Return the evaluation of ``row``."""
    return EvaluationRow(
        decision_id=row.decision_id,
        as_of=row.as_of,
        symbol=row.symbol,
        strategy_id=row.strategy_id,
        strategy_version=row.strategy_version,
        bar_ended_at=row.bar_ended_at,
        entry_held=row.entry_held,
        exit_held=row.exit_held,
        proximity=row.proximity,
        decision_digest=row.decision_digest,
        refusal=row.refusal,
        embargo_title=row.embargo_title,
    )


def thinned(since: datetime | None, limit: int) -> Select[Any]:
    """Return the question for at most ``limit`` points, evenly chosen, the first and the last among them."""
    if limit < 2:
        raise InvalidInput(f"an equity curve of {limit} points was asked for, it needs at least 2")
    place = func.row_number().over(order_by=ACCOUNT_POINTS.c.captured_at) - 1
    last = func.count().over() - 1
    source = select(ACCOUNT_POINTS, place.label("place"), last.label("last"))
    if since is not None:
        source = source.where(ACCOUNT_POINTS.c.captured_at >= since)
    points: Subquery = source.subquery()
    # A point is kept when it begins a new one of the limit − 1 equal steps from the first to the last.
    steps, size = points.c.place * (limit - 1), func.greatest(points.c.last, 1)
    begins = steps // size != (steps - (limit - 1)) // size
    chosen = or_(points.c.last < limit, points.c.place == 0, begins)
    return select(points).where(chosen).order_by(points.c.captured_at)


def last_point(before: datetime) -> Select[Any]:
    """Return the question for the newest point from before ``before``."""
    earlier = select(ACCOUNT_POINTS).where(ACCOUNT_POINTS.c.captured_at < before)
    return earlier.order_by(ACCOUNT_POINTS.c.captured_at.desc()).limit(1)


def point_values(point: AccountPoint) -> Values:
    """Return the columns of a point of the equity curve."""
    return {
        "captured_at": point.at,
        "balance": point.balance,
        "equity": point.equity,
        "margin_used": point.margin,
        "margin_free": point.margin_free,
        "open_pl": point.floating,
        "open_positions": point.open_positions,
    }


def point_of(row: AnyRow) -> AccountPoint:
    """Return the point of ``row``."""
    return AccountPoint(
        at=row.captured_at,
        balance=row.balance,
        equity=row.equity,
        margin=row.margin_used,
        margin_free=row.margin_free,
        floating=row.open_pl,
        open_positions=row.open_positions,
    )
