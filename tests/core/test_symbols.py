"""The symbol map in both directions, the candidates it proposes, and the desk's own sessions."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewarden.core.errors import InvalidSetting
from tradewarden.core.market.session import NAMED_SESSIONS, DeskSessions, SessionWindow
from tradewarden.core.market.symbols import SymbolMap, SymbolName, candidates

NAMES = st.text("ABC.", min_size=1, max_size=3)
MORNING = SessionWindow("Morning", "07:30", "11:00", "Europe/Prague", (0, 1, 2, 3, 4))


@given(
    lines=st.dictionaries(NAMES.map(lambda text: f"c{text}"), NAMES, max_size=4), symbols=st.lists(NAMES, unique=True)
)
def test_every_broker_symbol_has_one_name_and_every_name_leads_back(lines: dict[str, str], symbols: list[str]) -> None:
    if len(set(lines.values())) < len(lines):
        return
    known = SymbolMap().changed(lines)
    offered = [*symbols, *lines]
    names = [known.desk_symbol(symbol) for symbol in offered]
    assert len(set(names)) == len(set(offered))
    assert [known.broker_symbol(name) for name in names] == offered
    for canonical, symbol in lines.items():
        assert known.broker_symbol(canonical) == symbol
        assert known.desk_symbol(symbol) == canonical


def test_a_brokers_own_symbol_under_a_mapped_name_is_told_apart() -> None:
    known = SymbolMap().changed({"XAUUSD": "GOLD.pro"})
    assert known.desk_symbol("XAUUSD") == "XAUUSD*"
    assert known.broker_symbol("XAUUSD*") == "XAUUSD"
    assert known.broker_symbol("ABC*") == "ABC*"


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ({"XAUUSD": "XAUUSD"}, "needs no line"),
        ({"XAUUSD": "GOLD", "GOLD": "XAU"}, "both a canonical name and a broker's symbol"),
        ({"XAUUSD": "GOLD", "GOLDUSD": "GOLD"}, "GOLD stands twice"),
        ({"": "GOLD"}, "1 to 31 characters"),
        ({"XAUUSD": "G" * 32}, "1 to 31 characters"),
        ({"XAUUSD": " GOLD"}, "outer spaces"),
        ({"XAUUSD*": "GOLD"}, "must not end with '*'"),
    ],
)
def test_a_line_that_cannot_stand_is_refused_by_name(lines: dict[str, str], words: str) -> None:
    with pytest.raises(InvalidSetting, match=re.escape(words)):
        SymbolMap().changed(lines)


def test_changes_add_replace_and_remove_lines_version_by_version() -> None:
    first = SymbolMap().changed({"XAUUSD": "GOLD", "US30": "DJ30"})
    second = first.changed({"XAUUSD": "GOLD.r"}, ["US30"])
    assert second == SymbolMap(version=2, names=(SymbolName(canonical="XAUUSD", broker="GOLD.r"),))
    with pytest.raises(InvalidSetting, match="US30 is not in the symbol map; mapped are: XAUUSD"):
        second.changed({}, ["US30"])


@pytest.mark.parametrize(
    ("name", "offered", "wanted"),
    [
        ("XAUUSD", ["EURUSD", "GOLD.pro", "XAUUSDm"], ("XAUUSDm", "GOLD.pro")),
        ("EURUSD", ["EURUSD.pro", "EURUSD", "mEURUSD", "EURUSDJPYX"], ("EURUSD", "mEURUSD", "EURUSD.pro")),
        ("US30", ["US30Cash", "DJ30", "us30.r", "AUS30X"], ("us30.r", "DJ30")),
        ("USDJPY", ["USDJPY_i", "AUDUSD"], ("USDJPY_i",)),
        ("US100", ["NAS100", "USTEC", "US1000"], ("NAS100", "USTEC")),
        ("EURUSD", [], ()),
    ],
)
def test_likely_symbols_are_proposed_nearest_first(name: str, offered: list[str], wanted: tuple[str, ...]) -> None:
    assert candidates(name, offered) == wanted


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "London"}, "'London' is built in"),
        ({"name": "7 to 9"}, "a letter first"),
        ({"start": "7:30"}, "start '7:30' must be a time of day"),
        ({"end": "24:00"}, "end '24:00'"),
        ({"end": "07:30"}, "start and end are both 07:30"),
        ({"zone_name": "Europe/Atlantis"}, "Europe/Atlantis"),
        ({"days": ()}, "must be weekdays"),
        ({"days": (0, 0)}, "each once"),
        ({"days": (7,)}, "must be weekdays"),
    ],
)
def test_a_session_that_cannot_stand_is_refused_by_name(changes: dict[str, object], words: str) -> None:
    parts = {
        "name": MORNING.name,
        "start": MORNING.start,
        "end": MORNING.end,
        "zone_name": MORNING.zone_name,
        "days": MORNING.days,
    }
    with pytest.raises(InvalidSetting, match=re.escape(words)):
        DeskSessions().changed([SessionWindow(**(parts | changes))])  # type: ignore[arg-type]


def test_the_desks_sessions_stand_beside_the_built_in_ones() -> None:
    own = DeskSessions().changed([MORNING])
    assert own.known() == {**NAMED_SESSIONS, "Morning": MORNING}
    assert own.changed([], ["Morning"]) == DeskSessions(version=2)
    with pytest.raises(InvalidSetting, match="'Evening' is not the desk's; it has: Morning"):
        own.changed([], ["Evening"])
