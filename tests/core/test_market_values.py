"""Quotes, instruments, bars, the embargo and the snapshot: what they refuse, and what they cover."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from tests.builders import (
    NOW,
    D,
    a_calendar,
    a_quote,
    a_snapshot,
    an_event,
    an_instrument,
    flat_closes,
    some_bars,
    wandering_closes,
)

from tradewarden.core.errors import InvalidBars, InvalidInput
from tradewarden.core.market.bars import Bars, check_bars
from tradewarden.core.market.calendar import Embargo, Impact, events_in_embargo
from tradewarden.core.values import Side, derive_id, derive_magic

EMBARGO = Embargo(15, 10)


@pytest.mark.parametrize(
    ("minutes", "seconds", "inside"),
    [(15, 0, True), (15, 1, False), (0, 0, True), (-10, 0, True), (-10, -1, False)],
)
def test_both_ends_of_an_embargo_are_in_it(minutes: int, seconds: int, inside: bool) -> None:
    event = an_event(NOW + timedelta(minutes=minutes, seconds=seconds))
    assert EMBARGO.covers(event, NOW) is inside
    found = events_in_embargo(a_calendar(event), at=NOW, embargo=EMBARGO, currencies=("EUR", "USD"))
    assert bool(found) is inside


def test_an_embargo_is_only_for_the_symbols_currencies_and_timed_high_impact_events() -> None:
    events = (
        an_event(NOW, currency="JPY"),
        an_event(NOW, impact=Impact.MEDIUM),
        an_event(NOW, impact=Impact.HOLIDAY),
        an_event(NOW, all_day=True),
        an_event(NOW, currency="All", title="Summit"),
    )
    found = events_in_embargo(a_calendar(*events), at=NOW, embargo=EMBARGO, currencies=("EUR", "USD"))
    assert [event.title for event in found] == ["Summit"]


def test_a_strategy_can_only_widen_the_embargo() -> None:
    assert Embargo(15, 15).widened(Embargo(5, 60)) == Embargo(15, 60)


def test_a_quote_is_positive_and_never_crossed() -> None:
    with pytest.raises(InvalidInput, match=r"crossed: bid 1\.10001 above ask 1\.10000"):
        a_quote("1.10001", "1.10000")
    with pytest.raises(InvalidInput, match="not positive"):
        a_quote("0", "1.1")
    quote = a_quote("1.10000", "1.10010")
    assert (quote.entry(Side.BUY), quote.exit(Side.BUY)) == (D("1.10010"), D("1.10000"))
    assert (quote.entry(Side.SELL), quote.exit(Side.SELL)) == (D("1.10000"), D("1.10010"))


@pytest.mark.parametrize("field", ["point", "tick_size", "contract_size", "volume_min", "volume_max", "volume_step"])
def test_an_instrument_without_its_steps_is_refused_by_name(field: str) -> None:
    with pytest.raises(InvalidInput, match=f"EURUSD: {field} is 0"):
        an_instrument(**{field: D(0)})


def test_a_snapshot_refuses_whatever_is_later_than_itself() -> None:
    later = NOW + timedelta(seconds=1)
    with pytest.raises(InvalidInput, match="bar ends"):
        a_snapshot(bars=(some_bars(flat_closes(), ended_at=later),))
    with pytest.raises(InvalidInput, match="quote of"):
        a_snapshot(quote=a_quote(at=later))
    with pytest.raises(InvalidInput, match="was captured after"):
        a_snapshot(calendar=a_calendar(an_event(NOW, captured_at=later)))
    with pytest.raises(InvalidInput, match="shows its figure before its release"):
        a_snapshot(calendar=a_calendar(an_event(later, actual="256K")))
    with pytest.raises(InvalidInput, match="bars of GBPUSD"):
        a_snapshot(bars=(some_bars(flat_closes(), symbol="GBPUSD"),))


def test_a_window_of_bars_is_chosen_by_their_end() -> None:
    bars = some_bars(wandering_closes(50))
    just_before = NOW - timedelta(seconds=1)
    assert bars.closed_by(NOW, 10).last_ended_at == NOW
    assert bars.closed_by(just_before, 10).last_ended_at == NOW - timedelta(minutes=15)
    assert len(bars.closed_by(just_before, 500)) == 49
    assert len(bars.closed_by(NOW - timedelta(days=9), 10)) == 0


def test_bars_are_known_by_their_content_and_come_back_from_their_bytes() -> None:
    bars = some_bars(wandering_closes(50))
    again = Bars.from_bytes(bars.to_bytes())
    assert again == bars
    assert again.digest == bars.digest
    assert some_bars(wandering_closes(50, seed=2)) != bars
    assert bars.window(0, 50).digest == bars.digest
    assert bars.window(1, 50).digest != bars.digest
    with pytest.raises(ValueError, match="bars content has"):
        Bars.from_bytes(bars.to_bytes()[:-8])


def broken(**columns: Any) -> Bars:
    bars = some_bars(flat_closes(5))
    return replace(bars, **columns)


@pytest.mark.parametrize(
    ("bars", "rule"),
    [
        (broken(high=np.array([1.1001, 1.1001, 1.0, 1.1001, 1.1001])), "bar 2 .*high is below low"),
        (broken(close=np.array([1.0999, 1.2, 1.0999, 1.0999, 1.0999])), "bar 1 .*above high"),
        (broken(open=np.array([1.0999, 1.0999, 1.0999, 1.0999, 1.05])), "bar 4 .*below low"),
        (broken(low=np.array([-1.0, 1.0997, 1.0997, 1.0997, 1.0997])), "bar 0 .*not above 0"),
        (broken(close=np.array([1.0999, np.nan, 1.0999, 1.0999, 1.0999])), "bar 1 .*not finite"),
        (broken(volume=np.array([1.0, -1.0, 1.0, 1.0, 1.0])), "bar 1 .*volume is negative"),
        (broken(spread=np.array([1.0, 1.0, np.inf, 1.0, 1.0])), "bar 2 .*spread is negative or not finite"),
        (broken(spread=np.array([1.0])), "column spread has not 5 values"),
    ],
)
def test_bad_bars_are_refused_by_number_time_and_rule(bars: Bars, rule: str) -> None:
    with pytest.raises(InvalidBars, match=rule):
        check_bars(bars)


def test_times_must_rise_and_not_overlap() -> None:
    bars = some_bars(flat_closes(5))
    opened, ended = bars.opened_at.copy(), bars.ended_at.copy()
    opened[3] = opened[2]
    with pytest.raises(InvalidBars, match=r"bar 3 .*the same time stands twice"):
        check_bars(replace(bars, opened_at=opened))
    with pytest.raises(InvalidBars, match="times are not sorted"):
        check_bars(replace(bars, opened_at=bars.opened_at[::-1].copy(), ended_at=ended[::-1].copy()))
    ended[1] += 60
    with pytest.raises(InvalidBars, match=r"bar 1 .*ends after the next one opens"):
        check_bars(replace(bars, ended_at=ended))
    check_bars(some_bars([]))


def test_derived_ids_depend_on_their_parts_alone_and_tell_them_apart() -> None:
    assert derive_id("a", "b") == derive_id("a", "b")
    assert derive_id("a", "b") != derive_id("ab")
    assert len(derive_id("a")) == 32
    assert 1 <= derive_magic("account", "strategy") < 2**63
