"""Timing of decisions inside this process: one by one, stage by stage, and a whole cycle.

Every decision gets inputs made anew, outside of what is timed, so that nothing is known from an earlier round. The
garbage collector stays on, as in the running desk.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from time import perf_counter_ns, process_time_ns
from typing import Any

from decide_world import BARS, DELAY, Market, Window, calendar_at, inputs_for, inputs_on
from tradewarden.core import decision as pipeline
from tradewarden.core.decision import DecisionInputs, decide, decision_digest
from tradewarden.core.indicators.spec import IndicatorSpec
from tradewarden.core.market.bars import Bars
from tradewarden.core.strategy.spec import StrategyVersion
from tradewarden.core.values import from_epoch

# The stages of `decide`, by the functions that it calls for them.
STAGES: dict[str, tuple[str, ...]] = {
    "evaluate": ("evaluate",),
    "market state": ("measure_market",),
    "confidence": ("score", "effective_embargo"),
    "draft": ("draft",),
    "gate": ("gate_context", "judge"),
    "order intent": ("intent_from",),
}
CYCLE_SYMBOLS, CYCLE_STRATEGIES = 100, 20


@dataclass(slots=True)
class Samples:
    """Durations of equal work in nanoseconds, by the clock and of processor time, and what the decisions came to."""

    nanoseconds: list[int] = field(default_factory=list)
    processor: list[int] = field(default_factory=list)
    results: Counter[str] = field(default_factory=Counter)

    def quantile(self, share: float) -> float:
        """Return the duration in microseconds that ``share`` of the samples do not exceed."""
        return _quantile(self.nanoseconds, share)

    def processor_median(self) -> float:
        """Return the median processor time in microseconds: on a busy machine the clock also counts waiting."""
        return _quantile(self.processor, 0.5)

    def summary(self) -> dict[str, Any]:
        """Return count, median, 95th percentile and least duration in microseconds, and the results."""
        shown: dict[str, Any] = {
            "samples": len(self.nanoseconds),
            "p50_us": round(self.quantile(0.5), 1),
            "p95_us": round(self.quantile(0.95), 1),
            "min_us": round(min(self.nanoseconds) / 1000, 1),
        }
        if self.processor:
            shown["processor_p50_us"] = round(self.processor_median(), 1)
        return shown | ({"results": dict(self.results.most_common())} if self.results else {})


def _quantile(nanoseconds: Sequence[int], share: float) -> float:
    ordered = sorted(nanoseconds)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] / 1000


def time_decisions(
    market: Market, strategy: StrategyVersion, windows: Sequence[Window], decisions: Samples, digests: Samples
) -> None:
    """Add the time of one decision on each of ``windows``, and that of its digest, to the samples."""
    prepared = [inputs_for(market, strategy, window) for window in windows]
    for inputs in prepared:
        worked, started = process_time_ns(), perf_counter_ns()
        decision = decide(inputs)
        decided, working = perf_counter_ns(), process_time_ns()
        decisions.processor.append(working - worked)
        rested = perf_counter_ns()
        decision_digest(decision)
        digests.nanoseconds.append(perf_counter_ns() - rested)
        decisions.nanoseconds.append(decided - started)
        decisions.results[decision.result.value] += 1


def time_stages(
    market: Market, strategy: StrategyVersion, windows: Sequence[Window], stages: dict[str, Samples]
) -> None:
    """Add the time of each stage of one decision on each of ``windows`` to ``stages``; "rest" is what remains."""
    prepared = [inputs_for(market, strategy, window) for window in windows]
    spent: dict[str, int] = {}
    with _stopwatches(spent):
        for inputs in prepared:
            spent.clear()
            started = perf_counter_ns()
            decide(inputs)
            whole = perf_counter_ns() - started
            for stage, duration in spent.items():
                stages.setdefault(stage, Samples()).nanoseconds.append(duration)
            stages.setdefault("rest", Samples()).nanoseconds.append(whole - sum(spent.values()))


@contextmanager
def _stopwatches(spent: dict[str, int]) -> Iterator[None]:
    """Time the functions that `decide` calls; raises AttributeError when one of them has another name by now."""
    originals: dict[str, Callable[..., Any]] = {}
    for stage, names in STAGES.items():
        for name in names:
            originals[name] = getattr(pipeline, name)
            setattr(pipeline, name, _timed(originals[name], stage, spent))
    try:
        yield
    finally:
        for name, original in originals.items():
            setattr(pipeline, name, original)


def _timed(function: Callable[..., Any], stage: str, spent: dict[str, int]) -> Callable[..., Any]:
    def timed(*arguments: Any, **named: Any) -> Any:
        started = perf_counter_ns()
        try:
            return function(*arguments, **named)
        finally:
            spent[stage] = spent.get(stage, 0) + perf_counter_ns() - started

    return timed


@dataclass(slots=True)
class Cycle:
    """Whole cycles: milliseconds to decide, by the clock and of processor time, and to take all digests besides."""

    symbols: int
    strategies: int
    decide_ms: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    digest_ms: list[float] = field(default_factory=list)
    results: Counter[str] = field(default_factory=Counter)


def time_cycle(market: Market, strategies: Sequence[StrategyVersion], cycle: Cycle) -> None:
    """Add one cycle: every strategy decides on every symbol, with inputs made anew.

    Inputs are made symbol by symbol outside of what is timed, and no decision is kept longer than its digest takes:
    thousands of values that nobody needs would be the garbage collector's time, not the desk's.
    """
    deciding = digesting = working = 0
    cycle.results = Counter()
    gc.collect()
    for inputs_of_symbol in _cycle_inputs(market, strategies, cycle.symbols):
        worked, started = process_time_ns(), perf_counter_ns()
        decisions = [decide(inputs) for inputs in inputs_of_symbol]
        decided = perf_counter_ns()
        working += process_time_ns() - worked
        for decision in decisions:
            decision_digest(decision)
        digesting += perf_counter_ns() - decided
        deciding += decided - started
        cycle.results.update(decision.result.value for decision in decisions)
    cycle.decide_ms.append(deciding / 1e6)
    cycle.cpu_ms.append(working / 1e6)
    cycle.digest_ms.append(digesting / 1e6)


def cycle_strategies(strategy: StrategyVersion, symbols: int, count: int) -> list[StrategyVersion]:
    """Return ``count`` variants of ``strategy`` with periods of their own, allowed on all symbols of the cycle."""
    names = tuple(_cycle_name(index) for index in range(symbols))
    variants = []
    for number in range(count):
        indicators = tuple(_varied(indicator, number) for indicator in strategy.spec.indicators)
        spec = replace(strategy.spec, name=f"Benchmark {number}", allowed_symbols=names, indicators=indicators)
        variants.append(replace(strategy, strategy_id=f"{number:032x}", spec=spec))
    return variants


def _varied(indicator: IndicatorSpec, number: int) -> IndicatorSpec:
    """Return the indicator with a period up to 19 bars shorter, where it is an average; others stay."""
    return replace(indicator, period=indicator.period - number % 15) if indicator.kind == "ema" else indicator


def _cycle_inputs(
    market: Market, strategies: Sequence[StrategyVersion], symbols: int
) -> Iterator[list[DecisionInputs]]:
    """Yield the inputs of each symbol: a window of the real bars under another name, moved to end at one moment."""
    real = list(market.series)
    length = min(len(bars) for bars in market.series.values())
    ends_at = max(int(bars.ended_at[length - 1]) for bars in market.series.values())
    as_of = from_epoch(ends_at) + DELAY
    for index in range(symbols):
        symbol = real[index % len(real)]
        stop = BARS + (length - BARS) * (index + 1) // (symbols + 1)
        named = replace(market.instruments[symbol], symbol=_cycle_name(index))
        moved = _moved(market.series[symbol].window(stop - BARS, stop), named.symbol, ends_at)
        calendar = calendar_at(market, symbol, as_of)
        # Each decision is gathered on its own; within a moment the market hands out windows on the same bars.
        yield [inputs_on(moved.window(0, BARS), as_of, named, calendar, strategy) for strategy in strategies]


def _moved(bars: Bars, symbol: str, ends_at: int) -> Bars:
    shift = ends_at - int(bars.ended_at[-1])
    return replace(bars, symbol=symbol, opened_at=bars.opened_at + shift, ended_at=bars.ended_at + shift)


def _cycle_name(index: int) -> str:
    return f"SYM{index:03d}"
