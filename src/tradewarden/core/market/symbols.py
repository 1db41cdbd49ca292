"""What a broker calls the symbols that strategies name: the symbol map, and where to look for a symbol's other name.

Strategies, the record and everything people see use canonical names (``XAUUSD``); only the broker's adapter uses the
broker's own (``GOLD.pro``). The map is a person's statement: candidates are proposed here, never chosen.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tradewarden.core.errors import InvalidSetting

LONGEST_NAME = 31
# A broker's symbol whose name the map gives to another one, such as a second XAUUSD beside GOLD.pro.
TAKEN_MARK = "*"
# Names under which brokers offer the same thing; the first of each is the canonical one.
_ALIASES = (
    ("XAUUSD", "GOLD"),
    ("XAGUSD", "SILVER"),
    ("US30", "DJ30", "DJI30", "WS30", "DOW30", "USA30"),
    ("US100", "NAS100", "USTEC", "NDX100", "USATEC", "USTECH100"),
    ("US500", "SPX500", "SP500", "USA500"),
    ("GER40", "DE40", "DAX40", "GDAXI", "GER30", "DE30"),
    ("UK100", "FTSE100"),
    ("JPN225", "JP225", "NIKKEI225"),
    ("USOIL", "WTI", "XTIUSD", "CRUDEOIL"),
    ("UKOIL", "BRENT", "XBRUSD"),
    ("BTCUSD", "BITCOIN"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolName:
    """One line of the map: what strategies name, and what the broker calls it."""

    canonical: str
    broker: str

    def __post_init__(self) -> None:
        for what, name in (("canonical name", self.canonical), ("broker's symbol", self.broker)):
            if not name or len(name) > LONGEST_NAME or name != name.strip() or not name.isprintable():
                raise InvalidSetting(f"{what} {name!r} must have 1 to {LONGEST_NAME} characters without outer spaces")
            if name.endswith(TAKEN_MARK):
                raise InvalidSetting(f"{what} {name!r} must not end with {TAKEN_MARK!r}")
        if self.canonical == self.broker:
            raise InvalidSetting(f"{self.canonical} needs no line: the broker calls it the same")


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolMap:
    """The lines of the map by canonical name; symbols that stand in none keep their name.

    ``version`` counts the changes, 0 before the first.
    """

    version: int = 0
    names: tuple[SymbolName, ...] = ()

    def __post_init__(self) -> None:
        for what in ("canonical", "broker"):
            seen: set[str] = set()
            for line in self.names:
                name = getattr(line, what)
                if name in seen:
                    raise InvalidSetting(f"{name} stands twice in the symbol map")
                seen.add(name)
        crossed = {line.canonical for line in self.names} & {line.broker for line in self.names}
        if crossed:
            raise InvalidSetting(f"{min(crossed)} is both a canonical name and a broker's symbol in the symbol map")

    def broker_symbol(self, name: str) -> str:
        """Return what the broker calls the desk's ``name``."""
        known = self._to_broker()
        plain = name.removesuffix(TAKEN_MARK)
        return known.get(name, plain if plain in known else name)

    def desk_symbol(self, symbol: str) -> str:
        """Return what the desk calls the broker's ``symbol``.

        A symbol of the broker's whose own name belongs to another by the map is told apart by a mark.
        """
        for line in self.names:
            if line.broker == symbol:
                return line.canonical
        return symbol + TAKEN_MARK if symbol in self._to_broker() else symbol

    def changed(self, additions: Mapping[str, str], removals: Iterable[str] = ()) -> "SymbolMap":
        """Return the next version. Raises InvalidSetting for a line that cannot stand or a name that is not mapped."""
        names = self._to_broker()
        for canonical in removals:
            if canonical not in names:
                known = ", ".join(sorted(names)) or "none"
                raise InvalidSetting(f"{canonical} is not in the symbol map; mapped are: {known}")
            del names[canonical]
        names |= additions
        lines = tuple(SymbolName(canonical=name, broker=names[name]) for name in sorted(names))
        return SymbolMap(version=self.version + 1, names=lines)

    def _to_broker(self) -> dict[str, str]:
        return {line.canonical: line.broker for line in self.names}


def candidates(canonical: str, offered: Iterable[str]) -> tuple[str, ...]:
    """Return the broker's symbols that may be what strategies call ``canonical``, the likeliest first.

    These are the name itself, and the name or another common name of the same thing with a prefix or suffix
    (``EURUSD.pro``, ``mEURUSD``, ``GOLD_i``), whatever the letters' case.
    """
    wanted = canonical.upper()
    names = next((group for group in _ALIASES if wanted in group), (wanted,))
    ranked = []
    for symbol in offered:
        text = symbol.upper()
        fits = [name for name in (wanted, *names) if _is_variant(text, name)]
        if fits:
            ranked.append((text != wanted, fits[0] != wanted, len(text) - len(fits[0]), symbol))
    return tuple(symbol for *_, symbol in sorted(ranked))


def _is_variant(text: str, name: str) -> bool:
    """Return whether ``text`` is ``name`` with a short affix: one letter, or some behind a dot or the like."""
    if text == name:
        return True
    if text.startswith(name):
        rest, joint = text[len(name) :], text[len(name)]
    elif text.endswith(name):
        rest, joint = text[: -len(name)], text[-len(name) - 1]
    else:
        return False
    return len(rest) <= 6 and not joint.isdigit() and (len(rest) == 1 or not joint.isalnum())
