"""Profit and margin in account currency, exact in Decimal and rounded to the cent.

The one place that knows how a price difference becomes money: ``order_calc_profit``, floating profit, booked
profit and margins all come through here, so that they agree to the cent.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

from tradewarden.mt5sim.contracts import CalcMode, Contract
from tradewarden.mt5sim.prices import SymbolPrices

CENT = Decimal("0.01")
ONE = Decimal(1)


class Now(Protocol):
    """The terminal's present."""

    @property
    def seconds(self) -> int:
        """Return epoch seconds UTC."""


def to_cents(amount: Decimal) -> Decimal:
    """Return ``amount`` rounded to cents, halves away from zero, as the terminal rounds."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


class MoneyRules:
    """Conversion into the account's currency at the quotes of the present."""

    def __init__(self, prices: Mapping[str, SymbolPrices], currency: str, leverage: int, now: Now) -> None:
        self._prices = prices
        self._currency = currency
        self._leverage = Decimal(leverage)
        self._now = now
        pairs = (prices.contract for prices in prices.values() if prices.contract.calc_mode is CalcMode.FOREX)
        codes = {code for contract in pairs for code in (contract.currency_base, contract.currency_profit)}
        # By way of the dollar first, whose pairs are the most liquid; the others in a fixed order.
        self._crosses = sorted(codes - {currency}, key=lambda code: (code != "USD", code))

    def profit(
        self, contract: Contract, sign: int, volume: Decimal, opened: Decimal, closed: Decimal
    ) -> Decimal | None:
        """Return the profit of ``volume`` lots in account currency, or None when it cannot be converted.

        ``sign`` is +1 for a buy and −1 for a sell.
        """
        gain = (closed - opened) * sign * contract.contract_size * volume
        rate = self._profit_rate(contract, closed, is_gain=gain > 0)
        return None if rate is None else to_cents(gain * rate)

    def _profit_rate(self, contract: Contract, price: Decimal, *, is_gain: bool) -> Decimal | None:
        if contract.currency_profit == self._currency:
            return ONE
        if contract.currency_base == self._currency and contract.calc_mode is CalcMode.FOREX:
            # The symbol converts itself, at the price that the position is closed at.
            return ONE / price
        return self.rate(contract.currency_profit, is_gain=is_gain)

    def rate(self, currency: str, *, is_gain: bool) -> Decimal | None:
        """Return account currency per unit of ``currency``, on the side that is worse for the account.

        The rate is that of one symbol, quoted either way, or of two by way of a cross; None where none leads there.
        """
        if currency == self._currency:
            return ONE
        found = self._leg(currency, self._currency, is_gain=is_gain)
        if found is not None:
            return found
        for cross in self._crosses:
            first = self._leg(currency, cross, is_gain=is_gain)
            second = None if first is None else self._leg(cross, self._currency, is_gain=is_gain)
            if first is not None and second is not None:
                return first * second
        return None

    def _leg(self, currency: str, other: str, *, is_gain: bool) -> Decimal | None:
        """Return ``other`` per unit of ``currency`` by one symbol, quoted either way."""
        direct = self._quote(currency, other)
        if direct is not None:
            return direct[0] if is_gain else direct[1]
        inverse = self._quote(other, currency)
        return None if inverse is None else ONE / (inverse[1] if is_gain else inverse[0])

    def _quote(self, base: str, profit: str) -> tuple[Decimal, Decimal] | None:
        for prices in self._prices.values():
            contract = prices.contract
            if (
                contract.calc_mode is CalcMode.FOREX
                and contract.currency_base == base
                and contract.currency_profit == profit
            ):
                tick = prices.tick(self._now.seconds)
                if tick is not None:
                    return prices.price(tick.bid), prices.price(tick.ask)
        return None

    def margin(self, contract: Contract, volume: Decimal, price: Decimal) -> Decimal | None:
        """Return the margin of ``volume`` lots opened at ``price``, or None when it cannot be converted."""
        units = volume * contract.contract_size * contract.margin_rate / self._leverage
        if contract.calc_mode is CalcMode.CFD_LEVERAGE:
            rate = self.rate(contract.currency_profit, is_gain=False)
            return None if rate is None else to_cents(units * price * rate)
        if contract.currency_margin == self._currency:
            return to_cents(units)
        if contract.currency_margin == contract.currency_base and contract.currency_profit == self._currency:
            return to_cents(units * price)
        rate = self.rate(contract.currency_margin, is_gain=False)
        return None if rate is None else to_cents(units * rate)

    def swap(self, contract: Contract, sign: int, volume: Decimal, nights: int) -> Decimal | None:
        """Return the swap of ``nights`` for ``volume`` lots in account currency."""
        points = contract.swap_long if sign > 0 else contract.swap_short
        amount = points * contract.point * contract.contract_size * volume * nights
        rate = self.rate(contract.currency_profit, is_gain=amount > 0)
        return None if rate is None else to_cents(amount * rate)

    def tick_value(self, contract: Contract, *, is_gain: bool) -> Decimal:
        """Return the money of one point of one lot in account currency, 0 when it cannot be converted."""
        rate: Decimal | None = None
        if contract.currency_profit != self._currency and contract.currency_base == self._currency:
            prices = self._prices[contract.symbol]
            tick = prices.tick(self._now.seconds)
            if tick is not None:
                rate = ONE / prices.price(tick.ask if is_gain else tick.bid)
        else:
            rate = self.rate(contract.currency_profit, is_gain=is_gain)
        return Decimal(0) if rate is None else contract.point * contract.contract_size * rate
