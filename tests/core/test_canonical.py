"""One value, one encoding: what the canonical form refuses, and that what was written is read back."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import NOW, D, a_context, a_position, a_snapshot, an_account, an_event, some_inputs

from tradewarden.core.account import AccountState, Position
from tradewarden.core.audit.canonical import canonical_json, decimal_text, digest_json, parse_time, time_text
from tradewarden.core.audit.codec import added_field, decode, encode
from tradewarden.core.decision import Decision, DecisionInputs, decide, inputs_digest
from tradewarden.core.errors import IntegrityError
from tradewarden.core.market.calendar import CalendarEvent, Embargo, Impact
from tradewarden.core.policy import LossReference, Mode, RiskPolicy
from tradewarden.core.risk.gate import judge
from tradewarden.core.risk.verdict import Verdict
from tradewarden.core.values import Side, from_epoch

KATHMANDU = timezone(timedelta(hours=5, minutes=45))
moments = st.integers(0, 2_800_000_000).map(from_epoch) | st.integers(0, 2_800_000_000).map(
    lambda seconds: from_epoch(seconds).astimezone(KATHMANDU)
)
numbers = st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9)
texts = st.text(st.characters(codec="utf-8"), max_size=20)


def test_keys_are_sorted_and_nothing_is_padded() -> None:
    assert canonical_json({"b": 1, "a": [True, None, "é"]}) == '{"a":[true,null,"é"],"b":1}'.encode()


@pytest.mark.parametrize("value", [1.0, [1.5], {"a": {"b": [0.1]}}, {"a": (1, 2.5)}, float("nan")])
def test_a_float_is_refused_wherever_it_hides(value: Any) -> None:
    with pytest.raises(TypeError, match="quantise it to Decimal"):
        canonical_json(value)


@given(number=numbers)
def test_decimals_are_plain_digits_and_keep_their_places(number: Decimal) -> None:
    text = decimal_text(number)
    assert "E" not in text
    assert Decimal(text).as_tuple() == number.as_tuple()


def test_numbers_that_are_none_are_refused() -> None:
    for value in ("NaN", "Infinity", "-Infinity"):
        with pytest.raises(ValueError, match="not a finite number"):
            decimal_text(Decimal(value))
    assert decimal_text(D("1E+3")) == "1000"


@given(at=moments)
def test_times_are_written_in_utc_and_read_back(at: datetime) -> None:
    text = time_text(at)
    assert text.endswith("Z")
    assert parse_time(text) == at


def test_a_time_without_a_zone_is_neither_written_nor_read() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        time_text(datetime(2025, 1, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="no time zone"):
        parse_time("2025-01-01T00:00:00")


positions = st.builds(
    Position,
    ticket=st.integers(1, 2**63 - 1),
    symbol=texts,
    side=st.sampled_from(Side),
    lots=numbers,
    entry_price=numbers,
    price=numbers,
    stop_loss=st.none() | numbers,
    take_profit=st.none() | numbers,
    profit=numbers,
    swap=numbers,
    opened_at=moments,
    magic=st.integers(-(2**63), 2**63),
    comment=texts,
)
events = st.builds(
    CalendarEvent,
    at=moments,
    currency=texts,
    impact=st.sampled_from(Impact),
    title=texts,
    captured_at=moments,
    all_day=st.booleans(),
    previous=texts,
    forecast=texts,
    actual=texts,
)
policies = st.builds(
    RiskPolicy,
    ai_trading_enabled=st.booleans(),
    mode=st.sampled_from(Mode),
    daily_loss_reference=st.sampled_from(LossReference),
    max_daily_loss=st.none() | st.decimals("0.01", "1000000", places=2),
    minimum_embargo=st.builds(Embargo, st.integers(0, 1440), st.integers(0, 1440)),
    risk_fraction=st.decimals("0.0001", "0.05", places=4),
)


@given(value=positions | events | policies)
def test_a_record_is_read_back_into_exactly_what_was_written(value: Any) -> None:
    encoded = encode(value)
    again = decode(type(value), encoded)
    assert again == value
    assert canonical_json(encode(again)) == canonical_json(encoded)


@given(held=st.lists(positions, max_size=4))
def test_nested_records_are_read_back(held: list[Position]) -> None:
    account = an_account(positions=tuple(held), equity=D(1))
    assert decode(AccountState, encode(account)) == account


def test_inputs_and_decision_are_read_back_with_their_bars_by_digest() -> None:
    inputs = some_inputs(account=an_account(positions=(a_position(symbol="GBPUSD"),)))
    blobs: dict[str, bytes] = {}
    encoded = encode(inputs, blobs)
    assert list(blobs) == [inputs.snapshot.bars[0].digest]
    assert decode(DecisionInputs, encoded, blobs) == inputs
    assert digest_json(encoded) == inputs_digest(inputs)
    decision = decide(inputs)
    assert decode(Decision, encode(decision)) == decision
    verdict = judge(a_context())
    assert decode(Verdict, encode(verdict)) == verdict


def test_cited_content_that_is_missing_or_changed_is_named() -> None:
    blobs: dict[str, bytes] = {}
    encoded = encode(a_snapshot(), blobs)
    kind = type(a_snapshot())
    with pytest.raises(IntegrityError, match="cited but missing"):
        decode(kind, encoded, {})
    (digest,) = blobs
    content = bytearray(blobs[digest])
    content[-1] ^= 1
    with pytest.raises(IntegrityError, match=f"content {digest} was changed"):
        decode(kind, encoded, {digest: bytes(content)})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("at", "yesterday"),
        ("at", "2025-12-10T10:00:00"),
        ("at", None),
        ("impact", "enormous"),
        ("all_day", "yes"),
        ("all_day", 1),
        ("title", 7),
        ("extra", 1),
    ],
)
def test_a_record_of_another_shape_is_refused(field: str, value: Any) -> None:
    encoded: Any = encode(an_event(NOW))
    with pytest.raises(IntegrityError, match="record of CalendarEvent cannot be read"):
        decode(CalendarEvent, {**encoded, field: value})
    del encoded["title"]
    with pytest.raises(IntegrityError, match="title"):
        decode(CalendarEvent, encoded)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "ten", 1.5, None, True])
def test_a_number_of_another_kind_is_refused(value: Any) -> None:
    encoded: Any = encode(a_position())
    with pytest.raises(IntegrityError, match="record of Position cannot be read"):
        decode(Position, {**encoded, "lots": value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    name: str
    steps: tuple[Decimal, ...] = added_field(())


def test_a_field_added_later_leaves_old_records_as_they_are() -> None:
    old = encode(Before(name="x"))
    assert decode(After, old) == After(name="x")
    assert canonical_json(encode(After(name="x"))) == canonical_json(old)


def test_a_field_added_later_is_recorded_once_it_says_something() -> None:
    value = After(name="x", steps=(D("0.50"),))
    assert encode(value) == {"name": "x", "steps": ["0.50"]}
    assert decode(After, encode(value)) == value
    assert decode(After, {"name": "x", "steps": []}) == After(name="x")


def test_a_field_that_was_always_there_is_never_made_up() -> None:
    with pytest.raises(IntegrityError, match="name"):
        decode(After, {"steps": []})
