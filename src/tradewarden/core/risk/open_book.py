"""What is open and on the way, as money: the loss if every stop were hit now, margin, and net amounts per currency.

Every position of the account counts, the desk's and foreign ones alike, and every unfinished intent at its full
risk; nothing is netted. What cannot be counted is named, and the checks that need it deny.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from tradewarden.core.account import AccountState, Position
from tradewarden.core.desk import DeskState, UnfinishedIntent
from tradewarden.core.market.conversion import Rate, cost_rate
from tradewarden.core.market.instrument import Instrument, Quote
from tradewarden.core.market.snapshot import ConversionQuote, MarketSnapshot
from tradewarden.core.policy import RiskPolicy
from tradewarden.core.risk.sizing import worst_tick_value
from tradewarden.core.values import ZERO, Side, maker_of, money_up


@dataclass(frozen=True, slots=True, kw_only=True)
class AtRisk:
    """Money that is lost if every stop is hit now, in account currency; ``problem`` says why it is not known."""

    amount: Decimal = ZERO
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nets:
    """Net amount per currency or asset in account currency, positive when long; ``problem`` says why not known."""

    amounts: Mapping[str, Decimal] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBook:
    """What is open or on the way beside the judged idea.

    ``all_risk`` is that of the whole account, ``own_risk`` that of the judged strategy. ``margin`` is what unfinished
    intents will take; ``currencies`` are those that profits of what is in it come in.
    """

    others: tuple[UnfinishedIntent, ...]
    all_risk: AtRisk
    own_risk: AtRisk
    margin: Decimal
    nets: Nets
    currencies: tuple[str, ...]


NOTHING_OPEN = OpenBook(others=(), all_risk=AtRisk(), own_risk=AtRisk(), margin=ZERO, nets=Nets(), currencies=())
_NO_ACCOUNT = AtRisk(problem="no account statement")
Markets = Mapping[str, tuple[Instrument, Quote | None]]


_make_book = maker_of(OpenBook)
_make_risk = maker_of(AtRisk)


def open_book(
    snapshot: MarketSnapshot,
    account: AccountState | None,
    desk: DeskState,
    policy: RiskPolicy,
    quotes: tuple[ConversionQuote, ...],
    *,
    strategy_id: str,
    idea_id: str,
) -> OpenBook:
    """Return what is open and on the way, without the judged idea's own intent (it is judged before it is sent)."""
    others = tuple([intent for intent in desk.unfinished_intents if intent.idea_id != idea_id])
    if account is None:
        missing = Nets(problem="no account statement")
        margin = sum((intent.margin for intent in others), ZERO)
        return OpenBook(
            others=others, all_risk=_NO_ACCOUNT, own_risk=_NO_ACCOUNT, margin=margin, nets=missing, currencies=()
        )
    if not others and not account.positions:
        return NOTHING_OPEN
    markets: Markets = {
        snapshot.symbol: (snapshot.instrument, snapshot.quote),
        **{held.instrument.symbol: (held.instrument, held.quote) for held in snapshot.held},
    }
    mine = {held.ticket for held in desk.positions if held.strategy_id == strategy_id}
    own_positions = tuple([position for position in account.positions if position.ticket in mine])
    own_intents = tuple([intent for intent in others if intent.strategy_id == strategy_id])
    symbols = dict.fromkeys([*[held.symbol for held in account.positions], *[intent.symbol for intent in others]])
    known = [markets[symbol][0].currency_profit for symbol in symbols if symbol in markets]
    return _make_book(
        others=others,
        all_risk=_at_risk(account.positions, others, markets, policy),
        own_risk=_at_risk(own_positions, own_intents, markets, policy),
        margin=sum((intent.margin for intent in others), ZERO),
        nets=_nets(account, others, markets, quotes),
        currencies=tuple(dict.fromkeys(known)),
    )


def loss_at_stop(position: Position, instrument: Instrument, policy: RiskPolicy) -> Decimal | None:
    """Return what ``position`` loses from now on when its stop is hit, with costs; None where there is no bound.

    Counted from the closing-side price, so the spread is in it, over slippage and the whole round-trip commission.
    """
    value = worst_tick_value(instrument)
    if position.stop_loss is None or value is None:
        return None
    room = max(ZERO, (position.price - position.stop_loss) * position.side.sign)
    ticks = (room + policy.slippage_points * instrument.point) / instrument.tick_size
    return money_up(position.lots * (ticks * value + policy.commission_per_lot))


def _at_risk(
    positions: tuple[Position, ...], intents: tuple[UnfinishedIntent, ...], markets: Markets, policy: RiskPolicy
) -> AtRisk:
    total = sum((intent.risk_amount for intent in intents), ZERO)
    for position in positions:
        if position.stop_loss is None:
            return AtRisk(problem=f"position {position.ticket} in {position.symbol} has no stop")
        market = markets.get(position.symbol)
        if market is None:
            return AtRisk(problem=f"the contract of {position.symbol} is not known")
        loss = loss_at_stop(position, market[0], policy)
        if loss is None:
            return AtRisk(problem=f"what a tick of {position.symbol} is worth is not known")
        total += loss
    return _make_risk(amount=total)


def _nets(
    account: AccountState,
    intents: tuple[UnfinishedIntent, ...],
    markets: Markets,
    quotes: tuple[ConversionQuote, ...],
) -> Nets:
    amounts: dict[str, Decimal] = {}
    entries: list[tuple[str, Side, Decimal, Decimal | None]] = [
        (held.symbol, held.side, held.lots, held.price) for held in account.positions
    ]
    entries += [(intent.symbol, intent.side, intent.lots, None) for intent in intents]
    for symbol, side, lots, stated in entries:
        market = markets.get(symbol)
        if market is None:
            return Nets(problem=f"the contract of {symbol} is not known")
        instrument, quote = market
        price = stated if stated is not None else (None if quote is None else quote.ask)
        if price is None:
            return Nets(problem=f"no quote of {symbol}")
        rate = cost_rate(instrument.currency_profit, account.currency, quotes)
        if rate is None:
            return Nets(problem=f"no rate from {instrument.currency_profit} to {account.currency}")
        notional = lots * lot_notional(instrument, price, rate)
        for name, sign in legs(instrument, side):
            amounts[name] = amounts.get(name, ZERO) + sign * notional
    return Nets(amounts=amounts)


def lot_notional(instrument: Instrument, price: Decimal, rate: Rate) -> Decimal:
    """Return what one lot at ``price`` is worth in account currency."""
    return instrument.contract_size * price * rate.value


def legs(instrument: Instrument, side: Side) -> tuple[tuple[str, int], ...]:
    """Return what a position of ``side`` is long (+1) and short (-1).

    A pair is long one currency and short the other; a metal counts as a currency of its own (XAU). Where both
    currencies of the contract are the same (an index, a share), the symbol itself is what one is long or short, and
    no currency is: only its profit is paid in it.
    """
    if instrument.currency_base == instrument.currency_profit:
        return ((instrument.symbol, side.sign),)
    return ((instrument.currency_base, side.sign), (instrument.currency_profit, -side.sign))
