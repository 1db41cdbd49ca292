"""Run a strategy over a generated market from Python, then recompute every decision of it from the record.

    python examples/simulate_and_replay.py [STRATEGY.json]

The record is thrown away at the end. With `bars=(Path("XAUUSD_M1.parquet"),)` and a calendar in the options it runs
over real bars instead.
"""

import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from tradewarden.bootstrap.headless import open_headless
from tradewarden.bootstrap.market import MarketOptions
from tradewarden.core.policy import Mode
from tradewarden.services.replay_decisions import replay_all
from tradewarden.services.report_simulation import report_simulation
from tradewarden.services.simulate import simulate
from tradewarden.services.verify_history import verify_history

STRATEGY = Path(__file__).parent / "strategies" / "euro_rally_fade.json"
START, END = datetime(2026, 1, 6, tzinfo=UTC), datetime(2026, 1, 7, tzinfo=UTC)


def main(strategy: Path) -> None:
    """Simulate one market day, print what came of it, replay and verify it."""
    with (
        tempfile.TemporaryDirectory() as folder,
        open_headless(
            Path(folder),
            MarketOptions(seed=7),
            start=START,
            end=END,
            strategies=(strategy,),
            mode=Mode.AUTONOMOUS,
            policy_changes={},
            on_progress=print,
        ) as headless,
    ):
        for notice in headless.notices:
            print(f"Note: {notice}")
        run = simulate(headless.desk, headless.stepper, headless.start, headless.end)
        report = report_simulation(headless.desk, run)
        print(f"{report.evaluations} evaluations, {report.ideas} ideas, {len(report.denied)} denied")
        for code, count in report.denials_by_code:
            print(f"  {code}: {count}")
        for closed in report.positions_closed:
            held = closed.position
            trade = f"{held.side} {held.lots} {held.symbol} at {held.entry_price} → {closed.exit_price}"
            print(f"  {trade}: {closed.r_multiple} R")

        replayed = replay_all(headless.desk.storage, stopwatch=time.perf_counter, workers=1)
        verified = verify_history(headless.desk.storage)
        print(f"replayed: {replayed.identical} of {replayed.decisions} identical")
        print(f"verified: {'intact' if verified.ok else verified.problem}, {verified.entries} entries")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else STRATEGY)
