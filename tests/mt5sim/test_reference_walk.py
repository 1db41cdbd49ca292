"""The terminal against a plain walk of every tick, written down here without any of its shortcuts."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.mt5sim.market import after, all_deals, buy, minute_bars, sell, terminal

from tradewarden.mt5sim import constants as mt5

CENT, POINT = Decimal("0.01"), Decimal("0.00001")
SPREAD = 10
Bar = tuple[int, int, int, int]


@dataclass(slots=True)
class Held:
    """A position of the reference walk; prices in points, 0 for no level."""

    sign: int
    lots: Decimal
    opened: int
    stop: int
    target: int
    margin: Decimal

    def profit(self, bid: int) -> Decimal:
        closed = bid if self.sign > 0 else bid + SPREAD
        return ((closed - self.opened) * self.sign * self.lots).quantize(CENT, ROUND_HALF_UP)


def bars_of(steps: list[tuple[int, int, int, int]]) -> list[Bar]:
    """Return bars that jump by the first number, move by the second, and reach beyond by the last two."""
    price, bars = 110_000, []
    for jump, move, above, below in steps:
        opened = price + jump
        close = opened + move
        bars.append((opened, max(opened, close) + above, min(opened, close) - below, close))
        price = close
    return bars


def path(bar: Bar) -> tuple[int, int, int, int]:
    opened, high, low, close = bar
    return (opened, low, high, close) if close >= opened else (opened, high, low, close)


def reference(bars: list[Bar], held: list[Held], balance: Decimal) -> list[tuple[int, int, Decimal, int]]:
    """Return (second, price in points, profit, reason) of every closing deal, tick by tick."""
    closed: list[tuple[int, int, Decimal, int]] = []

    def close(position: Held, second: int, price: int, reason: int) -> None:
        nonlocal balance
        bid = price if position.sign > 0 else price - SPREAD
        profit = position.profit(bid)
        balance += profit - (Decimal("2.5") * position.lots).quantize(CENT, ROUND_HALF_UP)
        held.remove(position)
        closed.append((second, price, profit, reason))

    for minute, bar in enumerate(bars):
        for step, bid in enumerate(path(bar)):
            second = minute * 60 + (0, 20, 40, 59)[step]
            if second == 0:
                continue
            for position in list(held):
                quote = bid if position.sign > 0 else bid + SPREAD
                if position.stop and (quote - position.stop) * position.sign <= 0:
                    close(position, second, quote if step == 0 else position.stop, mt5.DEAL_REASON_SL)
                elif position.target and (quote - position.target) * position.sign >= 0:
                    close(position, second, quote if step == 0 else position.target, mt5.DEAL_REASON_TP)
            while held:
                margin = sum((position.margin for position in held), Decimal(0))
                equity = balance + sum((position.profit(bid) for position in held), Decimal(0))
                if equity / margin * 100 > 50:
                    break
                worst = min(held, key=lambda position: (position.profit(bid), held.index(position)))
                close(worst, second, bid if worst.sign > 0 else bid + SPREAD, mt5.DEAL_REASON_SO)
    return closed


steps = st.tuples(st.integers(-80, 80), st.integers(-150, 150), st.integers(0, 60), st.integers(0, 60))
orders = st.tuples(
    st.booleans(), st.integers(1, 60), st.integers(0, 400), st.integers(0, 400)
)  # side, hundredths of a lot, distance of stop and target (0: none)


@settings(max_examples=150)
@given(moves=st.lists(steps, min_size=2, max_size=40), asked=st.lists(orders, min_size=1, max_size=4))
def test_fills_are_those_of_a_walk_over_every_tick(
    moves: list[tuple[int, int, int, int]], asked: list[tuple[bool, int, int, int]]
) -> None:
    bars = bars_of([(0, *moves[0][1:]), *moves[1:]])
    rows = [tuple(price / 1e5 for price in bar) for bar in bars]
    simulated = terminal(minute_bars("EURUSD", rows, spread=SPREAD), deposit=Decimal(700))  # type: ignore[arg-type]
    held, balance = [], Decimal(700)
    for is_buy, hundredths, stop_distance, target_distance in asked:
        sign, lots = (1, Decimal(hundredths) / 100) if is_buy else (-1, Decimal(hundredths) / 100)
        opened = 110_000 + SPREAD if is_buy else 110_000
        quote = 110_000 if is_buy else 110_000 + SPREAD
        stop = quote - sign * stop_distance if stop_distance else 0
        target = quote + sign * target_distance if target_distance else 0
        send = buy if is_buy else sell
        reply = send(simulated, "EURUSD", float(lots), sl=stop / 1e5, tp=target / 1e5)
        if reply.retcode == mt5.TRADE_RETCODE_NO_MONEY:
            continue
        assert reply.retcode == mt5.TRADE_RETCODE_DONE
        margin = (lots * opened * POINT * 100_000 / 100).quantize(CENT, ROUND_HALF_UP)
        held.append(Held(sign, lots, opened, stop, target, margin))
        balance -= (Decimal("2.5") * lots).quantize(CENT, ROUND_HALF_UP)
    simulated.advance_to(after(len(bars)))
    first = all_deals(simulated)[0].time
    told = [
        (deal.time - first, round(deal.price * 1e5), Decimal(f"{deal.profit:.2f}"), deal.reason)
        for deal in all_deals(simulated)
        if deal.entry == mt5.DEAL_ENTRY_OUT
    ]
    assert told == reference(bars, held, balance)
