"""The indicators that the conformance suite looks at: each kind with its defaults and with other parameters."""

from collections.abc import Iterable
from decimal import Decimal

from tradewarden.core.indicators.kind import PERIOD, IndicatorKind, Settings, Value
from tradewarden.core.indicators.registry import KINDS, bind
from tradewarden.core.indicators.spec import IndicatorParameter, IndicatorSpec
from tradewarden.core.market.bars import Bars, Float64
from tradewarden.core.market.session import NEW_YORK_CLOSE, ServerClock

PERIODS = (5, 14, 50)
# Parameters beside the defaults that the suite runs too.
VARIATIONS: dict[str, tuple[dict[str, Value], ...]] = {
    "rsi": ({PERIOD: 9, "source": "high"},),
    "sma": ({PERIOD: 2}, {PERIOD: 3, "source": "volume"}),
    "ema": ({PERIOD: 2},),
    "hma": ({PERIOD: 4}, {PERIOD: 9}),
    "kama": ({PERIOD: 2},),
    "roc": ({PERIOD: 1},),
    "stochastic": ({"k_period": 5, "k_smoothing": 1, "d_period": 3}, {"k_period": 21, "k_smoothing": 7, "d_period": 1}),
    "macd": ({"fast": 5, "slow": 35, "signal": 5}, {"fast": 3, "slow": 4, "signal": 1, "source": "open"}),
    "supertrend": ({"multiple": Decimal(1)}, {PERIOD: 20, "multiple": Decimal("2.5")}),
    "psar": ({"acceleration": Decimal("0.05"), "maximum": Decimal("0.4")},),
    "ichimoku": ({"tenkan": 7, "kijun": 22, "senkou": 44, "displacement": 22},),
    "atr_percentile": ({PERIOD: 5, "lookback": 20},),
    "bollinger": ({PERIOD: 5, "multiple": Decimal("2.5"), "source": "low"},),
    "keltner": ({PERIOD: 5, "multiple": Decimal("1.5"), "atr_period": 20},),
    "vwap": ({"anchor": "week"}, {"anchor": "Tokyo"}),
    "obv": ({"anchor": "week"}, {"anchor": "NewYork"}),
    "session_range": ({"session": "Sydney"}, {"session": "Tokyo"}, {"session": "NewYork"}),
    "atr_median": ({PERIOD: 5, "lookback": 21}, {PERIOD: 8, "lookback": 2}),
    "divergence": (
        {"oscillator": "macd"},
        {PERIOD: 7, "oscillator": "rsi", "strength": 1, "lookback": 20},
        {PERIOD: 21, "oscillator": "rsi", "strength": 5, "lookback": 150},
    ),
    "swings": ({"strength": 1, "lookback": 10}, {"strength": 10, "lookback": 200}),
}
REQUIRED: dict[str, dict[str, Value]] = {"session_range": {"session": "London"}}


def spec_of(kind: str, values: dict[str, Value] | None = None) -> IndicatorSpec:
    """The indicator `x` of `kind`; `values` may hold period and source too."""
    given = dict(values or {})
    period, source = int(given.pop(PERIOD, 0)), str(given.pop("source", "close"))
    default = next((each.default for each in KINDS[kind].parameters if each.name == PERIOD), 0)
    parameters = tuple(IndicatorParameter(name=name, value=value) for name, value in given.items())
    chosen = period or (0 if default == 0 else int(default or 20))
    return IndicatorSpec(name="x", kind=kind, period=chosen, source=source, parameters=parameters)


def _cases() -> Iterable[IndicatorSpec]:
    for name, kind in KINDS.items():
        required = REQUIRED.get(name, {})
        yield spec_of(name, required)
        if any(parameter.name == PERIOD for parameter in kind.parameters):
            yield from (spec_of(name, {**required, PERIOD: period}) for period in PERIODS)
        yield from (spec_of(name, values) for values in VARIATIONS.get(name, ()))


CASES = tuple(dict.fromkeys(_cases()))
DEFAULTS = tuple(spec_of(name, REQUIRED.get(name)) for name in KINDS)


def case_id(spec: IndicatorSpec) -> str:
    settings = bind(spec).settings.values
    return spec.kind + "".join(f"-{value}" for value in settings.values() if value != "close")


def compute(spec: IndicatorSpec, bars: Bars, clock: ServerClock | None = NEW_YORK_CLOSE) -> dict[str, Float64]:
    """Every output of `spec` on `bars`; days are those of a New York close clock unless said otherwise."""
    return bind(spec).compute(bars, clock)


def settings_of(spec: IndicatorSpec) -> Settings:
    return bind(spec).settings


def kind_of(spec: IndicatorSpec) -> IndicatorKind:
    return KINDS[spec.kind]
