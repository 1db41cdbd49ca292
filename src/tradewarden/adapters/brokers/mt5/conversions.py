"""Which of the terminal's symbols lead from one currency to another: directly, inversely or by way of one cross.

Only what is a price of one currency (or metal) in another counts; an index quoted in euro converts nothing. What a
route is worth is computed in the core, from the quotes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tradewarden.mt5sim import constants as mt5

METALS = frozenset(("XAU", "XAG", "XPT", "XPD"))
_FOREX = frozenset((mt5.SYMBOL_CALC_MODE_FOREX, mt5.SYMBOL_CALC_MODE_FOREX_NO_LEVERAGE))
# Where several currencies could stand between, the one whose pairs are the most liquid.
_PREFERRED = ("USD", "EUR", "GBP", "JPY", "CHF")


@dataclass(frozen=True, slots=True)
class Pair:
    """A symbol that states the price of one unit of ``base`` in ``profit``."""

    symbol: str
    base: str
    profit: str


class ConversionTable:
    """The pairs that a terminal offers, and the routes over them."""

    def __init__(self, infos: Iterable[Any]) -> None:
        self._pairs: dict[tuple[str, str], Pair] = {}
        self._routes: dict[tuple[str, str], tuple[Pair, ...]] = {}
        for info in infos:
            base, profit = info.currency_base, info.currency_profit
            if base and profit and base != profit and (info.trade_calc_mode in _FOREX or base in METALS):
                known = self._pairs.get((base, profit))
                # The symbol that is plainly called after its currencies goes before its variants.
                if known is None or (info.name == base + profit and known.symbol != info.name):
                    self._pairs[base, profit] = Pair(info.name, base, profit)

    def route(self, currency: str, to: str) -> tuple[Pair, ...]:
        """Return the pairs that lead from ``currency`` to ``to``: one, two by way of a cross, or none."""
        key = (currency, to)
        if key not in self._routes:
            self._routes[key] = self._find(currency, to)
        return self._routes[key]

    def _find(self, currency: str, to: str) -> tuple[Pair, ...]:
        if currency == to or not currency:
            return ()
        if (direct := self._between(currency, to)) is not None:
            return (direct,)
        others = sorted({code for pair in self._pairs for code in pair} - {currency, to}, key=_rank)
        for cross in others:
            first, second = self._between(currency, cross), self._between(cross, to)
            if first is not None and second is not None:
                return (first, second)
        return ()

    def _between(self, one: str, other: str) -> Pair | None:
        return self._pairs.get((one, other)) or self._pairs.get((other, one))


def _rank(currency: str) -> tuple[int, str]:
    return (_PREFERRED.index(currency) if currency in _PREFERRED else len(_PREFERRED), currency)
