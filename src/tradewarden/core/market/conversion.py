"""Conversion of amounts between currencies by executable quotes, on the side that is worse for us.

What we owe or hold at risk is converted at the price of buying that currency; what we are owed at the price of
selling it. A rate comes from the pair itself, from the pair turned round, or from exactly one cross; never from more.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tradewarden.core.market.instrument import Instrument, Quote
from tradewarden.core.market.snapshot import ConversionQuote, MarketSnapshot

ONE = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Units of the target currency for one unit of the source, and how it was found.

    ``oldest_at`` is the time of the oldest quote in it; None where source and target are the same.
    """

    value: Decimal
    oldest_at: datetime | None
    path: tuple[str, ...]


SAME = Rate(value=ONE, oldest_at=None, path=())


def cost_rate(source: str, target: str, quotes: Sequence[ConversionQuote]) -> Rate | None:
    """Return what one unit of ``source`` costs in ``target`` when it has to be bought, or None without a way.

    This is the rate for losses, margin and exposure: of bid and ask always the side that makes them larger.
    """
    return _rate(source, target, quotes, buying=True)


def proceeds_rate(source: str, target: str, quotes: Sequence[ConversionQuote]) -> Rate | None:
    """Return what one unit of ``source`` brings in ``target`` when it is sold, or None without a way."""
    return _rate(source, target, quotes, buying=False)


def conversion_quotes(snapshot: MarketSnapshot) -> tuple[ConversionQuote, ...]:
    """Return every quote of ``snapshot`` that can convert: the given ones, then the traded and the held pairs."""
    if not snapshot.conversions and not snapshot.held:
        return _of_pair(snapshot.instrument, snapshot.quote)
    found = {entry.symbol: entry for entry in snapshot.conversions}
    pairs = [(snapshot.instrument, snapshot.quote), *((held.instrument, held.quote) for held in snapshot.held)]
    for instrument, quote in pairs:
        for entry in _of_pair(instrument, quote):
            found.setdefault(entry.symbol, entry)
    return tuple(found.values())


def _of_pair(instrument: Instrument, quote: Quote | None) -> tuple[ConversionQuote, ...]:
    """Return the quote of a currency pair. Only its name tells a pair: an index also has two currencies at times."""
    base, profit = instrument.currency_base, instrument.currency_profit
    if quote is None or base == profit or not instrument.symbol.startswith(base + profit):
        return ()
    return (ConversionQuote(symbol=instrument.symbol, base=base, profit=profit, quote=quote),)


def _rate(source: str, target: str, quotes: Sequence[ConversionQuote], *, buying: bool) -> Rate | None:
    if source == target:
        return SAME
    direct = _worse(_steps(source, target, quotes, buying=buying), buying=buying)
    if direct is not None:
        return direct
    middles = {name for entry in quotes for name in (entry.base, entry.profit)} - {source, target}
    crosses = []
    for middle in sorted(middles):
        first = _worse(_steps(source, middle, quotes, buying=buying), buying=buying)
        second = _worse(_steps(middle, target, quotes, buying=buying), buying=buying)
        if first is not None and second is not None:
            crosses.append(_through(first, second))
    return _worse(crosses, buying=buying)


def _steps(source: str, target: str, quotes: Iterable[ConversionQuote], *, buying: bool) -> list[Rate]:
    """Return the rates of the pairs that hold just these two currencies, either way round."""
    found = []
    for entry in quotes:
        quote = entry.quote
        if (entry.base, entry.profit) == (source, target):
            value = quote.ask if buying else quote.bid
        elif (entry.base, entry.profit) == (target, source):
            value = ONE / (quote.bid if buying else quote.ask)
        else:
            continue
        found.append(Rate(value=value, oldest_at=quote.at, path=(entry.symbol,)))
    return found


def _through(first: Rate, second: Rate) -> Rate:
    times = [at for at in (first.oldest_at, second.oldest_at) if at is not None]
    return Rate(value=first.value * second.value, oldest_at=min(times, default=None), path=first.path + second.path)


def _worse(rates: Sequence[Rate], *, buying: bool) -> Rate | None:
    """Return the rate that is worse for us: the dearest to buy at, the cheapest to sell at."""
    if not rates:
        return None
    return max(rates, key=lambda rate: rate.value) if buying else min(rates, key=lambda rate: rate.value)
