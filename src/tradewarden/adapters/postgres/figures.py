"""What the loss limits are counted from, as one row: read and written whole."""

from sqlalchemy import Connection, select

from tradewarden.adapters.postgres.rows import AnyRow, Values
from tradewarden.adapters.postgres.tables import FIGURES
from tradewarden.core.desk import DayReference, LossBuffer
from tradewarden.core.limits import NO_FIGURES, Booked, DeskFigures
from tradewarden.core.values import ZERO

_FIGURES = select(FIGURES)


def read_figures(connection: Connection) -> DeskFigures:
    """Return what the limits are counted from."""
    row = connection.execute(_FIGURES).one_or_none()
    if row is None:
        return NO_FIGURES
    booked = None
    if row.booked_deal is not None:
        booked = Booked(deal=row.booked_deal, balance=row.booked_balance, at=row.booked_at)
    return DeskFigures(
        day=None if row.day_started_at is None else _day_of(row),
        initial_balance=row.initial_balance,
        high_water_mark=row.high_water_mark,
        balance_mark=row.balance_mark,
        deposits=ZERO if row.deposits is None else row.deposits,
        booked=booked,
    )


def figures_values(figures: DeskFigures) -> Values:
    """Return the columns of ``figures``."""
    day, booked = figures.day, figures.booked
    return {
        "day_started_at": None if day is None else day.day_started_at,
        "day_balance": None if day is None else day.balance,
        "day_equity": None if day is None else day.equity,
        "day_realised_profit": None if day is None else day.realised_profit,
        "day_late": None if day is None else day.late,
        "day_deposits": None if day is None else day.deposits,
        "day_buffer": None if day is None else day.buffer.value,
        "initial_balance": figures.initial_balance,
        "high_water_mark": figures.high_water_mark,
        "balance_mark": figures.balance_mark,
        "deposits": figures.deposits,
        "booked_deal": None if booked is None else booked.deal,
        "booked_balance": None if booked is None else booked.balance,
        "booked_at": None if booked is None else booked.at,
    }


def _day_of(row: AnyRow) -> DayReference:
    return DayReference(
        day_started_at=row.day_started_at,
        balance=row.day_balance,
        equity=row.day_equity,
        realised_profit=row.day_realised_profit,
        late=row.day_late,
        deposits=ZERO if row.day_deposits is None else row.day_deposits,
        buffer=LossBuffer.NONE if row.day_buffer is None else LossBuffer(row.day_buffer),
    )
