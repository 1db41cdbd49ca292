"""Opening what a desk recorded, without running it.

Reading commands, and the few acts that need no broker, work on the record directly: attached to the running database,
or with it started for the moment. The desk put together here has no market and no account, and says so when asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from tradewarden.cli.output import waiting
from tradewarden.core.errors import BrokerUnavailable, MarketDataUnavailable

if TYPE_CHECKING:
    from tradewarden.bootstrap.configured import Settings
    from tradewarden.bootstrap.record import Record
    from tradewarden.core.account import AccountState, Deal
    from tradewarden.core.market.bars import Bars
    from tradewarden.core.market.calendar import CalendarView
    from tradewarden.core.market.instrument import Instrument, Quote
    from tradewarden.core.market.session import ServerClock
    from tradewarden.core.market.snapshot import ConversionQuote
    from tradewarden.core.market.symbols import SymbolMap
    from tradewarden.core.market.timeframe import Timeframe
    from tradewarden.core.orders import OpenIntent, ProtectIntent, ReduceIntent, SubmitOutcome
    from tradewarden.ports.broker import BrokerTrace
    from tradewarden.ports.clock import Clock
    from tradewarden.ports.storage import Reading
    from tradewarden.services.context import Desk

_AWAY = "the desk does not run, so it has no connection to"


@dataclass(frozen=True, slots=True)
class RestingDesk:
    """An open record, and a desk around it that has no broker and no market."""

    desk: Desk
    record: Record


class NoBroker:
    """The broker of a desk that does not run: it answers nothing."""

    @property
    def account_key(self) -> str:
        """Raise BrokerUnavailable."""
        self._refuse()

    def account(self) -> AccountState:
        """Raise BrokerUnavailable."""
        self._refuse()

    def open(self, intent: OpenIntent) -> SubmitOutcome:  # noqa: ARG002  the port's signature
        """Raise BrokerUnavailable."""
        self._refuse()

    def reduce(self, intent: ReduceIntent) -> SubmitOutcome:  # noqa: ARG002  the port's signature
        """Raise BrokerUnavailable."""
        self._refuse()

    def protect(self, intent: ProtectIntent) -> SubmitOutcome:  # noqa: ARG002  the port's signature
        """Raise BrokerUnavailable."""
        self._refuse()

    def find(self, magic: int) -> BrokerTrace:  # noqa: ARG002  the port's signature
        """Raise BrokerUnavailable."""
        self._refuse()

    def deals(self, since: datetime) -> tuple[Deal, ...]:  # noqa: ARG002  the port's signature
        """Raise BrokerUnavailable."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise BrokerUnavailable(f"{_AWAY} the account")


class NoMarket:
    """The market of a desk that does not run: no symbol, no price."""

    @property
    def server_clock(self) -> ServerClock:
        """Raise MarketDataUnavailable."""
        self._refuse()

    def use_symbols(self, symbols: SymbolMap) -> None:
        """Do nothing: there is no symbol to name."""

    def symbols(self) -> tuple[str, ...]:
        """Return no symbol."""
        return ()

    def instrument(self, symbol: str) -> Instrument:  # noqa: ARG002  the port's signature
        """Raise MarketDataUnavailable."""
        self._refuse()

    def quote(self, symbol: str) -> Quote | None:  # noqa: ARG002  the port's signature
        """Raise MarketDataUnavailable."""
        self._refuse()

    def conversions(self, currencies: Sequence[str], to: str) -> tuple[ConversionQuote, ...]:  # noqa: ARG002
        """Raise MarketDataUnavailable."""
        self._refuse()

    def closed_bars(
        self,
        symbol: str,  # noqa: ARG002  the port's signature
        timeframe: Timeframe,  # noqa: ARG002
        count: int,  # noqa: ARG002
        as_of: datetime,  # noqa: ARG002
    ) -> Bars:
        """Raise MarketDataUnavailable."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise MarketDataUnavailable(f"{_AWAY} the market")


class NoCalendar:
    """The calendar of a desk that does not run."""

    def view(self, as_of: datetime, currencies: tuple[str, ...]) -> CalendarView:  # noqa: ARG002  the port's signature
        """Raise MarketDataUnavailable."""
        raise MarketDataUnavailable(f"{_AWAY} the calendar")


def settings_for(data_dir: Path | None) -> Settings:
    """Return the settings of the environment, with the data directory that was typed. Raises InvalidSetting."""
    from tradewarden.bootstrap.configured import load_settings

    return load_settings(data_dir=data_dir)


@contextmanager
def resting_desk(data_dir: Path | None, *, as_json: bool = False) -> Iterator[RestingDesk]:
    """Open the record of a data directory that holds one. Raises NotFound when there is none."""
    from tradewarden.bootstrap.record import open_record

    settings = settings_for(data_dir)
    with (
        waiting("Opening the record", as_json=as_json) as tell,
        open_record(settings.data_dir, database_url=settings.database_url, must_exist=True, on_progress=tell) as record,
    ):
        yield RestingDesk(_desk_around(record), record)


def _desk_around(record: Record) -> Desk:
    from tradewarden.adapters.ids import RandomIds
    from tradewarden.bootstrap.versions import library_versions
    from tradewarden.services.context import Desk

    with record.storage.read() as reading:
        clock = resting_clock(reading)
    return Desk(
        storage=record.storage,
        broker=NoBroker(),
        market=NoMarket(),
        calendar=NoCalendar(),
        clock=clock,
        ids=RandomIds(),
        simulated=True,
        market_label="not connected",
        library_versions=library_versions(),
    )


def resting_clock(reading: Reading) -> Clock:
    """Return a clock that stands at the last moment the record knows: a simulated market rests with its desk."""
    from tradewarden.adapters.clock import SteppedClock, system_now
    from tradewarden.ports.storage import HistoryFilter

    newest = [entry.draft.occurred_at for entry in reading.history(HistoryFilter(limit=1))]
    if newest:
        newest += [point.at for point in reading.account_points(since=newest[0])[-1:]]
    return SteppedClock(max(newest) if newest else system_now())
