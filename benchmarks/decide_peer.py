"""The benchmark's side of a peer: a process in an environment of its own that answers block by block.

Blocks of both sides alternate, so that both see the machine in the same state, on the same windows of the same bars.
A peer that is not installed or that fails is reported with the reason; nothing is put in its place.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from decide_measure import Samples
from decide_world import BARS, ROOT, Market, Window
from tradewarden.core.market.timeframe import Timeframe

PYTHON = ROOT / ".venv-bench" / "bin" / "python"
PROGRAM = Path(__file__).with_name("peer_freqtrade.py")
_TIMEFRAMES = {Timeframe.M1: "1m", Timeframe.H1: "1h"}


class PeerFailed(Exception):
    """The peer is not installed or did not answer; the message says why."""


@dataclass(slots=True)
class PeerSamples:
    """What the peer took: its analysis of one pair as the running bot does it, and its strategy's part alone.

    ``agreed`` counts the windows on which its newest entry signal is the strategy's, out of ``compared``.
    """

    versions: dict[str, str] = field(default_factory=dict)
    analyze: Samples = field(default_factory=Samples)
    ticker: Samples = field(default_factory=Samples)
    agreed: int = 0
    compared: int = 0


@dataclass(slots=True)
class Peer:
    """A running peer; ``problem`` says why it stopped answering, where it did."""

    process: subprocess.Popen[str]
    problem: str = ""
    samples: PeerSamples = field(default_factory=PeerSamples)

    def measure(self, windows: Sequence[Window], *, counted: bool = True) -> None:
        """Let the peer analyse ``windows`` and add what it took; a first block that warms it up is not counted."""
        block = [[window.symbol, window.stop - BARS, window.stop] for window in windows]
        if self.problem:
            return
        try:
            answer = self.ask(block)
        except PeerFailed as failure:
            self.problem = str(failure)
            return
        if not counted:
            return
        self.samples.analyze.nanoseconds += answer["analyze"]
        self.samples.ticker.nanoseconds += answer["ticker"]
        self.samples.analyze.processor += answer["analyze_work"]
        self.samples.ticker.processor += answer["ticker_work"]
        for window, (enters, leaves) in zip(windows, answer["signals"], strict=True):
            self.samples.agreed += (enters and not leaves) == window.held
            self.samples.compared += 1

    def ask(self, block: list[list[Any]] | None) -> dict[str, Any]:
        """Send ``block``, if there is one, and return the next line. Raises PeerFailed when the peer has ended."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            if block is not None:
                self.process.stdin.write(json.dumps(block) + "\n")
                self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise PeerFailed(f"freqtrade's process ended with exit code {self.process.wait()}; its words are above")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def running_peer(market: Market) -> Iterator[Peer]:
    """Start the peer on the bars of ``market``. Raises PeerFailed where it is not installed or does not start."""
    if not PYTHON.exists():
        raise PeerFailed("freqtrade is not installed; `make bench` installs it into .venv-bench")
    with TemporaryDirectory() as folder:
        bars = Path(folder) / "bars.npz"
        columns = ("opened_at", "open", "high", "low", "close", "volume")
        arrays = {f"{name}.{each}": getattr(series, each) for name, series in market.series.items() for each in columns}
        np.savez(bars, timeframe=np.array(_TIMEFRAMES[market.timeframe]), **arrays)
        process = subprocess.Popen(
            [str(PYTHON), str(PROGRAM), str(bars)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        try:
            peer = Peer(process)
            peer.samples.versions = peer.ask(None)["versions"]
            yield peer
        finally:
            process.stdin.close() if process.stdin is not None else None
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()
