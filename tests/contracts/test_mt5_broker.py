"""The broker and market data ports over a MetaTrader 5 terminal, here the simulated one."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Thread
from typing import Any

import numpy as np
import pytest
from tests.mt5sim.market import START, after, buy, flat, minute_bars, sell, terminal

from tradewarden.adapters.brokers.mt5 import Mt5Broker, TerminalApi
from tradewarden.core.account import Booking, DealEntry
from tradewarden.core.errors import BrokerUnavailable, InvalidInput, MarketDataUnavailable
from tradewarden.core.market.instrument import TradeMode
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.orders import Accepted, OpenIntent, ProtectIntent, ReduceIntent, Rejected, Unknown
from tradewarden.core.values import Side
from tradewarden.mt5sim import SimulatedTerminal
from tradewarden.mt5sim import constants as mt5
from tradewarden.mt5sim.records import OrderSendResult, TradeRequest, build
from tradewarden.ports.broker import Broker
from tradewarden.ports.market_data import MarketData

MAGIC = 2**62 + 12_345
ROWS = [*flat(1.1, 5), (1.1, 1.1005, 1.0990, 1.1002), *flat(1.1002, 400)]


NOT_REFUSED = {10008, 10009, 10010, 10011, 10012, 10031}
REFUSALS = sorted(
    {code for name, code in vars(mt5).items() if name.startswith("TRADE_RETCODE_")} - NOT_REFUSED,
)


class TerminalClock:
    """Market time of a terminal; nobody looks at the wall."""

    speed = None

    def __init__(self, simulated: SimulatedTerminal) -> None:
        self._terminal = simulated

    def market_now(self) -> datetime:
        return self._terminal.now

    def wall_now(self) -> datetime:
        return self._terminal.now


class Interrupted:
    """A terminal whose next order is answered by ``reply``, after it was executed or instead."""

    def __init__(self, inner: SimulatedTerminal, reply: Any, *, error: int = -10_005, executes: bool = False) -> None:
        self._inner = inner
        self._reply = reply
        self._error = error
        self._executes = executes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def order_send(self, request: Mapping[str, Any]) -> Any:
        if self._executes:
            self._inner.order_send(request)
        return self._reply

    def last_error(self) -> tuple[int, str]:
        return self._error, "IPC timeout"


def over(api: TerminalApi, simulated: SimulatedTerminal) -> Mt5Broker:
    contracts = simulated.contracts
    made = Mt5Broker(
        api,
        server_clock=simulated.server_clock,
        clock=TerminalClock(simulated),
        hours=lambda symbol: contracts[symbol].hours,
    )
    made.connect()
    return made


@pytest.fixture
def simulated() -> SimulatedTerminal:
    return terminal(minute_bars("EURUSD", ROWS), minute_bars("USDJPY", flat(150.0, 406)))


@pytest.fixture
def broker(simulated: SimulatedTerminal) -> Mt5Broker:
    return over(simulated, simulated)


def opening(**changes: Any) -> OpenIntent:
    values: dict[str, Any] = {
        "intent_id": "i",
        "decision_id": "d",
        "idea_id": "e",
        "strategy_id": "s",
        "symbol": "EURUSD",
        "side": Side.BUY,
        "lots": Decimal("0.30"),
        "price": Decimal("1.10010"),
        "stop_loss": Decimal("1.09950"),
        "take_profit": Decimal("1.10300"),
        "max_deviation_points": 10,
        "risk_amount": Decimal(18),
        "margin": Decimal("330.03"),
        "magic": MAGIC,
        "comment": "tw-1",
        "verdict_digest": "v",
        "judged_at": START,
        "not_after": START + timedelta(minutes=2),
    }
    return OpenIntent(**(values | changes))


def reducing(ticket: int, lots: str, side: Side = Side.BUY) -> ReduceIntent:
    return ReduceIntent(
        intent_id="r",
        decision_id="d",
        symbol="EURUSD",
        ticket=ticket,
        side=side,
        lots=Decimal(lots),
        reason="exit",
        verdict_digest="v",
        judged_at=START,
    )


def protecting(ticket: int, stop_loss: str) -> ProtectIntent:
    return ProtectIntent(
        intent_id="p",
        decision_id="d",
        symbol="EURUSD",
        ticket=ticket,
        stop_loss=Decimal(stop_loss),
        take_profit=Decimal("1.10300"),
        reason="break even",
        verdict_digest="v",
        judged_at=START,
    )


def accepted(outcome: object) -> Accepted:
    assert isinstance(outcome, Accepted), outcome
    return outcome


def test_it_is_a_broker_and_a_market(broker: Mt5Broker) -> None:
    as_broker: Broker = broker
    as_market: MarketData = broker
    assert as_broker.account_key == "5000001@Tradewarden-Simulated"
    assert as_market.symbols() == ("EURUSD", "USDJPY")


def test_opens_with_stop_and_target_and_finds_it_by_magic(broker: Mt5Broker) -> None:
    assert broker.find(MAGIC).outcome is None
    done = accepted(broker.open(opening()))
    assert (done.price, done.lots, done.at) == (Decimal("1.10010"), Decimal("0.3"), START)
    assert '"retcode": 10009' in done.raw
    (position,) = broker.account().positions
    assert (position.ticket, position.magic, position.side) == (done.position_ticket, MAGIC, Side.BUY)
    assert (position.stop_loss, position.take_profit) == (Decimal("1.09950"), Decimal("1.10300"))
    trace = broker.find(MAGIC)
    assert not trace.pending
    found = accepted(trace.outcome)
    assert (found.order_ticket, found.deal_ticket, found.position_ticket, found.lots, found.price, found.at) == (
        done.order_ticket,
        done.deal_ticket,
        done.position_ticket,
        done.lots,
        done.price,
        done.at,
    )


def test_finds_an_opening_whose_position_is_closed(simulated: SimulatedTerminal, broker: Mt5Broker) -> None:
    done = accepted(broker.open(opening()))
    simulated.advance_to(after(10))
    assert broker.account().positions == ()
    assert accepted(broker.find(MAGIC).outcome).position_ticket == done.position_ticket
    assert broker.find(MAGIC + 1).outcome is None


@pytest.mark.parametrize(
    ("deal_type", "booking", "paid_in"),
    [
        (mt5.DEAL_TYPE_BALANCE, Booking.DEPOSIT, "-250.50"),
        (mt5.DEAL_TYPE_BONUS, Booking.BONUS, "-250.50"),
        (mt5.DEAL_TYPE_CORRECTION, Booking.CORRECTION, "0"),
        (mt5.DEAL_TYPE_CHARGE, Booking.CHARGE, "0"),
    ],
)
def test_bookings_tell_what_came_from_outside(
    simulated: SimulatedTerminal, broker: Mt5Broker, deal_type: int, booking: Booking, paid_in: str
) -> None:
    simulated.deposit(Decimal("-250.50"), "back office", deal_type)
    first, booked = broker.deals(START)
    assert first.booking is Booking.DEPOSIT
    assert (booked.entry, booked.booking, booked.balance_change) == (DealEntry.BALANCE, booking, Decimal("-250.50"))
    assert booked.paid_in == Decimal(paid_in)


def test_credit_never_reaches_the_balance(simulated: SimulatedTerminal) -> None:
    with pytest.raises(InvalidInput, match="not booked on the balance"):
        simulated.deposit(Decimal("100.00"), "credit", mt5.DEAL_TYPE_CREDIT)


def test_deals_tell_costs_reasons_and_positions(simulated: SimulatedTerminal, broker: Mt5Broker) -> None:
    done = accepted(broker.open(opening()))
    simulated.advance_to(after(10))
    deposit, into, out = broker.deals(START)
    assert (deposit.entry, deposit.side, deposit.profit) == (DealEntry.BALANCE, None, Decimal("100000.00"))
    assert (into.entry, into.side, into.commission) == (DealEntry.IN, Side.BUY, Decimal("-0.75"))
    assert (out.entry, out.side, out.reason, out.magic) == (DealEntry.OUT, Side.SELL, "sl", 0)
    assert (out.position_id, out.price, out.profit) == (done.position_ticket, Decimal("1.09950"), Decimal("-18.00"))
    assert out.at == after(5).replace(second=20)
    assert broker.deals(after(1)) == (out,)


def test_reduces_and_protects_by_ticket(simulated: SimulatedTerminal, broker: Mt5Broker) -> None:
    ticket = accepted(broker.open(opening())).position_ticket
    part = accepted(broker.reduce(reducing(ticket, "0.10")))
    assert (part.position_ticket, part.lots, part.price) == (ticket, Decimal("0.1"), Decimal("1.10000"))
    accepted(broker.protect(protecting(ticket, "1.09990")))
    (position,) = broker.account().positions
    assert (position.lots, position.stop_loss, position.take_profit) == (
        Decimal("0.2"),
        Decimal("1.09990"),
        Decimal("1.10300"),
    )
    accepted(broker.reduce(reducing(ticket, "0.20")))
    gone = broker.reduce(reducing(ticket, "0.20"))
    assert isinstance(gone, Rejected)
    assert gone.retcode == mt5.TRADE_RETCODE_POSITION_CLOSED
    assert simulated.positions_total() == 0


@pytest.mark.parametrize(
    ("changes", "retcode", "words"),
    [
        ({"lots": Decimal("0.015")}, mt5.TRADE_RETCODE_INVALID_VOLUME, "off its step"),
        ({"stop_loss": Decimal("1.10005")}, mt5.TRADE_RETCODE_INVALID_STOPS, "wrong side or too near"),
        ({"lots": Decimal(50), "symbol": "EURUSD"}, None, ""),
        ({"price": Decimal("1.09000")}, mt5.TRADE_RETCODE_REQUOTE, "price moved"),
        ({"symbol": "NOSUCH"}, mt5.TRADE_RETCODE_INVALID, "invalid"),
        ({"comment": "x" * 40}, mt5.RES_E_INVALID_PARAMS, "did not send"),
    ],
)
def test_refusals_are_values(broker: Mt5Broker, changes: dict[str, Any], retcode: int | None, words: str) -> None:
    outcome = broker.open(opening(**changes))
    if retcode is None:
        assert isinstance(outcome, Accepted)
        return
    assert isinstance(outcome, Rejected)
    assert outcome.retcode == retcode
    assert words in outcome.reason
    assert broker.account().positions == ()


def test_the_switch_for_the_interface_is_a_refusal(simulated: SimulatedTerminal, broker: Mt5Broker) -> None:
    simulated.set_trading(api=False)
    outcome = broker.open(opening())
    assert isinstance(outcome, Rejected)
    assert outcome.retcode == mt5.RES_E_AUTO_TRADING_DISABLED
    assert not broker.account().trade_allowed


def reply(retcode: int) -> OrderSendResult:
    return build(OrderSendResult, retcode=retcode, comment="?", request=build(TradeRequest))


@pytest.mark.parametrize("error", [-1, -10_001, -10_002, -10_004, -10_005])
@pytest.mark.parametrize("executes", [True, False])
def test_a_lost_reply_is_unknown_and_the_truth_is_found_by_magic(
    simulated: SimulatedTerminal, error: int, executes: bool
) -> None:
    broker = over(Interrupted(simulated, None, error=error, executes=executes), simulated)
    assert isinstance(broker.open(opening()), Unknown)
    assert (broker.find(MAGIC).outcome is not None) == executes


@pytest.mark.parametrize("retcode", [10011, 10012, 10031, 10001, 10046, 99_999, 0])
def test_return_codes_that_say_nothing_are_unknown(simulated: SimulatedTerminal, retcode: int) -> None:
    broker = over(Interrupted(simulated, reply(retcode)), simulated)
    for outcome in (broker.open(opening()), broker.reduce(reducing(1, "0.1")), broker.protect(protecting(1, "1.0"))):
        assert isinstance(outcome, Unknown)


@pytest.mark.parametrize("retcode", [10008, 10009, 10010])
def test_done_placed_and_partly_done_are_accepted(simulated: SimulatedTerminal, retcode: int) -> None:
    assert isinstance(over(Interrupted(simulated, reply(retcode)), simulated).open(opening()), Accepted)


@pytest.mark.parametrize("retcode", REFUSALS)
def test_every_other_listed_code_is_a_refusal(simulated: SimulatedTerminal, retcode: int) -> None:
    outcome = over(Interrupted(simulated, reply(retcode)), simulated).open(opening())
    assert isinstance(outcome, Rejected)
    assert outcome.retcode == retcode


def test_a_terminal_that_is_gone_is_unavailable_not_empty(simulated: SimulatedTerminal, broker: Mt5Broker) -> None:
    simulated.shutdown()
    for ask in (broker.account, broker.symbols, lambda: broker.find(MAGIC), lambda: broker.deals(START)):
        with pytest.raises(BrokerUnavailable, match="No IPC connection"):
            ask()
    with pytest.raises(MarketDataUnavailable):
        broker.closed_bars("EURUSD", Timeframe.M1, 5, START)


def test_the_account_statement_is_believable(simulated: SimulatedTerminal, broker: Mt5Broker) -> None:
    broker.open(opening())
    simulated.advance_to(after(2))
    account = broker.account()
    assert account.problem() is None
    assert (account.balance, account.equity, account.margin) == (
        Decimal("99999.25"),
        Decimal("99996.25"),
        Decimal("330.03"),
    )
    assert account.margin_level == Decimal("30299.14")
    assert account.captured_at == after(2)


def test_the_account_statement_is_believable_while_time_runs(simulated: SimulatedTerminal, broker: Mt5Broker) -> None:
    def run() -> None:
        for second in range(0, 24_000, 3):
            simulated.advance_to(START + timedelta(seconds=second))

    for number in range(5):
        accepted(broker.open(opening(magic=number + 1, stop_loss=Decimal("1.0"), take_profit=Decimal("1.2"))))
    runner = Thread(target=run)
    runner.start()
    problems = []
    while runner.is_alive():
        problems.append(broker.account().problem())
    runner.join()
    assert set(problems) <= {None}


def test_instruments_carry_the_contract_and_the_hours(broker: Mt5Broker) -> None:
    euro, yen = broker.instrument("EURUSD"), broker.instrument("USDJPY")
    assert (euro.point, euro.tick_value, euro.margin_per_lot) == (Decimal("0.00001"), Decimal(1), Decimal("1100.10"))
    assert (euro.volume_min, euro.volume_step, euro.volume_max) == (Decimal("0.01"), Decimal("0.01"), Decimal(50))
    assert euro.trade_mode is TradeMode.FULL
    assert euro.trading_hours.intervals == ((0, 5 * 1440),)
    assert (yen.tick_value, yen.tick_value_loss) == (Decimal("0.66662223"), Decimal("0.66666667"))
    with pytest.raises(MarketDataUnavailable, match="XAUUSD"):
        broker.instrument("XAUUSD")


def test_quotes_are_executable_prices_in_utc(simulated: SimulatedTerminal, broker: Mt5Broker) -> None:
    quote = broker.quote("EURUSD")
    assert quote is not None
    assert (quote.bid, quote.ask, quote.at) == (Decimal("1.10000"), Decimal("1.10010"), START)
    early = terminal(minute_bars("EURUSD", ROWS), starts_at=after(-5))
    assert over(early, early).quote("EURUSD") is None
    with pytest.raises(MarketDataUnavailable):
        broker.quote("NOSUCH")


@pytest.mark.parametrize("timeframe", list(Timeframe))
def test_closed_bars_end_by_the_moment_asked_for(
    simulated: SimulatedTerminal, broker: Mt5Broker, timeframe: Timeframe
) -> None:
    simulated.advance_to(after(400))
    for minute in (0, 1, 59.5, 60, 239, 240, 399):
        as_of = after(minute)
        bars = broker.closed_bars("EURUSD", timeframe, 50, as_of)
        if not len(bars):
            continue
        newest = bars.last_ended_at
        assert newest is not None
        assert newest <= as_of < newest + timedelta(seconds=timeframe.seconds)
        assert len(bars) <= 50


def test_an_earlier_moment_shows_the_same_bars_then_and_later(simulated: SimulatedTerminal, broker: Mt5Broker) -> None:
    simulated.advance_to(after(37))
    then = broker.closed_bars("EURUSD", Timeframe.M5, 100, after(37))
    simulated.advance_to(after(300))
    assert broker.closed_bars("EURUSD", Timeframe.M5, 100, after(37)) == then


def test_days_end_at_server_midnight_through_the_change_of_time() -> None:
    # Friday 2026-03-06 and Monday 2026-03-09, the first days before and after New York's change.
    rows = minute_bars("EURUSD", flat(1.1, 3), start=datetime(2026, 3, 6, 12, tzinfo=UTC))
    later = minute_bars("EURUSD", flat(1.1, 3), start=datetime(2026, 3, 9, 12, tzinfo=UTC))
    joined = type(rows)(
        symbol="EURUSD",
        timeframe=Timeframe.M1,
        **{
            name: np.concatenate((getattr(rows, name), getattr(later, name)))
            for name in ("opened_at", "ended_at", "open", "high", "low", "close", "volume", "spread")
        },
    )
    simulated = terminal(joined, starts_at=datetime(2026, 3, 10, 12, tzinfo=UTC))
    days = over(simulated, simulated).closed_bars("EURUSD", Timeframe.D1, 5, simulated.now)
    ends = [datetime.fromtimestamp(int(end), UTC) for end in days.ended_at]
    assert ends == [datetime(2026, 3, 6, 22, tzinfo=UTC), datetime(2026, 3, 9, 21, tzinfo=UTC)]


def test_positions_of_others_are_shown(simulated: SimulatedTerminal, broker: Mt5Broker) -> None:
    buy(simulated, "USDJPY", 0.1)
    sell(simulated, "EURUSD", 0.2, comment="by hand")
    assert [(position.symbol, position.magic, position.comment) for position in broker.account().positions] == [
        ("USDJPY", 0, ""),
        ("EURUSD", 0, "by hand"),
    ]
