"""How long a decision takes, stage by stage, a cycle of 2,000, and a named peer on the same bars in the same run.

    make bench                                            all of it, freqtrade beside it
    .venv/bin/python benchmarks/bench_decide.py --quick   a few rounds
    .venv/bin/python benchmarks/bench_decide.py --no-peers --json > decide.json
    .venv/bin/python benchmarks/bench_decide.py --rounds 20 --windows 200

One decision reads 500 closed bars, six indicators with eleven outputs and eight conditions; with a setup it goes
through the whole gate and, approved, ends in an order intent. docs/reference/benchmarks.md explains the numbers.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src"), str(ROOT / "benchmarks")]

from decide_measure import (  # noqa: E402  # the source tree is found first
    CYCLE_STRATEGIES,
    CYCLE_SYMBOLS,
    STAGES,
    Cycle,
    Samples,
    cycle_strategies,
    time_cycle,
    time_decisions,
    time_stages,
)
from decide_peer import Peer, PeerFailed, running_peer  # noqa: E402
from decide_report import print_report  # noqa: E402
from decide_world import Market, Windows, find_windows, load_market, strategy_of  # noqa: E402
from tradewarden.core.strategy.spec import StrategyVersion  # noqa: E402

GOALS = {"decision_p50_us": 150.0, "cycle_ms": 400.0}
# Bars of each symbol that windows are taken from.
_HISTORY = 60_000


def main() -> None:
    """Measure and print the report."""
    options = _options()
    market = load_market(_HISTORY)
    strategy = strategy_of(market)
    windows = find_windows(market, strategy, options.windows)
    report = measure(market, strategy, windows, rounds=options.rounds, cycles=options.cycles, peers=options.peers)
    if options.json:
        print(json.dumps(report, indent=1, ensure_ascii=False))
    else:
        print_report(report)


def measure(
    market: Market, strategy: StrategyVersion, windows: Windows, *, rounds: int, cycles: int, peers: bool
) -> dict[str, Any]:
    """Return the report: machine, versions, decisions with and without a setup, stages, cycle and peers."""
    with_setup, without, setup_digests, digests = Samples(), Samples(), Samples(), Samples()
    stages: dict[str, dict[str, Samples]] = {"setup": {}, "no_setup": {}}
    cycle = Cycle(CYCLE_SYMBOLS, CYCLE_STRATEGIES)
    variants = cycle_strategies(strategy, CYCLE_SYMBOLS, CYCLE_STRATEGIES)
    peer, problem = None, "left out by --no-peers"
    with ExitStack() as stack:
        if peers:
            try:
                peer = stack.enter_context(running_peer(market))
                peer.measure(windows.setup[:10], counted=False)
            except PeerFailed as failure:
                problem = str(failure)
        time_decisions(market, strategy, windows.setup, Samples(), Samples())
        for _ in range(rounds):
            time_decisions(market, strategy, windows.setup, with_setup, setup_digests)
            time_decisions(market, strategy, windows.no_setup, without, digests)
            time_stages(market, strategy, windows.setup, stages["setup"])
            time_stages(market, strategy, windows.no_setup, stages["no_setup"])
            if peer is not None:
                peer.measure([*windows.setup[::3], *windows.no_setup[::3]])
        if cycles > 1:
            # A first cycle, which compiles the strategies, counts only where it is the only one.
            time_cycle(market, variants, Cycle(CYCLE_SYMBOLS, CYCLE_STRATEGIES))
        for _ in range(cycles):
            time_cycle(market, variants, cycle)
    return {
        "benchmark": "decide",
        "machine": _machine(),
        "versions": _versions(),
        "bars": market.source,
        "goals": GOALS,
        "rounds": rounds,
        "decision": {
            "setup": with_setup.summary(),
            "setup_digest": setup_digests.summary(),
            "no_setup": without.summary(),
            "no_setup_digest": digests.summary(),
        },
        "stages": {kind: _stage_medians(found) for kind, found in stages.items()},
        "cycle": _cycle_summary(cycle),
        "peers": [_peer_summary(peer, problem, with_setup, without)],
    }


def _stage_medians(found: dict[str, Samples]) -> dict[str, float]:
    """Return the median of each stage in microseconds, in the order in which they run."""
    order = [*STAGES, "rest"]
    return {name: round(found[name].quantile(0.5), 1) for name in order if name in found}


def _cycle_summary(cycle: Cycle) -> dict[str, Any]:
    ordered = sorted(cycle.decide_ms)
    return {
        "symbols": cycle.symbols,
        "strategies": cycle.strategies,
        "decisions": cycle.symbols * cycle.strategies,
        "runs": len(ordered),
        "median_ms": round(ordered[len(ordered) // 2], 1),
        "min_ms": round(ordered[0], 1),
        "max_ms": round(ordered[-1], 1),
        "cpu_median_ms": round(sorted(cycle.cpu_ms)[len(ordered) // 2], 1),
        "digests_median_ms": round(sorted(cycle.digest_ms)[len(ordered) // 2], 1),
        "results": dict(cycle.results.most_common()),
    }


def _peer_summary(peer: Peer | None, problem: str, with_setup: Samples, without: Samples) -> dict[str, Any]:
    if peer is None or peer.problem:
        return {"name": "freqtrade", "measured": False, "problem": problem if peer is None else peer.problem}
    samples = peer.samples
    peers = {"analyze": samples.analyze, "analyze_ticker": samples.ticker}
    ours = {"setup": with_setup, "no_setup": without}
    return {
        "name": "freqtrade",
        "measured": True,
        "versions": samples.versions,
        **{name: found.summary() for name, found in peers.items()},
        "entries_agree": f"{samples.agreed} of {samples.compared}",
        # Of processor time: a long analysis waits more often than a short decision when others use the machine.
        "times_ours": {
            name: {kind: round(found.processor_median() / each.processor_median(), 1) for kind, each in ours.items()}
            for name, found in peers.items()
        },
    }


def _machine() -> dict[str, Any]:
    models = [
        line.partition(":")[2].strip()
        for path in [Path("/proc/cpuinfo")]
        if path.exists()
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith("model name")
    ]
    return {
        "cpu": models[0] if models else platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "load_1m": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.machine()}",
    }


def _versions() -> dict[str, str]:
    return {"python": platform.python_version()} | {
        name: version(name) for name in ("tradewarden", "numpy", "ta-lib") if _is_installed(name)
    }


def _is_installed(name: str) -> bool:
    from importlib.metadata import PackageNotFoundError

    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True


def _options() -> argparse.Namespace:
    description, _, examples = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(
        description=description, epilog=examples, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, help="rounds over all windows (default 7, quick 2)")
    parser.add_argument("--windows", type=int, help="windows with and without a setup, each (default 150, quick 20)")
    parser.add_argument("--cycles", type=int, help="counted cycles of 2,000 decisions (default 7, quick 1)")
    parser.add_argument("--quick", action="store_true", help="few rounds: a look, not a measurement")
    parser.add_argument("--no-peers", dest="peers", action="store_false", help="leave freqtrade out")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    options = parser.parse_args()
    for name, usual, quick in (("rounds", 7, 2), ("windows", 150, 20), ("cycles", 7, 1)):
        if getattr(options, name) is None:
            setattr(options, name, quick if options.quick else usual)
        if getattr(options, name) < 1:
            parser.error(f"--{name} is {getattr(options, name)}, it must be at least 1")
    return options


if __name__ == "__main__":
    main()
